"""Word vectors: made, read, asked, measured, shown and saved."""

from seqkit.vectors.analogies import AnalogyScores, measure_analogies, read_analogies
from seqkit.vectors.bags import Bags, write_bags
from seqkit.vectors.coherence import topic_coherence
from seqkit.vectors.config import VectorsConfig
from seqkit.vectors.counted import count_vectors
from seqkit.vectors.coverage import Coverage
from seqkit.vectors.frequent import frequent_neighbours
from seqkit.vectors.layout import Layout, lay_out
from seqkit.vectors.neighbours import Neighbour
from seqkit.vectors.projector import write_projector
from seqkit.vectors.reader import read_vectors
from seqkit.vectors.sentences import SentenceVectors, WordTable
from seqkit.vectors.similarity import (
    SimilarityScores,
    WordPair,
    measure_similarity,
    read_word_pairs,
)
from seqkit.vectors.spacy_vectors import from_spacy, to_spacy
from seqkit.vectors.stored import StoredVectors, read_vector_file
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.topic_training import LdaConfig, train_topics
from seqkit.vectors.topics import Topic, TopicModel, TopicShare, TopicWord
from seqkit.vectors.training import train_vectors
from seqkit.vectors.word_vectors import WordVectors
from seqkit.vectors.writing import write_vector_file

__all__ = [
    "AnalogyScores",
    "Bags",
    "Coverage",
    "Layout",
    "LdaConfig",
    "Neighbour",
    "SentenceVectors",
    "SimilarityScores",
    "StoredVectors",
    "Subwords",
    "Topic",
    "TopicModel",
    "TopicShare",
    "TopicWord",
    "VectorsConfig",
    "WordPair",
    "WordTable",
    "WordVectors",
    "count_vectors",
    "frequent_neighbours",
    "from_spacy",
    "lay_out",
    "measure_analogies",
    "measure_similarity",
    "read_analogies",
    "read_vector_file",
    "read_vectors",
    "read_word_pairs",
    "to_spacy",
    "topic_coherence",
    "train_topics",
    "train_vectors",
    "write_bags",
    "write_projector",
    "write_vector_file",
]
