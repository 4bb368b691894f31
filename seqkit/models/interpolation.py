"""Several language models as one: a weighted mean of their probabilities."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from seqkit.errors import ConfigError, DataError
from seqkit.language import AnyLanguageModel
from seqkit.metrics import fit_weights, mix
from seqkit.models.language_model import LanguageModel
from seqkit.text import TextPipeline

__all__ = ["Interpolation"]

_ROUNDING = 1e-6


class Interpolation(AnyLanguageModel):
    """Predicts by p(w | h) = sum_k weight_k p_k(w | h): linear interpolation of its parts.

    A model that counts and one that learns err on different words, so together they are mostly
    better than either (Mikolov et al. 2011). State is the tuple of the parts' states.

    It reads running text if any of its parts does. An n-gram model, which begins anew at each line
    whatever is said of the text, goes well with one of running text.
    """

    def __init__(
        self, models: Sequence[AnyLanguageModel], weights: Sequence[float] | None = None
    ) -> None:
        """Take the parts.

        Args:
            models: of the same vocabulary, normaliser and tokeniser.
            weights: one for each, 0 or more, 1 in all; the same for all where they are not given.

        Raises:
            ConfigError: no models, weights that do not fit, or models that read text differently,
                with what differs.
        """
        if not models:
            raise ConfigError("an interpolation needs at least one model")
        for number, model in enumerate(models[1:], start=2):
            _check_same_text(models[0].pipeline, model.pipeline, number)
        if weights is None:
            weights = [1 / len(models)] * len(models)
        given = [float(weight) for weight in weights]
        if len(given) != len(models) or not min(given) >= 0 or abs(sum(given) - 1) > _ROUNDING:
            raise ConfigError(
                f"weights {', '.join(f'{weight:g}' for weight in given)} for {len(models)} models: "
                "give one for each, 0 or more, that sum to 1"
            )
        self.models, self.weights = tuple(models), tuple(given)
        self.pipeline, self.vocabulary = models[0].pipeline, models[0].vocabulary
        self.sentences = all(model.sentences for model in models)

    def fit(self, lines: Iterable[str]) -> "Interpolation":
        """Return the interpolation of the same models that finds held-out text the likeliest.

        Args:
            lines: of one text that no part was trained on; held in memory, 8 bytes a token and
                model.

        Raises:
            DataError: no lines, or a token that no part gives a probability.
        """
        lines = list(lines)
        if not lines:
            raise DataError("fitting weights: no lines in the text")
        found = [np.concatenate(model.line_log_probs(lines)) for model in self.models]
        return Interpolation(self.models, fit_weights(found).tolist())

    # the Stepper

    def start(self, count: int) -> tuple[Any, ...]:
        """Make the states of `count` empty sequences.

        Raises:
            ConfigError: a recurrent model of sentences beside one of running text, which goes on
                where that begins anew; such a pair can score, and write nothing.
        """
        if not self.sentences and any(map(_must_begin_anew, self.models)):
            raise ConfigError(
                "interpolation: a recurrent model of sentences cannot go on with the running text "
                "of another model: take two that were both trained with --sentences, or without"
            )
        return tuple(model.start(count) for model in self.models)

    def read(
        self, state: tuple[Any, ...], ids: torch.Tensor
    ) -> tuple[torch.Tensor, tuple[Any, ...]]:
        """Read ids (B, T) int64; returns log-probabilities (B, V) of what follows, and states.

        They lie where those of the first model do.
        """
        parts, states = [], []
        for model, weight, its_state in zip(self.models, self.weights, state, strict=True):
            log_probs, its_state = model.read(its_state, ids)
            place = parts[0].device if parts else log_probs.device
            parts.append(log_probs.to(place) + (math.log(weight) if weight else -math.inf))
            states.append(its_state)
        return torch.stack(parts).logsumexp(0), tuple(states)

    def select(self, state: tuple[Any, ...], rows: torch.Tensor) -> tuple[Any, ...]:
        """Take the given sequences (B',) int64 of a state."""
        return tuple(
            model.select(its_state, rows)
            for model, its_state in zip(self.models, state, strict=True)
        )

    # scoring

    def line_log_probs(
        self, lines: Sequence[str], *, runs: Sequence[int] | None = None
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of each line's tokens and of its end.

        Args:
            lines: without their line breaks.
            runs: how many lines belong together, for the parts that read running text; None takes
                all as one text.
        """
        if not lines:
            return []
        found = [model.line_log_probs(lines, runs=runs) for model in self.models]
        ends = np.cumsum([len(of_line) for of_line in found[0]])
        return np.split(mix([np.concatenate(part) for part in found], self.weights), ends[:-1])


def _must_begin_anew(model: AnyLanguageModel) -> bool:
    """Say whether a model cannot be led over the end of a line."""
    if isinstance(model, Interpolation):
        return any(_must_begin_anew(part) for part in model.models) and model.sentences
    return isinstance(model, LanguageModel) and model.sentences


def _check_same_text(first: TextPipeline, other: TextPipeline, number: int) -> None:
    """Refuse two models whose ids do not stand for the same words of the same text."""
    who = f"interpolation: model {number}"
    for what, mine, its in (
        ("normaliser", first.normalizer, other.normalizer),
        ("tokeniser", first.tokenizer.name, other.tokenizer.name),
        ("tokeniser's options", first.tokenizer.options(), other.tokenizer.options()),
        ("tokeniser's model", first.tokenizer.to_files(), other.tokenizer.to_files()),
    ):
        if mine != its:
            told = "another one" if what.endswith("model") else f"{its}, model 1 has {mine}"
            raise ConfigError(f"{who}: its {what} is {told}: train both on text that is cut alike")
    mine, its = first.vocab.words, other.vocab.words
    if mine == its:
        return
    remedy = "train both with the same vocabulary"
    if len(mine) != len(its):
        raise ConfigError(f"{who} knows {len(its):,} words, model 1 knows {len(mine):,}: {remedy}")
    at = next(index for index, pair in enumerate(zip(mine, its, strict=True)) if len({*pair}) > 1)
    raise ConfigError(
        f"{who}: its word number {at + 1} is {its[at]!r:.40}, that of model 1 is "
        f"{mine[at]!r:.40}: {remedy}"
    )
