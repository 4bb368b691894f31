"""A classifier without its folder, as it is pickled and sent: the files of its bundle, as bytes."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from seqkit.models.classifier import Decision, TextClassifier, restore_scorer, scorer_kind

__all__ = ["carried_classifier", "restored_classifier"]


def carried_classifier(classifier: TextClassifier) -> dict[str, Any]:
    """Return a classifier as a dict of names, numbers and bytes.

    Raises:
        ConfigError: over a scorer that no reader knows.
    """
    decision = classifier.decision
    return {
        "kind": scorer_kind(classifier.scorer),
        "files": classifier.scorer.to_files(),
        "decision": asdict(decision) if decision else None,
    }


def restored_classifier(saved: Mapping[str, Any], *, device: str) -> TextClassifier:
    """Take back what `carried_classifier` returned; a network goes onto `device`."""
    scorer = restore_scorer(saved["kind"], saved["files"], device=device)
    decision = Decision(**saved["decision"]) if saved["decision"] else None
    return TextClassifier(scorer, decision=decision)
