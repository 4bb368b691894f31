"""Bricks of sequence models: plain `nn.Module`s with keyword arguments, state in and out."""

from seqkit.nn.activation import activation_penalty
from seqkit.nn.bag import HashedBag, ngram_ids
from seqkit.nn.dropout import EmbeddingDropout, LockedDropout
from seqkit.nn.embedding import Embedding
from seqkit.nn.initialise import SCHEMES, initialise
from seqkit.nn.losses import ClassificationLoss
from seqkit.nn.masking import keep_mask, reverse_sequences
from seqkit.nn.min_lstm import MinLstmLayer
from seqkit.nn.mogrifier import MogrifierLayer
from seqkit.nn.pooling import POOLINGS, AttentionPooling, pool
from seqkit.nn.recurrent import CELLS, RecurrentLayer, RecurrentStack
from seqkit.nn.scan import linear_scan
from seqkit.nn.softmax import AdaptiveSoftmax, FullSoftmax, linear_cross_entropy

__all__ = [
    "CELLS",
    "POOLINGS",
    "SCHEMES",
    "AdaptiveSoftmax",
    "AttentionPooling",
    "ClassificationLoss",
    "Embedding",
    "EmbeddingDropout",
    "FullSoftmax",
    "HashedBag",
    "LockedDropout",
    "MinLstmLayer",
    "MogrifierLayer",
    "RecurrentLayer",
    "RecurrentStack",
    "activation_penalty",
    "initialise",
    "keep_mask",
    "linear_cross_entropy",
    "linear_scan",
    "ngram_ids",
    "pool",
    "reverse_sequences",
]
