"""Ids -> tensors: padded batches, length buckets, streams, and an order that can be resumed."""

from seqkit.batching.buckets import BucketSampler, padding_share
from seqkit.batching.lines import Lines
from seqkit.batching.padded import Batch, pad, padded_width
from seqkit.batching.shards import TokenShards, write_shards
from seqkit.batching.sources import LineSource, StreamSource
from seqkit.batching.streams import Streams, Windows

__all__ = [
    "Batch",
    "BucketSampler",
    "LineSource",
    "Lines",
    "StreamSource",
    "Streams",
    "TokenShards",
    "Windows",
    "pad",
    "padded_width",
    "padding_share",
    "write_shards",
]
