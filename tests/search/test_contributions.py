import numpy as np

from seqkit.search.contributions import contribution, most_of
from seqkit.search.packing import pack_lists
from seqkit.search.scorers import LOGARITHM


def test_a_bound_of_any_tf_holds_with_the_roundings_of_norms():
    kernel = pack_lists([[(0, 70_000)]], [70_000])  # above what an impact tells
    base, rng = 2000.0, np.random.default_rng(0)
    for excess in (1e-8, 1e-6, 1e-3, 0.5, 10.0):  # of the odds, where tf goes to infinity
        slope = (1 + excess) / base
        most = most_of(kernel, 0, LOGARITHM, base, 0.0, 1.0, slope)
        for tf in 2.0 ** rng.uniform(16, 32, 2000):
            norm = np.float64(np.float32(base / (base + tf)))  # a length is a tf or more
            assert contribution(LOGARITHM, 1.0, slope, np.float64(tf), norm) <= most
