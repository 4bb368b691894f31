"""Counting language models: counts, smoothing, ARPA files, and a model that is mapped from disk.

The loops are compiled by numba, an optional dependency: without it everything here can be imported,
and what needs a loop says how to install it.
"""

from seqkit.ngram.arpa_reader import ArpaModel, read_arpa
from seqkit.ngram.arpa_writer import write_arpa
from seqkit.ngram.corpus import Corpus, encode_lines, read_corpus
from seqkit.ngram.counting import count_ngrams
from seqkit.ngram.estimate import Estimate, SmoothingConfig, estimate, unused_smoothing
from seqkit.ngram.levels import Levels, NgramCounts, NgramTable
from seqkit.ngram.merging import limit_vocabulary, merge_counts
from seqkit.ngram.model import NgramModel
from seqkit.ngram.shards import CountShard, open_counts, save_counts
from seqkit.ngram.training import NgramConfig, train_ngram
from seqkit.ngram.trie import PackedTrie
from seqkit.text.lexicon import Lexicon

__all__ = [
    "ArpaModel",
    "Corpus",
    "CountShard",
    "Estimate",
    "Levels",
    "Lexicon",
    "NgramConfig",
    "NgramCounts",
    "NgramModel",
    "NgramTable",
    "PackedTrie",
    "SmoothingConfig",
    "count_ngrams",
    "encode_lines",
    "estimate",
    "limit_vocabulary",
    "merge_counts",
    "open_counts",
    "read_arpa",
    "read_corpus",
    "save_counts",
    "train_ngram",
    "unused_smoothing",
    "write_arpa",
]
