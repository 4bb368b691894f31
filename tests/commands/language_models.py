"""Small language models with random weights, saved."""

from pathlib import Path

import torch

from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.text import (
    ByteTokenizer,
    CharTokenizer,
    Normalizer,
    SentencePieceTokenizer,
    TextConfig,
    TextPipeline,
    Vocab,
    WordTokenizer,
)

TEXT = 'He said: "Go home, (now)!"\n\n  The cat saw 3 dogs; she ran home.\nThe end\n'


def tokenizer(name):
    if name == "sentencepiece":
        return SentencePieceTokenizer.train([TEXT], vocab_size=512)
    return {"char": CharTokenizer, "word": WordTokenizer, "byte": ByteTokenizer}[name]()


def pipeline_of(units: str) -> TextPipeline:
    """The text pipeline of every model here, of TEXT."""
    cutter, normalizer = tokenizer(units), Normalizer()
    vocab = Vocab.build(cutter.many(map(normalizer, TEXT.splitlines())))
    return TextPipeline(normalizer, cutter, vocab)


def save_ngrams(folder: Path, *, order: int = 3, method: str = "modified-kneser-ney") -> Path:
    """Save an n-gram model of the words of TEXT."""
    from seqkit.ngram import NgramConfig, SmoothingConfig, train_ngram

    config = NgramConfig(order=order, smoothing=SmoothingConfig(method=method))
    model = train_ngram(TEXT.splitlines(), config, text=TextConfig(case="keep"))
    model.save(folder, metrics={"test": {"perplexity": 2.5}})
    return folder


def save_model(
    folder: Path, *, units: str = "word", sentences: bool = False, scale: float = 3.0
) -> Path:
    """Save a model of two layers that knows the words of TEXT; a greater scale is surer of them."""
    pipeline = pipeline_of(units)
    torch.manual_seed(5)
    config = RecurrentLmConfig(dim=8, hidden=(6, 8))
    network = RecurrentLm(config, vocabulary=len(pipeline.vocab))
    with torch.no_grad():
        network.embedding.weight.mul_(10 * scale)  # far from uniform
    model = LanguageModel(network, pipeline, sentences=sentences)
    model.save(folder, metrics={"test": {"perplexity": 2.5}})
    return folder
