"""A topic model by itself: asked, saved, loaded without gensim, refused where it is damaged."""

import json
import subprocess
import sys

import numpy as np
import pytest

import seqkit as sk
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.text import Normalizer, TextPipeline, Vocab, WordTokenizer
from seqkit.vectors.topics import TopicModel

WORDS = ["ship", "wave", "oven", "bread"]
TABLE = [[9, 1], [6, 1], [1, 8], [1, 3]]  # two topics: the sea, the kitchen


def make(table=TABLE, alpha=(0.5, 0.5), eta=1.0) -> TopicModel:
    pipeline = TextPipeline(Normalizer(case="lower"), WordTokenizer(), Vocab(WORDS))
    return TopicModel(table, pipeline, alpha=alpha, eta=eta, facts={"seed": 1})


def test_topics():
    sea, kitchen = make().topics(2)
    assert [word for word, _ in sea.words] == ["ship", "wave"] and sea.number == 0
    assert [word for word, _ in kitchen.words] == ["oven", "bread"]
    assert sea.words[0].weight == pytest.approx(9 / 17)
    assert sea.share == pytest.approx(13 / (13 + 9))  # without what the prior gave
    assert len(make().topics(99)[0].words) == 4


def test_a_document():
    model = make()
    found = model.of("A ship, a Ship on a WAVE!")
    assert found[0].topic == 0 and found[0].share > 0.8
    assert sum(share for _, share in found) == pytest.approx(1)
    assert model.of("ship bread", least=1.0) == []
    assert model.known("A ship, a Ship on a WAVE!") == 3 and model.known("nothing") == 0
    assert model.transform(["nothing", ""]).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_document_has_its_shares_whatever_the_others_are():
    model = make()
    texts = ["ship ship", "oven bread wave", "", "bread"]
    together = model.transform(texts)
    assert together.shape == (4, 2) and model.transform([]).shape == (0, 2)
    for row, text in zip(together, texts, strict=True):
        np.testing.assert_array_equal(model.transform([text])[0], row)


def test_saved_and_loaded(tmp_path):
    model = make()
    model.save(tmp_path, provenance={"recipe": "topics"}, metrics={"test": {"perplexity": 2.0}})
    again = sk.load(tmp_path)
    assert isinstance(again, sk.TopicModel) and again.facts == {"seed": 1}
    assert again.topics() == model.topics()
    texts = ["ship bread bread", "wave"]
    np.testing.assert_array_equal(again.transform(texts), model.transform(texts))
    assert TopicModel.load(tmp_path).words == WORDS
    assert json.loads((tmp_path / "bundle.json").read_text())["kind"] == "TopicModel"


def test_loading_takes_neither_gensim_nor_torch(tmp_path):
    make().save(tmp_path)
    code = (
        "import sys, seqkit; seqkit.load(sys.argv[1]).of('ship');"
        "print({'gensim', 'torch', 'scipy'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"table": [[1, 1]]}, r"parameters of shape \(1, 2\), expected \(4, 2\)"),
        ({"alpha": [1.0]}, r"expected \(4, 1\)"),
        ({"alpha": [0.0, 1.0]}, "must be finite and more than 0"),
        ({"table": [[np.nan, 1]] * 4}, "must be finite"),
        ({"eta": -1.0}, "more than 0"),
    ],
)
def test_bad_parameters(options, message):
    with pytest.raises(DataError, match=message):
        make(**options)
    with pytest.raises(ConfigError, match="words 0: must be 1 or more"):
        make().topics(0)
    with pytest.raises(ConfigError, match="got one str: use of, or write"):
        make().transform("ship")


def test_a_damaged_bundle(tmp_path):
    make().save(tmp_path / "model")
    from seqkit import bundle

    files = bundle.read(tmp_path / "model").files()
    head = json.loads(files["topics.json"])
    table = np.array(TABLE, np.float32)
    for changed, given in [
        ({**head, "words": 5}, table),
        ({**head, "alpha": [1.0]}, table),
        ({"words": 4}, table),
        (head, table[:3]),
    ]:
        written = {**files, "topics.json": json.dumps(changed).encode()}
        where = tmp_path / "changed"
        mapped = {"topics.npy": lambda path, given=given: np.save(path, given)}
        bundle.write(where, kind="TopicModel", files=written, mapped=mapped)
        with pytest.raises(BundleError, match="do not fit together"):
            sk.load(where)
    path = tmp_path / "model/topics.npy"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(BundleError, match=r"topics\.npy"):
        sk.load(tmp_path / "model")
