"""The network: one step and all at once, in a batch and alone, beside torch's own cells."""

import itertools

import pytest
import torch
from torch import nn

from seqkit.errors import ConfigError
from seqkit.models.seq2seq import ATTENTIONS, Seq2Seq, Seq2SeqConfig

SMALL = {
    "dim": 8,
    "encoder_hidden": 4,
    "decoder_hidden": 8,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "attention_hidden": 5,
}
IDS, LENGTHS = torch.tensor([[5, 6, 7, 8], [9, 4, 0, 0], [6, 0, 0, 0]]), torch.tensor([4, 2, 1])
INPUTS = torch.tensor([[1, 5, 6, 7, 4], [1, 9, 8, 5, 0], [1, 4, 0, 0, 0]])


def network(**options):
    torch.manual_seed(3)
    return Seq2Seq(
        Seq2SeqConfig(**{**SMALL, **options}), source_vocabulary=11, target_vocabulary=10
    ).eval()


KINDS = [
    *itertools.product(("tanh", "gru", "lstm"), ATTENTIONS, (True,), ("learned",), (False,)),
    ("lstm", "general", False, "last", True),
    ("gru", "dot", False, "zero", True),
    ("lstm", "none", False, "last", False),
]


@pytest.mark.parametrize(("cell", "attention", "feeding", "bridge", "residual"), KINDS)
def test_steps_are_what_all_at_once_gives(cell, attention, feeding, bridge, residual):
    net = network(
        cell=cell, attention=attention, input_feeding=feeding, bridge=bridge, residual=residual
    )
    hidden, weights = net.align(IDS, LENGTHS, INPUTS)
    torch.testing.assert_close(net(IDS, LENGTHS, INPUTS), hidden)
    memory = net.encode(IDS, LENGTHS)
    state = net.start(memory)
    for t in range(INPUTS.shape[1]):
        one, weight, state = net.step(memory, state, INPUTS[:, t])
        torch.testing.assert_close(one, hidden[:, t])
        assert (weight is None) == (weights is None) == (not net.attends)
        if weights is not None:
            torch.testing.assert_close(weight, weights[:, t])
            torch.testing.assert_close(weight.sum(1), torch.ones(3))


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_pair_is_the_same_alone_and_beside_longer_ones(attention):
    net = network(attention=attention)
    hidden = net(IDS, LENGTHS, INPUTS)
    for row, length in enumerate(LENGTHS.tolist()):
        one = slice(row, row + 1)
        alone = net(IDS[one, :length], LENGTHS[one], INPUTS[one])
        torch.testing.assert_close(alone, hidden[one])


def test_hypotheses_of_a_source_stand_together():
    net = network()
    memory = net.encode(IDS, LENGTHS)
    state = net.start(memory)
    rows = torch.tensor([0, 0, 1, 1, 2, 2])
    tokens = torch.tensor([4, 5, 6, 7, 8, 9])
    hidden, _, after = net.step(memory, state.select(rows), tokens)
    for row, token in zip(rows.tolist(), tokens.tolist(), strict=True):
        one = torch.tensor([row])
        alone, _, _ = net.step(memory.select(one), state.select(one), torch.tensor([token]))
        torch.testing.assert_close(alone[0], hidden[tokens.tolist().index(token)])
    assert after.select(torch.tensor([5, 0])).feed.shape[0] == 2


@pytest.mark.parametrize("cell", ["tanh", "gru", "lstm"])
def test_the_unrolled_cells_are_those_of_torch(cell):
    """A decoder of one layer with input feeding, beside a loop over torch's own cells."""
    net = network(cell=cell, decoder_layers=1, bridge="zero", tied="none")
    kinds = {"tanh": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}
    own = kinds[cell](8 + 8, 8)
    own.load_state_dict(
        dict(
            zip(
                ("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
                net.decoder[0].parts(),
                strict=True,
            )
        )
    )
    memory = net.encode(IDS, LENGTHS)
    h = c = feed = torch.zeros(3, 8)
    expected = []
    for t in range(INPUTS.shape[1]):
        x = torch.cat([net.target_embedding.weight[INPUTS[:, t]], feed], 1)
        if cell == "lstm":
            h, c = own(x, (h, c))
        else:
            h = own(x, h)
        context, _ = net.attention(h[:, None], memory.keys, memory.states, memory.keep)
        feed = torch.tanh(net.combine(torch.cat([context[:, 0], h], 1)))
        expected.append(feed)
    torch.testing.assert_close(net(IDS, LENGTHS, INPUTS), torch.stack(expected, 1))


def test_the_decoder_starts_from_what_each_direction_read_last():
    net = network(encoder_layers=1, decoder_layers=1, bridge="last", cell="gru")
    memory = net.encode(IDS, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        expected = torch.cat([memory.states[row, length - 1, :4], memory.states[row, 0, 4:]])
        torch.testing.assert_close(memory.last[row, 0], expected)
    ((h,),) = net.start(memory).layers
    torch.testing.assert_close(h[0], memory.last[:, 0])


def test_scheduled_sampling_feeds_the_likeliest_token():
    """With chance 1 every step but the first reads what the model itself finds likeliest."""
    net = network(dropout=0.0).train()
    with torch.no_grad():
        sampled = net(IDS, LENGTHS, INPUTS, sampling=1.0)
        memory = net.encode(IDS, LENGTHS)
        state, tokens = net.start(memory), INPUTS[:, 0]
        for t in range(INPUTS.shape[1]):
            hidden, _, state = net.step(memory, state, tokens)
            torch.testing.assert_close(sampled[:, t], hidden)
            tokens = net.output.log_probs(hidden).argmax(1)
        right = net(IDS, LENGTHS, INPUTS)
        assert not torch.allclose(sampled, right)
    torch.manual_seed(0)
    half = net(IDS, LENGTHS, INPUTS, sampling=0.5)
    half.sum().backward()  # and it can be trained through
    assert net.source_embedding.weight.grad is not None


def test_dropout_is_the_same_at_each_step_and_absent_in_evaluation():
    net = network(dropout=0.5, weight_dropout=0.2, word_dropout=0.1)
    torch.testing.assert_close(net(IDS, LENGTHS, INPUTS), net(IDS, LENGTHS, INPUTS))
    net.train()
    hidden = net(IDS, LENGTHS, INPUTS)
    dropped = hidden == 0
    assert dropped.any() and (dropped == dropped[:, :1]).all()


@pytest.mark.parametrize(("tied", "tables"), [("none", 3), ("target", 2), ("all", 1)])
def test_tables_are_shared_as_asked(tied, tables):
    net = Seq2Seq(Seq2SeqConfig(**SMALL, tied=tied), source_vocabulary=10, target_vocabulary=10)
    weights = {
        id(part)
        for part in (
            net.source_embedding.weight,
            net.target_embedding.weight,
            net.output.weight,
        )
    }
    assert len(weights) == tables


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attention": "best"}, "model.attention 'best'"),
        ({"bridge": "high"}, "model.bridge 'high'"),
        ({"tied": "both"}, "model.tied 'both'"),
        ({"tied": "all"}, "model.tied all: 11 ids of the source, 10 of the target"),
        ({"attention": "none", "bridge": "zero"}, "nothing of the source would reach the decoder"),
        ({"decoder_layers": 0}, "model.decoder-layers 0"),
        ({"encoder_layers": 0}, "layers 0"),
        ({"dropout": 1.0}, "model.dropout 1.0"),
        ({"bridge": "last", "decoder_hidden": 6}, "the encoder gives 8 units, the decoder has 6"),
        ({"attention": "dot", "decoder_hidden": 6}, "attention dot multiplies"),
        ({"cell": "qrnn"}, "cell 'qrnn'"),
    ],
)
def test_what_does_not_fit_is_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        network(**options)


@pytest.mark.gpu
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_gpu_gives_the_same(attention):
    net = network(attention=attention)
    expected = net(IDS, LENGTHS, INPUTS)
    there = net.to("cuda")(IDS.cuda(), LENGTHS.cuda(), INPUTS.cuda())
    torch.testing.assert_close(there.cpu(), expected, rtol=1e-3, atol=1e-4)
