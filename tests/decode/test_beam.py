"""Beam search against exhaustive search and against a plain one with lists."""

import itertools
import math

import numpy as np
import pytest
import torch
from hand_made import Attender, Historian, Markov
from hypothesis import given, settings
from hypothesis import strategies as st

from seqkit.decode import Sampling, beam_search, generate
from seqkit.errors import ConfigError, DataError

END = 3


def best_first(found):
    """Sort (score, ids): those that end before those that are cut off."""
    return sorted(found, key=lambda each: (each[1][-1] == END, *each), reverse=True)


def exhaustive(model: Historian, history: list[int], max_tokens: int, penalty: float):
    """Every continuation that ends, or is as long as allowed: (score, ids), best first."""
    found = []
    for length in range(1, max_tokens + 1):
        for ids in itertools.product(range(model.vocabulary), repeat=length):
            if END not in ids[:-1] and (ids[-1] == END or length == max_tokens):
                found.append((model.log_prob(history, ids) / length**penalty, ids))
    return best_first(found)


def plain(model, history: list[int], width: int, max_tokens: int, penalty: float, coverage: float):
    """The search by its definition, without stopping early."""

    def score(log_prob: float, ids: tuple[int, ...]) -> float:
        whole = [*history, *ids[:-1]]
        return log_prob / len(ids) ** penalty + coverage * model.left_out(whole)

    done, still_open = [], [((), 0.0)]
    for _ in range(max_tokens):
        extensions = [
            (log_prob + float(np.float32(p)), (*ids, id))
            for ids, log_prob in still_open
            for id, p in enumerate(model.log_probs([*history, *ids]))
        ]
        extensions.sort(reverse=True)
        done += [(score(s, ids), ids) for s, ids in extensions[:width] if ids[-1] == END]
        still_open = [(ids, s) for s, ids in extensions if ids[-1] != END][:width]
    done += [(score(s, ids), ids) for ids, s in still_open]
    return best_first(done)


def search(model, histories: list[list[int]], **options):
    """Search from histories of one length: all but the last token read, the last one first."""
    state = model.start(len(histories))
    if len(histories[0]) > 1:
        _, state = model.read(state, torch.tensor([history[:-1] for history in histories]))
    first = torch.tensor([history[-1] for history in histories])
    return beam_search(model, state, first, **options)


@pytest.mark.parametrize("penalty", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("history", [[1], [0, 2, 2]])
def test_a_beam_of_full_width_is_exhaustive(history: list[int], penalty: float) -> None:
    model = Historian(4)
    expected = exhaustive(model, history, 4, penalty)[:60]  # 40 that end, then some cut off
    (found,) = search(
        model, [history], width=256, num=60, max_tokens=4, ends=[END], length_penalty=penalty
    )
    assert [hypothesis.ids for hypothesis in found] == [ids for _, ids in expected]
    np.testing.assert_allclose([h.score for h in found], [score for score, _ in expected])
    for hypothesis in found:
        assert hypothesis.log_prob == pytest.approx(model.log_prob(history, hypothesis.ids))
        assert hypothesis.finished == ("end" if hypothesis.ids[-1] == END else "length")


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=2),
    st.integers(1, 5),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.5, 1.5]),
    st.sampled_from([0.0, 0.3]),
)
def test_a_narrow_beam_is_the_plain_search_and_stops_early_without_loss(
    history: list[int], width: int, max_tokens: int, penalty: float, coverage: float
) -> None:
    model = Attender(5, sharpness=2.0)
    expected = plain(model, history, width, max_tokens, penalty, coverage)[:width]
    (found,) = search(
        model,
        [history],
        width=width,
        num=width,
        max_tokens=max_tokens,
        ends=[END],
        length_penalty=penalty,
        coverage_penalty=coverage,
    )
    assert [hypothesis.ids for hypothesis in found] == [ids for _, ids in expected]
    np.testing.assert_allclose([h.score for h in found], [s for s, _ in expected], rtol=1e-5)


@pytest.mark.parametrize("penalty", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("coverage", [0.05, 0.4, 3.0])
def test_a_full_beam_with_penalties_is_exhaustive(penalty: float, coverage: float) -> None:
    model = Attender(4)
    expected = best_first(
        (score + coverage * model.left_out([1, *ids[:-1]]), ids)
        for score, ids in exhaustive(model, [1], 4, penalty)
    )
    for num in (1, 60):
        (found,) = search(
            model,
            [[1]],
            width=256,
            num=num,
            max_tokens=4,
            ends=[END],
            length_penalty=penalty,
            coverage_penalty=coverage,
        )
        assert [hypothesis.ids for hypothesis in found] == [ids for _, ids in expected[:num]]
        scores = [score for score, _ in expected[:num]]
        np.testing.assert_allclose([h.score for h in found], scores, rtol=1e-5)
        for hypothesis in found:
            assert hypothesis.log_prob == pytest.approx(model.log_prob([1], hypothesis.ids))


@settings(max_examples=40)
@given(
    st.integers(0, 4), st.integers(1, 4), st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 0.5])
)
def test_early_stop_loses_nothing(first: int, width: int, penalty: float, coverage: float) -> None:
    """More are asked for, so the search goes on for longer: the best must be the same."""
    options = {"length_penalty": penalty, "coverage_penalty": coverage}
    options |= {"max_tokens": 7, "ends": [END], "width": width}
    model = Attender(5, sharpness=2.0)
    (best,) = search(model, [[first]], **options)
    (several,) = search(model, [[first]], num=width, **options)
    assert several[:1] == best
    ranks = [(h.finished == "end", h.score) for h in several]
    assert ranks == sorted(ranks, reverse=True)


@settings(max_examples=30)
@given(st.integers(0, 4), st.integers(1, 5))
def test_no_beam_beats_an_exhaustive_one_and_penalties_lengthen(first: int, width: int) -> None:
    model = Historian(5)
    options = {"max_tokens": 4, "ends": [END]}
    lengths = []
    for penalty in (0.0, 0.5, 1.0, 2.0):
        ((best,),) = search(model, [[first]], width=700, length_penalty=penalty, **options)
        ((found,),) = search(model, [[first]], width=width, length_penalty=penalty, **options)
        assert best.finished == "end"
        assert found.score <= best.score + 1e-9 or found.finished == "length"
        lengths.append(len(best.ids))
    assert lengths == sorted(lengths)


def test_each_sequence_has_a_limit_of_its_own() -> None:
    histories, limits = (
        [[a, b] for a in range(5) for b in range(3)],
        [*range(1, 8), *range(8, 0, -1)],
    )
    options = {"width": 3, "num": 3, "ends": [END], "length_penalty": 0.5}
    together = search(Historian(5), histories, max_tokens=limits, **options)
    for history, limit, found in zip(histories, limits, together, strict=True):
        assert [found] == search(Historian(5), [history], max_tokens=limit, **options)
        assert all(len(h.ids) == limit for h in found if h.finished == "length")
    assert beam_search(Historian(5), (), torch.zeros(0).long(), width=2, max_tokens=[]) == []


def test_coverage_of_what_attends_to_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"coverage_penalty 0.2: this model attends to nothing"):
        search(Historian(4), [[0]], width=2, max_tokens=5, coverage_penalty=0.2)


def test_a_batch_equals_one_by_one() -> None:
    histories = [[a, b] for a in range(5) for b in range(5)]
    options = {"width": 3, "num": 2, "max_tokens": 6, "ends": [END], "banned": [0]}
    together = search(Historian(5), histories, **options)
    assert together == [search(Historian(5), [history], **options)[0] for history in histories]
    assert all(0 not in hypothesis.ids for found in together for hypothesis in found)


@pytest.mark.parametrize("ends", [[], [END]])
def test_width_1_is_greedy(ends: list[int]) -> None:
    model = Historian(7)
    for first in range(7):
        drawn = generate(
            model,
            [[first]],
            max_tokens=8,
            sampling=Sampling(temperature=0),
            streams=[iter(())],
            ends=ends,
        )
        ((best,),) = search(model, [[first]], width=1, max_tokens=8, ends=ends)
        assert best.ids == tuple(token.id for token in drawn)


def test_a_search_ends_when_nothing_open_can_win() -> None:
    model = Historian(40)
    table = [[0.1, 0.1, 0.1, 0.7]] * 4
    markov = Markov(table)
    steps = []
    plain_step = markov.step
    markov.step = lambda state, tokens: steps.append(len(tokens)) or plain_step(state, tokens)
    ((best,),) = search(markov, [[0]], width=2, max_tokens=1000, ends=[END])
    assert (best.ids, best.finished, len(steps)) == ((END,), "end", 1)
    assert best.log_prob == pytest.approx(math.log(0.7))
    assert len(search(model, [[0]], width=2, num=2, max_tokens=3)[0]) == 2


def test_stopped_ends_a_hypothesis() -> None:
    model = Historian(4)
    (found,) = search(
        model, [[1]], width=64, num=30, max_tokens=3, stopped=lambda row, ids: ids[-1] == 0
    )
    expected = []
    for length in range(1, 4):
        for ids in itertools.product(range(4), repeat=length):
            if 0 not in ids[:-1] and (ids[-1] == 0 or length == 3):
                expected.append((ids[-1] == 0, model.log_prob([1], ids), ids))
    expected = [ids for _, _, ids in sorted(expected, reverse=True)][:30]
    assert [hypothesis.ids for hypothesis in found] == expected
    assert all((h.finished == "stop") == (h.ids[-1] == 0) for h in found)


def test_what_ends_comes_before_what_is_cut_off() -> None:
    """By hand: 0 goes on with 0.7, ends with 0.3."""
    model = Markov([[0.7, 0.0, 0.0, 0.3]] * 4)
    options = {"width": 2, "num": 2, "max_tokens": 3, "ends": [END], "length_penalty": 1.0}
    (found,) = search(model, [[0]], **options)
    assert [(h.ids, h.finished) for h in found] == [((0, 0, END), "end"), ((0, END), "end")]
    assert found[0].score == pytest.approx(math.log(0.7 * 0.7 * 0.3) / 3)
    # nothing ends: what is cut off is all there is
    (found,) = search(Markov([[0.7, 0.3, 0.0, 0.0]] * 4), [[0]], **options)
    assert [(h.ids, h.finished) for h in found] == [((0, 0, 0), "length"), ((0, 0, 1), "length")]


def test_fewer_continuations_than_asked_for() -> None:
    (found,) = search(Historian(3), [[1]], width=20, num=20, max_tokens=2, banned=[0])
    assert {h.ids for h in found} == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_a_model_of_no_probabilities_is_refused() -> None:
    model = Markov([[float("nan")] * 4] * 4)
    with pytest.raises(DataError, match="no finite probability for the next token"):
        search(model, [[0]], width=2, max_tokens=5)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"width": 0}, "beam 0: its width must be 1 or more"),
        ({"max_tokens": 0}, "max_tokens 0: must be 1 or more"),
        ({"num": 4}, "num 4: a beam of 3 finds 1 to 3 texts: widen the beam"),
        ({"num": 0}, "num 0"),
        ({"length_penalty": -0.5}, "length_penalty -0.5: must be 0 or more"),
        ({"length_penalty": 400.0}, "length_penalty 400.0: must be 10 or less"),
        ({"coverage_penalty": 2000.0}, "coverage_penalty 2000.0: must be 1000 or less"),
        ({"length_penalty": float("nan")}, "length_penalty nan"),
        ({"coverage_penalty": -1.0}, "coverage_penalty -1.0: must be 0 or more"),
        ({"max_tokens": [0]}, "max_tokens 0: must be 1 or more"),
    ],
)
def test_bad_options(options: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        search(Historian(4), [[0]], **{"width": 3, "max_tokens": 5, **options})
