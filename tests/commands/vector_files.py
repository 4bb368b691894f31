"""Small word vectors for the tests of commands: a bundle and a file of another tool."""

import numpy as np

from seqkit.vectors.word_vectors import WordVectors

PLANE = {  # queen = king - man + woman
    "man": [1, 0, 1],
    "woman": [1, 1, 1],
    "king": [4, 0, 1],
    "queen": [4, 1, 1],
    "uncle": [2, 0, 9],
    "aunt": [2, 1, 9],
}


def plane(**options):
    """Return the words of the plane."""
    return WordVectors(list(PLANE), np.array([*PLANE.values()], np.float32), **options)


def save_plane(folder):
    """Write them as a bundle and as a file; returns both paths."""
    plane(counts=[60, 50, 40, 30, 20, 10], facts={"method": "by hand"}).save(folder / "bundle")
    lines = [f"{word} {' '.join(map(str, row))}\n" for word, row in PLANE.items()]
    (folder / "plane.vec").write_text("6 3\n" + "".join(lines))
    return folder / "bundle", folder / "plane.vec"
