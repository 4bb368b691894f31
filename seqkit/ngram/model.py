"""The n-gram model that an app imports: generate, complete, score."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seqkit import bundle
from seqkit.errors import BundleError, ConfigError
from seqkit.files import json_bytes
from seqkit.garbage import paused_collection
from seqkit.language import AnyLanguageModel, Score, text_list
from seqkit.ngram.arpa_reader import read_arpa
from seqkit.ngram.corpus import batched_lines, encode_lines, join_lines
from seqkit.ngram.text_scoring import score_line, score_lines
from seqkit.ngram.trie import PackedTrie
from seqkit.text import Normalizer, TextPipeline, Vocab, WhitespaceTokenizer
from seqkit.text.lexicon import Lexicon
from seqkit.text.scanning import ASCII_SPACE, UNICODE_SPACE
from seqkit.threads import in_threads, shares

if TYPE_CHECKING:
    import torch

__all__ = ["NgramModel"]

_TRIE, _LEXICON = "ngrams.bin", "lexicon.bin"
_BATCH = 1 << 22  # characters scored together
_SHARE = 256  # lines that a thread is worth starting for


class NgramModel(AnyLanguageModel):
    """Predicts a word from the N - 1 words before it, as a text was counted.

    A saved one is loaded with `seqkit.load(folder)` in milliseconds, for its n-grams and words stay
    on disk, mapped into memory; `seqkit.load("model.arpa")` reads a file of another tool.

    It is a model of sentences: each line begins anew, and ends with EOS.
    """

    sentences = True

    def __init__(
        self,
        trie: PackedTrie,
        pipeline: TextPipeline,
        *,
        lexicon: Lexicon | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Put n-grams and text together.

        Args:
            trie: its ids are those of the pipeline.
            pipeline: text to ids.
            lexicon: the words of the pipeline's vocabulary, where that has been made already.
            facts: what is to be known of its making, JSON-ready.

        Raises:
            ConfigError: a trie whose vocabulary has another size than that of the pipeline.
        """
        if trie.vocabulary != len(pipeline.vocab):
            raise ConfigError(
                f"n-grams of {trie.vocabulary} ids with a vocabulary of {len(pipeline.vocab)}: "
                "they are not of the same model"
            )
        self.trie, self.pipeline, self.facts = trie, pipeline, dict(facts or {})
        self.lexicon = lexicon or Lexicon.from_words(pipeline.vocab.words)
        self.vocabulary = trie.vocabulary
        tokenizer = pipeline.tokenizer
        self._reads_bytes = isinstance(tokenizer, WhitespaceTokenizer)
        space = ASCII_SPACE if self._reads_bytes and tokenizer.ascii else UNICODE_SPACE
        self._arrays = (*self.lexicon.arrays, space), trie.arrays

    @property
    def order(self) -> int:
        """N, the length of the longest n-grams."""
        return self.trie.order

    # the Stepper

    def start(self, count: int) -> "torch.Tensor":
        """Return contexts (count, N - 1) int64 of empty lines: BOS, and PAD where no word is."""
        import torch

        state = torch.full((count, self.order - 1), Vocab.PAD)
        state[:, -1:] = Vocab.BOS
        return state

    def read(
        self, state: "torch.Tensor", ids: "torch.Tensor"
    ) -> "tuple[torch.Tensor, torch.Tensor]":
        """Read ids (B, T) int64; returns log-probabilities (B, V) of what follows, and contexts.

        EOS and BOS both begin a line.
        """
        import torch

        words = torch.cat([state, ids.cpu()], dim=1)
        begins = (words == Vocab.EOS) | (words == Vocab.BOS)
        after = begins.long().flip(1).cumsum(1).flip(1)  # line beginnings from here to the end
        words = torch.where(begins, Vocab.BOS, words)
        words = torch.where(after - begins.long() > 0, Vocab.PAD, words)  # of an earlier line
        state = words[:, words.shape[1] - (self.order - 1) :]
        log_probs = self.trie.distribution(state.numpy().astype(np.uint32))
        return torch.from_numpy(log_probs), state

    def select(self, state: "torch.Tensor", rows: "torch.Tensor") -> "torch.Tensor":
        """Take the given contexts (B',) int64."""
        return state[rows.cpu()]

    # scoring

    def score(self, text: str) -> Score:
        """Say how likely a text is: its lines, each with its end."""
        if not self._reads_bytes or type(text) is not str or "\n" in text:
            return super().score(text)
        line = self.pipeline.normalizer(text).replace("\n", " ") + "\n"
        return Score(*score_line(line.encode("utf-8", "surrogatepass"), *self._arrays))

    def score_many(self, texts: Iterable[str]) -> list[Score]:
        """Score texts, each for itself, in order; the same as one by one.

        Raises:
            ConfigError: one that is no str.
        """
        texts = text_list(texts)
        if not self._reads_bytes or any("\n" in text for text in texts):
            return super().score_many(texts)
        found: list[Score] = []
        for batch in batched_lines(texts, _BATCH):
            found += self._score_lines(batch)
        return found

    def _score_lines(self, lines: Sequence[str]) -> list[Score]:
        """Score lines of text that is cut at white space, shared out among threads."""
        log_probs, counts = np.empty(len(lines)), np.empty((4, len(lines)), np.int64)
        parts = [
            (join_lines(lines[part], self.pipeline.normalizer), part)
            for part in shares(len(lines), least=_SHARE)
        ]

        def work(text: bytes, part: slice) -> None:
            score_lines(text, *self._arrays, log_probs[part], counts[:, part])

        in_threads(work, parts)
        with paused_collection():
            return list(map(Score._make, zip(log_probs.tolist(), *counts.tolist(), strict=True)))

    def line_log_probs(
        self, lines: Sequence[str], *, runs: Sequence[int] | None = None
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of each line's tokens and of its end.

        Args:
            lines: without their line breaks; every line stands for itself.
            runs: of no effect, for that reason.
        """
        found = []
        for ids in encode_lines(lines, self.pipeline, lexicon=self.lexicon):
            log_probs = self.trie.score(ids)[0].astype(np.float64)
            found += np.split(log_probs, np.flatnonzero(ids == Vocab.EOS)[:-1] + 1)
        return found

    # saving

    def save(
        self,
        folder: str | os.PathLike[str],
        *,
        provenance: Mapping[str, Any] | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> None:
        """Write the model as a bundle; see `seqkit.bundle.write`."""
        head = {"layout": self.trie.layout, "facts": self.facts}
        bundle.write(
            folder,
            kind="NgramModel",
            files={"model.json": json_bytes(head), **self.pipeline.to_files()},
            mapped={_TRIE: self.trie.write, _LEXICON: self.lexicon.write},
            provenance=provenance,
            metrics=metrics,
        )

    @classmethod
    def from_bundle(cls, saved: bundle.Bundle, *, device: str = "cpu") -> "NgramModel":
        """Restore a model from a checked bundle.

        Raises:
            BundleError: the files of the bundle do not fit together.
            ConfigError: a device that is not the CPU.
        """
        _check_device(device)
        files = saved.files()
        try:
            head = json.loads(files["model.json"])
            lexicon = Lexicon.open(saved.folder / _LEXICON)
            trie = PackedTrie.open(saved.folder / _TRIE, head["layout"])
            vocab = _SavedVocab(files["vocab.txt"], lexicon)
            pipeline = TextPipeline.from_files(files, vocab=vocab)
            return cls(trie, pipeline, lexicon=lexicon, facts=head["facts"])
        except (KeyError, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{saved.folder}: its files do not fit together ({reason:.200}): train anew, or "
                "upgrade seqkit"
            ) from error

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], *, device: str = "cpu") -> "NgramModel":
        """Read an ARPA file (also .gz, .xz) of any tool: its text is cut at white space of ASCII.

        Raises:
            DataError: what is wrong with the file, with the number of the line.
            ConfigError: a device that is not the CPU.
        """
        _check_device(device)
        arpa = read_arpa(path)
        pipeline = TextPipeline(
            Normalizer(unicode="none"), WhitespaceTokenizer(ascii=True), arpa.vocab
        )
        return cls(PackedTrie.pack(arpa.table), pipeline, facts={"method": "arpa"})


class _SavedVocab(Vocab):
    """The vocabulary of a bundle, whose list of words is read when it is first asked for."""

    def __init__(self, content: bytes, lexicon: Lexicon) -> None:
        self._content, self._lexicon = content, lexicon

    def __getattr__(self, name: str) -> Any:
        if name not in ("words", "counts", "_ids"):
            raise AttributeError(name)
        vars(self).update(vars(Vocab.from_bytes(self._content)))
        return vars(self)[name]

    def __len__(self) -> int:
        return len(self._lexicon)


def _check_device(device: str) -> None:
    if device not in ("cpu", "auto"):
        raise ConfigError(f"device {device}: an n-gram model runs on the CPU: leave it out")
