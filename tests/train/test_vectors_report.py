"""The table of a report of word vectors: a column for what was measured, and no other."""

import pytest

from seqkit.train.vectors_report import MeasuredVectors, measured_rows
from seqkit.vectors.analogies import measure_analogies
from seqkit.vectors.similarity import measure_similarity
from seqkit.vectors.word_vectors import WordVectors

VECTORS = WordVectors(["a", "b", "c", "d"], [[1, 0], [1, 1], [0, 1], [-1, 1]])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("questions")
    (folder / "analogies.txt").write_text(": turned\na b c d\na b c e\n")
    (folder / "pairs.tsv").write_text("a\tb\t9\na\tc\t5\na\td\t1\na\te\t1\n")
    return folder


@pytest.mark.parametrize("asked", ["analogies", "similarity", "analogies similarity"])
def test_what_was_not_measured_has_no_columns(asked, files):
    analogies, similarity = None, None
    heads, cells = ["vectors", "words"], ["model", "4"]
    if "analogies" in asked:
        analogies = measure_analogies(VECTORS, files / "analogies.txt")
        heads += ["analogies", "questions known"]
        cells += ["100.0% (20.7% to 100.0%)", "50%"]
    if "similarity" in asked:
        similarity = measure_similarity(VECTORS, files / "pairs.tsv")
        heads += ["similarity", "pairs known"]
        cells += ["1.000", "75%"]
    measured = MeasuredVectors(name="model", words=4, analogies=analogies, similarity=similarity)
    assert measured_rows([measured, measured]) == [heads, cells, cells]
