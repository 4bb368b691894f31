"""The whole way from a text to token ids, saved and restored as one."""

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seqkit.errors import DataError
from seqkit.files import json_bytes
from seqkit.text.normalize import Normalizer
from seqkit.text.restore import make_tokenizer
from seqkit.text.tokenizer import Tokenizer
from seqkit.text.vocab import Vocab

__all__ = ["TextPipeline"]

_FORMAT = 1


class TextPipeline:
    """Normalise, tokenise, number.

    >>> from seqkit.text import WhitespaceTokenizer
    >>> vocab = Vocab(["the", "cat"])
    >>> TextPipeline(Normalizer(case="lower"), WhitespaceTokenizer(), vocab).encode("The cat sat")
    [4, 5, 3]
    """

    def __init__(self, normalizer: Normalizer, tokenizer: Tokenizer, vocab: Vocab) -> None:
        """Put the three together; each stays reachable under its name."""
        self.normalizer = normalizer
        self.tokenizer = tokenizer
        self.vocab = vocab

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of the normalised text."""
        return self.tokenizer(self.normalizer(text))

    def encode(self, text: str) -> list[int]:
        """Return the ids of the tokens of one text, without BOS or EOS."""
        return self.vocab.encode(self.tokens(text))

    def encode_many(self, texts: Iterable[str]) -> Iterator[list[int]]:
        """Yield the ids of each text, in order: the same as one by one, and faster."""
        return map(self.vocab.encode, self.tokenizer.many(map(self.normalizer, texts)))

    def decode(self, ids: Iterable[int]) -> str:
        """Return a text for ids: EOS as a line break, unknown words as <unk>, the rest joined."""
        lines: list[list[str]] = [[]]
        for token in ids:
            if token == Vocab.EOS:
                lines.append([])
            else:
                lines[-1].append(self.vocab.word(token))
        return "\n".join(map(self.tokenizer.join, lines))

    def predicted(self, text: str) -> str:
        """Return what of a text a model of its tokens predicts: what figures a character count.

        That is the normalised text, in which each run of white space is one space, and none stands
        at the ends, where the tokeniser does not keep it.

        >>> from seqkit.text import WhitespaceTokenizer
        >>> pipeline = TextPipeline(Normalizer(case="lower"), WhitespaceTokenizer(), Vocab([]))
        >>> pipeline.predicted("  The  cat"), pipeline.lost()
        ('the cat', ['case', 'white space'])
        """
        text = self.normalizer(text)
        return text if self.tokenizer.keeps_space else " ".join(text.split())

    def lost(self) -> list[str]:
        """Name what of a text its tokens do not tell, none of which a model of them predicts."""
        lost = self.normalizer.lost()
        if not self.tokenizer.keeps_space and "white space" not in lost:
            lost.append("white space")
        return lost

    def to_files(self) -> dict[str, bytes]:
        """Return `text.json`, `vocab.txt` and the tokeniser's own files, as name -> content."""
        settings = {
            "format": _FORMAT,
            "normalizer": dataclasses.asdict(self.normalizer),
            "tokenizer": {"name": self.tokenizer.name, "options": self.tokenizer.options()},
        }
        return {
            "text.json": json_bytes(settings),
            "vocab.txt": self.vocab.to_bytes(),
            **self.tokenizer.to_files(),
        }

    @classmethod
    def from_files(
        cls, files: Mapping[str, bytes], *, vocab: Vocab | None = None
    ) -> "TextPipeline":
        """Make the pipeline whose files these are; others among them are ignored.

        Args:
            files: name -> content.
            vocab: taken in place of the one that `vocab.txt` holds, which is then not read.

        Raises:
            DataError: if a file is missing, damaged or written by a newer seqkit.
            ConfigError: if the tokeniser needs something that is not installed.
        """
        for name in ("text.json", "vocab.txt"):
            if name not in files:
                raise DataError(f"{name} is missing: it is part of every saved text pipeline")
        settings = _settings(files["text.json"])
        try:
            normalizer = Normalizer(**settings["normalizer"])
            name, options = (
                str(settings["tokenizer"]["name"]),
                dict(settings["tokenizer"]["options"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"text.json: damaged settings: {error}") from None
        tokenizer = make_tokenizer(name, options=options, files=files)
        if vocab is None:
            vocab = Vocab.from_bytes(files["vocab.txt"])
        return cls(normalizer, tokenizer, vocab)


def _settings(content: bytes) -> dict[str, Any]:
    try:
        settings = json.loads(content)
    except ValueError as error:  # bad UTF-8 and bad JSON are both kinds of it
        raise DataError(f"text.json: not JSON: {error}") from None
    found = settings.get("format") if isinstance(settings, dict) else None
    if not isinstance(found, int):
        raise DataError("text.json: no format number: it is not a saved text pipeline")
    if found > _FORMAT:
        raise DataError(f"text.json: format {found} is newer than {_FORMAT}: update seqkit")
    return settings
