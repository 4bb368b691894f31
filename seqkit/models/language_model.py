"""The recurrent language model that an app imports: generate, score, encode."""

import itertools
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from seqkit import bundle
from seqkit.config import from_dict, to_dict
from seqkit.data import text_lines
from seqkit.errors import BundleError, ConfigError
from seqkit.files import json_bytes
from seqkit.language import AnyLanguageModel
from seqkit.models.lm_scoring import exactly, full_float32, score_lines, score_stream
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.nn.devices import pick_device
from seqkit.nn.embedding import GivenRows
from seqkit.nn.state import State, select
from seqkit.text import TextPipeline, Vocab

__all__ = ["LanguageModel"]


class LanguageModel(AnyLanguageModel):
    """Generates and scores text; a saved one is loaded with `seqkit.load(folder)`.

    It is a `seqkit.decode.Stepper`: (state, token) -> (log-probabilities, state).
    """

    def __init__(
        self,
        network: RecurrentLm,
        pipeline: TextPipeline,
        *,
        sentences: bool = False,
        device: torch.device | None = None,
    ) -> None:
        """Wrap a trained network.

        Args:
            network: its ids are those of the pipeline.
            pipeline: text to ids.
            sentences: it was trained on lines that each begin anew, from BOS; otherwise on running
                text, in which EOS is the line break.
            device: where it runs; None leaves the network where it is.

        Raises:
            ConfigError: a network whose vocabulary has another size than that of the pipeline.
        """
        if network.vocabulary != len(pipeline.vocab):
            raise ConfigError(
                f"a network of {network.vocabulary} ids with a vocabulary of {len(pipeline.vocab)}:"
                " they are not of the same model"
            )
        self.device = device or network.embedding.weight.device
        self.network = network.to(self.device).eval()
        self.pipeline, self.sentences = pipeline, sentences

    @property
    def vocabulary(self) -> int:
        """V, the number of ids."""
        return self.network.vocabulary

    # the Stepper

    def start(self, count: int) -> State:
        """Make the state of `count` empty sequences."""
        return self.network.start(count)

    @torch.inference_mode()
    def read(self, state: State, ids: torch.Tensor) -> tuple[torch.Tensor, State]:
        """Read ids (B, T) int64; returns log-probabilities (B, V) of what follows, and state."""
        with full_float32(self.device):
            hidden, state = self.network(ids.to(self.device), state)
            return self.network.output.log_probs(hidden.top[:, -1]), state

    def select(self, state: State, rows: torch.Tensor) -> State:
        """Take the given sequences (B',) int64 of a state."""
        return select(state, rows)

    # scoring

    def line_log_probs(
        self, lines: Sequence[str], *, runs: Sequence[int] | None = None
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of each line's tokens and of its end.

        Args:
            lines: without their line breaks.
            runs: how many lines belong together, one number for each text: the state crosses the
                lines of a text, never those of two. None takes all as one text. A model of
                sentences takes every line for itself.
        """
        ids = [[*line_ids, Vocab.EOS] for line_ids in self.pipeline.encode_many(lines)]
        if self.sentences:
            bare = [line[:-1] for line in ids]
            return score_lines(self.network, bare, bos=Vocab.BOS, eos=Vocab.EOS)
        runs = [len(ids)] if runs is None else runs
        whole, at = [], 0
        for count in runs:
            whole.append([token for line in ids[at : at + count] for token in line])
            at += count
        if len(whole) == 1:
            tokens = np.array(whole[0], np.int64)
            joined = score_stream(self.network, tokens, first=self.first)[0]
        else:
            bare = [text[:-1] for text in whole]  # each ends with the EOS of its last line
            parts = score_lines(self.network, bare, bos=self.first, eos=Vocab.EOS)
            joined = np.concatenate(parts) if parts else np.zeros(0)
        return np.split(joined, np.cumsum([len(line) for line in ids])[:-1])

    # as an encoder

    @torch.inference_mode()
    def encode(self, text: str, *, layer: int = -1) -> npt.NDArray[np.float32]:
        """Return the hidden states after each token of a text, (T, H) float32.

        Args:
            text: its lines. In a running text EOS is the token between two of them; a model of
                sentences begins each anew, and T counts their tokens alone.
            layer: which layer's, counted from 0; -1 is the last.

        Raises:
            ConfigError: a layer that the network does not have.
        """
        depth = len(self.network.layers)
        if not -depth <= layer < depth:
            raise ConfigError(f"layer {layer}: this model has the layers 0 to {depth - 1}")
        lines = [[self.first, *ids] for ids in self.pipeline.encode_many(text_lines(text))]
        if not self.sentences:  # the EOS after a line is the `first` of the next
            lines = [list(itertools.chain.from_iterable(lines))]
        encoded = []
        with exactly(self.network):
            for ids in lines:
                hidden, _ = self.network(torch.tensor([ids], device=self.device), self.start(1))
                encoded.append(hidden.layers[layer][0, 1:].float())
        return torch.cat(encoded).cpu().numpy()

    # saving

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the model as a bundle; see `seqkit.bundle.write`."""
        head = {
            "config": to_dict(self.network.config),
            "sentences": self.sentences,
            "projected_from": self.network.projected_from,
        }
        weights = self.network.state_dict()
        if self.network.config.tied:
            weights.pop("output.weight")  # the embeddings, once
        tensors = {name: value.detach().cpu().contiguous() for name, value in weights.items()}
        files = {
            "model.json": json_bytes(head),
            "weights.safetensors": save(tensors),
            **self.pipeline.to_files(),
        }
        bundle.write(
            folder, kind="LanguageModel", files=files, provenance=provenance, metrics=metrics
        )

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle, *, device: str = "cpu") -> "LanguageModel":
        """Restore a model from a checked bundle, onto `cpu`, `cuda` or `auto`.

        Raises:
            BundleError: the files of the bundle do not fit together: another vocabulary, say.
            ConfigError: a device that is not here.
        """
        place = pick_device(device)
        files = saved.files()
        try:
            head = json.loads(files["model.json"])
            config = from_dict(RecurrentLmConfig, head["config"], where="model.json")
            pipeline = TextPipeline.from_files(files)
            weights = load(files["weights.safetensors"])
            if config.tied:
                weights["output.weight"] = weights["embedding.weight"]  # written once
            with torch.device("meta"):  # no random weights: loading must not move the generators
                network = RecurrentLm(
                    config,
                    vocabulary=len(pipeline.vocab),
                    # older bundles do not have it
                    given=GivenRows.stand_in(len(pipeline.vocab), head.get("projected_from")),
                )
            network.to_empty(device="cpu").load_state_dict(weights)
            network.tie()
            sentences = bool(head["sentences"])
        except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{saved.folder}: its files do not fit together ({reason:.200}): train anew, or "
                "upgrade seqkit"
            ) from error
        return cls(network, pipeline, sentences=sentences, device=place)
