"""Small documents, and what an index of them must say, counted in plain Python."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from seqkit.data import Document
from seqkit.search.analysis import AnalysisConfig, Analyzer
from seqkit.search.config import SearchConfig
from seqkit.search.index import SearchIndex

CONFIG = SearchConfig(analysis=AnalysisConfig(stopwords="english"))
WORDS = ["heat", "transfer", "jet", "engine", "the", "wing", "flow"]


def document(id: str, text: str = "heat transfer", *, title: str = "", **fields: str) -> Document:
    return Document(id, title, text, fields)


def filled(
    folder: Path, *commits: Iterable[Document], config: SearchConfig = CONFIG
) -> SearchIndex:
    """Make an index with a commit for each of the collections."""
    index = SearchIndex.create(folder, config)
    for documents in commits:
        with index.writer() as writer:
            writer.add(documents)
    return index


def check(index: SearchIndex, documents: Mapping[str, Document]) -> None:
    """Compare all that an index tells of its documents with these."""
    analyzer = Analyzer(index.config.analysis)
    df, cf, total = Counter[str](), Counter[str](), 0
    for one in documents.values():
        texts = [one.title, one.text]
        terms = [term for text in texts for term in analyzer.query(text) if term is not None]
        df.update({*terms})
        cf.update(terms)
        total += len(terms)
    assert len(index) == len(documents)
    assert sorted(index) == sorted(documents)
    assert {one.id: one for one in index.documents()} == documents
    assert all(id in index for id in documents)
    found = {term for part in index.segments for term in part.segment.terms}
    terms = sorted(found | df.keys() | {"nowhere"})
    assert index.statistics(terms) == (
        len(documents),
        total,
        tuple(df[term] for term in terms),
        tuple(cf[term] for term in terms),
    )
