"""A saved language model at work: what runs in a fresh process."""

from typing import Any

__all__ = ["sample"]


def sample(*, bundle: str, **settings: Any) -> str:
    """Return what a saved model writes."""
    import seqkit

    return seqkit.load(bundle).generate(**settings)
