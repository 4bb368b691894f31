"""An inverted index that can be changed while it is used."""

from seqkit.search.analysis import AnalysisConfig, Analyzer
from seqkit.search.config import SearchConfig
from seqkit.search.evaluating import read_run, run_queries, write_run
from seqkit.search.explaining import Explanation
from seqkit.search.feedback import RM3
from seqkit.search.fusion import VectorIndex, fuse
from seqkit.search.index import SearchIndex
from seqkit.search.parsing import parse
from seqkit.search.query import All, Bool, Equals, Phrase, Prefix, Query, Range, Term, Words
from seqkit.search.results import Hit, Results
from seqkit.search.scorers import BM25, Dirichlet, TfIdf
from seqkit.search.snippets import highlight
from seqkit.search.writer import IndexWriter

__all__ = [
    "BM25",
    "RM3",
    "All",
    "AnalysisConfig",
    "Analyzer",
    "Bool",
    "Dirichlet",
    "Equals",
    "Explanation",
    "Hit",
    "IndexWriter",
    "Phrase",
    "Prefix",
    "Query",
    "Range",
    "Results",
    "SearchConfig",
    "SearchIndex",
    "Term",
    "TfIdf",
    "VectorIndex",
    "Words",
    "fuse",
    "highlight",
    "parse",
    "read_run",
    "run_queries",
    "write_run",
]
