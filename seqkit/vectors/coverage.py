"""How much of a vocabulary has a vector, and by which way."""

from dataclasses import dataclass

__all__ = ["Coverage"]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of a vocabulary a source of vectors knows."""

    words: int
    """Words asked for."""
    exact: int = 0
    """Words with a vector under their own spelling."""
    case: int = 0
    """Further words that took the vector of their spelling in other letters."""
    lemma: int = 0
    """Further words that took the vector of their lemma."""
    subwords: int = 0
    """Further words whose vector was made of their n-grams."""

    @property
    def known(self) -> int:
        """Words that have a vector."""
        return self.exact + self.case + self.lemma + self.subwords

    @property
    def share(self) -> float:
        """Share of the words that have a vector, between 0 and 1."""
        return self.known / self.words if self.words else 0.0

    def sentence(self) -> str:
        """Say it in one line, for a report.

        >>> Coverage(words=1200, exact=900, case=60).sentence()
        '80.0% of 1,200 words have a vector (900 by their own spelling, 60 in other letters)'
        """
        ways = {
            "by their own spelling": self.exact,
            "in other letters": self.case,
            "by their lemma": self.lemma,
            "from their n-grams": self.subwords,
        }
        said = ", ".join(f"{count:,} {way}" for way, count in ways.items() if count)
        return f"{self.share:.1%} of {self.words:,} words have a vector" + f" ({said})" * bool(said)
