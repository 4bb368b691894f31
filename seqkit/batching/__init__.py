"""Ids -> tensors: padded batches, length buckets, and an order that can be resumed."""

from seqkit.batching.buckets import BucketSampler, padding_share
from seqkit.batching.padded import Batch, pad, padded_width

__all__ = ["Batch", "BucketSampler", "pad", "padded_width", "padding_share"]
