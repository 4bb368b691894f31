"""What an index is told when it is created."""

from dataclasses import dataclass

from seqkit.errors import ConfigError
from seqkit.search.analysis import AnalysisConfig

__all__ = ["SearchConfig"]


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """What of a document can be found, and how its text becomes terms."""

    fields: tuple[str, ...] = ("title", "text")
    """Text fields, in the order in which they are indexed; all else of a document is metadata."""
    analysis: AnalysisConfig = AnalysisConfig()
    """How a text, and a query, becomes terms."""
    store: bool = True
    """Keep the text itself, for display and snippets."""

    def __post_init__(self) -> None:
        """Check the fields.

        Raises:
            ConfigError: there is none, or one comes twice; the analysis is no `AnalysisConfig`.
        """
        if not isinstance(self.analysis, AnalysisConfig):
            raise ConfigError(
                f"analysis {self.analysis!r:.60}: expected an AnalysisConfig, such as "
                "AnalysisConfig(stopwords='english', stemmer='english')"
            )
        if isinstance(self.fields, str):
            raise ConfigError(f"fields {self.fields!r}: give several names: ({self.fields!r},)")
        named = all(isinstance(name, str) and name for name in self.fields)
        if not self.fields or len({*self.fields}) < len(self.fields) or not named:
            raise ConfigError(f"fields {self.fields!r}: give one or more names, each once")
