"""Named data: the sets that travel with seqkit (`bundled:NAME`) and public ones (`hf:NAME`).

Each public set is described as its authors publish it: their splits, their labels. The sizes are
there to notice a copy that is not the published one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from seqkit.errors import ConfigError, DataError, choices

__all__ = ["BUNDLED", "PUBLIC", "BundledSet", "PublicSet", "bundled_path", "bundled_set"]

_HERE = Path(__file__).resolve().parents[1]
_HOMES = (_HERE / "bundled", _HERE.parent / "data")  # an installed wheel; a checkout


@dataclass(frozen=True, kw_only=True)
class BundledSet:
    """A set that travels with seqkit; its licence and origin stand beside its file."""

    name: str
    file: str
    labels: tuple[str, ...]
    records: int
    licence: str
    citation: str


@dataclass(frozen=True, kw_only=True)
class PublicSet:
    """A published set of labelled texts, and where it is.

    Attributes:
        hub: its name on the `datasets` hub; `config` and `revision` where it needs one.
        home: where its authors publish it.
        text_column, label_column: the columns that hold what seqkit calls text and label.
        splits: records in each official split.
        labels: the names of the classes, in the order of their numbers.
        reported: the split that published figures are of, with its labels public.
        note: what to know before using it.
    """

    name: str
    hub: str
    home: str
    splits: Mapping[str, int]
    labels: tuple[str, ...]
    licence: str
    citation: str
    config: str | None = None
    revision: str | None = None
    text_column: str = "text"
    label_column: str = "label"
    reported: str = "test"
    note: str = ""


_NOT_STATED = "not stated by its authors"
_ZHANG = "Zhang, Zhao and LeCun, Character-level Convolutional Networks, NIPS 2015"
_ZHANG_HOME = "https://github.com/zhangxiangxiao/Crepe"

_BUNDLED = (
    BundledSet(
        name="sentiment",
        file="sentiment/tweets.tsv.xz",
        labels=("negative", "positive"),
        records=3_432,
        licence="MIT",
        citation="Hutto and Gilbert, VADER, ICWSM 2014",
    ),
    BundledSet(
        name="spam",
        file="spam/sms_spam.tsv.xz",
        labels=("ham", "spam"),
        records=5_574,
        licence="package MIT; collection free for all purposes (its authors), see ORIGIN.txt",
        citation="Almeida, Gomez Hidalgo and Yamakami, SMS Spam Filtering, DocEng 2011",
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


def bundled_path(name: str) -> Path:
    """Return the data file of a bundled set: in the installed package, or in a checkout.

    Raises:
        ConfigError: no set of that name travels with seqkit.
        DataError: its file is not there.
    """
    file = bundled_set(name).file
    for home in _HOMES:
        if (home / file).is_file():
            return home / file
    raise DataError(f"bundled:{name}: {file} is missing from this installation: reinstall seqkit")
