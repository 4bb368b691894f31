"""The loop: batches of ragged prompts against each prompt alone, and the ends of a row."""

import math

import numpy as np
import pytest
import torch
from hand_made import Historian, Markov
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqkit.decode import Sampling, beam_search, generate, random_streams
from seqkit.errors import ConfigError, DataError
from seqkit.nn import RecurrentLayer


def run(stepper, prompts, *, sampling=None, seed=0, max_tokens=6, streams=None, **options):
    """Return the ids and log-probabilities of each row."""
    streams = streams or random_streams(prompts, seed=seed)
    sampling = sampling or Sampling()
    rows = [[] for _ in prompts]
    for row, id, log_prob in generate(
        stepper, prompts, max_tokens=max_tokens, sampling=sampling, streams=streams, **options
    ):
        rows[row].append((id, log_prob))
    return rows


SAMPLINGS = [
    Sampling(),
    Sampling(temperature=0),
    Sampling(temperature=0.7, top_k=3),
    Sampling(top_p=0.8, repetition_penalty=1.5),
]
PROMPTS = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6), min_size=1, max_size=6)


@settings(max_examples=40)
@given(PROMPTS, st.sampled_from(SAMPLINGS), st.integers(0, 3))
def test_a_batch_equals_one_by_one(prompts, sampling: Sampling, seed: int) -> None:
    options = {"sampling": sampling, "ends": [5], "banned": [0]}
    streams = random_streams(prompts, seed=seed)
    alone = [
        run(Historian(6), [prompt], streams=[stream], **options)[0]
        for prompt, stream in zip(prompts, streams, strict=True)
    ]
    assert run(Historian(6), prompts, seed=seed, **options) == alone


@settings(max_examples=40)
@given(PROMPTS, st.sampled_from(SAMPLINGS))
def test_log_probs_are_the_model_s_own(prompts, sampling: Sampling) -> None:
    model = Historian(6)
    for prompt, row in zip(prompts, run(model, prompts, sampling=sampling), strict=True):
        ids = [id for id, _ in row]
        total = math.fsum(log_prob for _, log_prob in row)
        assert total == pytest.approx(model.log_prob(prompt, ids), abs=1e-5)


def test_greedy_takes_the_likeliest_at_each_step() -> None:
    model, history = Historian(6), [1, 4]
    (row,) = run(model, [history], sampling=Sampling(temperature=0), banned=[2])
    for id, _ in row:
        log_probs = model.log_probs(history)
        log_probs[2] = -np.inf
        assert id == log_probs.argmax()
        history.append(id)


def test_equal_prompts_are_read_once_and_continued_in_different_ways() -> None:
    model = Historian(50)
    rows = run(model, [[1, 2, 3]] * 4 + [[7]])
    assert len({tuple(row) for row in rows}) == 5
    assert model.read_tokens == 2  # the first token of each distinct prompt
    (alone,) = run(Historian(50), [[1, 2, 3]])
    assert rows[0] == alone


def test_a_common_prompt_is_read_in_one_piece() -> None:
    model = Historian(5)
    run(model, [[1] * 40, [2] * 40], max_tokens=3)
    assert (model.read_tokens, model.steps) == (80, 4)


def test_frequencies_of_a_whole_sequence() -> None:
    table = [[0.5, 0.3, 0.2], [0.1, 0.6, 0.3], [0.25, 0.25, 0.5]]
    rows = run(Markov(table), [[0]] * 6000, max_tokens=2)
    counts = np.zeros((3, 3))
    for row in rows:
        counts[row[0][0], row[1][0]] += 1
    expected = np.array(table[0])[:, None] * np.array(table)
    assert stats.chisquare(counts.ravel(), expected.ravel() * 6000).pvalue > 1e-3


def test_seeds() -> None:
    runs = [run(Historian(40), [[1], [2, 3]], seed=seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


def test_a_row_ends_by_an_id_by_its_length_or_when_it_is_told_to() -> None:
    follow = torch.eye(6).roll(1, 1).tolist()  # after n comes n + 1
    ids = [
        [id for id, _ in row]
        for row in run(
            Markov(follow),
            [[0], [3, 3], [1, 2, 3]],
            max_tokens=4,
            ends=[4],
            stopped=lambda row, ids: row == 0 and ids == [1, 2],
        )
    ]
    assert ids == [[1, 2], [4], [4]]


def test_tokens_come_step_by_step() -> None:
    drawn = generate(
        Markov([[0.5, 0.5], [0.5, 0.5]]),
        [[0], [1]],
        max_tokens=3,
        sampling=Sampling(),
        streams=random_streams([[0], [1]], seed=0),
    )
    assert [token.row for token in drawn] == [0, 1] * 3


def test_the_penalty_counts_prompt_and_drawn_and_spares() -> None:
    table = [[0.1, 0.5, 0.4, 0.0]] * 4  # 1 unless it has come: 0.5 ** 2 < 0.4 ** 1, then 0.4 ** 2
    options = {"sampling": Sampling(temperature=0, repetition_penalty=2.0), "max_tokens": 3}
    for prompt, spared, expected in [
        ([3], [], [1, 2, 1]),
        ([3, 1], [], [2, 1, 1]),
        ([3, 1], [1], [1, 1, 1]),
    ]:
        (row,) = run(Markov(table), [prompt], spared=spared, **options)
        assert [id for id, _ in row] == expected


class Network:
    """A GRU with an output matrix; state (1, B, H)."""

    vocabulary = 30

    def __init__(self, device: str = "cpu") -> None:
        torch.manual_seed(5)
        self.layer, self.device = RecurrentLayer(8, 16, cell="gru").to(device), device
        self.embedding, self.output = torch.randn(30, 8), torch.randn(30, 16).to(device)

    def start(self, count: int):
        return (torch.zeros(1, count, 16, device=self.device),)

    @torch.inference_mode()
    def read(self, state, ids: torch.Tensor):
        h, state = self.layer(self.embedding[ids.cpu()].to(self.device), state)
        return (h[:, -1] @ self.output.T).log_softmax(-1), state

    def step(self, state, tokens: torch.Tensor):
        return self.read(state, tokens[:, None])

    def select(self, state, rows: torch.Tensor):
        return (state[0][:, rows.to(self.device)],)


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
def test_a_network_with_ragged_prompts_equals_one_by_one(sampling: Sampling) -> None:
    rng = np.random.default_rng(0)
    prompts = [rng.integers(0, 30, size=size).tolist() for size in (1, 9, 3, 3, 25)]
    rows = run(Network(), prompts, sampling=sampling, max_tokens=20)
    for prompt, row in zip(prompts, rows, strict=True):
        (alone,) = run(Network(), [prompt], sampling=sampling, max_tokens=20)
        assert [id for id, _ in row] == [id for id, _ in alone]
        np.testing.assert_allclose([p for _, p in row], [p for _, p in alone], atol=1e-5)


@pytest.mark.gpu
@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
def test_on_a_gpu_as_on_the_cpu(sampling: Sampling) -> None:
    prompts, options = [[1], [2, 3, 4], [2, 3, 4]], {"sampling": sampling, "banned": [0]}
    here, there = (run(Network(device), prompts, **options) for device in ("cpu", "cuda"))
    for row, other in zip(here, there, strict=True):
        assert [id for id, _ in row] == [id for id, _ in other]
        np.testing.assert_allclose([p for _, p in row], [p for _, p in other], atol=1e-3)
    found = [
        beam_search(net, net.start(2), torch.tensor([1, 2]), width=4, num=2, max_tokens=6, ends=[3])
        for net in (Network("cpu"), Network("cuda"))
    ]
    assert [[h.ids for h in hs] for hs in found[0]] == [[h.ids for h in hs] for hs in found[1]]


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
def test_a_model_of_no_probabilities_is_refused(value: float, sampling: Sampling) -> None:
    model = Markov([[1.0] * 4] * 4)
    model.log_table = torch.full((4, 4), value)
    with pytest.raises(DataError, match="no finite probability for the next token"):
        run(model, [[0]], sampling=sampling)


@pytest.mark.parametrize("prompts", [[], [[1], []]])
def test_prompts_without_ids(prompts: list[list[int]]) -> None:
    with pytest.raises(ConfigError, match="each with at least one id"):
        run(Historian(4), prompts)


def test_max_tokens_is_refused_before_the_first_token() -> None:
    with pytest.raises(ConfigError, match="max_tokens 0: must be 1 or more"):
        generate(Historian(4), [[1]], max_tokens=0, sampling=Sampling(), streams=[])
