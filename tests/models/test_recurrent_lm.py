"""The network against plain torch modules built from the same weights."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from seqkit.errors import ConfigError
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.nn.state import detach

V, B = 17, 3
MODULES = {"tanh": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
DRY = {"input_dropout": 0.0, "hidden_dropout": 0.0, "output_dropout": 0.0}


def make(**options):
    torch.manual_seed(6)
    config = RecurrentLmConfig(**{"dim": 8, "hidden": (6, 8), **options})
    network = RecurrentLm(config, vocabulary=V)
    with torch.no_grad():
        network.output.bias.uniform_(-1, 1)
    return network


def ids(time, *, seed=7):
    return torch.randint(V, (B, time), generator=torch.Generator().manual_seed(seed))


class Plain(nn.Module):
    """The same model as anyone would write it: Embedding, RNN or GRU or LSTM, Linear."""

    def __init__(self, network):
        super().__init__()
        config = network.config
        self.embedding = nn.Embedding(V, config.dim)
        self.embedding.weight = nn.Parameter(network.embedding.weight.detach().clone())
        sizes = (config.dim, *config.hidden)
        self.layers = nn.ModuleList()
        for size, hidden, layer in zip(sizes, config.hidden, network.layers, strict=False):
            module = MODULES[config.cell](size, hidden, batch_first=True)
            with torch.no_grad():
                for name, part in zip(NAMES, layer.parts(), strict=True):
                    getattr(module, name).copy_(part)
            self.layers.append(module)
        self.linear = nn.Linear(config.hidden[-1], V)
        with torch.no_grad():
            self.linear.weight.copy_(network.output.weight)
            self.linear.bias.copy_(network.output.bias)
        if config.tied:
            self.linear.weight = self.embedding.weight

    def forward(self, tokens, states=None):
        x, after = self.embedding(tokens), []
        for depth, layer in enumerate(self.layers):
            x, state = layer(x, None if states is None else states[depth])
            after.append(state)
        return self.linear(x), after


def cut(states):
    return [tuple(p.detach() for p in s) if isinstance(s, tuple) else s.detach() for s in states]


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("cell", MODULES)
def test_probabilities_are_those_of_torch_s_modules(cell, tied):
    network = make(cell=cell, tied=tied).eval()
    tokens = ids(12)
    expected, last = Plain(network)(tokens)
    state = network.start(B)
    found = []
    for window in tokens.split(5, 1):
        hidden, state = network(window, state)
        found.append(network.output.log_probs(hidden.top.flatten(0, 1)).view(B, -1, V))
    torch.testing.assert_close(
        torch.cat(found, 1), functional.log_softmax(expected, 2), atol=1e-5, rtol=0
    )
    for layer, theirs in zip(state, last, strict=True):
        theirs = theirs if isinstance(theirs, tuple) else (theirs,)
        for part, its_like in zip(layer, theirs, strict=True):
            torch.testing.assert_close(part, its_like, atol=1e-5, rtol=0)


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("cell", MODULES)
def test_gradients_of_truncated_back_propagation_are_those_of_a_loop_by_hand(cell, tied):
    network = make(cell=cell, tied=tied, **DRY)
    plain = Plain(network)
    tokens, targets = ids(13), ids(13, seed=8)
    state, theirs = network.start(B), None
    for window, gold in zip(tokens.split(5, 1), targets.split(5, 1), strict=True):
        hidden, state = network(window, state)
        loss = network.output.loss(hidden.top.flatten(0, 1), gold.flatten())
        loss.backward()
        state = detach(state)

        logits, theirs = plain(window, theirs)
        expected = functional.cross_entropy(logits.flatten(0, 1), gold.flatten(), reduction="sum")
        expected.backward()
        theirs = cut(theirs)
        torch.testing.assert_close(loss, expected, atol=1e-5, rtol=1e-6)

    def check(got, wanted):
        torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)

    check(network.embedding.weight.grad, plain.embedding.weight.grad)
    check(network.output.weight.grad, plain.linear.weight.grad)
    check(network.output.bias.grad, plain.linear.bias.grad)
    for layer, module in zip(network.layers, plain.layers, strict=True):
        for name, gradient in zip(NAMES, layer.parts(layer.weights.grad), strict=True):
            check(gradient, getattr(module, name).grad)


def test_gradients_end_where_the_state_was_detached():
    network = make(**DRY)
    hidden, state = network(ids(4), network.start(B))
    first = hidden.layers[0]
    first.retain_grad()
    hidden, _ = network(ids(4), detach(state))
    hidden.top.sum().backward()
    assert first.grad is None


def test_shapes_of_what_a_window_gives():
    network = make(hidden=(5, 9, 8))
    hidden, state = network(ids(4), network.start(B))
    assert hidden.top.shape == hidden.raw.shape == (B, 4, 8)
    assert [layer.shape for layer in hidden.layers] == [(B, 4, 5), (B, 4, 9), (B, 4, 8)]
    assert [[part.shape for part in layer] for layer in state] == [
        [(1, B, 5)] * 2,
        [(1, B, 9)] * 2,
        [(1, B, 8)] * 2,
    ]
    assert hidden.layers[-1] is hidden.raw and hidden.top is not hidden.raw  # the output dropout


def shares(x, *, dims):
    """Share of entries that are 0, where an entry is 0 over all of `dims` or over none of them."""
    gone = (x == 0).all(dims)
    assert torch.equal(gone, (x == 0).any(dims))
    return gone.float().mean().item()


@pytest.mark.parametrize(
    "name, place",
    [("input_dropout", 0), ("hidden_dropout", 1), ("output_dropout", 2)],
)
def test_locked_dropouts_drop_a_unit_at_all_times_of_a_window(name, place, monkeypatch):
    network = make(**{**DRY, name: 0.4}, dim=64, hidden=(64, 64))
    seen = [None, None]
    for depth, layer in enumerate(network.layers):
        layer.register_forward_pre_hook(lambda _, args, d=depth: seen.__setitem__(d, args[0]))
    hidden, _ = network(ids(6), network.start(B))
    for at, x in enumerate([*seen, hidden.top]):
        dropped = shares(x, dims=1)  # of (B, H)
        assert 0.3 < dropped < 0.5 if at == place else dropped == 0


def test_word_dropout_drops_every_occurrence_of_a_type(monkeypatch):
    network = make(**DRY, word_dropout=0.5)
    seen = []
    network.layers[0].register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    tokens = ids(200)
    network(tokens, network.start(B))
    gone = (seen[0] == 0).all(2)
    dropped = set(tokens[gone].tolist())
    assert 0 < len(dropped) < V
    assert not dropped & set(tokens[~gone].tolist())


def test_weight_dropout_and_mogrifier_options_reach_the_layers():
    network = make(weight_dropout=0.3)
    assert [layer.weight_dropout for layer in network.layers] == [0.3, 0.3]
    network = make(cell="mogrifier", rounds=4, rank=3, weight_dropout=0.2)
    assert [(m.rounds, m.rank, m.weight_dropout) for m in network.layers] == [(4, 3, 0.2)] * 2


@pytest.mark.parametrize("tied", [True, False])
def test_tied_weights_are_one_parameter(tied):
    network = make(tied=tied)
    names = [name for name, _ in network.named_parameters()]
    assert ("output.weight" in names) is not tied
    assert (network.output.weight is network.embedding.weight) is tied
    copy = make(tied=tied)
    copy.load_state_dict(network.state_dict())
    assert (copy.output.weight is copy.embedding.weight) is tied


def test_weights_that_a_move_has_parted_are_tied_again():
    with torch.device("meta"):
        network = RecurrentLm(RecurrentLmConfig(), vocabulary=V)
    network = network.to_empty(device="cpu")
    network.tie()
    assert network.output.weight is network.embedding.weight


def test_embeddings_start_uniform_in_their_range():
    weight = RecurrentLm(RecurrentLmConfig(embedding_range=0.25), vocabulary=999).embedding.weight
    assert 0.249 < weight.abs().max() <= 0.25
    assert abs(weight.std().item() - 0.25 / 3**0.5) < 1e-3


def test_adaptive_output_takes_the_cutoffs_of_the_configuration():
    config = RecurrentLmConfig(dim=8, hidden=(16,), tied=False, output="adaptive", cutoffs=(4, 9))
    network = RecurrentLm(config, vocabulary=V)
    assert network.output.clusters.cutoffs == [4, 9, V]


@pytest.mark.parametrize(
    "options, message",
    [
        ({"hidden": ()}, "name the units of at least one layer"),
        ({"dim": 0}, "model.dim 0: must be 1 or more"),
        ({"embedding_range": 0.0}, "model.embedding-range 0.0: must be above 0"),
        ({"embedding_range": float("inf")}, "model.embedding-range inf"),
        ({"hidden": (8, 7)}, "the last layer has 7 units, the embeddings are 8 wide"),
        ({"output": "adaptive"}, "an adaptive softmax has no weights to share: --model.no-tied"),
        ({"hidden": (0, 8)}, "8 x 0: sizes must be 1 or more"),
        ({"input_dropout": 1.0}, "a dropout rate lies in"),
        ({"word_dropout": -0.1}, "a dropout rate lies in"),
        ({"weight_dropout": 2.0}, "a dropout rate lies in"),
        ({"cell": "lsmt"}, "model.cell 'lsmt': choose from gru, lstm, minlstm, mogrifier, tanh"),
        ({"output": "adaptve"}, "model.output 'adaptve': choose from adaptive, softmax"),
        ({"tied": False, "output": "adaptive", "cutoffs": (40,)}, "the vocabulary has 17"),
    ],
)
def test_options_that_cannot_be_used(options, message):
    with pytest.raises(ConfigError, match=message):
        make(**options)
