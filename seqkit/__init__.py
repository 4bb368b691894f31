"""seqkit: sequence models that you train yourself, from raw text to a model that works in an app.

    import seqkit
    clf = seqkit.load("runs/classify-spam")
    clf.predict("WINNER!! Claim your prize").label
    lm = seqkit.load("runs/lm-chars")
    lm.generate("The whale", temperature=0.8, seed=1)
    tr = seqkit.load("runs/translate-multi30k")
    tr.translate("a dog runs", beam=5)
    ix = seqkit.load("runs/search-english")
    ix.search("heat transfer", k=10)[0].id
    wv = seqkit.load("runs/vectors-skipgram")
    wv.most_similar("king")

Importing `seqkit` imports neither torch nor any optional library; names are resolved when used.
"""

import importlib
from typing import TYPE_CHECKING, Any

from seqkit.errors import BundleError, ConfigError, DataError, SeqkitError

if TYPE_CHECKING:
    from seqkit.bundle import load
    from seqkit.data import Document
    from seqkit.models.classifier import Prediction, TextClassifier
    from seqkit.models.language_model import LanguageModel
    from seqkit.models.translation import Translation
    from seqkit.models.translator import Translator
    from seqkit.ngram.model import NgramModel
    from seqkit.search.index import SearchIndex
    from seqkit.text import TextPipeline, Vocab
    from seqkit.vectors.topics import TopicModel
    from seqkit.vectors.word_vectors import WordVectors

__version__ = "0.1.0"
__all__ = [
    "BundleError",
    "ConfigError",
    "DataError",
    "Document",
    "LanguageModel",
    "NgramModel",
    "Prediction",
    "SearchIndex",
    "SeqkitError",
    "TextClassifier",
    "TextPipeline",
    "TopicModel",
    "Translation",
    "Translator",
    "Vocab",
    "WordVectors",
    "load",
]

_HOMES = {
    "Document": "seqkit.data",
    "LanguageModel": "seqkit.models.language_model",
    "NgramModel": "seqkit.ngram.model",
    "Prediction": "seqkit.models.classifier",
    "SearchIndex": "seqkit.search.index",
    "TextClassifier": "seqkit.models.classifier",
    "TextPipeline": "seqkit.text",
    "TopicModel": "seqkit.vectors.topics",
    "Translation": "seqkit.models.translation",
    "Translator": "seqkit.models.translator",
    "Vocab": "seqkit.text",
    "WordVectors": "seqkit.vectors.word_vectors",
    "load": "seqkit.bundle",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'seqkit' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
