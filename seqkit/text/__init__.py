"""Strings to token ids and back: normalising, tokenisers, vocabulary. No torch.

Importing this costs some milliseconds: SentencePiece and spaCy come with the first object that
needs them.
"""

from seqkit.text.config import TextConfig, build_pipeline, build_tokenizer, build_vocab
from seqkit.text.normalize import Normalizer
from seqkit.text.pipeline import TextPipeline
from seqkit.text.ragged import Keep, Ragged
from seqkit.text.restore import make_tokenizer
from seqkit.text.spacy_words import SpacyTokenizer
from seqkit.text.subword import SentencePieceTokenizer
from seqkit.text.tokenizer import Token, Tokenizer
from seqkit.text.units import ByteTokenizer, CharTokenizer, WhitespaceTokenizer
from seqkit.text.vocab import Vocab
from seqkit.text.word import WordTokenizer

__all__ = [
    "ByteTokenizer",
    "CharTokenizer",
    "Keep",
    "Normalizer",
    "Ragged",
    "SentencePieceTokenizer",
    "SpacyTokenizer",
    "TextConfig",
    "TextPipeline",
    "Token",
    "Tokenizer",
    "Vocab",
    "WhitespaceTokenizer",
    "WordTokenizer",
    "build_pipeline",
    "build_tokenizer",
    "build_vocab",
    "make_tokenizer",
]
