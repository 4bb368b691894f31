"""What makes two texts equal to the letter: a 64-bit key."""

import hashlib

__all__ = ["exact_key"]


def exact_key(text: str) -> int:
    """Hash a text as it is, the same on every machine and in every run: 0 <= key < 2^64.

    `content_key` leaves case, spacing and punctuation out; here each character counts.
    """
    content = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")
