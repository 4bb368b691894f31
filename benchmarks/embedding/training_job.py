"""Word vectors of a tokenised text: what runs in a fresh process."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["train"]

_SEED = 1


def train(
    *, text: str, out: str, trainer: str, architecture: str, epochs: int, workers: int, asked: str
) -> dict[str, Any]:
    """Train on a file with a sentence a line, its tokens apart by spaces.

    Args:
        text: the file.
        out: a folder that is to be made, for what waits on disk.
        trainer: seqkit, or memory, lines or file: how gensim is handed the text.
        architecture: skipgram or cbow.
        epochs: passes over the text.
        workers: threads that train.
        asked: file of analogies.

    Returns:
        Seconds of the vocabulary pass and of the training, the processor's seconds of both, the
        tokens, and how many analogies were answered and right.
    """
    from seqkit.vectors.analogies import measure_analogies

    make = _seqkit if trainer == "seqkit" else _gensim
    marks, vectors, tokens = make(text, out, trainer, architecture, epochs, workers)
    total = measure_analogies(vectors, asked).total
    names = ("begin", "vocabulary", "train")
    wall, cpu = ([marks[name][clock] for name in names] for clock in (0, 1))
    return {
        "vocabulary": wall[1] - wall[0],
        "train": wall[2] - wall[1],
        "processor": cpu[2] - cpu[0],
        "processor_train": cpu[2] - cpu[1],
        "tokens": tokens * epochs,
        "words": len(vectors),
        "answered": total.answered,
        "right": total.correct,
    }


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _seqkit(text: str, out: str, trainer: str, architecture: Any, epochs: int, workers: int) -> Any:
    import gensim.models  # noqa: F401 - it is part of neither time

    from seqkit.vectors.config import VectorsConfig
    from seqkit.vectors.token_file import write_token_file
    from seqkit.vectors.training import train_on_tokens

    config = VectorsConfig(architecture=architecture, epochs=epochs, workers=workers)
    marks = {"begin": _now()}
    with open(text, encoding="utf-8", newline="\n") as lines:
        tokens = write_token_file((line.split() for line in lines), Path(out))
    marks["vocabulary"] = _now()
    vectors = train_on_tokens(tokens, config, seed=_SEED)
    marks["train"] = _now()
    return marks, vectors, tokens.tokens


def _gensim(text: str, out: str, trainer: str, architecture: str, epochs: int, workers: int) -> Any:
    from gensim.models.word2vec import LineSentence, Word2Vec

    from seqkit.vectors.word_vectors import WordVectors

    model = Word2Vec(
        sg=int(architecture == "skipgram"), vector_size=100, workers=workers, seed=_SEED
    )
    ways: dict[str, Callable[[], dict[str, Any]]] = {
        "memory": lambda: {"corpus_iterable": [*LineSentence(text)]},
        "lines": lambda: {"corpus_iterable": LineSentence(text)},
        "file": lambda: {"corpus_file": text},
    }
    corpus = ways[trainer]()
    marks = {"begin": _now()}
    model.build_vocab(**corpus)
    marks["vocabulary"] = _now()
    model.train(
        **corpus,
        total_examples=model.corpus_count,
        total_words=model.corpus_total_words,
        epochs=epochs,
    )
    marks["train"] = _now()
    vectors = WordVectors(model.wv.index_to_key, model.wv.vectors)
    return marks, vectors, model.corpus_total_words
