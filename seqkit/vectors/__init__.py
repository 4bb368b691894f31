"""Word vectors in the formats of other tools."""

from seqkit.vectors.reader import Coverage, read_vectors

__all__ = ["Coverage", "read_vectors"]
