import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import messages

pytest.importorskip("spacy")

import spacy

import seqkit
from seqkit import baselines
from seqkit.errors import BundleError
from seqkit.models.classifier import Decision, TextClassifier
from seqkit.plugins.spacy_textcat import SeqkitTextCategorizer, make_textcat

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
TEXTS = [
    "free cash",
    "",
    "  ",
    "thanks,\n see you   later",
    "win🙂 a prize",
    "home",
    "cash at home",
]


def bundle(folder: Path, *, threshold: float | None = 1 - 1e-9) -> Path:
    labels, texts = zip(*messages(120), strict=True)
    decision = Decision(positive="spam", threshold=threshold, target="few") if threshold else None
    model = TextClassifier(baselines.fit("naive-bayes", texts, labels, seed=1), decision=decision)
    model.save(folder, provenance={"recipe": "by hand"}, metrics={"test": {"accuracy": 0.9}})
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return bundle(tmp_path_factory.mktemp("bundles") / "spam")


def pipeline(folder: Path, **options) -> "spacy.Language":
    nlp = spacy.blank("en")
    nlp.add_pipe("seqkit_textcat", config={"model": str(folder)}, **options)
    return nlp


def expected(folder: Path, text: str) -> tuple[dict[str, float], str]:
    answer = seqkit.load(folder).predict(text)
    return dict(answer.scores), answer.label


def said(doc, name: str = "seqkit_textcat") -> tuple[dict[str, float], str]:
    return doc.cats, doc._.seqkit_labels[name]


@pytest.mark.parametrize("text", TEXTS)
def test_a_doc_gets_what_the_classifier_says(folder, text):
    assert said(pipeline(folder)(text)) == expected(folder, text)


def test_the_threshold_decides(folder):
    docs = [pipeline(folder)(text) for text in TEXTS]
    likelier = [max(doc.cats, key=doc.cats.get) for doc in docs]
    assert likelier != [doc._.seqkit_labels["seqkit_textcat"] for doc in docs]


@pytest.mark.parametrize("batch_size", [1, 3, 1000])
def test_batches_are_one_by_one(folder, batch_size):
    nlp = pipeline(folder)
    docs = list(nlp.pipe(iter(TEXTS * 5), batch_size=batch_size))
    assert [doc.text for doc in docs] == TEXTS * 5
    assert [said(doc) for doc in docs] == [said(nlp(text)) for text in TEXTS * 5]


def test_a_batch_is_classified_at_once(folder, monkeypatch):
    sizes = []
    whole = TextClassifier.predict_many

    def counted(self, texts):
        sizes.append(len(texts))
        return whole(self, texts)

    monkeypatch.setattr(TextClassifier, "predict_many", counted)
    list(pipeline(folder).pipe(TEXTS, batch_size=4))
    assert sizes == [4, 3]


def test_two_components_stand_beside_each_other(folder, tmp_path):
    other = bundle(tmp_path / "other", threshold=None)
    nlp = pipeline(folder)
    nlp.add_pipe("seqkit_textcat", name="second", config={"model": str(other)})
    doc = nlp("cash at home")
    assert said(doc, "second") == expected(other, "cash at home")
    assert said(doc)[1] == expected(folder, "cash at home")[1]
    assert nlp.pipe_labels == {"seqkit_textcat": ["ham", "spam"], "second": ["ham", "spam"]}
    assert nlp.analyze_pipes()["summary"]["second"]["assigns"] == [
        "doc.cats",
        "doc._.seqkit_labels",
    ]


def test_a_saved_pipeline_is_complete(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "bundle")
    nlp = pipeline(tmp_path / "bundle", name="spam")
    before = [said(nlp(text), "spam") for text in TEXTS]
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(tmp_path / "bundle")
    loaded = spacy.load(tmp_path / "saved")
    assert [said(doc, "spam") for doc in loaded.pipe(TEXTS)] == before
    copied = json.loads((tmp_path / "saved/spam/bundle.json").read_text())
    assert copied["provenance"] == {"recipe": "by hand"}
    assert copied["metrics"] == {"test": {"accuracy": 0.9}}
    loaded.to_disk(tmp_path / "again")
    again = spacy.load(tmp_path / "again")
    assert [said(again(text), "spam") for text in TEXTS] == before


def test_the_copy_is_what_a_saved_pipeline_uses(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "bundle")
    pipeline(tmp_path / "bundle").to_disk(tmp_path / "saved")
    labels = ["ham", "spam"] * 3
    changed = baselines.fit("majority", ["a", "b", "c", "d", "e", "f"], labels, seed=1)
    TextClassifier(changed).save(tmp_path / "bundle")
    assert said(spacy.load(tmp_path / "saved")("cash")) == expected(folder, "cash")


@pytest.mark.parametrize("threshold", [None, 1 - 1e-9])
def test_the_bytes_of_a_pipeline_are_complete(folder, tmp_path, threshold):
    nlp = pipeline(bundle(tmp_path / "bundle", threshold=threshold), name="spam")
    before = [said(nlp(text), "spam") for text in TEXTS]
    content, config = nlp.to_bytes(), nlp.config
    shutil.rmtree(tmp_path / "bundle")
    empty = spacy.blank("en").from_config(config)
    assert empty.pipe_labels == {"spam": []}
    loaded = empty.from_bytes(content)
    assert [said(doc, "spam") for doc in loaded.pipe(TEXTS)] == before
    assert loaded.pipe_labels == {"spam": ["ham", "spam"]}
    assert loaded.to_bytes() == content
    loaded.to_disk(tmp_path / "saved")
    assert [said(spacy.load(tmp_path / "saved")(text), "spam") for text in TEXTS[:2]] == before[:2]
    copied = json.loads((tmp_path / "saved/spam/bundle.json").read_text())
    assert copied["metrics"] == {"test": {"accuracy": 0.9}}


def test_docs_keep_it(folder):
    nlp = pipeline(folder)
    kept = spacy.tokens.DocBin(store_user_data=True, docs=[nlp("cash at home")]).to_bytes()
    doc = next(spacy.tokens.DocBin(store_user_data=True).from_bytes(kept).get_docs(nlp.vocab))
    assert doc.cats == pytest.approx(expected(folder, "cash at home")[0])
    assert doc._.seqkit_labels == {"seqkit_textcat": expected(folder, "cash at home")[1]}


def test_a_network_too(tmp_path):
    pytest.importorskip("sklearn")
    from seqkit.plugins.estimator import SeqkitClassifier

    labels, texts = map(list, zip(*messages(120), strict=True))
    options = {"model.cnn.channels": 4, "model.cnn.dim": 8}
    model = SeqkitClassifier("cnn", epochs=1, options=options, device="cpu").fit(texts, labels)
    model.classifier_.save(tmp_path)
    nlp = pipeline(tmp_path)
    for doc in nlp.pipe(TEXTS):
        assert doc.cats == pytest.approx(expected(tmp_path, doc.text)[0], abs=1e-6)
    loaded = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert [said(loaded(text)) for text in TEXTS] == [said(nlp(text)) for text in TEXTS]


def test_a_folder_that_is_not_there(tmp_path):
    nlp = pipeline(tmp_path / "nowhere")  # of a saved pipeline that is just being loaded, perhaps
    assert nlp.pipe_labels == {"seqkit_textcat": []}
    for use in (lambda: nlp("a"), lambda: list(nlp.pipe(["a"])), lambda: nlp.to_disk(tmp_path)):
        with pytest.raises(BundleError, match="nowhere: no such folder: give the folder of a"):
            use()


def test_folders_that_hold_something_else(folder, tmp_path):
    from seqkit.vectors.word_vectors import WordVectors

    WordVectors(["a", "b"], [[1.0], [2.0]]).save(tmp_path / "vectors")
    with pytest.raises(BundleError, match="holds a WordVectors; seqkit_textcat needs a TextClass"):
        pipeline(tmp_path / "vectors")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BundleError, match=r"no bundle.json in it"):
        pipeline(tmp_path / "empty")
    pipeline(folder).to_disk(tmp_path / "saved")
    (tmp_path / "saved/seqkit_textcat/classifier.json").write_text("{}")
    with pytest.raises(BundleError, match=r"classifier\.json: 2 bytes, expected"):
        spacy.load(tmp_path / "saved")


def test_the_factory_by_itself(folder):
    component = make_textcat(spacy.blank("en"), "here", str(folder), "cpu")
    assert isinstance(component, SeqkitTextCategorizer)
    assert component.labels == ("ham", "spam")
    assert said(component(spacy.blank("en")("cash")), "here") == expected(folder, "cash")


def test_spacy_finds_it_by_its_entry_point(folder, tmp_path):
    points = PROJECT["entry-points"]["spacy_factories"]
    assert points == {"seqkit_textcat": f"{make_textcat.__module__}:{make_textcat.__name__}"}
    installed = importlib.metadata.entry_points(group="spacy_factories", name="seqkit_textcat")
    assert {point.value for point in installed} <= {*points.values()}
    # as an installer would write it, for a fresh interpreter that imports nothing of ours
    facts = tmp_path / "seqkit_entry_points-1.dist-info"
    facts.mkdir()
    lines = [f"{name} = {value}" for name, value in points.items()]
    (facts / "entry_points.txt").write_text("\n".join(["[spacy_factories]", *lines]))
    (facts / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: seqkit-entry-points\nVersion: 1\n"
    )
    code = (
        "import json, sys, spacy\n"
        "assert not any(name.startswith('seqkit') for name in sys.modules)\n"
        "nlp = spacy.blank('en')\n"
        "nlp.add_pipe('seqkit_textcat', config={'model': sys.argv[1]})\n"
        "print(json.dumps(nlp('cash').cats))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
    )
    assert json.loads(done.stdout) == expected(folder, "cash")[0]
