"""How a command is told to rank documents: a scorer and its options, with feedback or without."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from seqkit.errors import ConfigError

if TYPE_CHECKING:
    from seqkit.search.feedback import RM3
    from seqkit.search.scorers import Scorer

__all__ = [
    "AgainstOptions",
    "RankingOptions",
    "make_feedback",
    "make_scorer",
    "setting_name",
    "two_settings",
]

# what the library calls an option, and what it is called here
_USED: dict[str, dict[str, str]] = {
    "bm25": {name: name for name in ("k1", "b", "variant", "delta")},
    "tfidf": {},
    "dirichlet": {"mu": "mu"},
}
_WITH_DELTA = ("bm25l", "bm25+")
_RM3 = {name: f"feedback_{name}" for name in ("documents", "terms", "weight")}


@dataclass(frozen=True, kw_only=True)
class RankingOptions:
    """How documents are ranked; what is not given is as the library has it."""

    scorer: Literal["bm25", "tfidf", "dirichlet"] | None = None
    """How a document is scored: bm25 unless it is said."""
    k1: float | None = None
    """bm25: how much repeated terms count."""
    b: float | None = None
    """bm25: how much the length of a document counts."""
    variant: Literal["lucene", "robertson", "atire", "bm25l", "bm25+"] | None = None
    """bm25: which of its forms."""
    delta: float | None = None
    """bm25: what bm25l and bm25+ add."""
    mu: float | None = None
    """dirichlet: how much the collection counts."""
    feedback: Literal["none", "rm3"] | None = None
    """rm3: ask again with words of the first documents."""
    feedback_documents: int | None = None
    """rm3: how many documents."""
    feedback_terms: int | None = None
    """rm3: how many words."""
    feedback_weight: float | None = None
    """rm3: share of the query itself."""


@dataclass(frozen=True, kw_only=True)
class AgainstOptions(RankingOptions):
    """A second setting; what is not given is as in the first."""

    run: str | None = None
    """A run file, of another system or an earlier evaluation, instead of a setting."""


def two_settings(
    options: RankingOptions, against: AgainstOptions
) -> tuple[RankingOptions, RankingOptions | None]:
    """Return the setting, and the one that it is compared with."""
    names = [field.name for field in dataclasses.fields(RankingOptions)]
    first = RankingOptions(**{name: getattr(options, name) for name in names})
    first = dataclasses.replace(first, scorer=first.scorer or "bm25")
    _check(first, "--")
    changed = {name: getattr(against, name) for name in names}
    changed = {name: value for name, value in changed.items() if value is not None}
    if against.run is not None and changed:
        name = next(iter(changed)).replace("_", "-")
        raise ConfigError(f"--against.{name} has no effect with --against.run")
    if not changed and against.run is None:
        return first, None
    base = {name: getattr(first, name) for name in names}
    if changed.get("scorer", base["scorer"]) != base["scorer"]:  # its options are for the other
        base |= dict.fromkeys(option for used in _USED.values() for option in used.values())
    if changed.get("feedback") == "none":
        base |= dict.fromkeys(_RM3.values())
    if changed.get("variant") not in (None, *_WITH_DELTA):
        base["delta"] = None
    second = RankingOptions(**{**base, **changed})
    _check(second, "--against.")
    return first, second


def _check(setting: RankingOptions, prefix: str) -> None:
    """Refuse what the scorer, or no feedback, would not use."""
    for owner, used in _USED.items():
        for name in _chosen(setting, used) if owner != setting.scorer else ():
            raise ConfigError(f"{prefix}{name} is for --scorer {owner}, got {setting.scorer}")
    for name in _chosen(setting, _RM3) if setting.feedback != "rm3" else ():
        raise ConfigError(f"{prefix}feedback-{name} has no effect without --feedback rm3")


def setting_name(setting: RankingOptions) -> str:
    """Name a setting by what was chosen: bm25 k1=0.9 rm3 terms=20."""
    scorer = setting.scorer or "bm25"
    words = [scorer, *_pairs(_chosen(setting, _USED[scorer]))]
    if setting.feedback == "rm3":
        words += ["rm3", *_pairs(_chosen(setting, _RM3))]
    return " ".join(words)


def make_scorer(setting: RankingOptions) -> "Scorer":
    """Make the scorer that was asked for."""
    from seqkit.search.scorers import BM25, Dirichlet, TfIdf

    kinds = {"bm25": BM25, "tfidf": TfIdf, "dirichlet": Dirichlet}
    scorer = setting.scorer or "bm25"
    return kinds[scorer](**_chosen(setting, _USED[scorer]))


def make_feedback(setting: RankingOptions) -> "RM3 | None":
    """Make the feedback that was asked for, None for none."""
    from seqkit.search.feedback import RM3

    return RM3(**_chosen(setting, _RM3)) if setting.feedback == "rm3" else None


def _pairs(options: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in options.items()]


def _chosen(setting: RankingOptions, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the options that were given, by what the library calls them."""
    values = {name: getattr(setting, option) for name, option in names.items()}
    return {name: value for name, value in values.items() if value is not None}
