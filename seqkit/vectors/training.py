"""Train word vectors through gensim: word2vec and fastText.

Mikolov et al., Efficient estimation of word representations in vector space, 2013; Distributed
representations of words and phrases, NIPS 2013. Bojanowski et al., Enriching word vectors with
subword information, TACL 2017.

The text is tokenised once, into files that gensim's compiled loop reads by itself: its threads
never wait for Python.
"""

import logging
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from seqkit.errors import DataError, require
from seqkit.vectors.config import VectorsConfig, unused_training_options
from seqkit.vectors.phrases import join_phrases
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.token_file import TokenFile, escape, unescape, write_token_file
from seqkit.vectors.word_vectors import WordVectors

__all__ = ["TrainedPart", "choose_words", "train_on_tokens", "train_vectors"]

logger = logging.getLogger(__name__)

# gensim's threads read 10,000 words at a time: with few such batches they would go over the same
# text, for each reads on until it has had its share
_SHARE = 200_000
_WORKER = "_worker_loop_corpusfile"  # what the names of gensim's threads hold


@dataclass(frozen=True)
class TrainedPart:
    """How far training has come."""

    epoch: int
    """Counted from 1."""
    tokens: int
    """Of the text, read since the one before this."""
    trained: int
    """Of them, with a vector and not skipped for their frequency."""
    lr: float
    """Learning rate from here on."""
    ends_epoch: bool


def train_vectors(
    sentences: Iterable[Sequence[str]],
    config: VectorsConfig = VectorsConfig(),  # noqa: B008 - it is frozen
    *,
    seed: int = 1,
    progress: Callable[[TrainedPart], None] = lambda part: None,
) -> WordVectors:
    """Train word vectors on tokenised sentences, which are read once.

    Memory holds the distinct words and the vectors; the text waits in a temporary folder.

    Args:
        sentences: the tokens of each.
        config: the options.
        seed: of the first vectors and of every draw.
        progress: called from time to time.

    Raises:
        ConfigError: gensim is not installed.
        DataError: a text smaller than the window, no word that is frequent enough, a full disk.
    """
    require("gensim", extra="vectors", purpose="training word vectors")
    with tempfile.TemporaryDirectory(prefix="seqkit-vectors-") as name:
        folder = Path(name)
        tokens = write_token_file(sentences, folder)
        tokens, _ = join_phrases(tokens, config, folder=folder)
        return train_on_tokens(tokens, config, seed=seed, progress=progress)


def train_on_tokens(
    tokens: TokenFile,
    config: VectorsConfig,
    *,
    seed: int = 1,
    progress: Callable[[TrainedPart], None] = lambda part: None,
) -> WordVectors:
    """Train word vectors on a text that is tokenised, its phrases joined already.

    An exception meanwhile, Ctrl-C for one, empties the files: that is what ends gensim's threads.

    Args:
        tokens: the text.
        config: the options.
        seed: of the first vectors and of every draw.
        progress: called from time to time.

    Raises:
        ConfigError, DataError: see `train_vectors`.
    """
    gensim = require("gensim", extra="vectors", purpose="training word vectors")
    words = choose_words(tokens, config)
    counts = [tokens.counts[word] for word in words]
    model = _make_model(config, seed, most=counts[0])
    model.build_vocab_from_freq(dict(zip(map(escape, words), counts, strict=True)))
    trained = _train(model, tokens, config, progress)
    subwords = None
    if config.method == "fasttext":
        subwords = Subwords(model.wv.vectors_ngrams, config.minn, config.maxn)
    ignored = {name.removeprefix("vectors.") for name, _ in unused_training_options(config)}
    facts = {
        **{name: value for name, value in asdict(config).items() if name not in ignored},
        "seed": seed,
        "tokens": tokens.tokens,
        "words_trained": trained,
        "gensim": gensim.__version__,
    }
    return WordVectors(
        [*map(unescape, model.wv.index_to_key)],
        model.wv.vectors,
        counts=counts,
        subwords=subwords,
        facts=facts,
    )


def choose_words(tokens: TokenFile, config: VectorsConfig) -> list[str]:
    """Return the words that get a vector: the most frequent first, of equal ones by spelling.

    Raises:
        DataError: there is nothing to learn from, or no word is frequent enough.
    """
    if tokens.tokens <= config.window:
        raise DataError(
            f"the text has {tokens.tokens:,} tokens, and the window takes {config.window} on each "
            "side: give more text"
        )
    if tokens.longest < 2:
        raise DataError(
            "every line of the text is a single token, so that none has a neighbour to learn from: "
            "give a sentence or a document a line"
        )
    words = [word for word, count in tokens.counts.items() if count >= config.min_count]
    if not words:
        most = max(tokens.counts.values())
        raise DataError(
            f"no word comes {config.min_count} times, the most frequent one {most}: lower "
            "--vectors.min-count, or give more text"
        )
    words.sort(key=lambda word: (-tokens.counts[word], word))
    return words[: config.max_vocab]


def _make_model(config: VectorsConfig, seed: int, *, most: int) -> Any:
    """Make gensim's model; the vocabulary comes in our order, which it is to keep.

    Without negatives and without `sample` gensim 4.4 leaves the generator that its file loop draws
    windows from unset, and the vectors differ from run to run. A `sample` that is the count of the
    most frequent word skips none either, and sets it.
    """
    options: dict[str, Any] = {
        "vector_size": config.dim,
        "window": config.window,
        "sg": int(config.architecture == "skipgram"),
        "hs": int(config.objective == "hierarchical"),
        "negative": config.negatives if config.objective == "negative" else 0,
        "ns_exponent": config.ns_exponent,
        "alpha": config.lr,
        "min_alpha": config.min_lr,
        "sample": config.sample or (most if config.objective == "hierarchical" else 0.0),
        "seed": seed,
        "min_count": 1,
        "sorted_vocab": 0,
    }
    name, purpose = "gensim.models", "training word vectors"
    if config.method == "word2vec":
        return require(f"{name}.word2vec", extra="vectors", purpose=purpose).Word2Vec(**options)
    return require(f"{name}.fasttext", extra="vectors", purpose=purpose).FastText(
        **options, min_n=config.minn, max_n=config.maxn, bucket=config.buckets
    )


def _train(
    model: Any,
    tokens: TokenFile,
    config: VectorsConfig,
    progress: Callable[[TrainedPart], None],
) -> int:
    """Train part after part; returns how many words were trained on."""
    total, done, trained = config.epochs * tokens.tokens, 0, 0
    most = 1 if config.deterministic else config.workers or _processors()
    lr = config.lr
    try:
        for epoch in range(1, config.epochs + 1):
            for part in tokens.parts:
                done += part.tokens
                start, lr = lr, config.lr - (config.lr - config.min_lr) * done / total
                model.workers = max(1, min(most, part.tokens // _SHARE))
                words, _ = model.train(
                    corpus_file=str(part.path),
                    total_words=part.tokens,
                    # gensim lowers the rate by what a thread has read of all this: each thread
                    # reads its share alone
                    total_examples=max(1, part.lines // model.workers),
                    epochs=1,
                    start_alpha=start,
                    end_alpha=lr,
                )
                trained += words
                last = part is tokens.parts[-1]
                progress(TrainedPart(epoch, part.tokens, words, lr, last))
    except BaseException:
        tokens.empty()
        for thread in threading.enumerate():
            if _WORKER in thread.name:
                thread.join()
        raise
    return trained


def _processors() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return cores or 1
