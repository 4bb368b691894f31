"""Lines of text to blocks of ids, for counting and for scoring."""

import errno
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from seqkit.errors import DataError
from seqkit.text import (
    Normalizer,
    TextConfig,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    build_tokenizer,
    build_vocab,
)
from seqkit.text.lexicon import Lexicon
from seqkit.text.word_counter import TokenCounter, WordCounter

__all__ = ["Corpus", "batched_lines", "encode_lines", "join_lines", "read_corpus"]

_CHARACTERS = 1 << 20  # of the lines of a block
_MOST = (1 << 32) - 1  # tokens, whose numbers have 32 bits
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, eq=False, kw_only=True)
class Corpus:
    """A text that was read: its vocabulary is made, its ids wait in a file.

    Attributes:
        pipeline: what turns a text into such ids.
        tokens: words and line ends.
        lines: line ends.
        path: the file, of ids in the order in which they came first.
        lengths: ids of each block in it.
        final: uint32, the vocabulary's id of each of those ids.
    """

    pipeline: TextPipeline
    tokens: int
    lines: int
    path: Path
    lengths: Sequence[int]
    final: npt.NDArray[np.uint32]

    def blocks(self) -> Iterator[npt.NDArray[np.uint32]]:
        """Yield the ids of whole lines, EOS behind each, of about a megabyte of text a time."""
        with open(self.path, "rb") as handle:
            for length in self.lengths:
                yield self.final[np.fromfile(handle, np.uint32, length)]


def read_corpus(lines: Iterable[str], text: TextConfig, *, folder: Path, seed: int = 0) -> Corpus:
    """Read a text once, and make the pipeline that `build_pipeline` makes of it.

    Memory holds the distinct words and a megabyte of text; four bytes a token go to a file.

    Args:
        lines: without their line breaks; read twice where the tokeniser is trained, else once.
        text: the options.
        folder: for the file, which stays as long as the corpus is read.
        seed: of the sample that SentencePiece is trained on.

    Raises:
        ConfigError: as `build_pipeline`.
        DataError: no token, nothing left for the vocabulary, 2**32 tokens, or a full disk. Nothing
            is left in the folder then.
    """
    normalizer, tokenizer = build_tokenizer(text, lines, seed=seed)
    counter: WordCounter | TokenCounter
    blocks: Iterator[npt.NDArray[np.uint32]]
    if isinstance(tokenizer, WhitespaceTokenizer):
        counter = WordCounter()
        blocks = (counter.read(join_lines(some, normalizer)) for some in batched_lines(lines))
    else:
        counter = TokenCounter()
        blocks = (
            counter.read(tokenizer.many(map(normalizer, some))) for some in batched_lines(lines)
        )
    path = folder / "corpus-ids.bin"
    lengths: list[int] = []

    def counts() -> Iterator[Mapping[str, int]]:
        lengths.extend(_write(path, blocks))
        if not counter.counts.any():
            raise DataError("the training text is empty: it has no token: look at the files")
        yield dict(zip(counter.words(), counter.counts.tolist(), strict=True))

    try:
        vocab = build_vocab(text, tokenizer, counts())  # which checks its options first
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    tokens = sum(lengths)
    return Corpus(
        pipeline=TextPipeline(normalizer, tokenizer, vocab),
        tokens=tokens,
        lines=tokens - int(counter.counts.sum()),
        path=path,
        lengths=lengths,
        final=np.array([*range(len(Vocab.SPECIALS)), *vocab.encode(counter.words())], np.uint32),
    )


def encode_lines(
    lines: Iterable[str], pipeline: TextPipeline, lexicon: Lexicon | None = None
) -> Iterator[npt.NDArray[np.uint32]]:
    """Yield the ids of whole lines, EOS behind each, of about a megabyte of text a time.

    Args:
        lines: without their line breaks.
        pipeline: of the model.
        lexicon: the words of its vocabulary, where there is one already.
    """
    if isinstance(pipeline.tokenizer, WhitespaceTokenizer):
        words = lexicon or Lexicon.from_words(pipeline.vocab.words)
        for batch in batched_lines(lines):
            text = join_lines(batch, pipeline.normalizer)
            yield words.encode(text, ascii=pipeline.tokenizer.ascii).ids
        return
    for batch in batched_lines(lines):
        ids: list[int] = []
        for line in pipeline.encode_many(batch):
            ids += line
            ids.append(Vocab.EOS)
        yield np.array(ids, np.uint32)


def join_lines(lines: Iterable[str], normalizer: Normalizer) -> bytes:
    r"""Normalise lines for `Lexicon.encode`; a line feed that one holds becomes a space.

    >>> join_lines(["One", "a&#10;b"], Normalizer(case="lower", html=True))
    b'one\na b\n'
    """
    normalized = [*map(normalizer, lines), ""]
    text = "\n".join(normalized)
    if text.count("\n") >= len(normalized):
        text = "\n".join(line.replace("\n", " ") for line in normalized)
    return text.encode("utf-8", "surrogatepass")


def batched_lines(lines: Iterable[str], characters: int | None = None) -> Iterator[list[str]]:
    """Yield consecutive lines, of about so many characters together, a megabyte by default."""
    least = characters or _CHARACTERS
    batch: list[str] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line) + 1
        if size >= least:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _write(path: Path, blocks: Iterable[npt.NDArray[np.uint32]]) -> list[int]:
    """Write blocks behind each other, and return their lengths."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lengths: list[int] = []
    tokens = 0
    try:
        with open(path, "wb") as handle:
            for block in blocks:
                tokens += len(block)
                if tokens > _MOST:
                    raise DataError(f"more than {_MOST:,} tokens: count the text in shards")
                handle.write(block)
                lengths.append(len(block))
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DataError(
            f"{path.parent}: the disk is full after {4 * sum(lengths):,} bytes of token ids, which "
            "are removed: free some space, 4 bytes for each token, or give --tmp elsewhere"
        ) from None
    return lengths
