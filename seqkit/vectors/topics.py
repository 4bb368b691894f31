"""Topics of documents: a trained LDA model, read and asked without the library that trained it.

Blei, Ng and Jordan, Latent Dirichlet allocation, JMLR 2003.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit import bundle
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.files import json_bytes
from seqkit.text import TextPipeline, Vocab
from seqkit.vectors.lda_inference import LdaInference
from seqkit.vectors.storage import Matrix, open_array, write_array

__all__ = ["Topic", "TopicModel", "TopicShare", "TopicWord"]

_HEAD, _TABLE = "topics.json", "topics.npy"
_FIRST = len(Vocab.SPECIALS)


class TopicWord(NamedTuple):
    """A word, and its probability in a topic."""

    word: str
    weight: float


class Topic(NamedTuple):
    """A topic: its number, its share of the training tokens, and its likeliest words."""

    number: int
    share: float
    words: list[TopicWord]


class TopicShare(NamedTuple):
    """The share of a document that is of a topic, by the number of the topic."""

    topic: int
    share: float


class TopicModel:
    """Topics, each a distribution over words, and a document as a mixture of them.

    A saved one is loaded with `seqkit.load(folder)`; gensim is not needed for it.
    """

    def __init__(
        self,
        parameters: npt.ArrayLike,
        pipeline: TextPipeline,
        *,
        alpha: npt.ArrayLike,
        eta: float,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Put a trained model together.

        Args:
            parameters: (V, K), of the Dirichlet posterior of each topic over the words, in the
                order of the vocabulary without its special ids: lambda.
            pipeline: what makes a text the ids of those words.
            alpha: (K,), of the Dirichlet prior of a document over the topics.
            eta: of the symmetric Dirichlet prior of a topic over the words.
            facts: how the topics were made, ready for JSON.

        Raises:
            DataError: numbers that are no such parameters, or of another number of words.
        """
        table = np.asarray(parameters, np.float32)
        prior = np.asarray(alpha, np.float64)
        words = len(pipeline.vocab.words)
        if table.ndim != 2 or table.shape != (words, len(prior)) or not table.size:
            raise DataError(
                f"topics: parameters of shape {table.shape}, expected ({words}, {len(prior)}): a "
                "row for each word of the vocabulary, a column for each topic"
            )
        least = min(float(table.min()), float(prior.min()), eta)
        if not (least > 0 and np.isfinite(table).all() and np.isfinite(prior).all()):
            raise DataError("topics: parameters must be finite and more than 0")
        self._set(table, pipeline, prior, eta, facts or {})

    def _set(
        self,
        table: npt.NDArray[np.float32],
        pipeline: TextPipeline,
        alpha: npt.NDArray[np.float64],
        eta: float,
        facts: Mapping[str, Any],
    ) -> None:
        self.parameters, self.pipeline, self.alpha = table, pipeline, alpha
        self.eta, self.facts = eta, facts
        self.inference = LdaInference(table, alpha)

    def __len__(self) -> int:
        """Return the number of topics, K."""
        return len(self.alpha)

    @property
    def words(self) -> Sequence[str]:
        """The words, (V,), the most frequent first."""
        return self.pipeline.vocab.words

    @property
    def shares(self) -> npt.NDArray[np.float64]:
        """The share of each topic of the training tokens, (K,)."""
        tokens = np.maximum(self.inference.totals - self.eta * len(self.parameters), 0.0)
        return tokens / tokens.sum()

    def topics(self, words: int = 10) -> list[Topic]:
        """Return all topics by their numbers, each with its likeliest words.

        Raises:
            ConfigError: fewer than one word.
        """
        if words < 1:
            raise ConfigError(f"topics: words {words}: must be 1 or more")
        shares, totals = self.shares.tolist(), self.inference.totals.tolist()
        found = []
        for number, (share, total) in enumerate(zip(shares, totals, strict=True)):
            column = np.asarray(self.parameters[:, number], np.float64) / total
            likeliest = np.argsort(-column, kind="stable")[:words].tolist()
            listed = [TopicWord(self.words[id], float(column[id])) for id in likeliest]
            found.append(Topic(number, share, listed))
        return found

    def of(self, text: str, *, least: float = 0.01) -> list[TopicShare]:
        """Return the topics of one document, the largest share first.

        The shares are the mean of the posterior. Of a document without a word of the vocabulary
        that is the prior: ask `known` for the number of its words.

        Args:
            text: a document.
            least: smaller shares are left out.
        """
        shares = self.transform([text])[0]
        order = np.argsort(-shares, kind="stable").tolist()
        return [TopicShare(k, float(shares[k])) for k in order if shares[k] >= least]

    def known(self, text: str) -> int:
        """Count the tokens of a text that are words of the vocabulary."""
        return int(self._bag(self.pipeline.encode(text))[1].sum())

    def transform(self, texts: Iterable[str]) -> npt.NDArray[np.float64]:
        """Return the share of each topic of each document, (N, K); rows sum to 1.

        A document has the same shares whatever the others are.

        Raises:
            ConfigError: one str, which is not taken for its letters.
        """
        rows = [*self.stream(texts)]
        return np.stack(rows) if rows else np.zeros((0, len(self)))

    def stream(self, texts: Iterable[str]) -> Iterator[npt.NDArray[np.float64]]:
        """Yield the shares of each document, (K,), in order, holding one at a time.

        Raises:
            ConfigError: as `transform`.
        """
        if isinstance(texts, str):
            raise ConfigError("expected a list of texts, got one str: use of, or write [text]")
        for ids in self.pipeline.encode_many(texts):
            yield self.shares_of(*self._bag(ids))

    def shares_of(
        self, ids: npt.NDArray[np.integer], counts: npt.NDArray[np.integer]
    ) -> npt.NDArray[np.float64]:
        """Return the shares of a bag of words, (K,).

        Args:
            ids: (n,) rows of distinct words.
            counts: (n,) how often each is there.
        """
        gamma = self.inference.gamma(ids, counts)
        return gamma / gamma.sum()

    def _bag(self, ids: Iterable[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Count the ids of words, those of unknown ones left out."""
        bag = Counter(id - _FIRST for id in ids if id >= _FIRST)
        size = len(bag)
        return np.fromiter(bag, np.int64, size), np.fromiter(bag.values(), np.int64, size)

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the model as a bundle; see `seqkit.bundle.write`."""
        head = {
            "words": len(self.words),
            "topics": len(self),
            "alpha": self.alpha.tolist(),
            "eta": self.eta,
            "facts": dict(self.facts),
        }

        def write_table(path: Path) -> None:
            write_array(path, Matrix(self.parameters), "float32", scales=[])

        bundle.write(
            folder,
            kind="TopicModel",
            files={_HEAD: json_bytes(head), **self.pipeline.to_files()},
            mapped={_TABLE: write_table},
            provenance=provenance,
            metrics=metrics,
        )

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "TopicModel":
        """Load a saved model.

        Raises:
            BundleError: it is none, or is damaged.
        """
        model = bundle.load(folder)
        if not isinstance(model, cls):
            raise BundleError(f"{folder}: a {type(model).__name__}, expected a TopicModel")
        return model

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle) -> "TopicModel":
        """Map the model of a checked bundle.

        Raises:
            BundleError: the files of the bundle do not fit together.
        """
        model = cls.__new__(cls)
        try:
            files = saved.files()
            head = json.loads(files[_HEAD])
            shape = (head["words"], head["topics"])
            table = open_array(saved.folder / _TABLE, "<f4", shape)
            pipeline, alpha = TextPipeline.from_files(files), np.array(head["alpha"], np.float64)
            if len(pipeline.vocab.words) != shape[0] or alpha.shape != shape[1:]:
                raise ValueError("numbers of words or topics differ")
            model._set(table, pipeline, alpha, float(head["eta"]), head["facts"])
        except (KeyError, OSError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{saved.folder}: its files do not fit together ({reason:.200}): copy the folder "
                "again, whole, or upgrade seqkit"
            ) from error
        return model
