"""The bundled sets of pairs: as many as described, made by the rules that data/README.md has."""

import os
import re
from pathlib import Path

import pytest

from seqkit.data import BUNDLED, bundled_path, official_split, read_pairs, read_text
from seqkit.data.readers.hub import parse_hub
from seqkit.errors import ConfigError

SPLITS = ("train", "valid", "test")


@pytest.fixture(scope="module")
def pronunciation() -> dict[str, list[tuple[str, str]]]:
    return {split: sides(f"bundled:pronunciation:{split}") for split in SPLITS}


def sides(path: str) -> list[tuple[str, str]]:
    return [(pair.source, pair.target) for pair in read_pairs(path)]


def readme(name: str) -> dict[str, object]:
    """What the Python of a section of data/README.md makes."""
    page = (Path(__file__).parents[2] / "data" / "README.md").read_text()
    section = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    made: dict[str, object] = {}
    for block in re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        exec(compile(block, name, "exec"), made)
    return made


def test_counts_of_pronunciation(pronunciation):
    assert [len(pronunciation[split]) for split in SPLITS] == [118_607, 2_673, 13_580]
    words = {split: {word for word, _ in pairs} for split, pairs in pronunciation.items()}
    assert [len(words[split]) for split in SPLITS] == [110_834, 2_489, 12_729]
    whole = [pair for split in SPLITS for pair in pronunciation[split]]
    assert len(set(whole)) == len(whole) == BUNDLED["pronunciation"].records


def test_no_word_is_on_two_sides(pronunciation):
    split_of = readme("pronunciation")["split_of"]
    for split, pairs in pronunciation.items():
        assert {split_of(word) for word, _ in pairs} == {split}
    bare = [
        {re.sub(r"[^a-z]+", " ", word).strip() for word, _ in p} for p in pronunciation.values()
    ]
    assert not bare[0] & bare[1] and not bare[0] & bare[2] and not bare[1] & bare[2]


def test_phones_are_without_stress(pronunciation):
    whole = dict.fromkeys(pair for split in SPLITS for pair in pronunciation[split])
    phones = {phone for _, target in whole for phone in target.split(" ")}
    assert len(phones) == 39 and all(re.fullmatch("[A-Z]{1,2}", phone) for phone in phones)
    tomato = [target for word, target in whole if word == "tomato"]
    assert tomato == ["T AH M EY T OW", "T AH M AA T OW"]  # as the dictionary has them, in order
    assert all(re.search("[a-z]", word) for word, _ in whole)


def test_reverse_is_made_by_its_rule():
    pairs = [pair for split in SPLITS for pair in sides(f"bundled:reverse:{split}")]
    assert pairs == readme("reverse")["pairs"]
    assert [len(sides(f"bundled:reverse:{split}")) for split in SPLITS] == [8_000, 500, 500]
    assert all(3 <= len(source) <= 12 and source[::-1] == target for source, target in pairs)
    assert len(set(pairs)) == len(pairs)


def test_translation_keeps_who_wrote_it():
    first = next(read_pairs("bundled:translation"))
    assert tuple(first) == ("Oh no!", "Oh non !", "bundled:translation", 2)
    named = list(read_text(str(bundled_path("translation")), text_column="attribution"))
    assert len(named) == 30_000 and all(re.fullmatch("#[0-9]+ .* & #[0-9]+ .*", n) for n in named)
    assert len({source for source, _ in sides("bundled:translation")}) == 30_000


def test_the_other_way_round():
    turned = read_pairs("bundled:translation", source_column="target", target_column="source")
    assert next(turned)[:2] == ("Oh non !", "Oh no!")


def test_a_set_of_another_kind_says_what_it_is():
    for name, kind in {
        "austen": "running text",
        "bible-search": "a search collection",
        "spam": "labelled texts",
    }.items():
        with pytest.raises(ConfigError) as caught:
            read_pairs(f"bundled:{name}")
        assert str(caught.value) == (
            f"bundled:{name}: {kind}, not pairs: choose bundled:pronunciation or bundled:reverse "
            "or bundled:translation"
        )
    with pytest.raises(ConfigError, match=r"split 'vaild': choose from .* mean 'valid'"):
        read_pairs("bundled:reverse:vaild")


def test_multi30k_of_the_hub():
    columns = parse_hub("hf:multi30k").columns
    assert (columns["source"], columns["target"]) == ("en", "de")
    assert official_split("hf:multi30k", "valid") == "hf:multi30k:validation"
    assert official_split("hf:multi30k", "test") == "hf:multi30k:test"


def test_multi30k_as_the_hub_would_give_it(monkeypatch):
    datasets = pytest.importorskip("datasets")
    table = datasets.Dataset.from_dict({"en": ["a dog"], "de": ["ein Hund"]})
    monkeypatch.setattr(datasets, "load_dataset", lambda *args, **options: table)
    assert sides("hf:multi30k") == [("a dog", "ein Hund")]
    turned = read_pairs("hf:multi30k", source_column="de", target_column="en")
    assert next(turned)[:2] == ("ein Hund", "a dog")


@pytest.mark.skipif("SEQKIT_DATA" not in os.environ, reason="SEQKIT_DATA is not set")
def test_multi30k_of_its_publishers():
    folder = Path(os.environ["SEQKIT_DATA"]) / "multi30k"
    for name, pairs in {"train": 29_000, "val": 1_014, "test_2016_flickr": 1_000}.items():
        (english,) = folder.glob(f"{name}.en*")
        (german,) = folder.glob(f"{name}.de*")
        assert len(sides(f"{english},{german}")) == pairs
