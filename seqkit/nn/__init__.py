"""Bricks of sequence models: plain `nn.Module`s with keyword arguments, state in and out."""

from seqkit.nn.bag import HashedBag, ngram_ids
from seqkit.nn.dropout import EmbeddingDropout, LockedDropout
from seqkit.nn.embedding import Embedding
from seqkit.nn.initialise import SCHEMES, initialise
from seqkit.nn.losses import ClassificationLoss
from seqkit.nn.masking import keep_mask, reverse_sequences
from seqkit.nn.pooling import POOLINGS, AttentionPooling, pool
from seqkit.nn.recurrent import CELLS, RecurrentLayer, RecurrentStack

__all__ = [
    "CELLS",
    "POOLINGS",
    "SCHEMES",
    "AttentionPooling",
    "ClassificationLoss",
    "Embedding",
    "EmbeddingDropout",
    "HashedBag",
    "LockedDropout",
    "RecurrentLayer",
    "RecurrentStack",
    "initialise",
    "keep_mask",
    "ngram_ids",
    "pool",
    "reverse_sequences",
]
