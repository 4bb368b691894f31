"""Ids -> tensors: padded batches, length buckets, streams, and an order that can be resumed."""

from seqkit.batching.buckets import BucketSampler, padding_share
from seqkit.batching.labeled import LabeledBatch
from seqkit.batching.lines import Lines
from seqkit.batching.padded import Batch, pad, padded_width
from seqkit.batching.pairs import PairBatch, pad_pairs
from seqkit.batching.shards import TokenShards, write_shards
from seqkit.batching.sources import LineSource, StreamSource
from seqkit.batching.streams import Streams, Windows
from seqkit.batching.token_buckets import TokenSampler, pair_padding_share

__all__ = [
    "Batch",
    "BucketSampler",
    "LabeledBatch",
    "LineSource",
    "Lines",
    "PairBatch",
    "StreamSource",
    "Streams",
    "TokenSampler",
    "TokenShards",
    "Windows",
    "pad",
    "pad_pairs",
    "padded_width",
    "padding_share",
    "pair_padding_share",
    "write_shards",
]
