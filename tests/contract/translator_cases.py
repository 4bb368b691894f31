"""One translator of every kind, small, with random weights that are not indifferent."""

import itertools
from collections.abc import Mapping

import torch

from seqkit.models.seq2seq import ATTENTIONS, Seq2Seq, Seq2SeqConfig
from seqkit.models.translator import Translator
from seqkit.text import CharTokenizer, Normalizer, TextPipeline, Vocab, WhitespaceTokenizer

_KINDS = [(attention, True) for attention in ATTENTIONS] + [("additive", False), ("general", False)]
_BRIDGES = itertools.cycle(["learned", "zero", "last"])
_TIED = itertools.cycle(["target", "none", "all", "target", "none"])
_OTHERS = itertools.cycle(["gru", "tanh"])


def _config(cell: str, attention: str, *, feeding: bool) -> Seq2SeqConfig:
    layers, bridge = 2 if cell == "gru" else 1, next(_BRIDGES)
    if attention == "none" and bridge == "zero":
        bridge = next(_BRIDGES)  # nothing of the source would reach the decoder
    return Seq2SeqConfig(
        cell=cell,
        attention=attention,
        input_feeding=feeding,
        bridge=bridge,
        tied=next(_TIED),
        decoder_layers=layers,
        dropout=0.3,
        word_dropout=0.2,
        weight_dropout=0.3,
        residual=layers > 1,
        dim=8,
        encoder_hidden=4,
        decoder_hidden=8,
        attention_hidden=6,
    )


CONFIGS: Mapping[str, Seq2SeqConfig] = {
    f"{cell}-{attention}{'' if feeding else '-unfed'}": _config(cell, attention, feeding=feeding)
    for attention, feeding in _KINDS
    for cell in ("lstm", next(_OTHERS))
}

WORDS = ["a", "b", "c", "d"]


def make_network(config: Seq2SeqConfig, *, target: int = 8, seed: int = 1) -> Seq2Seq:
    torch.manual_seed(seed)
    network = Seq2Seq(config, source_vocabulary=8, target_vocabulary=target)
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2.5)
        network.output.weight.normal_(0, 0.8)
        network.output.bias.uniform_(-0.5, 0.5)
    return network


def make_translator(name: str, **options) -> Translator:
    """Make one of words to words of the same vocabulary, or to letters x, y, z, w of another."""
    source = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(WORDS))
    target = source
    if CONFIGS[name].tied != "all":
        target = TextPipeline(Normalizer(), CharTokenizer(), Vocab("xyzw"))
    return Translator(make_network(CONFIGS[name]), source, target, **options)


def make_tiny(name: str) -> Translator:
    """Make one that writes a single word, and unknown ones: V = 5."""
    config = CONFIGS[name]
    source = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(WORDS))
    target = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(["x"]))
    return Translator(make_network(config, target=5), source, target)
