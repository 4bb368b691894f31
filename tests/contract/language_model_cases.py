"""One language model of every kind, small, and not indifferent between its words."""

from collections.abc import Mapping

import torch

from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.text import TextConfig, TextPipeline, build_pipeline

TEXT = """It was the best of times, it was the worst of times,
it was the age of wisdom, it was the age of foolishness,

it was the epoch of belief."""

_CELLS = ("tanh", "gru", "lstm", "minlstm", "mogrifier")
_OUTPUTS = {
    "tied": {"tied": True},
    "apart": {"tied": False},
    "adaptive": {"tied": False, "output": "adaptive", "cutoffs": (6, 12)},
}
_DRY = {"input_dropout": 0.0, "hidden_dropout": 0.0, "output_dropout": 0.0}
_DROPPED = {
    "word_dropout": 0.3,
    "input_dropout": 0.3,
    "hidden_dropout": 0.3,
    "output_dropout": 0.3,
    "weight_dropout": 0.3,
}


def _config(cell: str, output: str, *, dropped: bool) -> RecurrentLmConfig:
    return RecurrentLmConfig(
        cell=cell,
        dim=16,
        hidden=(10, 16),
        rounds=3,
        rank=4 if output == "apart" else None,
        **_OUTPUTS[output],
        **(_DROPPED if dropped else _DRY),
    )


CONFIGS: Mapping[str, RecurrentLmConfig] = {
    f"{cell}-{output}{'-dropped' if dropped else ''}": _config(cell, output, dropped=dropped)
    for cell in _CELLS
    for output in _OUTPUTS
    for dropped in (False, True)
}


def pipeline() -> TextPipeline:
    return build_pipeline(TextConfig(), TEXT.splitlines())


def make_network(config: RecurrentLmConfig) -> RecurrentLm:
    torch.manual_seed(1)
    network = RecurrentLm(config, vocabulary=len(pipeline().vocab))
    with torch.no_grad():
        network.embedding.weight.mul_(3)
    return network


def make_model(name: str, *, sentences: bool = False) -> LanguageModel:
    return LanguageModel(make_network(CONFIGS[name]), pipeline(), sentences=sentences)
