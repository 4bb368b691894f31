"""`seqkit evaluate INDEX` beside what the library and trec_eval say."""

import json

import pytest

from seqkit.data import Document
from seqkit.search.evaluating import read_run
from seqkit.search.index import SearchIndex

WORDS = {
    "red": "d1 d2 d3 d5",
    "green": "d2 d3 d4",
    "blue": "d3 d4 d5 d6",
    "wing": "d1 d4 d6 d7",
    "flow": "d7 d8",
}
QRELS = ["1 0 d1 2", "1 0 d4 1", "1 0 d8 0", "2 0 d3 1", "2 0 d2 0", "3 0 d7 1", "3 0 d6 2"]
QUERIES = {"1": "red wing", "2": "green (blue", "3": "flow"}


def documents():
    for number in range(1, 9):
        words = [word for word, places in WORDS.items() if f"d{number}" in places.split()]
        text = " ".join(word for word in words for _ in range(1 + (number + len(word)) % 3))
        yield Document(f"d{number}", "", text, {})


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("search") / "index"
    opened = SearchIndex.create(folder)
    with opened.writer() as writer:
        writer.add(documents())
    return folder


@pytest.fixture
def judged(tmp_path):
    """The options that name queries and judgements."""
    queries, qrels = tmp_path / "queries.tsv", tmp_path / "qrels.txt"
    queries.write_text("".join(f"{id}\t{text}\n" for id, text in QUERIES.items()))
    qrels.write_text("".join(f"{line}\n" for line in QRELS))
    return "--queries", queries, "--qrels", qrels


def figures(outcome):
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_equal_to_trec_eval(seqkit, index, judged, tmp_path):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    run = tmp_path / "run.txt"
    found = figures(seqkit("evaluate", index, *judged, "--json", "--run", run))
    grades = {}
    for query, _, document, grade in map(str.split, QRELS):
        grades.setdefault(query, {})[document] = int(grade)
    names = {"map": "map", "recip_rank": "mrr", "ndcg_cut_10": "ndcg@10", "P_10": "p@10"}
    names["recall_100"] = "recall@100"
    wanted = {"map", "recip_rank", "ndcg_cut.10", "P.10", "recall.100"}
    theirs = pytrec_eval.RelevanceEvaluator(grades, wanted).evaluate(read_run(str(run)))
    assert found["queries"] == 3 and found["judgements"] == 7
    for name, ours in names.items():
        assert found[ours] == pytest.approx(sum(row[name] for row in theirs.values()) / 3)
        low, high = found["intervals"][ours]
        assert low <= found[ours] <= high


def test_a_table(seqkit, index, judged):
    out = seqkit(
        "evaluate", index, *judged, "--measures", "ndcg@3", "mrr", "ndcg@3", "--k1", "0.9"
    ).out
    lines = out.splitlines()
    assert lines[0] == "3 queries, 7 judgements" and lines[2] == "bm25 k1=0.9"
    assert [line.split()[0] for line in lines[5:]] == ["ndcg@3", "mrr"]


def test_a_folder_in_the_beir_layout(seqkit, index, judged, tmp_path):
    (tmp_path / "qrels").mkdir()
    rows = [line.split() for line in QRELS]
    content = "".join(f"{query}\t{doc}\t{grade}\n" for query, _, doc, grade in rows)
    (tmp_path / "qrels/dev.tsv").write_text("query-id\tcorpus-id\tscore\n" + content)
    lines = [json.dumps({"_id": id, "text": text}) for id, text in QUERIES.items()]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines))
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "text": "not read"}\n')
    found = figures(seqkit("evaluate", "--json", "--data", tmp_path, "--split", "dev", index))
    assert found == figures(seqkit("evaluate", index, *judged, "--json"))


def test_two_settings(seqkit, index, judged, tmp_path):
    run = tmp_path / "dirichlet.txt"
    other = ["--scorer", "dirichlet", "--mu", "5"]
    second = figures(seqkit("evaluate", index, *judged, *other, "--run", run, "--json"))
    against = ["--against.scorer", "dirichlet", "--against.mu", "5"]
    options = ["evaluate", index, *judged, "--k1", "2"]
    both = figures(seqkit(*options, *against, "--json"))
    first = figures(seqkit(*options, "--json"))
    assert both["setting"] == "bm25 k1=2.0" and both["against"]["setting"] == "dirichlet mu=5.0"
    for name in first["intervals"]:
        assert both[name] == first[name] and both["against"][name] == second[name]
        gap = both["comparison"][name]
        assert gap["difference"] == pytest.approx(first[name] - second[name])
        assert gap["low"] <= gap["difference"] <= gap["high"] and 0 < gap["p"] <= 1
    from_file = figures(seqkit(*options, "--against.run", run, "--json"))
    assert from_file["comparison"] == both["comparison"]
    table = seqkit(*options, *against).out
    assert "A: bm25 k1=2.0\nB: dirichlet mu=5.0\n" in table and "ndcg@10" in table


def test_a_variant_without_the_delta_of_the_other(seqkit, index, judged):
    options = ["evaluate", index, *judged, "--variant", "bm25l", "--delta", "1", "--json"]
    found = figures(seqkit(*options, "--against.variant", "lucene"))
    assert found["setting"] == "bm25 variant=bm25l delta=1.0"
    assert found["against"]["setting"] == "bm25 variant=lucene"
    found = figures(seqkit(*options, "--against.variant", "bm25+"))
    assert found["against"]["setting"] == "bm25 variant=bm25+ delta=1.0"


def test_feedback(seqkit, index, judged):
    options = ["--feedback", "rm3", "--feedback-documents", "2", "--feedback-terms", "3"]
    options += ["--against.feedback", "none"]
    found = figures(seqkit("evaluate", index, *judged, *options, "--json"))
    assert found["setting"] == "bm25 rm3 documents=2 terms=3"
    assert found["against"]["setting"] == "bm25"
    plain = figures(seqkit("evaluate", index, *judged, "--json"))
    assert found["against"]["recall@100"] == plain["recall@100"] <= found["recall@100"]


def test_what_is_not_judged_or_not_there_is_said(seqkit, index, judged, caplog):
    _, queries, _, qrels = judged
    with open(queries, "a") as handle:
        handle.write("9\tnot judged\n")
    with open(qrels, "a") as handle:
        handle.write("8 0 d1 1\n1 0 elsewhere 1\n")
    found = figures(seqkit("evaluate", index, *judged, "--json"))
    assert found["queries"] == 3
    assert "1 judged queries are not among the queries" in caplog.text
    assert "1 of 8 judged documents are not in the index, such as 'elsewhere'" in caplog.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--measures", "bpref"], "measure 'bpref': choose from map, mrr"),  # nothing is read
        ([], "give --data FOLDER, or --queries FILE and --qrels FILE"),
        (["--mu", "5"], "--mu is for --scorer dirichlet, got bm25"),
        (["--scorer", "tfidf", "--k1", "1"], "--k1 is for --scorer bm25, got tfidf"),
        (["--feedback-terms", "5"], "--feedback-terms has no effect without --feedback rm3"),
        (["--against.mu", "5"], "--against.mu is for --scorer dirichlet, got bm25"),
        (
            ["--against.run", "x", "--against.b", "0"],
            "--against.b has no effect with --against.run",
        ),
        (["--scorer", "bm52"], "bm25"),
        (["--depth", "50"], "--measures recall@100 looks further than --depth 50"),
        (["--split", "dev"], "--split has no effect without --data"),
    ],
)
def test_options_that_cannot_be(refused, index, judged, options, message):
    assert message in refused("evaluate", index, *(judged if options else ()), *options)


def test_data_that_do_not_fit(refused, index, judged, tmp_path):
    assert "choose from map" in refused("evaluate", index, *judged, "--measures", "ndcg")
    both = refused("evaluate", index, *judged, "--data", tmp_path)
    assert both == "--queries has no effect with --data, which has them"
    qrels = judged[-1]
    qrels.write_text("1 0 other 1\n")
    assert "none of the 1 judged documents is in" in refused("evaluate", index, *judged)
    qrels.write_text("7 0 d1 1\n")
    assert "none of the queries has a judgement" in refused("evaluate", index, *judged)
    qrels.write_text("1 0 d1\n1 0 d1\n")
    assert "is not a judgement" in refused("evaluate", index, *judged)
