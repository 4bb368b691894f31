"""Run files, also through trec_eval's own reader; grades; queries of a set."""

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import Document, Judgement, Query
from seqkit.errors import DataError
from seqkit.search.evaluating import graded, read_run, run_queries, write_run
from seqkit.search.index import SearchIndex

ids = st.text(alphabet="a1-é手", min_size=1, max_size=4)
floats = st.floats(allow_nan=False, allow_infinity=False)
RUN = {"q2": {"b": 2.5, "a": 1.0}, "q1": {"a": -0.125}}


@given(run=st.dictionaries(ids, st.dictionaries(ids, floats, min_size=1), min_size=1))
def test_a_run_comes_back(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "run.txt"
    write_run(path, run)
    assert read_run(str(path)) == run


def test_the_file_as_trec_eval_reads_it(tmp_path):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    write_run(tmp_path / "run.txt", RUN, tag="mine")
    text = (tmp_path / "run.txt").read_text()
    assert text.splitlines()[:2] == ["q2 Q0 b 1 2.5 mine", "q2 Q0 a 2 1.0 mine"]
    assert pytrec_eval.parse_run(io.StringIO(text)) == RUN
    (tmp_path / "run.gz").write_bytes(gzip.compress(text.encode()))
    assert read_run(str(tmp_path / "run.gz")) == RUN


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("q Q0 a 1 2.0\n", r":1: 'q Q0 a 1 2.0' is not of a run: expected query, Q0"),
        ("q Q0 a 1 high x\n", r":1: .* is not of a run"),
        ("q Q0 a 1 2 x\n\nq Q0 a 2 1 x\n", ":3: document 'a' twice for query 'q'"),
        ("\n\n", "no lines in it"),
    ],
)
def test_a_damaged_run(tmp_path, content, message):
    (tmp_path / "run.txt").write_text(content)
    with pytest.raises(DataError, match=r"run\.txt" + message if message[0] == ":" else message):
        read_run(str(tmp_path / "run.txt"))


@pytest.mark.parametrize("run", [{"q 1": {"a": 1.0}}, {"q": {"": 1.0}}])
def test_ids_that_a_run_file_cannot_hold(tmp_path, run):
    with pytest.raises(DataError, match="neither empty nor have spaces"):
        write_run(tmp_path / "run.txt", run)
    assert not (tmp_path / "run.txt").exists()


def test_grades():
    rows = [Judgement("q", "a", 2), Judgement("q", "b", 0), Judgement("q", "a", 2)]
    assert graded(rows) == {"q": {"a": 2, "b": 0}}
    with pytest.raises(DataError, match="query 'q', document 'a': grade 2 and grade 1"):
        graded([*rows, Judgement("q", "a", 1)])


def test_queries_are_plain_text(tmp_path):
    index = SearchIndex.create(tmp_path / "index")
    with index.writer() as writer:
        writer.add(Document(id, "", text, {}) for id, text in {"a": "wing -flow", "b": "x"}.items())
    index.refresh()
    run = run_queries(index, [Query("1", '-flow "wing'), Query("2", "zebra"), Query("3", "x")], k=5)
    assert [(id, [*found]) for id, found in run.items()] == [("1", ["a"]), ("2", []), ("3", ["b"])]
    assert run["1"]["a"] == index.search('-flow "wing', syntax=False)[0].score
    with pytest.raises(DataError, match="the id '1' comes twice"):
        run_queries(index, [Query("1", "a"), Query("1", "b")])
