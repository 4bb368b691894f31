"""Neural classifiers by family: build, score, save, restore."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load, save
from torch import nn

from seqkit.batching import pad
from seqkit.config import from_dict, to_dict
from seqkit.errors import BundleError, ConfigError, SeqkitError
from seqkit.files import json_bytes
from seqkit.models.cnn import CnnClassifier, CnnConfig
from seqkit.models.rnn import RnnClassifier, RnnConfig
from seqkit.nn.devices import pick_device
from seqkit.nn.embedding import GivenRows
from seqkit.text import Ragged, TextPipeline

__all__ = ["FAMILIES", "NetworkScorer", "score_ids"]

logger = logging.getLogger(__name__)

FAMILIES: Mapping[str, tuple[type[Any], type[nn.Module]]] = {
    "cnn": (CnnConfig, CnnClassifier),
    "rnn": (RnnConfig, RnnClassifier),
}
"""Configuration and network of each family that is scored by torch."""

# padded positions and texts a batch when scoring: what fits a CPU's caches; a GPU takes more
_CELLS = 8192
_ROWS = 128
_GPU = 8


@torch.inference_mode()
def score_ids(network: nn.Module, ids: Ragged, *, device: torch.device) -> npt.NDArray[np.float32]:
    """Compute the logits of id sequences, batched by length, in the order given.

    Args:
        network: `network(ids, lengths) -> logits (B, C)`; put into evaluation mode.
        ids: N sequences.
        device: where the network is.

    Returns:
        (N, C) float32.

    Raises:
        SeqkitError: memory ended, and half the texts at a time, down to one, did not help.
    """
    network.eval()
    more = 1 if device.type == "cpu" else _GPU
    most = _ROWS * more
    order = np.argsort(ids.lengths, kind="stable")
    widths = ids.lengths[order]
    parts = []
    start = 0
    while start < len(order):
        near = widths[start : start + most]
        cells = near * np.arange(1, len(near) + 1)  # lengths rise: the last one sets the width
        rows = max(1, int(np.searchsorted(cells, _CELLS * more, side="right")))
        texts = [ids[i] for i in order[start : start + rows]]
        part = _try_logits(network, texts, device=device)
        if part is None:
            most = _halved(len(texts), width=len(texts[-1]), device=device)
            continue
        parts.append(part)
        start += rows
    logits = torch.cat(parts).numpy() if parts else np.zeros((0, 0), np.float32)
    result = np.empty_like(logits)
    result[order] = logits
    return result


def _try_logits(
    network: nn.Module, texts: Sequence[npt.NDArray[np.int32]], *, device: torch.device
) -> torch.Tensor | None:
    """Compute the logits of one batch, on the CPU; None if memory ended.

    The error must be let go of before another try: its traceback holds the activations.
    """
    try:
        batch = pad(texts).to(device)
        return network(batch.ids, batch.lengths).float().cpu()
    except torch.OutOfMemoryError:
        return None


def _halved(rows: int, *, width: int, device: torch.device) -> int:
    """Return how many texts to score at a time after `rows` were too many."""
    if rows == 1:
        raise SeqkitError(
            f"out of memory on {device} while scoring a single text of {width} tokens: lower "
            "--max-tokens or the sizes of the model, or use --device cpu"
        )
    if device.type == "cuda":
        torch.cuda.empty_cache()
    logger.warning(
        "out of memory on %s: texts are now scored at most %d at a time", device, rows // 2
    )
    return rows // 2


class NetworkScorer:
    """Scores texts with a trained network."""

    def __init__(
        self,
        network: nn.Module,
        pipeline: TextPipeline,
        *,
        family: str,
        labels: Sequence[str],
        max_tokens: int | None,
        keep: str,
        device: torch.device,
    ) -> None:
        """Hold a trained network; `max_tokens` and `keep` say how texts are cut."""
        self.network = network.to(device).eval()
        self.pipeline, self.family = pipeline, family
        self.labels = tuple(labels)
        self.max_tokens, self.keep, self.device = max_tokens, keep, device

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Score texts. Returns (N, C) float64."""
        if not len(texts):
            return np.zeros((0, len(self.labels)))
        ids = Ragged.from_sequences(self.pipeline.encode_many(texts))
        ids = ids.truncate(self.max_tokens, keep=self.keep)
        logits = score_ids(self.network, ids, device=self.device).astype(np.float64)
        logits = np.exp(logits - logits.max(1, keepdims=True))
        return logits / logits.sum(1, keepdims=True)

    def to_files(self) -> dict[str, bytes]:
        """Return the files that restore the scorer."""
        head = {
            "family": self.family,
            "config": to_dict(self.network.config),
            "labels": list(self.labels),
            "max_tokens": self.max_tokens,
            "keep": self.keep,
            "projected_from": self.network.embedding.projected_from,
        }
        weights = {
            name: value.detach().cpu().contiguous()
            for name, value in self.network.state_dict().items()
        }
        return {
            "model.json": json_bytes(head),
            "weights.safetensors": save(weights),
            **self.pipeline.to_files(),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], *, device: str = "cpu") -> "NetworkScorer":
        """Restore a scorer from its files, onto `device`.

        Raises:
            ConfigError: a device that is not here.
            BundleError: a configuration that this seqkit does not know.
        """
        place = pick_device(device)
        head = json.loads(files["model.json"])
        pipeline = TextPipeline.from_files(files)
        config_type, network_type = FAMILIES[head["family"]]
        try:
            config = from_dict(config_type, head["config"], where="model.json")
        except ConfigError as error:
            raise BundleError(f"{error}: pip install --upgrade seqkit, or train anew") from None
        with torch.device("meta"):  # no random weights: loading must not move the generators
            network = network_type(
                config,
                vocabulary=len(pipeline.vocab),
                classes=len(head["labels"]),
                # older bundles do not have it
                given=GivenRows.stand_in(len(pipeline.vocab), head.get("projected_from")),
            )
        network.to_empty(device="cpu").load_state_dict(load(files["weights.safetensors"]))
        return cls(
            network,
            pipeline,
            family=head["family"],
            labels=head["labels"],
            max_tokens=head["max_tokens"],
            keep=head["keep"],
            device=place,
        )
