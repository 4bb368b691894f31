"""Words that come together as one token: `new york` becomes `new_york`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqkit.errors import require
from seqkit.vectors.config import VectorsConfig
from seqkit.vectors.token_file import TokenFile, write_token_file

__all__ = ["PhraseRound", "join_phrases"]

_SHOWN = 20
# gensim cuts what it joined at this again, and would cut a word with a _ of its own, such as a
# phrase of the round before
_JOINT = "\ue001"
_THRESHOLDS = {"default": 10.0, "npmi": 0.5}

Watch = Callable[[Iterable[Sequence[str]], str], Iterable[Sequence[str]]]
"""Shows how far sentences were read: takes them and what is done with them, and yields them."""


@dataclass(frozen=True)
class PhraseRound:
    """What one round of joining found."""

    phrases: int
    """Pairs whose score passes the threshold."""
    frequent: tuple[tuple[str, int], ...]
    """The most frequent ones as tokens of the new text, with their counts."""

    def to_dict(self) -> dict[str, Any]:
        """Return what is here as JSON can hold it."""
        return {"phrases": self.phrases, "frequent": dict(self.frequent)}


def join_phrases(
    tokens: TokenFile,
    config: VectorsConfig,
    *,
    folder: Path,
    watch: Watch = lambda sentences, doing: sentences,
) -> tuple[TokenFile, list[PhraseRound]]:
    """Join the words that come together more often than chance, `config.phrases` times over.

    Two words are joined whose score is above the threshold (Mikolov et al., Distributed
    representations of words and phrases, NIPS 2013, equation 6; or normalised pointwise mutual
    information, Bouma 2009); a second round joins what the first made, to phrases of up to four
    words. Tokens without a letter or a digit, such as marks, are never joined. gensim counts and
    scores.

    Args:
        tokens: the text; after a round its files are removed.
        config: see its options `phrase_*`.
        folder: for the files of the new text.
        watch: see `Watch`.

    Returns:
        The text with its phrases joined, and what each round found.

    Raises:
        ConfigError: gensim is not installed.
        DataError: the disk is full.
    """
    rounds: list[PhraseRound] = []
    if not config.phrases:
        return tokens, rounds
    module = require("gensim.models.phrases", extra="vectors", purpose="joining phrases")
    threshold = config.phrase_threshold
    if threshold is None:
        threshold = _THRESHOLDS[config.phrase_scoring]
    for number in range(1, config.phrases + 1):
        found = module.Phrases(
            watch(tokens, "counting pairs"),
            min_count=config.phrase_min_count,
            threshold=threshold,
            scoring=config.phrase_scoring,
            delimiter=_JOINT,
        ).freeze()
        found.phrasegrams = {
            pair: score for pair, score in found.phrasegrams.items() if _of_words(pair)
        }
        joined = write_token_file(
            ([*map(_spelled, found[line])] for line in watch(tokens, "joining phrases")),
            folder,
            name=f"phrases-{number}",
        )
        for part in tokens.parts:
            part.path.unlink()
        spelled = {*map(_spelled, found.phrasegrams)}
        made = [(phrase, joined.counts.get(phrase, 0)) for phrase in spelled]
        made.sort(key=lambda each: (-each[1], each[0]))
        rounds.append(PhraseRound(len(made), tuple(made[:_SHOWN])))
        tokens = joined
    return tokens, rounds


def _of_words(pair: str) -> bool:
    return all(any(map(str.isalnum, token)) for token in pair.split(_JOINT))


def _spelled(token: str) -> str:
    return token.replace(_JOINT, "_")
