"""Bounds of a share against scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.errors import ConfigError
from seqkit.metrics import clopper_pearson_upper, wilson

scipy_stats = pytest.importorskip("scipy.stats")
COUNTS = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_is_scipys(counts, level):
    successes, n = counts
    expected = scipy_stats.binomtest(successes, n).proportion_ci(level, method="wilson")
    assert wilson(successes, n, level=level) == pytest.approx(
        (expected.low, expected.high), abs=1e-12
    )


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_clopper_pearson_is_a_beta_quantile(counts, confidence):
    successes, n = counts
    expected = (
        scipy_stats.beta.ppf(confidence, successes + 1, n - successes) if successes < n else 1.0
    )
    bound = clopper_pearson_upper(successes, n, confidence=confidence)
    assert bound == pytest.approx(expected, rel=1e-9)


def test_none_of_n_is_bounded_by_about_three_in_n():
    assert clopper_pearson_upper(0, 1000) == pytest.approx(1 - 0.05 ** (1 / 1000))


def test_no_records_say_nothing():
    assert wilson(0, 0) == (0.0, 1.0)
    assert clopper_pearson_upper(0, 0) == 1.0


def test_ends_are_exact():
    assert wilson(0, 7)[0] == 0.0 and wilson(7, 7)[1] == 1.0


@pytest.mark.parametrize(("successes", "n", "level"), [(3, 2, 0.9), (-1, 2, 0.9), (1, 2, 1.0)])
def test_impossible_counts_are_refused(successes, n, level):
    with pytest.raises(ConfigError, match="expected"):
        wilson(successes, n, level=level)
    with pytest.raises(ConfigError, match="expected"):
        clopper_pearson_upper(successes, n, confidence=level)
