"""The translator that an app imports: one network, with the text pipelines of both sides."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from seqkit import bundle
from seqkit.batching import PairBatch, pad, pad_pairs
from seqkit.config import from_dict, to_dict
from seqkit.errors import BundleError, ConfigError
from seqkit.files import json_bytes
from seqkit.models.any_translator import AnyTranslator
from seqkit.models.lm_scoring import full_float32
from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.models.seq2seq_stepper import Seq2SeqStepper, SourceState
from seqkit.models.translation import Lengths, Source
from seqkit.models.translation_engine import Ids
from seqkit.nn.devices import pick_device
from seqkit.nn.embedding import GivenRows
from seqkit.text import TextPipeline

if TYPE_CHECKING:
    from seqkit.models.translator_ensemble import TranslatorEnsemble

__all__ = ["Translator"]

_SOURCE, _TARGET, _BOTH = "source.", "target.", "both."  # what names of files begin with


class Translator(AnyTranslator):
    """Turns texts into other texts; a saved one is loaded with `seqkit.load(folder)`."""

    def __init__(
        self,
        network: Seq2Seq,
        source: TextPipeline,
        target: TextPipeline,
        *,
        max_tokens: int | None = None,
        usual: int | None = None,
        ratio: float = 2.0,
        device: torch.device | None = None,
    ) -> None:
        """Wrap a trained network, which is put into evaluation mode.

        Args:
            network: its ids are those of the pipelines.
            source: text to ids.
            target: ids to text; the same object as `source` for a shared vocabulary.
            max_tokens: source tokens that it was trained on at most; None is no limit.
            usual: source tokens that few of its texts had more of, the 99th percentile say: a
                longer text is split where one of its sentences ends; None splits those above
                `max_tokens` alone.
            ratio: target tokens for each source token that few of its texts had more of: a
                translation may have that, or 2 if it is less, for each of its source, and 10 more.
            device: where it runs; None leaves the network where it is.

        Raises:
            ConfigError: a network whose vocabularies have other sizes than those of the pipelines,
                a limit below 1, `usual` above `max_tokens`, or a ratio that is not above 0.
        """
        lengths = (Lengths(max_tokens=max_tokens, usual=usual, ratio=ratio),)
        for side, own, its in (
            ("source", network.source_vocabulary, len(source.vocab)),
            ("target", network.target_vocabulary, len(target.vocab)),
        ):
            if own != its:
                raise ConfigError(
                    f"a network of {own} {side} ids with a vocabulary of {its}: they are not of "
                    "the same model"
                )
        self.device = device or network.output.weight.device
        self.network = network.to(self.device).eval()
        self.source, self.target, self.attends = source, target, network.attends
        self.max_tokens, self.usual, self.ratio = max_tokens, usual, ratio
        self.lengths = lengths

    @staticmethod
    def ensemble(translators: Sequence[AnyTranslator]) -> "TranslatorEnsemble":
        """Make one translator of several, which takes the mean of their probabilities.

        Raises:
            ConfigError: none, or some that write with different vocabularies.
        """
        from seqkit.models.translator_ensemble import TranslatorEnsemble

        return TranslatorEnsemble(translators)

    # the Engine

    def read(self, text: str) -> Source:
        """Cut a text in tokens, with their ids; one of white space alone has none."""
        text = self.source.normalizer(text)
        tokens = [] if text.isspace() else self.source.tokenizer(text)
        return Source(tuple(tokens), (tuple(self.source.vocab.encode(tokens)),))

    @torch.inference_mode()
    def open(
        self, sources: Sequence[Source], *, coverage: bool = False
    ) -> tuple[Seq2SeqStepper, SourceState]:
        """Encode sources: a stepper through what the decoder writes, and its state."""
        batch = pad([_array(source.ids[0]) for source in sources]).to(self.device)
        with full_float32(self.device):
            memory = self.network.encode(batch.ids, batch.lengths)
        stepper = Seq2SeqStepper(self.network, memory, coverage=coverage)
        return stepper, stepper.start(len(sources))

    @torch.inference_mode()
    def log_probs(
        self, sources: Sequence[Source], targets: Sequence[Ids]
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of targets, T ids each, and of their ends: (T + 1,) each."""
        batch = self._pairs(sources, targets)
        keep = batch.keep  # (B, T + 1)
        with full_float32(self.device):
            hidden = self.network(batch.source.ids, batch.source.lengths, batch.inputs)
            scored = self.network.output.score(hidden[keep], batch.gold[keep])
        ends = np.cumsum([len(target) + 1 for target in targets])
        return np.split(scored.double().cpu().numpy(), ends[:-1])

    @torch.inference_mode()
    def weights(
        self, sources: Sequence[Source], targets: Sequence[Ids]
    ) -> list[npt.NDArray[np.float32]]:
        """Return what targets, T ids each, attend to in sources of S tokens: (T, S) each.

        Raises:
            ConfigError: a network that does not attend.
        """
        self.check_attends()
        batch = self._pairs(sources, targets)
        with full_float32(self.device):
            _, weights = self.network.align(batch.source.ids, batch.source.lengths, batch.inputs)
        cut = []
        for part, source, target in zip(weights.cpu().numpy(), sources, targets, strict=True):
            steps, read = len(target), len(source.ids[0])  # another member may have read more
            cut.append(np.pad(part[:steps, :read], [(0, 0), (0, len(source.tokens) - read)]))
        return cut

    def _pairs(self, sources: Sequence[Source], targets: Sequence[Ids]) -> PairBatch:
        read = [_array(source.ids[0]) for source in sources]
        return pad_pairs(read, list(map(_array, targets))).to(self.device)

    # saving

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the translator as a bundle; see `seqkit.bundle.write`."""
        source, target = self.source.to_files(), self.target.to_files()
        sides = {_BOTH: source} if source == target else {_SOURCE: source, _TARGET: target}
        head = {
            "config": to_dict(self.network.config),
            **to_dict(self.lengths[0]),
            "shared": _BOTH in sides,
            "source_vocabulary": len(self.source.vocab),
            "target_vocabulary": len(self.target.vocab),
            "source_projected_from": self.network.source_embedding.projected_from,
            "target_projected_from": self.network.target_embedding.projected_from,
        }
        tensors = {
            name: value.detach().cpu().contiguous()
            for name, value in _weights(self.network).items()
        }
        files = {"model.json": json_bytes(head), "weights.safetensors": save(tensors)}
        for side, of_side in sides.items():
            files |= {side + name: content for name, content in of_side.items()}
        bundle.write(folder, kind="Translator", files=files, provenance=provenance, metrics=metrics)

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle, *, device: str = "cpu") -> "Translator":
        """Restore a translator from a checked bundle, onto `cpu`, `cuda` or `auto`.

        Raises:
            BundleError: the files of the bundle do not fit together: another vocabulary, say.
            ConfigError: a device that is not here.
        """
        place = pick_device(device)
        files = saved.files()
        try:
            head = json.loads(files["model.json"])
            config = from_dict(Seq2SeqConfig, head["config"], where="model.json")
            source = _pipeline(files, _BOTH if head["shared"] else _SOURCE)
            target = source if head["shared"] else _pipeline(files, _TARGET)
            for side, pipeline in (("source", source), ("target", target)):
                ids = len(pipeline.vocab)
                if ids != head[f"{side}_vocabulary"]:
                    raise ValueError(
                        f"the vocabulary of the {side} has {ids} ids, the network "
                        f"{head[f'{side}_vocabulary']}"
                    )
            told = {"max_tokens": head["max_tokens"]}
            told |= {name: head[name] for name in ("usual", "ratio") if name in head}  # not of old
            lengths = from_dict(Lengths, told, where="model.json")
            with torch.device("meta"):  # no random weights: loading must not move the generators
                # older bundles do not have the widths
                widths = head.get("source_projected_from"), head.get("target_projected_from")
                network = Seq2Seq(
                    config,
                    source_vocabulary=len(source.vocab),
                    target_vocabulary=len(target.vocab),
                    source_given=GivenRows.stand_in(len(source.vocab), widths[0]),
                    target_given=GivenRows.stand_in(len(target.vocab), widths[1]),
                )
            network.to_empty(device="cpu").tie()
            _load_weights(network, load(files["weights.safetensors"]))
        except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{saved.folder}: its files do not fit together ({reason:.200}): train anew, or "
                "upgrade seqkit"
            ) from error
        return cls(network, source, target, **vars(lengths), device=place)


def _weights(network: Seq2Seq) -> dict[str, torch.Tensor]:
    """Return the weights by name, those that layers share once."""
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}


def _load_weights(network: Seq2Seq, weights: Mapping[str, torch.Tensor]) -> None:
    if strange := _weights(network).keys() ^ weights.keys():
        raise ValueError(f"the weights lack or should not have {min(strange)}")
    network.load_state_dict(weights, strict=False)  # which would ask for the shared ones again


def _array(ids: Ids) -> npt.NDArray[np.int32]:
    return np.array(ids, np.int32)


def _pipeline(files: Mapping[str, bytes], side: str) -> TextPipeline:
    own = {name.removeprefix(side): data for name, data in files.items() if name.startswith(side)}
    return TextPipeline.from_files(own)
