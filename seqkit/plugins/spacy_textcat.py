"""A saved text classifier as a component of a spaCy pipeline.

    nlp = spacy.blank("en")
    nlp.add_pipe("seqkit_textcat", config={"model": "runs/classify-spam"})
    doc = nlp("WINNER!! Claim your prize")
    doc.cats                # {"ham": 0.001, "spam": 0.999}
    doc._.seqkit_labels     # {"seqkit_textcat": "spam"}

spaCy finds the component by its entry point where seqkit is installed; `import
seqkit.plugins.spacy_textcat` registers it anywhere.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from seqkit import bundle
from seqkit.errors import BundleError, require
from seqkit.models.classifier import Prediction, TextClassifier
from seqkit.plugins.carried import carried_classifier, restored_classifier

__all__ = ["SeqkitTextCategorizer", "make_textcat"]

_PURPOSE = "the component seqkit_textcat"
_language = require("spacy.language", extra="spacy", purpose=_PURPOSE)
_tokens = require("spacy.tokens", extra="spacy", purpose=_PURPOSE)
_srsly = require("srsly", extra="spacy", purpose=_PURPOSE)
_util = require("spacy.util", extra="spacy", purpose=_PURPOSE)

_LABELS = "seqkit_labels"


class SeqkitTextCategorizer:
    """Puts what a `TextClassifier` says of its text on each Doc.

    `doc.cats` gets the probability of each label, beside what other components put there.
    Batches give what single texts do: to the bit where the classifier is a bag or a baseline, and
    to the rounding of a sum, some 1e-8, where it is a network.
    `doc._.seqkit_labels` gets, by the name of the component, the label that is decided: a
    classifier with a threshold may well decide for another than the likelier one.
    """

    def __init__(self, name: str, model: str | os.PathLike[str], *, device: str = "cpu") -> None:
        """Load the classifier if its folder is there.

        A pipeline that was saved brings its own copy, which spaCy hands over after the component
        is made, and on another machine the folder is gone: that it is missing is therefore said
        when the first text comes.

        Args:
            name: of the component in its pipeline.
            model: the folder of a saved classifier.
            device: where a network runs, `cpu`, `cuda` or `auto`.

        Raises:
            BundleError: the folder holds a model of another kind, a damaged one, or none.
        """
        self.name, self._model, self._device = name, Path(model), device
        self._classifier: TextClassifier | None = None
        self._facts: dict[str, Any] = {}
        if not _tokens.Doc.has_extension(_LABELS):
            _tokens.Doc.set_extension(_LABELS, default={})
        if self._model.exists():
            self._load(self._model)

    @property
    def classifier(self) -> TextClassifier:
        """The classifier itself.

        Raises:
            BundleError: the folder that the pipeline names was not there.
        """
        if self._classifier is None:
            self._load(self._model)
        return self._classifier

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, as spaCy lists them for a pipeline; none before there is a classifier."""
        return self._classifier.labels if self._classifier else ()

    def __call__(self, doc: Any) -> Any:
        """Annotate one Doc and return it."""
        _annotate(doc, self.classifier.predict(doc.text), self.name)
        return doc

    def pipe(self, stream: Iterable[Any], *, batch_size: int = 128) -> Iterator[Any]:
        """Annotate Docs in batches; the same answers as one by one, a network's to rounding."""
        classifier = self.classifier
        for docs in _util.minibatch(stream, size=batch_size):
            answers = classifier.predict_many([doc.text for doc in docs])
            for doc, answer in zip(docs, answers, strict=True):
                _annotate(doc, answer, self.name)
                yield doc

    def to_disk(self, path: str | os.PathLike[str], *, exclude: Sequence[str] = ()) -> None:
        """Write the classifier as a bundle, which makes the folder of the pipeline complete."""
        self.classifier.save(path, **self._facts)

    def from_disk(
        self, path: str | os.PathLike[str], *, exclude: Sequence[str] = ()
    ) -> "SeqkitTextCategorizer":
        """Take the classifier of a saved pipeline, whatever the configuration names.

        Raises:
            BundleError: it is not there, or damaged.
        """
        self._load(Path(path))
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:
        """Return the classifier as bytes, which makes those of the pipeline complete."""
        carried = carried_classifier(self.classifier)
        return _srsly.msgpack_dumps({**carried, "facts": self._facts})

    def from_bytes(self, content: bytes, *, exclude: Sequence[str] = ()) -> "SeqkitTextCategorizer":
        """Take back what `to_bytes` returned, whatever the configuration names."""
        carried = _srsly.msgpack_loads(content)
        self._classifier = restored_classifier(carried, device=self._device)
        self._facts = carried["facts"]
        return self

    def _load(self, folder: Path) -> None:
        saved = bundle.read(folder)
        if saved.kind != "TextClassifier":
            raise BundleError(
                f"{folder}: holds a {saved.kind}; {self.name} needs a TextClassifier, such as "
                "`seqkit train classify` writes"
            )
        self._classifier = TextClassifier.from_bundle(saved, device=self._device)
        self._facts = {name: saved.index[name] for name in ("provenance", "metrics")}


@_language.Language.factory(
    "seqkit_textcat",
    assigns=["doc.cats", f"doc._.{_LABELS}"],
    default_config={"device": "cpu"},
)
def make_textcat(nlp: Any, name: str, model: str, device: str) -> SeqkitTextCategorizer:
    """Make the component `seqkit_textcat`; spaCy calls this for `nlp.add_pipe`.

    Args:
        nlp: the pipeline.
        name: of the component in it.
        model: the folder of a saved classifier.
        device: where a network runs, `cpu`, `cuda` or `auto`.
    """
    return SeqkitTextCategorizer(name, model, device=device)


def _annotate(doc: Any, answer: Prediction, name: str) -> None:
    doc.cats.update(answer.scores)
    setattr(doc._, _LABELS, {**getattr(doc._, _LABELS), name: answer.label})
