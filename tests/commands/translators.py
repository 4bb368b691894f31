"""Small translators, saved: with random weights, and with weights that figures can be told from."""

from pathlib import Path

import torch

from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.models.translator import Translator
from seqkit.text import CharTokenizer, Normalizer, TextPipeline, Vocab, WhitespaceTokenizer

SHARES = {"<pad>": 0.0, "<bos>": 0.0, "<eos>": 0.2, "<unk>": 0.1, "x": 0.4, "y": 0.3}


def words(*known: str) -> TextPipeline:
    return TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(known))


def letters(known: str) -> TextPipeline:
    return TextPipeline(Normalizer(), CharTokenizer(), Vocab(known))


def make(source: TextPipeline, target: TextPipeline, attention: str, **options) -> Translator:
    config = Seq2SeqConfig(
        dim=8, encoder_hidden=4, decoder_hidden=8, attention_hidden=6, attention=attention
    )
    sizes = {"source_vocabulary": len(source.vocab), "target_vocabulary": len(target.vocab)}
    return Translator(Seq2Seq(config, **sizes), source, target, **options)


def save_random(
    folder: Path, *, seed: int = 1, attention: str = "additive", target: str = "xyzw", **options
) -> Path:
    """Save one of the words a to d to letters, whose answers differ from text to text."""
    torch.manual_seed(seed)
    model = make(words("a", "b", "c", "d"), letters(target), attention, **options)
    with torch.no_grad():
        for weight in model.network.parameters():
            weight.mul_(2.5)
        model.network.output.weight.normal_(0, 0.8)
        model.network.output.bias.uniform_(-0.5, 0.5)
    model.save(folder)
    return folder


def save_indifferent(
    folder: Path,
    *,
    shares=SHARES,
    attention: str = "additive",
    target: TextPipeline | None = None,
    provenance=None,
    **options,
) -> Path:
    """Save one to which each word is as likely as its share, whatever came before."""
    target = target or words("x", "y")
    model = make(words("a", "b", "c"), target, attention, **options)
    with torch.no_grad():
        for weight in model.network.parameters():
            weight.zero_()
        model.network.output.bias.copy_(torch.tensor(list(shares.values())).clamp(1e-30).log())
    model.save(folder, provenance=provenance, metrics={"test": {"wer": 0.25}})
    return folder
