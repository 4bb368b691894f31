"""Several scorers that vote."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from seqkit.errors import ConfigError
from seqkit.files import json_bytes
from seqkit.models.classifier import Scorer, restore_scorer, scorer_kind

__all__ = ["Ensemble"]


class Ensemble:
    """Averages the probabilities of scorers, each with the same say.

    A network and a linear model err on different texts, so together they can be better than either
    (Mesnil et al. 2015), unless one is much the weaker; so can networks trained on different parts
    of the data (Breiman 1996).
    """

    def __init__(self, members: Sequence[Scorer]) -> None:
        """Take one scorer or more over the same labels.

        Raises:
            ConfigError: no member, or labels that differ.
        """
        if not members:
            raise ConfigError("an ensemble needs at least one member")
        if any(tuple(member.labels) != tuple(members[0].labels) for member in members):
            raise ConfigError("the members of an ensemble must have the same labels, in one order")
        self.members, self.labels = list(members), tuple(members[0].labels)

    def probabilities(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Score texts. Returns (N, C) float64."""
        return np.mean([member.probabilities(texts) for member in self.members], axis=0)

    def to_files(self) -> dict[str, bytes]:
        """Return the files that restore every member, their names numbered."""
        files = {"ensemble.json": json_bytes([scorer_kind(member) for member in self.members])}
        for number, member in enumerate(self.members, start=1):
            files |= {f"{number}-{name}": data for name, data in member.to_files().items()}
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes], **options: Any) -> "Ensemble":
        """Restore the members from their files; `options` go to those that are networks."""
        members = []
        for number, kind in enumerate(json.loads(files["ensemble.json"]), start=1):
            prefix = f"{number}-"
            own = {n.removeprefix(prefix): d for n, d in files.items() if n.startswith(prefix)}
            members.append(restore_scorer(kind, own, **options))
        return cls(members)
