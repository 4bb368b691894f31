"""Named data: the sets that travel with seqkit (`bundled:NAME`) and public ones (`hf:NAME`).

Each public set is described as its authors publish it: their splits, their labels. The sizes are
there to notice a copy that is not the published one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from seqkit.errors import ConfigError, DataError, choices

__all__ = [
    "BUNDLED",
    "PUBLIC",
    "BundledSet",
    "PublicSet",
    "SetKind",
    "bundled_path",
    "bundled_set",
    "official_split",
]

SetKind = Literal["labeled", "parallel", "retrieval", "text"]
"""Labelled texts, parallel text, a search collection, or running text: what `read_labeled` reads,
`read_pairs`, `read_retrieval`, or `read_text`."""

_HERE = Path(__file__).resolve().parents[1]
_HOMES = (_HERE / "bundled", _HERE.parent / "data")  # an installed wheel; a checkout


@dataclass(frozen=True, kw_only=True)
class BundledSet:
    """A set that travels with seqkit; its licence and origin stand beside its files.

    Attributes:
        files: the file of each official split, `train` first; a set without splits has that alone,
            a search collection has its documents there, and `queries` and `qrels`.
        records: labelled texts, pairs, or lines, in all files; documents.
        labels: the names of the classes; none for any other kind.
    """

    name: str
    kind: SetKind
    files: Mapping[str, str]
    records: int
    licence: str
    citation: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PublicSet:
    """A published set, and where it is.

    Attributes:
        kind: labelled texts, parallel text, or running text.
        hub: its name on the `datasets` hub; `config` and `revision` where it needs one.
        home: where its authors publish it.
        text_column, label_column, source_column, target_column: the columns that hold what seqkit
            calls text and label, and the two sides of a pair.
        splits: records in each official split.
        labels: the names of the classes, in the order of their numbers; none for any other kind.
        reported: the split that published figures are of, with its labels public.
        note: what to know before using it.
    """

    name: str
    hub: str
    home: str
    splits: Mapping[str, int]
    licence: str
    citation: str
    kind: SetKind = "labeled"
    labels: tuple[str, ...] = ()
    config: str | None = None
    revision: str | None = None
    text_column: str = "text"
    label_column: str = "label"
    source_column: str = "source"
    target_column: str = "target"
    reported: str = "test"
    note: str = ""


_NOT_STATED = "not stated by its authors"
_UNCHECKED = "name, configuration and sizes as published, not checked against the hub"
_WIKITEXT = "Merity et al., Pointer Sentinel Mixture Models, ICLR 2017"
_WIKITEXT_HOME = "https://arxiv.org/abs/1609.07843"
_ZHANG = "Zhang, Zhao and LeCun, Character-level Convolutional Networks, NIPS 2015"
_ZHANG_HOME = "https://github.com/zhangxiangxiao/Crepe"

_BUNDLED = (
    BundledSet(
        name="austen",
        kind="text",
        files={split: f"austen/austen.{split}.txt.xz" for split in ("train", "valid", "test")},
        records=10_011,
        licence="package MIT, texts public domain",
        citation="Jane Austen, six novels, in Silge, janeaustenr 1.0.0",
    ),
    BundledSet(
        name="bible-search",
        kind="retrieval",
        files={
            "train": "bible-search/docs.tsv.xz",
            "queries": "bible-search/queries.tsv.xz",
            "qrels": "bible-search/qrels.tsv.xz",
        },
        records=31_095,
        licence="public domain; its English name is a trademark, see its licence file",
        citation="World English Bible (eBible.org), judged by Nave's Topical Bible",
    ),
    BundledSet(
        name="glosses",
        kind="text",
        files={"train": "glosses/wordnet_glosses.txt.xz"},
        records=94_408,
        licence="WordNet 3.0 license, free for any purpose with its notice",
        citation="Princeton University, WordNet 3.0 (Fellbaum, 1998), definitions and examples",
    ),
    BundledSet(
        name="pronunciation",
        kind="parallel",
        files={
            split: f"pronunciation/cmudict.{split}.tsv.xz" for split in ("train", "valid", "test")
        },
        records=134_860,
        licence="BSD-2-Clause, Carnegie Mellon University",
        citation="The CMU Pronouncing Dictionary, in the package cmudict 1.1.3",
    ),
    BundledSet(
        name="reverse",
        kind="parallel",
        files={split: f"reverse/reverse.{split}.tsv.xz" for split in ("train", "valid", "test")},
        records=9_000,
        licence="that of seqkit",
        citation="random letters, made for seqkit",
    ),
    BundledSet(
        name="sentiment",
        kind="labeled",
        files={"train": "sentiment/tweets.tsv.xz"},
        labels=("negative", "positive"),
        records=3_432,
        licence="MIT",
        citation="Hutto and Gilbert, VADER, ICWSM 2014",
    ),
    BundledSet(
        name="shakespeare",
        kind="text",
        files={"train": "shakespeare/shakespeare.txt.xz"},
        records=59_860,
        licence="CC BY 2.5, words public domain",
        citation="William Shakespeare, twelve plays, in Open Knowledge Foundation, shakespeare 0.6",
    ),
    BundledSet(
        name="spam",
        kind="labeled",
        files={"train": "spam/sms_spam.tsv.xz"},
        labels=("ham", "spam"),
        records=5_574,
        licence="package MIT; collection free for all purposes (its authors), see ORIGIN.txt",
        citation="Almeida, Gomez Hidalgo and Yamakami, SMS Spam Filtering, DocEng 2011",
    ),
    BundledSet(
        name="translation",
        kind="parallel",
        files={"train": "translation/eng_fra.tsv.xz"},
        records=30_000,
        licence="CC BY 2.0 FR; the column attribution names the authors",
        citation="Tatoeba, by manythings.org/anki, 2020",
    ),
)

_PUBLIC = (
    PublicSet(
        name="ag_news",
        hub="fancyzhx/ag_news",
        home=_ZHANG_HOME,
        splits={"train": 120_000, "test": 7_600},
        labels=("World", "Sports", "Business", "Sci/Tech"),
        licence="for research, not commercial",
        citation=_ZHANG,
    ),
    PublicSet(
        name="amazon_polarity",
        hub="fancyzhx/amazon_polarity",
        home=_ZHANG_HOME,
        splits={"train": 3_600_000, "test": 400_000},
        labels=("negative", "positive"),
        licence=_NOT_STATED,
        citation=_ZHANG,
        text_column="content",
        note="the column title is left out",
    ),
    PublicSet(
        name="dbpedia_14",
        hub="fancyzhx/dbpedia_14",
        home=_ZHANG_HOME,
        splits={"train": 560_000, "test": 70_000},
        labels=(
            *("Company", "EducationalInstitution", "Artist", "Athlete", "OfficeHolder"),
            *("MeanOfTransportation", "Building", "NaturalPlace", "Village", "Animal"),
            *("Plant", "Album", "Film", "WrittenWork"),
        ),
        licence="CC BY-SA 3.0 and GFDL",
        citation=_ZHANG,
        text_column="content",
        note="the column title is left out",
    ),
    PublicSet(
        name="emotion",
        hub="dair-ai/emotion",
        home="https://github.com/dair-ai/emotion_dataset",
        config="split",
        splits={"train": 16_000, "validation": 2_000, "test": 2_000},
        labels=("sadness", "joy", "love", "anger", "fear", "surprise"),
        licence="for education and research",
        citation="Saravia et al., CARER, EMNLP 2018",
    ),
    PublicSet(
        name="imdb",
        hub="stanfordnlp/imdb",
        home="https://ai.stanford.edu/~amaas/data/sentiment/",
        splits={"train": 25_000, "test": 25_000},
        labels=("neg", "pos"),
        licence=_NOT_STATED,
        citation="Maas et al., Learning Word Vectors for Sentiment Analysis, ACL 2011",
        note="50,000 more reviews without a label are in the split unsupervised",
    ),
    PublicSet(
        name="multi30k",
        kind="parallel",
        hub="bentrevett/multi30k",
        home="https://github.com/multi30k/dataset",
        splits={"train": 29_000, "validation": 1_014, "test": 1_000},
        licence=_NOT_STATED,
        citation="Elliott et al., Multi30K, VL 2016",
        text_column="en",
        source_column="en",
        target_column="de",
        note="English to German, test is test_2016_flickr; to English: "
        f"--data.source-column de --data.target-column en; {_UNCHECKED}",
    ),
    PublicSet(
        name="ptb_text_only",
        kind="text",
        hub="ptb-text-only/ptb_text_only",
        home="https://catalog.ldc.upenn.edu/LDC99T42",
        config="penn_treebank",
        revision="refs/convert/parquet",  # the main branch is a script, which datasets 4 refuses
        splits={"train": 42_068, "validation": 3_370, "test": 3_761},
        licence="LDC User Agreement for Non-Members",
        citation="Marcus et al., CL 1993; as prepared by Mikolov et al., Interspeech 2010",
        text_column="sentence",
        note="words outside the 10,000 most frequent are the word <unk>: --text.tokenizer "
        f"whitespace; {_UNCHECKED}",
    ),
    PublicSet(
        name="rotten_tomatoes",
        hub="cornell-movie-review-data/rotten_tomatoes",
        home="https://www.cs.cornell.edu/people/pabo/movie-review-data/",
        splits={"train": 8_530, "validation": 1_066, "test": 1_066},
        labels=("neg", "pos"),
        licence=_NOT_STATED,
        citation="Pang and Lee, Seeing Stars, ACL 2005",
        note="the splits are the hub's: the authors give none, papers cross-validate",
    ),
    PublicSet(
        name="sms_spam",
        hub="ucirvine/sms_spam",
        home="https://archive.ics.uci.edu/dataset/228/sms+spam+collection",
        splits={"train": 5_574},
        labels=("ham", "spam"),
        licence="CC BY 4.0 (the repository's page)",
        citation="Almeida, Gomez Hidalgo and Yamakami, SMS Spam Filtering, DocEng 2011",
        text_column="sms",
        note="403 messages repeat another: split by content",
    ),
    PublicSet(
        name="sst2",
        hub="stanfordnlp/sst2",
        home="https://nlp.stanford.edu/sentiment/",
        splits={"train": 67_349, "validation": 872, "test": 1_821},
        labels=("negative", "positive"),
        licence=_NOT_STATED,
        citation="Socher et al., Recursive Deep Models, EMNLP 2013",
        text_column="sentence",
        reported="validation",
        note="the labels of test are hidden: report validation; train holds phrases of sentences",
    ),
    PublicSet(
        name="trec",
        hub="CogComp/trec",
        home="https://cogcomp.seas.upenn.edu/Data/QA/QC/",
        revision="refs/convert/parquet",  # the main branch is a script, which datasets 4 refuses
        splits={"train": 5_452, "test": 500},
        labels=("ABBR", "ENTY", "DESC", "HUM", "LOC", "NUM"),
        licence=_NOT_STATED,
        citation="Li and Roth, Learning Question Classifiers, COLING 2002",
        label_column="coarse_label",
        note="the 50 fine classes: --data.label-column fine_label",
    ),
    PublicSet(
        name="wikitext-103",
        kind="text",
        hub="Salesforce/wikitext",
        home=_WIKITEXT_HOME,
        config="wikitext-103-v1",
        splits={"train": 1_801_350, "validation": 3_760, "test": 4_358},
        licence="CC BY-SA 3.0 and GFDL",
        citation=_WIKITEXT,
        note="tokenised, rare words are <unk>; as it was written: "
        f"hf:wikitext-103/wikitext-103-raw-v1; {_UNCHECKED}",
    ),
    PublicSet(
        name="wikitext-2",
        kind="text",
        hub="Salesforce/wikitext",
        home=_WIKITEXT_HOME,
        config="wikitext-2-v1",
        splits={"train": 36_718, "validation": 3_760, "test": 4_358},
        licence="CC BY-SA 3.0 and GFDL",
        citation=_WIKITEXT,
        note="tokenised, rare words are <unk>; as it was written: "
        f"hf:wikitext-2/wikitext-2-raw-v1; {_UNCHECKED}",
    ),
    PublicSet(
        name="yelp_polarity",
        hub="fancyzhx/yelp_polarity",
        home=_ZHANG_HOME,
        splits={"train": 560_000, "test": 38_000},
        labels=("1", "2"),
        licence="Yelp's dataset terms",
        citation=_ZHANG,
        note="1 is negative, 2 is positive",
    ),
    PublicSet(
        name="yelp_review_full",
        hub="Yelp/yelp_review_full",
        home=_ZHANG_HOME,
        splits={"train": 650_000, "test": 50_000},
        labels=("1 star", "2 star", "3 stars", "4 stars", "5 stars"),
        licence="Yelp's dataset terms",
        citation=_ZHANG,
    ),
)

BUNDLED: Mapping[str, BundledSet] = MappingProxyType({each.name: each for each in _BUNDLED})
PUBLIC: Mapping[str, PublicSet] = MappingProxyType({each.name: each for each in _PUBLIC})


def bundled_set(name: str) -> BundledSet:
    """Return what is known of a bundled set.

    Raises:
        ConfigError: no set of that name travels with seqkit.
    """
    if name not in BUNDLED:
        raise ConfigError(choices("bundled set", name, BUNDLED))
    return BUNDLED[name]


def bundled_path(name: str, split: str = "train") -> Path:
    """Return a data file of a bundled set: in the installed package, or in a checkout.

    Raises:
        ConfigError: no set of that name travels with seqkit, or it has no such split.
        DataError: its file is not there.
    """
    files = bundled_set(name).files
    if split not in files:
        raise ConfigError(f"bundled:{name}: {choices('split', split, files)}")
    for home in _HOMES:
        if (home / files[split]).is_file():
            return home / files[split]
    raise DataError(
        f"bundled:{name}: {files[split]} is missing from this installation: reinstall seqkit"
    )


def official_split(path: str, split: Literal["valid", "test"]) -> str | None:
    """Name the split that the authors of a set give, for the path of its train split.

    None where the path is no named set, is another part of it, or has no such split.

    >>> official_split("bundled:austen", "test"), official_split("hf:wikitext-2:train", "valid")
    ('bundled:austen:test', 'hf:wikitext-2:validation')
    """
    home, _, rest = path.partition(":")
    source, _, part = rest.partition(":")
    name = source.partition("/")[0]
    if part.partition("[")[0] not in ("", "train") or source.count("/") > 1:
        return None
    if home == "bundled" and source in BUNDLED:
        splits = set(BUNDLED[source].files)
    elif home == "hf" and name in PUBLIC:
        splits = set(PUBLIC[name].splits)
    else:
        return None
    for found in (split, "validation") if split == "valid" else (split,):
        if found in splits:
            return f"{home}:{source}:{found}"
    return None
