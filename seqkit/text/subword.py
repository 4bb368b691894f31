"""Subword units learnt from the text itself, by SentencePiece."""

import io
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from seqkit.errors import ConfigError, DataError, choices, require
from seqkit.text.surrogates import well_formed
from seqkit.text.tokenizer import Token

__all__ = ["LEAST_VOCAB", "SentencePieceTokenizer"]

_FILE = "tokenizer.model"
_SPACE = "\u2581"  # ▁, which SentencePiece writes for a space
_MODEL_TYPES = ("bpe", "unigram")
LEAST_VOCAB = 512  # 256 pieces are bytes; below this too little is left for characters
_CHUNK = 200  # characters; longer stretches of text are cut before training
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


class SentencePieceTokenizer:
    """Pieces of words (Kudo and Richardson 2018), `▁` for a space and before the first word.

    A model trained here changes no character: normalising is the `Normalizer`'s part. A character
    that has no piece becomes its UTF-8 bytes, `<0xF0>` and so on, so that the pieces are a closed
    set and joining gives the text back, with two exceptions: a `▁` of the text comes back as a
    space, a lone surrogate as U+FFFD. Made with `train`, or from the bytes of a model.
    """

    name = "sentencepiece"
    keeps_space = True

    def __init__(self, model: bytes) -> None:
        """Take a serialised model.

        Raises:
            DataError: if it is not one.
        """
        sentencepiece = require("sentencepiece", extra="all", purpose="the sentencepiece tokenizer")
        self._model = model
        self._processor = sentencepiece.SentencePieceProcessor()
        try:
            if not model:
                raise RuntimeError("no content")
            self._processor.LoadFromSerializedProto(model)
        except RuntimeError:
            raise DataError(
                f"{_FILE}: {len(model)} bytes that are no SentencePiece model"
            ) from None

    @property
    def units(self) -> list[str]:
        """All pieces that a text can be cut into, bytes among them."""
        model = self._processor
        kept = range(model.GetPieceSize())
        return [model.IdToPiece(i) for i in kept if not (model.IsControl(i) or model.IsUnknown(i))]

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        *,
        vocab_size: int = 8000,
        model_type: Literal["bpe", "unigram"] = "unigram",
        max_sentences: int = 50_000,
        seed: int = 1,
    ) -> "SentencePieceTokenizer":
        """Learn the pieces from texts, read once and in bounded memory.

        Lines are cut at white space into sentences of at most 200 characters, so that none is
        skipped for its length. Of more than `max_sentences` an even random sample is used. The same
        texts and seed give the same model.

        Args:
            texts: any strings.
            vocab_size: how many pieces, 256 for bytes among them; a small text may yield fewer.
            model_type: byte-pair encoding (Sennrich et al. 2016) or unigram model (Kudo 2018).
            max_sentences: how many to hold and train on. Text without spaces trains slowly as a
                unigram model: about 15 s for a million characters.
            seed: of the sample.

        Raises:
            ConfigError: if an option cannot be used, or the text has more characters than pieces.
            DataError: if there is no text.
        """
        if model_type not in _MODEL_TYPES:
            raise ConfigError(choices("model_type", model_type, _MODEL_TYPES))
        for name, value, least in [
            ("vocab_size", vocab_size, LEAST_VOCAB),
            ("max_sentences", max_sentences, 1),
        ]:
            if value < least:
                raise ConfigError(f"{name} {value}: must be {least} or more")
        sample = _sample(_sentences(texts), max_sentences, random.Random(seed))
        if not sample:
            raise DataError("sentencepiece: no text to train on")
        sentencepiece = require("sentencepiece", extra="all", purpose="the sentencepiece tokenizer")
        model = io.BytesIO()
        try:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(sample),
                model_writer=model,
                vocab_size=vocab_size,
                hard_vocab_limit=False,  # a small text runs out of pieces: then fewer, no error
                model_type=model_type,
                byte_fallback=True,
                normalization_rule_name="identity",
                remove_extra_whitespaces=False,
                max_sentence_length=8 * _CHUNK,  # bytes
                bos_id=-1,
                eos_id=-1,
                unk_piece="\U0010ffffunk",  # a literal <unk> in the text is a word like any other
                num_threads=2,  # fixed, for sums of floats depend on how the work is parted
                minloglevel=2,  # errors only, and those are raised
            )
        except RuntimeError as error:
            reason = " ".join(str(error).split("] ")[-1].split())
            raise ConfigError(f"vocab_size {vocab_size}: SentencePiece says: {reason}") from None
        return cls(model.getvalue())

    def __call__(self, text: str) -> list[str]:
        """Return the pieces of one text."""
        return self._processor.EncodeAsPieces(well_formed(text))

    def spans(self, text: str) -> list[Token]:
        """Return the same pieces with the characters of the text that each covers.

        A `▁` put before the first word covers nothing; each byte of a character covers it all.

        Raises:
            DataError: if the model, trained elsewhere, changes the text that it cuts.
        """
        plain = _SPACE + well_formed(text).replace(" ", _SPACE)
        tokens: list[Token] = []
        at = last = 0  # in `plain`: what comes next, and the character that bytes belong to
        missing = 0  # bytes of that character still to come
        for piece in self(text):
            if not _BYTE.fullmatch(piece):
                if missing or not plain.startswith(piece, at):
                    raise DataError(f"{_FILE}: this model changes the text, so has no offsets")
                last, at = at, at + len(piece)
            elif missing:
                missing -= 1
            else:
                missing = len(plain[at : at + 1].encode()) - 1
                last, at = at, at + 1
            tokens.append(Token(piece, max(last - 1, 0), at - 1))
        return tokens

    def many(self, texts: Iterable[str]) -> Iterator[list[str]]:
        """Yield the pieces of each text."""
        return map(self, texts)

    def join(self, tokens: Sequence[str]) -> str:
        """Return the text of the pieces; bytes that are no UTF-8 become U+FFFD."""
        return self._processor.DecodePieces(list(tokens))

    def options(self) -> dict[str, Any]:
        """Return no options: the model holds them."""
        return {}

    def to_files(self) -> dict[str, bytes]:
        """Return the model as `tokenizer.model`, which SentencePiece's own tools can read."""
        return {_FILE: self._model}


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    """Yield stretches of at most _CHUNK characters, cut at line ends, else at spaces."""
    for text in texts:
        for line in well_formed(text).splitlines():
            start = 0
            while start < len(line):
                end = start + _CHUNK
                space = line.rfind(" ", start, end) if end < len(line) else -1
                yield line[start : space if space > start else end]
                start = space + 1 if space > start else end


def _sample(sentences: Iterable[str], size: int, rng: random.Random) -> list[str]:
    """Draw an even sample (algorithm R, Vitter 1985); all of them, in order, if they are fewer."""
    sample: list[str] = []
    for seen, sentence in enumerate(sentences):
        if seen < size:
            sample.append(sentence)
        elif (place := rng.randrange(seen + 1)) < size:
            sample[place] = sentence
    return sample
