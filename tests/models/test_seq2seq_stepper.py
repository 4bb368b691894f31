"""Stepping and selecting against the network run from the beginning over each sequence."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.batching import pad
from seqkit.decode import AttendingStepper
from seqkit.errors import ConfigError
from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.models.seq2seq_stepper import Seq2SeqStepper
from seqkit.text import Vocab

SOURCES = [[4, 5, 6], [5], [6, 4, 4, 7, 5], [7, 7]]
V = 9


def make(attention: str = "additive", **options) -> Seq2Seq:
    torch.manual_seed(2)
    sizes = {"dim": 6, "encoder_hidden": 4, "decoder_hidden": 8, "attention_hidden": 5}
    config = Seq2SeqConfig(attention=attention, **sizes, **options)
    network = Seq2Seq(config, source_vocabulary=8, target_vocabulary=V).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2)
    return network


@torch.inference_mode()
def opened(network: Seq2Seq, *, coverage: bool = False):
    batch = pad([torch.tensor(ids).numpy() for ids in SOURCES])
    stepper = Seq2SeqStepper(
        network, network.encode(batch.ids, batch.lengths), coverage=coverage and network.attends
    )
    return stepper, stepper.start(len(SOURCES))


@torch.inference_mode()
def from_the_beginning(network: Seq2Seq, source: int, tokens: list[int]):
    """Log-probabilities (V,) after the tokens, and the coverage by all steps."""
    ids = torch.tensor([SOURCES[source]])
    hidden, weights = network.align(ids, torch.tensor([ids.shape[1]]), torch.tensor([tokens]))
    left_out = None if weights is None else weights[0].sum(0).clamp(max=1).log().sum()
    return network.output.log_probs(hidden[0, -1:])[0], left_out


@pytest.mark.parametrize(
    "options",
    [
        {"cell": "gru", "decoder_layers": 2, "residual": True},
        {"cell": "lstm", "attention": "dot", "input_feeding": False},
        {"cell": "lstm", "attention": "none"},
        {"cell": "tanh", "attention": "fixed", "bridge": "last"},
    ],
)
@settings(max_examples=15)
@given(data=st.data())
def test_any_selection_goes_on_as_from_the_beginning(options, data):
    """Grouped, ragged, dropped, repeated, in any order."""
    network = make(**options)
    stepper, state = opened(network, coverage=True)
    assert isinstance(stepper, AttendingStepper)
    rows = [(source, []) for source in range(len(SOURCES))]
    for _ in range(3):
        tokens = data.draw(st.lists(st.integers(1, V - 1), min_size=len(rows), max_size=len(rows)))
        log_probs, state = stepper.step(state, torch.tensor(tokens))
        rows = [(source, [*old, new]) for (source, old), new in zip(rows, tokens, strict=True)]
        left_out = stepper.coverage(state) if network.attends else [None] * len(rows)
        for row, found, its in zip(rows, log_probs, left_out, strict=True):
            expected, coverage = from_the_beginning(network, *row)
            torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
            if coverage is not None:
                torch.testing.assert_close(its, coverage, atol=1e-4, rtol=1e-4)
        chosen = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=9))
        chosen = data.draw(st.sampled_from([chosen, sorted(chosen)]))
        state = stepper.select(state, torch.tensor(chosen))
        rows = [rows[place] for place in chosen]


def test_hypotheses_share_the_memory_of_their_source():
    stepper, state = opened(make(), coverage=True)
    memory = stepper.memory
    state = stepper.select(state, torch.arange(4).repeat_interleave(3))
    assert state.each == 3 and state.memory is memory
    _, state = stepper.step(state, torch.full((12,), Vocab.BOS))
    parents = torch.tensor([2, 2, 0, 3, 4, 5, 8, 8, 8, 9, 11, 9])
    assert stepper.select(state, parents).memory is memory
    left = stepper.select(state, parents[[0, 1, 2, 6, 7, 8]])  # two sources are done
    assert left.each == 3 and len(left.memory.keep) == 2
    torch.testing.assert_close(left.memory.states, memory.states[[0, 2]])
    ragged = stepper.select(state, torch.tensor([0, 1, 5]))
    assert ragged.each == 1 and len(ragged.memory.keep) == 3


def test_reading_is_stepping_and_the_old_state_stays():
    stepper, state = opened(make(), coverage=True)
    ids = torch.tensor([[1, 4, 5], [1, 6, 6], [1, 7, 4], [1, 8, 8]])
    whole, after = stepper.read(state, ids)
    stepped = state
    for column in ids.unbind(1):
        log_probs, stepped = stepper.step(stepped, column)
    assert torch.equal(whole, log_probs) and torch.equal(after.attended, stepped.attended)
    again, _ = stepper.read(state, ids)
    assert torch.equal(whole, again) and float(state.attended.sum()) == 0


def test_what_does_not_fit_is_refused():
    stepper, _ = opened(make())
    with pytest.raises(ConfigError, match="3 sequences for 4 sources"):
        stepper.start(3)
    with pytest.raises(ConfigError, match="a model with attention 'none' covers no positions"):
        Seq2SeqStepper(make("none"), stepper.memory, coverage=True)
