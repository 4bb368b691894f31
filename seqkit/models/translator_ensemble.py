"""Several translators as one: the mean of their probabilities at each step."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from seqkit.decode import AttendingStepper
from seqkit.errors import ConfigError
from seqkit.models.any_translator import AnyTranslator
from seqkit.models.translation import Source
from seqkit.models.translation_engine import Ids
from seqkit.models.translator import Translator
from seqkit.text import TextPipeline

__all__ = ["TranslatorEnsemble"]


class TranslatorEnsemble(AnyTranslator):
    """Translates by p(y_t | ...) = mean_m p_m(y_t | ...), each member with the same say.

    Members trained from other seeds err on different words: together they are mostly better than
    the best of them (Sutskever et al. 2014, section 3.6). They may cut the source differently, but
    write with one vocabulary. The penalty for coverage is the mean of theirs.
    """

    def __init__(self, translators: Sequence[Translator]) -> None:
        """Take the members.

        Raises:
            ConfigError: none, what is no translator of one network, or one that writes with another
                vocabulary than the first.
        """
        self.members = list(translators)
        if not self.members:
            raise ConfigError("ensemble: give at least one translator")
        for number, member in enumerate(self.members, start=1):
            if not isinstance(member, Translator):
                raise ConfigError(
                    f"ensemble: member {number} is a {type(member).__name__}, expected a Translator"
                )
            _check_same_target(self.members[0].target, member.target, number)
        first = self.members[0]
        self.target, self.device = first.target, first.device
        self.lengths = tuple(length for member in self.members for length in member.lengths)
        self.attends = all(
            member.attends and _cut_alike(first.source, member.source) for member in self.members
        )

    def read(self, text: str) -> Source:
        """Cut a text in the tokens of the first member, with the ids of each."""
        read = [member.read(text) for member in self.members]
        return Source(read[0].tokens, tuple(source.ids[0] for source in read))

    def _parted(self, sources: Sequence[Source]) -> list[tuple[Translator, list[Source]]]:
        """Return the members, each with the sources as it reads them."""
        return [
            (member, [Source(source.tokens, (source.ids[place],)) for source in sources])
            for place, member in enumerate(self.members)
        ]

    def open(
        self, sources: Sequence[Source], *, coverage: bool = False
    ) -> tuple["_MeanStepper", tuple[Any, ...]]:
        """Encode sources: a stepper of the mean, and the states of the members."""
        opened = [member.open(its, coverage=coverage) for member, its in self._parted(sources)]
        return _MeanStepper([stepper for stepper, _ in opened]), tuple(state for _, state in opened)

    def log_probs(
        self, sources: Sequence[Source], targets: Sequence[Ids]
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of targets, T ids each, and of their ends: (T + 1,) each."""
        found = [member.log_probs(its, targets) for member, its in self._parted(sources)]
        return [
            np.logaddexp.reduce(of_target) - math.log(len(self.members))
            for of_target in zip(*found, strict=True)
        ]

    def weights(
        self, sources: Sequence[Source], targets: Sequence[Ids]
    ) -> list[npt.NDArray[np.float32]]:
        """Return what targets attend to in sources, the mean over the members: (T, S) each.

        Raises:
            ConfigError: a member that does not attend, or cuts sources in other tokens.
        """
        self.check_attends()
        found = [member.weights(its, targets) for member, its in self._parted(sources)]
        return [np.mean(of_target, axis=0) for of_target in zip(*found, strict=True)]


class _MeanStepper:
    """Steps several models at once; log-probabilities of the mean of their probabilities."""

    def __init__(self, steppers: Sequence[AttendingStepper]) -> None:
        self.steppers, self.vocabulary = steppers, steppers[0].vocabulary

    def start(self, count: int) -> tuple[Any, ...]:
        return tuple(stepper.start(count) for stepper in self.steppers)

    def read(
        self, state: tuple[Any, ...], ids: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[Any, ...]]:
        for tokens in ids.unbind(1):
            log_probs, state = self.step(state, tokens)
        return log_probs, state

    def step(
        self, state: tuple[Any, ...], tokens: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[Any, ...]]:
        found = [
            stepper.step(its, tokens) for stepper, its in zip(self.steppers, state, strict=True)
        ]
        parts = [log_probs.to(found[0][0].device) for log_probs, _ in found]
        mean = torch.stack(parts).logsumexp(0) - math.log(len(parts))
        return mean, tuple(after for _, after in found)

    def select(self, state: tuple[Any, ...], rows: torch.Tensor) -> tuple[Any, ...]:
        return tuple(
            stepper.select(its, rows) for stepper, its in zip(self.steppers, state, strict=True)
        )

    def coverage(self, state: tuple[Any, ...]) -> torch.Tensor:
        parts = [stepper.coverage(its) for stepper, its in zip(self.steppers, state, strict=True)]
        return torch.stack([part.to(parts[0].device) for part in parts]).mean(0)


def _check_same_target(first: TextPipeline, other: TextPipeline, number: int) -> None:
    """Refuse a member whose ids do not stand for the tokens of the first."""
    same_tokens = first.vocab.words == other.vocab.words
    if not same_tokens or first.tokenizer.name != other.tokenizer.name:
        raise ConfigError(
            f"ensemble: translator {number} writes with another vocabulary ({len(other.vocab):,} "
            f"ids, {other.tokenizer.name}) than the first ({len(first.vocab):,} ids, "
            f"{first.tokenizer.name}): train the members with other seeds on the same train, valid "
            "and test data"
        )


def _cut_alike(first: TextPipeline, other: TextPipeline) -> bool:
    """Say whether two pipelines cut every text in the same tokens, whatever their ids."""
    one, two = first.tokenizer, other.tokenizer
    return first.normalizer == other.normalizer and (
        (one.name, one.options(), one.to_files()) == (two.name, two.options(), two.to_files())
    )
