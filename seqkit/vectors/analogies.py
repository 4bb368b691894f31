"""Analogies: how often the vectors complete "a is to b as c is to ..." with the right word."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.metrics import wilson
from seqkit.vectors.frequent import folded_rows, frequent_rows, unit_vectors
from seqkit.vectors.question_lines import question_lines

if TYPE_CHECKING:
    from seqkit.vectors.word_vectors import WordVectors

__all__ = ["AnalogyScores", "AnalogySection", "measure_analogies", "read_analogies"]

_WORDS = 4096  # of the vocabulary at once
_QUESTIONS = 256  # at once: 256 x 4,096 numbers stay in the cache of a core

_Questions = Mapping[str, Sequence[tuple[str, str, str, str]]]


@dataclass(frozen=True, kw_only=True)
class AnalogySection:
    """What came of the questions of one section, or of several."""

    name: str
    correct: int
    """Questions whose fourth word was found."""
    answered: int
    """Questions of which all four words have a vector."""
    questions: int
    """Questions in the file."""

    @property
    def accuracy(self) -> float | None:
        """Share of the answered questions that are right; None where none was answered."""
        return self.correct / self.answered if self.answered else None

    @property
    def coverage(self) -> float:
        """Share of the questions that were answered."""
        return self.answered / self.questions if self.questions else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval of the accuracy."""
        return wilson(self.correct, self.answered)

    def metrics(self) -> dict[str, Any]:
        """Return all figures, ready for JSON."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval) if self.answered else None,
            "correct": self.correct,
            "answered": self.answered,
            "questions": self.questions,
            "coverage": self.coverage,
        }


@dataclass(frozen=True)
class AnalogyScores:
    """What came of a file of analogies."""

    sections: tuple[AnalogySection, ...]
    """In the order of the file."""

    @property
    def total(self) -> AnalogySection:
        """All sections as one."""
        return _joined("total", self.sections)

    @property
    def semantic(self) -> AnalogySection | None:
        """The sections that are not syntactic; None where a file has but one of the two kinds."""
        return self._kind("semantic", syntactic=False)

    @property
    def syntactic(self) -> AnalogySection | None:
        """The sections called "gram...", as in the questions-words of word2vec."""
        return self._kind("syntactic", syntactic=True)

    def _kind(self, name: str, *, syntactic: bool) -> AnalogySection | None:
        chosen = [s for s in self.sections if s.name.startswith("gram") == syntactic]
        return _joined(name, chosen) if 0 < len(chosen) < len(self.sections) else None

    def _summary(self) -> list[AnalogySection]:
        kinds = (self.semantic, self.syntactic, self.total)
        return [section for section in kinds if section is not None]

    def metrics(self) -> dict[str, Any]:
        """Return all figures, ready for JSON: of the total, of each kind, of each section."""
        kinds = {section.name: section.metrics() for section in self._summary()[:-1]}
        sections = {section.name: section.metrics() for section in self.sections}
        return {**self.total.metrics(), **kinds, "sections": sections}

    def rows(self) -> list[list[str]]:
        """Return a table: its heads, a row for each section, then semantic, syntactic, total."""
        heads = ["section", "accuracy", "95% interval", "right", "answered", "asked", "coverage"]
        return [heads, *(_row(section) for section in [*self.sections, *self._summary()])]


def read_analogies(path: str | os.PathLike[str]) -> dict[str, list[tuple[str, str, str, str]]]:
    """Read a file of analogies: `: section`, then four words a line; also `.gz` or `.xz`.

    Returns:
        The questions of each section; sections of the same name are one.

    Raises:
        DataError: the file cannot be read, a line without four words, one before the first section
            (both with the line), or no question at all.
    """
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    section: list[tuple[str, str, str, str]] | None = None
    for number, line in question_lines(path):
        if line.startswith(":"):
            section = sections.setdefault(line[1:].strip(), [])
            continue
        words = line.split()
        if len(words) != 4:
            raise DataError(f"{path}:{number}: words: {len(words)}, expected 4 (a b c d)")
        if section is None:
            raise DataError(f"{path}:{number}: a question before the first section (: name)")
        section.append((words[0], words[1], words[2], words[3]))
    if not any(sections.values()):
        raise DataError(f"{path}: has no questions, expected `: section` and lines of four words")
    return {name: questions for name, questions in sections.items() if questions}


def measure_analogies(
    vectors: "WordVectors",
    analogies: str | os.PathLike[str] | _Questions,
    *,
    most_frequent: int | None = 300_000,
    fold_case: bool = True,
) -> AnalogyScores:
    """Answer analogies by 3CosAdd (Mikolov et al. 2013) and count the right answers.

    Of "a b c d" the answer is the word whose vector has the greatest cos(b) + cos(c) - cos(a),
    that is the greatest cosine with b + c - a where all are of length 1; a, b and c themselves
    cannot be the answer. A question counts as answered if all four words have a vector of their
    own. The defaults are those of gensim's `evaluate_word_analogies`, and so are the counts.

    Args:
        vectors: what is measured.
        analogies: a file (see `read_analogies`), or questions by section.
        most_frequent: questions and answers are among so many most frequent words; None: all.
        fold_case: take "Rome" and "rome" for one word, of the vector of the more frequent one.

    Raises:
        ConfigError: `most_frequent` below 1.
        DataError: as `read_analogies`.
    """
    sections = analogies if isinstance(analogies, Mapping) else read_analogies(analogies)
    rows = frequent_rows(vectors, most_frequent)
    forms = folded_rows(vectors, rows, fold_case=fold_case)
    asked: dict[str, int] = {}  # the words of the questions that are known, by number
    known: list[tuple[int, ...]] = []
    lengths = []
    for questions in sections.values():
        before = len(known)
        for question in questions:
            words = [word.casefold() if fold_case else word for word in question]
            if all(word in forms for word in words):
                known.append(tuple(asked.setdefault(word, len(asked)) for word in words))
        lengths.append(len(known) - before)
    right = _answer(vectors, rows, [forms[word] for word in asked], known)
    ends = np.cumsum(lengths)
    return AnalogyScores(
        tuple(
            AnalogySection(
                name=name,
                correct=int(right[end - answered : end].sum()),
                answered=answered,
                questions=len(questions),
            )
            for (name, questions), answered, end in zip(
                sections.items(), lengths, ends, strict=True
            )
        )
    )


def _answer(
    vectors: "WordVectors",
    rows: npt.NDArray[np.int64],
    forms: Sequence[Sequence[int]],
    known: Sequence[tuple[int, ...]],
) -> npt.NDArray[np.bool_]:
    """Say which questions are answered right, (Q,).

    The words of the questions are few, so that their cosines with the vocabulary are one product;
    a question then is the sum of three of its rows.

    Args:
        vectors: what is measured.
        rows: of the words that can be an answer, (N,).
        forms: of each of D words the rows of its forms, that of its vector first.
        known: Q questions, each the numbers of its four words.
    """
    if not known:
        return np.zeros(0, np.bool_)
    a, b, c, expected = np.array(known).T  # (Q,) each
    place = np.full(len(vectors), -1)
    place[rows] = np.arange(len(rows))
    widest = max(map(len, forms))
    places = np.array([[*place[form], *[-1] * (widest - len(form))] for form in forms])  # (D, F)
    words = unit_vectors(vectors, np.array([form[0] for form in forms]))  # (D, E)
    best = np.full(len(known), -np.inf, np.float32)
    answer = np.zeros(len(known), np.int64)  # places in `rows`
    for start in range(0, len(rows), _WORDS):
        cosines = words @ unit_vectors(vectors, rows[start : start + _WORDS]).T  # (D, W)
        for at in range(0, len(known), _QUESTIONS):
            block = slice(at, at + _QUESTIONS)
            scores = cosines[b[block]]  # (B, W)
            scores += cosines[c[block]]
            scores -= cosines[a[block]]
            left_out = places[np.stack([a[block], b[block], c[block]], 1)].reshape(len(scores), -1)
            column = left_out - start
            question, which = np.nonzero((column >= 0) & (column < scores.shape[1]))
            scores[question, column[question, which]] = -np.inf
            found = scores.argmax(1)
            score = scores[np.arange(len(scores)), found]
            better = score > best[block]  # of equals the more frequent word, which came first
            best[block][better] = score[better]
            answer[block][better] = found[better] + start
    owner = np.full(len(rows), -1)
    for word, form in enumerate(places):
        owner[form[form >= 0]] = word
    # without any word besides a, b and c there is no answer, and `best` has stayed as it was
    return (owner[answer] == expected) & (best > -np.inf)


def _joined(name: str, sections: Iterable[AnalogySection]) -> AnalogySection:
    parts = list(sections)
    return AnalogySection(
        name=name,
        correct=sum(part.correct for part in parts),
        answered=sum(part.answered for part in parts),
        questions=sum(part.questions for part in parts),
    )


def _row(section: AnalogySection) -> list[str]:
    low, high = section.interval
    figures = ["-", "-"]
    if section.accuracy is not None:
        figures = [f"{section.accuracy:.1%}", f"{low:.1%} to {high:.1%}"]
    counts = (section.correct, section.answered, section.questions)
    return [section.name, *figures, *(f"{n:,}" for n in counts), f"{section.coverage:.0%}"]
