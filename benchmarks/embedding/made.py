"""Word vectors that are made up: words of letters, vectors in clusters, so that some are near."""

import numpy as np

__all__ = ["DIM", "WORDS", "make_vectors"]

WORDS = 400_000
DIM = 300

_CLUSTERS = 2000
_LETTERS = 4  # of the number of a word, in base 26
_BLOCK = 1 << 14


def make_vectors(count: int) -> tuple[list[str], np.ndarray]:
    """Make different words and their vectors (count, DIM) float32."""
    rng = np.random.default_rng(1)
    centers = rng.standard_normal((_CLUSTERS, DIM), dtype=np.float32)
    vectors = np.empty((count, DIM), np.float32)
    for start in range(0, count, _BLOCK):
        part = vectors[start : start + _BLOCK]
        part[:] = centers[rng.integers(0, _CLUSTERS, len(part))]
        part += rng.standard_normal(part.shape, dtype=np.float32)
    return [_spell(number) for number in range(count)], vectors


def _spell(number: int) -> str:
    letters = []
    for _ in range(_LETTERS):
        number, letter = divmod(number, 26)
        letters.append(chr(ord("a") + letter))
    return "".join(letters)
