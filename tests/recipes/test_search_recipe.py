"""The search recipe on tiny documents: its figures, its folder, what its options do."""

import json
import random
import shutil

import pytest

import seqkit as library
from seqkit.search.evaluating import run_queries
from seqkit.search.scorers import BM25, Dirichlet, TfIdf

pytest.importorskip("numba", reason="needs the extra search")

WORDS = ["heat", "transfer", "jet", "engine", "wing", "flow", "speed", "shock", "layer", "boundary"]


def collection(count=60, *, seed=0):
    rng = random.Random(seed)
    for number in range(count):
        words = rng.choices(WORDS, weights=range(1, 11), k=rng.randint(3, 12))
        yield {
            "_id": f"d{number}",
            "title": words[0],
            "text": " ".join(words),
            "year": 1950 + number,
        }


@pytest.fixture(scope="module")
def beir(tmp_path_factory):
    """A folder in the BEIR layout, with a query that nothing answers and one without judgements."""
    folder = tmp_path_factory.mktemp("beir")
    documents = list(collection())
    lines = "".join(json.dumps(one) + "\n" for one in documents)
    (folder / "corpus.jsonl").write_text(lines)
    queries = {"q1": "heat", "q2": "jet engine", "q3": "shock wing", "q4": "nowhere", "q5": "flow"}
    rows = [json.dumps({"_id": id, "text": text}) for id, text in queries.items()]
    (folder / "queries.jsonl").write_text("\n".join(rows) + "\n")
    judged = ["query-id\tcorpus-id\tscore"]
    for id in ("q1", "q2", "q3", "q4"):
        relevant = [d for d in documents if set(queries[id].split()) <= {*d["text"].split()}]
        judged += [f"{id}\t{one['_id']}\t{1 + n % 2}" for n, one in enumerate(relevant[::2])]
    judged += ["q4\td1\t1"]
    (folder / "qrels").mkdir()
    (folder / "qrels/test.tsv").write_text("\n".join(judged) + "\n")
    return folder


@pytest.fixture(scope="module")
def trained(beir, tmp_path_factory):
    from seqkit import cli

    out = tmp_path_factory.mktemp("runs") / "search"
    options = ["--data.train", str(beir), "--out", str(out)]
    every = ["--rankings", "bm25", "dirichlet", "tfidf", "bm25+rm3"]
    assert cli.main(["train", "search", *options, *every]) == 0
    return out


def metrics(folder):
    return json.loads((folder / "metrics.json").read_text())


def test_the_figures_are_those_of_trec_eval(trained, beir):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    found, index = metrics(trained), library.load(trained)
    grades = {}
    for line in (beir / "qrels/test.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split()
        grades.setdefault(query, {})[document] = int(grade)
    queries = [json.loads(line) for line in (beir / "queries.jsonl").read_text().splitlines()]
    asked = [library.data.Query(one["_id"], one["text"]) for one in queries]
    names = {
        "ndcg_cut_10": "ndcg@10",
        "map": "map",
        "recip_rank": "mrr",
        "recall_100": "recall@100",
    }
    judge = pytrec_eval.RelevanceEvaluator(
        grades, {"ndcg_cut.10", "map", "recip_rank", "recall.100"}
    )
    figures = {"bm25": found["test"], **found["others"]}
    for name, scorer in {"bm25": BM25(), "dirichlet": Dirichlet(), "tfidf": TfIdf()}.items():
        theirs = judge.evaluate(run_queries(index, asked, scorer=scorer))
        for theirs_name, ours in names.items():
            total = sum(row[theirs_name] for row in theirs.values())
            assert figures[name][ours] == pytest.approx(total / len(grades), abs=1e-6)
            low, high = figures[name]["intervals"][ours]
            assert low <= figures[name][ours] <= high
    gap = found["others"]["tfidf"]["against"]
    assert gap["difference"] == pytest.approx(
        figures["tfidf"]["ndcg@10"] - figures["bm25"]["ndcg@10"]
    )
    assert 0 < gap["p"] <= 1


def test_the_figures_are_those_of_the_command(trained, beir, seqkit):
    found = json.loads(seqkit("evaluate", trained, "--data", beir, "--json").out)
    for name in ("ndcg@10", "map", "mrr", "recall@100"):
        assert found[name] == pytest.approx(metrics(trained)["test"][name])


def test_what_a_run_leaves(trained):
    names = {path.name for path in trained.iterdir()} - {"tensorboard", "write.lock"}
    files = {"bundle.json", "config.json", "log.jsonl", "metrics.json", "report.md"}
    assert names == files | {"manifest.json", "seg-00000001.bin"}
    saved, found = json.loads((trained / "bundle.json").read_text()), metrics(trained)
    assert saved["kind"] == "SearchIndex" and saved["provenance"]["recipe"] == "search"
    assert saved["metrics"]["test"]["ndcg@10"] == found["test"]["ndcg@10"]
    assert found["documents"] == 60 and found["segments"] == 1
    assert found["bytes"] == (trained / "seg-00000001.bin").stat().st_size
    assert {"index", "bm25", "tfidf", "save"} <= found["steps"].keys()
    rows = [json.loads(line) for line in (trained / "log.jsonl").read_bytes().splitlines()]
    assert [row["event"] for row in rows] == ["index", "bm25", "dirichlet", "tfidf", "bm25+rm3"]
    index = library.load(trained)
    assert isinstance(index, library.SearchIndex) and len(index) == 60
    assert index.document("d7").fields == {"year": "1957"}


def test_the_report(trained):
    page = (trained / "report.md").read_text()
    words = sum(len(f"{one['title']} {one['text']}".split()) for one in collection())
    assert f"60 documents, {words} indexed words. On 4 judged queries bm25 has ndcg@10" in page
    assert "| indexed words of a document |" in page
    assert "so few queries say little" in page
    assert "| bm25 |" in page and "| bm25+rm3 |" in page
    hardest = page.split("## Hardest queries")[1].split("## The documents")[0]
    assert "| nowhere | 0.0000 | nothing | d1: " in hardest and "| not found |" in hardest
    assert "- 60 documents" in page and "| term | documents |" in page
    boundary = library.load(trained).statistics(["boundary"])
    assert f"| boundary | {boundary.df[0]} |" in page


def test_without_queries_over_an_earlier_run(seqkit, beir, tmp_path):
    lines = (beir / "corpus.jsonl").read_text().splitlines()[:10]
    (tmp_path / "docs.jsonl").write_text("\n".join(lines) + "\n")
    out = tmp_path / "run"
    assert seqkit("train", "search", "--data.train", beir, "--out", out).code == 0
    before = library.load(out)
    options = ["--data.train", tmp_path / "docs.jsonl", "--out", out]
    outcome = seqkit("train", "search", "english", *options, "--no-store")
    assert outcome.code == 0, outcome.err
    assert "Nothing was measured: there are no judged queries." in outcome.out
    assert len(library.load(out)) == 10 and len(before) == 60 and before.document("d50").text
    found = metrics(out)
    assert "test" not in found and found["others"] == {}
    assert [hit.id for hit in library.load(out).search("engines", k=1)]


@pytest.fixture
def rebuild(seqkit, beir, trained, tmp_path):
    """Try to build over an index; returns what the command said, once all is found as it was."""
    out = tmp_path / "run"
    shutil.copytree(trained, out)

    def run(*options, code=2):
        before = contents(out)
        outcome = seqkit("train", "search", "english", "--data.train", beir, "--out", out, *options)
        assert outcome.code == code
        assert contents(out) == before
        assert len(library.load(out)) == 60 and library.load(out).search("engines").total == 0
        return outcome.err

    run.out = out
    return run


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("judged", "message"),
    [
        ("q9 0 d1 1\n", "none of the queries has a judgement"),
        ("q 0 d1 1\nq 0 d1 2\n", "expected one"),
        ("q 0 d1 x\n", "qrels:1"),
    ],
)
def test_judgements_that_cannot_be_leave_an_earlier_index(rebuild, tmp_path, judged, message):
    (tmp_path / "queries.tsv").write_text("q\tjet\n")
    (tmp_path / "qrels").write_text(judged)
    options = ["--data.queries", tmp_path / "queries.tsv", "--data.qrels", tmp_path / "qrels"]
    told = rebuild(*options)
    assert message in told and "index: " not in told  # refused before it is built


def test_a_writer_at_work_keeps_an_earlier_index(rebuild):
    index = library.load(rebuild.out)
    with index.writer() as writer:
        assert "another writer is at work there" in rebuild()
        writer.delete(["d1"])
    assert len(library.load(rebuild.out)) == 59


@pytest.mark.parametrize("at", ["build_segment", "measure", "audit"])
def test_a_run_that_is_stopped_leaves_an_earlier_index(rebuild, monkeypatch, at):
    def stop(*args, **options):
        raise KeyboardInterrupt

    where = {
        "build_segment": "seqkit.search.draft.Draft.append",
        "measure": "seqkit.train.search_evaluation.run_queries",
        "audit": "seqkit.data.DocumentAuditor.result",
    }
    monkeypatch.setattr(where[at], stop)
    rebuild(code=130)


def test_what_a_killed_first_run_left_is_no_obstacle(seqkit, beir, tmp_path):
    out = tmp_path / "run"
    (out / ".scratch-x/index").mkdir(parents=True)
    (out / ".scratch-x/index/seg-00000001.bin").write_bytes(b"half")
    (out / "write.lock").write_text("4711\n")
    assert seqkit("train", "search", "--data.train", beir, "--out", out).code == 0
    assert len(library.load(out)) == 60 and not [*out.glob(".scratch-*")]


def test_a_run_again_from_its_configuration(seqkit, trained, tmp_path):
    out = tmp_path / "again"
    outcome = seqkit("train", trained / "config.json", "--out", out)
    assert outcome.code == 0, outcome.err
    first, again = metrics(trained), metrics(out)
    assert again["test"] == first["test"] and again["others"] == first["others"]
    name = "seg-00000001.bin"
    assert (out / name).read_bytes() == (trained / name).read_bytes()


def test_fields_and_columns(seqkit, tmp_path):
    (tmp_path / "docs.csv").write_text("nr,head,body\n1,Jets,an engine\n2,Wings,a flow\n")
    (tmp_path / "queries.tsv").write_text("q\tjets\n")
    (tmp_path / "qrels").write_text("q 0 1 1\nq 0 9 1\nr 0 2 1\n")
    options = ["--data.train", tmp_path / "docs.csv", "--out", tmp_path / "run"]
    options += ["--data.queries", tmp_path / "queries.tsv", "--data.qrels", tmp_path / "qrels"]
    options += ["--data.id-column", "nr", "--fields", "head", "body"]
    outcome = seqkit("train", "search", *options, "--rankings", "bm25")
    assert outcome.code == 0, outcome.err
    assert metrics(tmp_path / "run")["test"]["mrr"] == 1
    page = (tmp_path / "run/report.md").read_text()
    assert "1 of 2 judged documents are not in the index, such as '9'" in page
    assert "1 judged queries are not among the queries" in page
    assert [hit.id for hit in library.load(tmp_path / "run").search("head:wings")] == ["2"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--device", "cuda"], "--device cuda: an index is built and searched on the CPU"),
        (["--seed", "-1"], "--seed -1: must be 0 or more"),
        (["--depth", "10"], "--depth 10: recall@100 is measured, so 100 or more"),
        (["--memory", "1M"], "--memory 1M: give 16M or more"),
        (["--memory", "much"], "--memory much: give a size as in 64M or 2G"),
        (["--rankings", "bm25", "bm25"], "--rankings: give one or more, each once"),
        (["--fields", "text", "text"], "fields ('text', 'text'): give one or more names"),
        (["--rankings", "bm25+rm3", "--no-store"], "--rankings bm25+rm3: feedback reads texts"),
        (["--data.split", "dev"], "--data.split dev: no qrels/dev.tsv"),
        (["--analysis.stemmer", "klingon"], "klingon"),
        (["--data.queries", "q.tsv"], "--data.queries without --data.qrels: give both"),
        (["--data.trian", "x"], "did you mean"),
    ],
)
def test_options_that_cannot_be(refused_run, options, message):
    assert message in refused_run(*options)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", "", "the file is empty"),
        ("a.jsonl", '{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', "two documents with"),
        ("a.jsonl", '{"id": "", "text": "x"}\n', "its id is empty"),
        ("a.jsonl", '{"id": "a"}\n', "a.jsonl:1: no key 'text': it has id"),
        ("a.tsv", "a\t" + "x" * 1001 + "\n", "a single record of more than 1,000 characters"),
    ],
)
def test_documents_that_cannot_be(refused_run, tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    told = refused_run("--data.train", tmp_path / name, "--data.max-chars", "1000")
    assert message in told and ".scratch" not in told


@pytest.fixture
def refused_run(seqkit, beir, tmp_path):
    """Run what must fail in one line, and leave nothing."""

    def run(*options):
        out = tmp_path / "run"
        given = [] if "--data.train" in options else ["--data.train", beir]
        outcome = seqkit("train", "search", *given, "--out", out, *options)
        assert outcome.code == 2 and outcome.err.rstrip().count("\n") <= 2, outcome.err
        assert not out.exists()
        return outcome.err

    return run
