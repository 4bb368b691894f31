"""One classifier of every kind, small, fast to make, and not indifferent between its labels."""

from collections.abc import Callable, Mapping

import torch

from seqkit import baselines
from seqkit.models.bag import BagScorer
from seqkit.models.classifier import Scorer
from seqkit.models.cnn import CnnConfig
from seqkit.models.network import FAMILIES, NetworkScorer
from seqkit.models.rnn import RnnConfig
from seqkit.nn import CELLS, POOLINGS, HashedBag
from seqkit.text import TextConfig, TextPipeline, build_pipeline

TEXTS = [
    "WINNER!! Claim your free prize now",
    "free entry: text WIN to 80086",
    "urgent! your prize waits, call now",
    "are you coming home for dinner?",
    "ok, see you at 7 then",
    "I'll call you when the meeting ends",
    "the minutes of the meeting are in the annex",
    "please find the annex to the contract",
    "the contract ends in 2027",
]
GOLD = ["spam"] * 3 + ["ham"] * 3 + ["work"] * 3
LABELS = ("ham", "spam", "work")

_RNNS = [
    *(RnnConfig(dim=8, hidden=12, cell=c, pooling=p) for c in CELLS for p in POOLINGS),
    *(RnnConfig(dim=8, hidden=12, cell=c, layers=2, pooling="max", layer_norm=True) for c in CELLS),
    RnnConfig(dim=8, hidden=12, bidirectional=False, pooling="last", weight_dropout=0.3),
    RnnConfig(dim=8, hidden=12, bidirectional=False, layers=2, pooling="attention"),
]
_CNNS = [
    CnnConfig(dim=8, channels=6, widths=(1,)),
    CnnConfig(dim=8, channels=6, widths=(3, 4, 5)),
    CnnConfig(dim=8, channels=6, widths=(2, 9), batch_norm=True),
    CnnConfig(dim=8, channels=6, widths=(1, 3), pooling="both"),
]


def _name(config: RnnConfig | CnnConfig) -> str:
    if isinstance(config, CnnConfig):
        norm = "-norm" if config.batch_norm else ""
        return f"cnn-{'-'.join(map(str, config.widths))}{norm}"
    direction = "two-way" if config.bidirectional else "one-way"
    return f"rnn-{config.cell}-{config.pooling}-{config.layers}-{direction}"


CONFIGS: Mapping[str, RnnConfig | CnnConfig] = {_name(c): c for c in [*_RNNS, *_CNNS]}
BAGS: Mapping[str, int] = {"bag-words": 1, "bag-trigrams": 3}


def pipeline() -> TextPipeline:
    return build_pipeline(TextConfig(), TEXTS)


def make_bag(ngrams: int, *, vocabulary: int) -> HashedBag:
    torch.manual_seed(1)
    bag = HashedBag(vocabulary, dim=4, classes=3, ngrams=ngrams, buckets=100, sparse=False)
    with torch.no_grad():
        bag.table.normal_()
        bag.output.weight.normal_()
    return bag


def make_network(config: RnnConfig | CnnConfig, *, vocabulary: int) -> torch.nn.Module:
    torch.manual_seed(1)
    family = "cnn" if isinstance(config, CnnConfig) else "rnn"
    network = FAMILIES[family][1](config, vocabulary=vocabulary, classes=3)
    with torch.no_grad():
        network.output.weight.mul_(4)
        if getattr(network, "norm", None) is not None:
            network.norm.running_mean.uniform_()
            network.norm.running_var.uniform_(0.5, 2)
    return network


def _bag_scorer(ngrams: int) -> BagScorer:
    text = pipeline()
    table, bias = make_bag(ngrams, vocabulary=len(text.vocab)).folded()
    return BagScorer(text, table.numpy(), bias.numpy(), labels=LABELS, ngrams=ngrams)


def _network_scorer(config: RnnConfig | CnnConfig) -> NetworkScorer:
    text = pipeline()
    return NetworkScorer(
        make_network(config, vocabulary=len(text.vocab)),
        text,
        family="cnn" if isinstance(config, CnnConfig) else "rnn",
        labels=LABELS,
        max_tokens=400,
        keep="ends",
        device=torch.device("cpu"),
    )


SCORERS: Mapping[str, Callable[[], Scorer]] = {
    **{name: lambda n=n: _bag_scorer(n) for name, n in BAGS.items()},
    **{name: lambda c=c: _network_scorer(c) for name, c in CONFIGS.items()},
    **{name: lambda n=name: baselines.fit(n, TEXTS, GOLD, seed=1) for name in baselines.NAMES},
}
