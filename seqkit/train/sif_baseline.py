"""`sif-lr`: logistic regression on sentence vectors, the cheap use of given word vectors."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from seqkit.data import LabeledText
from seqkit.errors import require
from seqkit.text import TextPipeline
from seqkit.train.given_vectors import VectorsOptions
from seqkit.vectors.reader import read_vectors
from seqkit.vectors.sentences import SentenceVectors
from seqkit.vectors.word_vectors import WordVectors

__all__ = ["SIF_LR", "SifLogistic", "fit_sif"]

SIF_LR = "sif-lr"
"""What reports call it."""

_C = 1.0


class SifLogistic:
    """Logistic regression over standardised sentence vectors (`SentenceVectors`).

    A row of a report, to be measured as a `TextClassifier`; it is not saved, for that would take
    the word vectors too.
    """

    def __init__(
        self,
        sentences: SentenceVectors,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        seed: int = 0,
    ) -> None:
        """Fit the components of the sentences, then the regression, both to the same texts.

        Args:
            sentences: the weighted word vectors, not yet fitted.
            texts: N of them.
            labels: their N labels, of two kinds or more.
            seed: of the solver.

        Raises:
            ConfigError: scikit-learn is not installed.
            DataError: no text has a known word.
        """
        linear = require("sklearn.linear_model", extra="baselines", purpose=SIF_LR)
        self.sentences = sentences.fit(texts)
        rows = self.sentences.transform(texts).astype(np.float64)
        self._center, spread = rows.mean(0), rows.std(0)
        self._scale = np.where(spread > 0, spread, 1.0)
        model = linear.LogisticRegression(C=_C, max_iter=1000, random_state=seed)
        self._model = model.fit((rows - self._center) / self._scale, np.asarray(labels))
        self.labels: tuple[str, ...] = tuple(map(str, self._model.classes_))

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Score texts. Returns (N, C) float64."""
        if not len(texts):
            return np.zeros((0, len(self.labels)))
        rows = self.sentences.transform(texts).astype(np.float64)
        return self._model.predict_proba((rows - self._center) / self._scale)


def fit_sif(
    options: VectorsOptions,
    path: str,
    train: Sequence[LabeledText],
    others: Sequence[LabeledText],
    pipeline: TextPipeline,
    *,
    seed: int = 0,
) -> SifLogistic:
    """Fit the baseline of a run on the vectors that its model is given.

    It knows the words of all texts that it will be asked about, as whoever has the whole file
    would, those that a network has never seen among them. Their frequencies are those of `train`.

    Args:
        options: of the model's vectors.
        path: of the file.
        train: to learn from.
        others: what it will be asked about.
        pipeline: cuts texts into words.
        seed: of the solver.

    Raises:
        ConfigError: scikit-learn is not installed.
        DataError: a file that cannot be read, or knows none of the words.
    """
    counts: Counter[str] = Counter()
    for record in train:
        counts.update(pipeline.tokens(record.text))
    unseen = {word for record in others for word in pipeline.tokens(record.text)} - counts.keys()
    words = [*counts, *sorted(unseen)]
    vectors, known, _ = read_vectors(
        path, words, fallbacks=options.vectors_fallbacks, lemmas=options.vectors_lemmas
    )
    found = [word for word, own in zip(words, known, strict=True) if own]
    table = WordVectors(found, vectors[known])
    sentences = SentenceVectors(table, counts=counts, tokenize=pipeline.tokens)
    texts, labels = zip(*((record.text, record.label) for record in train), strict=True)
    return SifLogistic(sentences, texts, labels, seed=seed)
