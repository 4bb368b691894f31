"""The cheap baselines that every model from sequences to sequences is shown beside.

    from seqkit.baselines.translation import fit_translation_baseline
    model = fit_translation_baseline("lexicon", source_tokens, target_tokens)
    model.translate_many([["ein", "Hund"]])     # [["a", "dog"]]

They know tokens alone, and so serve words, letters and phones. numpy is all that they need.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from seqkit.baselines.lexicon import Lexicon
from seqkit.baselines.nearest_source import NearestSource
from seqkit.errors import ConfigError, DataError, choices

__all__ = ["TRANSLATION_BASELINES", "Copy", "TranslationBaseline", "fit_translation_baseline"]

Tokens = Sequence[str]


class TranslationBaseline(Protocol):
    """A fitted baseline."""

    def translate_many(self, sources: Sequence[Tokens]) -> list[list[str]]:
        """Return the target tokens of each source, in order."""
        ...


class Copy:
    """The source as it is: what a model that learned nothing should beat."""

    @classmethod
    def fit(cls, sources: Sequence[Tokens], targets: Sequence[Tokens]) -> "Copy":
        """Learn nothing."""
        return cls()

    def translate_many(self, sources: Sequence[Tokens]) -> list[list[str]]:
        """Return the sources."""
        return [list(tokens) for tokens in sources]


_FIT: dict[str, Callable[[Sequence[Tokens], Sequence[Tokens]], TranslationBaseline]] = {
    "copy": Copy.fit,
    "lexicon": Lexicon.fit,
    "nearest": NearestSource.fit,
}
TRANSLATION_BASELINES = tuple(_FIT)


def fit_translation_baseline(
    name: str, source_tokens: Sequence[Tokens], target_tokens: Sequence[Tokens]
) -> TranslationBaseline:
    """Fit a baseline to pairs of token sequences.

    Args:
        name: "copy" (the source as it is), "nearest" (the target of the most similar training
            source) or "lexicon" (IBM model 1, token by token in the order of the source).
        source_tokens: N sequences.
        target_tokens: the N sequences that they become.

    Raises:
        ConfigError: no such baseline.
        DataError: no pairs, or not as many targets as sources.
    """
    if name not in _FIT:
        raise ConfigError(choices("translation baseline", name, _FIT))
    if len(source_tokens) != len(target_tokens) or not len(source_tokens):
        raise DataError(
            f"training data of {name}: {len(source_tokens)} sources and {len(target_tokens)} "
            "targets: expected as many, one pair or more"
        )
    return _FIT[name](source_tokens, target_tokens)
