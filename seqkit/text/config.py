"""The text options of every recipe, and the pipeline that they ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

from seqkit.errors import ConfigError, DataError
from seqkit.text.normalize import Normalizer
from seqkit.text.pipeline import TextPipeline
from seqkit.text.restore import make_tokenizer
from seqkit.text.subword import LEAST_VOCAB, SentencePieceTokenizer
from seqkit.text.tokenizer import Tokenizer
from seqkit.text.vocab import Vocab

__all__ = ["TextConfig", "build_pipeline", "build_tokenizer", "build_vocab"]


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    """How a text becomes ids."""

    tokenizer: Literal["whitespace", "word", "char", "byte", "sentencepiece", "spacy"] = "word"
    """What a text is cut into; whitespace for text that is tokenised already."""
    unicode: Literal["none", "nfc", "nfkc"] = "nfc"
    """Unicode normalisation form."""
    case: Literal["keep", "lower", "fold"] = "lower"
    """Whether capitals count."""
    whitespace: bool = False
    """Make each run of white space one space."""
    html: bool = False
    """Take off HTML tags and resolve its entities."""
    urls: bool = False
    """Make every URL and e-mail address the word <url>."""
    numbers: bool = False
    """Make every number 0."""
    spacy_model: str = "en"
    """spacy: a language code (blank pipeline) or an installed model."""
    subwords: int = 8000
    """sentencepiece: how many pieces."""
    subword_model: Literal["unigram", "bpe"] = "unigram"
    """sentencepiece: how pieces are learnt."""
    min_count: int = 1
    """Units seen less often in training are unknown; byte and sentencepiece keep all of theirs."""
    max_vocab: int | None = None
    """Keep only so many of the most frequent units; byte and sentencepiece keep all of theirs."""


_ONLY_FOR = {
    "spacy_model": "spacy",
    "subwords": "sentencepiece",
    "subword_model": "sentencepiece",
}


def build_pipeline(
    config: TextConfig, texts: Sequence[str], *, seed: int = 0, group: str = "text"
) -> TextPipeline:
    """Build normaliser, tokeniser and vocabulary from the training texts.

    Args:
        config: the options.
        texts: read twice where the tokeniser is trained, else once.
        seed: of the sample that SentencePiece is trained on.
        group: what the options are called in messages: `--GROUP.tokenizer`.

    Raises:
        ConfigError: an option that the chosen tokeniser does not use.
        DataError: nothing is left for the vocabulary.
    """
    normalizer, tokenizer = build_tokenizer(config, texts, seed=seed, group=group)
    tokens = tokenizer.many(map(normalizer, texts))
    return TextPipeline(normalizer, tokenizer, build_vocab(config, tokenizer, tokens, group=group))


def build_tokenizer(
    config: TextConfig, texts: Iterable[str], *, seed: int = 0, group: str = "text"
) -> tuple[Normalizer, Tokenizer]:
    """Build what cuts a text into tokens.

    Args:
        config: the options.
        texts: read once where the tokeniser is trained, else not at all.
        seed: of the sample that SentencePiece is trained on.
        group: see `build_pipeline`.

    Raises:
        ConfigError: an option that the chosen tokeniser does not use.
    """
    for field in fields(config):
        owner = _ONLY_FOR.get(field.name, config.tokenizer)
        if owner != config.tokenizer and getattr(config, field.name) != field.default:
            option = field.name.replace("_", "-")
            raise ConfigError(
                f"--{group}.{option} is for --{group}.tokenizer {owner}, got {config.tokenizer}"
            )
    normalizer = Normalizer(
        unicode=config.unicode,
        case=config.case,
        whitespace=config.whitespace,
        html=config.html,
        urls=config.urls,
        numbers=config.numbers,
    )
    return normalizer, _tokenizer(config, map(normalizer, texts), seed, group)


def build_vocab(
    config: TextConfig,
    tokenizer: Tokenizer,
    tokens: Iterable[Sequence[str] | Mapping[str, int]],
    *,
    group: str = "text",
) -> Vocab:
    """Build the vocabulary of tokenised training texts, or of counts; see `Vocab.build`.

    Args:
        config: the options.
        tokenizer: what cuts the texts.
        tokens: of each text.
        group: see `build_pipeline`.

    Raises:
        ConfigError: a limit that is not positive, before any token is read.
        DataError: nothing is left for the vocabulary.
    """
    if tokenizer.units is None:
        vocab = Vocab.build(tokens, min_count=config.min_count, max_size=config.max_vocab)
    else:
        vocab = _with_all(tokenizer.units, Vocab.build(tokens))
    if not vocab.words:
        raise DataError(
            f"no {config.tokenizer} token is seen {config.min_count} times in the training texts: "
            f"lower --{group}.min-count, or look at the texts"
        )
    return vocab


def _with_all(units: Iterable[str], seen: Vocab) -> Vocab:
    """Append the units that training texts happen not to hold, so that no text has unknown ones."""
    unseen = [unit for unit in units if unit not in seen]
    return Vocab([*seen.words, *unseen], [*seen.counts, *[0] * len(unseen)])


def _tokenizer(config: TextConfig, texts: Iterable[str], seed: int, group: str) -> Tokenizer:
    if config.tokenizer == "sentencepiece":
        if config.subwords < LEAST_VOCAB:
            raise ConfigError(
                f"--{group}.subwords {config.subwords}: must be {LEAST_VOCAB} or more"
            )
        return SentencePieceTokenizer.train(
            texts, vocab_size=config.subwords, model_type=config.subword_model, seed=seed
        )
    options = {"model": config.spacy_model} if config.tokenizer == "spacy" else {}
    return make_tokenizer(config.tokenizer, options=options, files={})
