"""Find the topics of documents (LDA), and report honestly.

    seqkit train topics
    seqkit train topics --data.train papers.jsonl --lda.topics 50 --out runs/papers

A line of a text, or a record of a table, is a document. The documents are read and cut once, in a
stream; their bags of words wait in files, so that the text may be larger than memory. gensim does
the training. Without --data.test some of the documents are held out to measure on: whether topics
foretell documents better than word frequencies alone. seqkit topics asks the model.
"""

import hashlib
import logging
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from seqkit.cli import recipe_name, run_recipe
from seqkit.config import refuse_ignored, to_dict
from seqkit.data import (
    DocumentConfig,
    ReadStats,
    assign,
    content_key,
    document_texts,
    lines_a_document,
    official_split,
)
from seqkit.errors import ConfigError, DataError, require
from seqkit.files import read_json
from seqkit.nn.devices import Device
from seqkit.search.stopwords import load_stopwords
from seqkit.text import TextConfig, TextPipeline, Vocab, build_tokenizer
from seqkit.train.costs import StepTimes, peak_memory
from seqkit.train.evaluation import format_table
from seqkit.train.reading_bar import ReadingBar
from seqkit.train.run import Run
from seqkit.train.topics_report import (
    MeasuredTopics,
    topic_rows,
    topics_headline,
    write_topics_report,
)
from seqkit.vectors.bags import Bags, choose_bag_words, select_bags, word_counts, write_bags
from seqkit.vectors.coherence import topic_coherence
from seqkit.vectors.function_words import ENGLISH_FUNCTION_WORDS
from seqkit.vectors.topic_scores import measure_topics, measure_unigram
from seqkit.vectors.topic_training import LdaConfig, check_documents, train_topics
from seqkit.vectors.topics import TopicModel

logger = logging.getLogger("seqkit.recipes.topics")

_COHERENT = 10  # words of a topic that coherence looks at
_TYPICAL, _ASKED = 3, 10_000  # documents shown of a topic, and that are looked at for them


@dataclass(frozen=True, kw_only=True)
class WordConfig:
    """Which words tell documents apart; the others are left out."""

    min_documents: int = 5
    """Words in fewer documents are left out."""
    max_share: float = 0.3
    """Words in a larger share of the documents are left out."""
    max_vocab: int | None = None
    """Only so many of the most frequent words stay, 2 or more."""
    stopwords: str = "english"
    """Left out whatever their frequency: english (some 300 function words), none, a language code
    such as de (spaCy's list), or a file with one word a line."""
    letters: bool = True
    """Leave out what has no letter, such as numbers and punctuation, and single letters, A to Z."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigError: a value out of range.
        """
        for name, least in {"min_documents": 1, "max_vocab": 2}.items():
            if (value := getattr(self, name)) is not None and value < least:
                raise ConfigError(f"words.{name} {value}: must be {least} or more")
        if not 0 < self.max_share <= 1:
            raise ConfigError(f"words.max_share {self.max_share}: must lie in (0, 1]")


@dataclass(frozen=True, kw_only=True)
class Config:
    """Topics."""

    data: DocumentConfig = DocumentConfig()
    text: TextConfig = TextConfig()
    words: WordConfig = WordConfig()
    lda: LdaConfig = LdaConfig()
    out: str | None = None
    """Folder of the run; runs/topics-PRESET where it is not given."""
    seed: int = 1
    """Of the split that is cut, the first topics and the intervals."""
    device: Device = "auto"
    """auto or cpu, which are the same here: topics are trained on the CPU."""


PRESETS: dict[str, Config] = {
    "bible": Config(),
    "imdb": Config(
        data=DocumentConfig(train="hf:imdb:train", test="hf:imdb:test"),
        text=TextConfig(html=True),
        lda=LdaConfig(passes=3),
    ),
}


@dataclass(frozen=True, eq=False)
class Source:
    """All documents as bags, and which of them are of which split."""

    bags: Bags
    train: npt.NDArray[np.int64]
    """Rows of the documents to train on."""
    test: npt.NDArray[np.int64]
    facts: dict[str, Any]
    """Of the data, ready for JSON."""


def main(cfg: Config) -> None:
    """Read, choose words, train, measure, save, report."""
    keep = check_options(cfg)
    times = StepTimes()
    with (
        Run(cfg.out or "runs/topics", config=cfg, recipe=recipe_name(__file__)) as run,
        run.scratch() as folder,
    ):
        with times("read"):
            source, normalize_and_cut = read(cfg, folder)
        bags = source.bags
        with times("choose words"):
            options = cfg.words
            words = choose_bag_words(
                bags,
                source.train,
                min_documents=options.min_documents,
                max_share=options.max_share,
                max_vocab=options.max_vocab,
                keep=keep,
            )
            train, rows = select_bags(bags, source.train, words, folder, name="train")
            test, _ = select_bags(bags, source.test, words, folder, name="test")
            counts = word_counts(bags, source.train)[1][words]
        text = text_facts(source, train, test, counts)
        pipeline = TextPipeline(*normalize_and_cut, Vocab(train.words, counts.tolist()))
        check_documents(train, cfg.lda)
        unigram = measure_unigram(counts, test)
        run.log("read", step=0, **text)  # from here on an earlier result is gone
        with times("train"):
            model = learn(cfg, run, train, pipeline)
        speed = len(train) * cfg.lda.passes / times.seconds["train"]
        with times("measure"):
            scores = measure_topics(model, test)
            coherence = topic_coherence(
                train, [*likeliest(model), range(min(_COHERENT, len(words)))]
            )
        with times("typical documents"):
            typical = find_typical(cfg, model, train, rows)
        measured = MeasuredTopics(
            scores, unigram, coherence[:-1], model.shares, float(coherence[-1]), seed=cfg.seed
        )
        with times("save"):
            model.save(
                run.folder,
                provenance={
                    "recipe": "topics",
                    "config": to_dict(cfg),
                    "data": {**source.facts, **text},
                },
                metrics=measured.metrics(),
            )
        files = read_json(run.folder / "bundle.json")["files"].values()
        disk, held = sum(entry["bytes"] for entry in files), peak_memory()
        write_topics_report(
            run.folder,
            model=model,
            measured=measured,
            typical=typical,
            text=text,
            seconds=times.seconds,
            disk=disk,
            memory=held,
            notes=[
                f"{describe(cfg, model)}.",
                f"Trained at {speed:,.0f} documents a second and pass.",
                *sampled(train),
            ],
            warnings=warnings(source),
        )
        run.finish(
            {
                **measured.metrics(),
                "others": {"unigram": unigram.metrics(seed=cfg.seed)},
                **text,
                "documents_a_second": speed,
                "bytes": disk,
                "peak_memory": held,
                "steps": times.seconds,
                "seconds": run.seconds,
            }
        )
        print(format_table(topic_rows(model, measured)) + "\n")
        print(topics_headline(model, measured, text))
        print(f"report: {run.folder}/report.md   use it: seqkit topics {run.folder} TEXT")


def read(cfg: Config, folder: Path) -> tuple[Source, tuple[Any, Any]]:
    """Read and cut all documents once, and say which are held out."""
    given = test_source(cfg)
    digest, keys, stats = hashlib.sha256(), array("Q"), ReadStats()

    def watched(path: str) -> Iterator[str]:
        for text in ReadingBar(document_texts(cfg.data, path, stats=stats), unit=" documents"):
            keys.append(content_key(text))
            if not sizes:  # of train, which is read first
                digest.update(f"{text}\n".encode("utf-8", "surrogatepass"))
            yield text

    texts = document_texts(cfg.data, cfg.data.train)
    normalizer, tokenizer = build_tokenizer(cfg.text, texts, seed=cfg.seed)
    sizes: list[int] = []

    def cut(path: str) -> Iterator[Sequence[str]]:
        yield from tokenizer.many(map(normalizer, watched(path)))
        sizes.append(len(keys))

    bags = write_bags(chain.from_iterable(map(cut, [cfg.data.train, *given])), folder)
    groups = np.frombuffer(keys, np.uint64)
    if not len(groups):
        raise DataError(f"{cfg.data.train}: no document: give a text")
    whole = np.arange(len(groups))
    if given:
        held = whole >= sizes[0]
    else:
        shares = (1 - cfg.data.test_share, cfg.data.test_share)
        held = assign(groups, np.zeros(len(groups), np.int64), shares, seed=cfg.seed) == 1
    facts = {
        "sha256": digest.hexdigest(),
        "test": given[0] if given else "cut",
        "repeated": int((~held).sum() - len(np.unique(groups[~held]))),
        "leaked": int(np.isin(groups[held], groups[~held]).sum()),
        "replaced": stats.replaced,
    }
    return Source(bags, whole[~held], whole[held], facts), (normalizer, tokenizer)


def test_source(cfg: Config) -> list[str]:
    """Return where test comes from, nothing where it is cut from train."""
    path = cfg.data.test or official_split(cfg.data.train, "test")
    if path and not cfg.data.test:
        logger.info("test is the official split: %s", path)
    return [path] if path else []


def learn(cfg: Config, run: Run, bags: Bags, pipeline: TextPipeline) -> TopicModel:
    """Let gensim train, with a bar, and a row of the log for each pass."""
    here = sys.stderr.isatty()  # a log file gets a line every ten seconds
    with tqdm(
        total=len(bags) * cfg.lda.passes,
        desc="training",
        unit=" documents",
        unit_scale=True,
        leave=False,
        mininterval=0.1 if here else 10.0,
        delay=0.0 if here else 10.0,
    ) as bar:

        def show(passes: int) -> None:
            bar.update()
            if bar.n == passes * len(bags):
                rate = bar.n / max(bar.format_dict["elapsed"], 1e-9)
                run.log("pass", step=passes, documents_a_second=rate)

        return train_topics(bags, pipeline, cfg.lda, seed=cfg.seed, progress=show)


def likeliest(model: TopicModel) -> list[list[int]]:
    """Return the ids of the likeliest words of each topic."""
    number = {word: id for id, word in enumerate(model.words)}
    return [[number[word] for word, _ in topic.words] for topic in model.topics(_COHERENT)]


def find_typical(
    cfg: Config, model: TopicModel, bags: Bags, rows: npt.NDArray[np.int64]
) -> list[list[tuple[str, float]]]:
    """Find the documents that are of each topic most; returns their texts with their shares.

    Args:
        cfg: the options.
        model: the topics.
        bags: of the training documents.
        rows: their places among all documents.
    """
    asked = np.linspace(0, len(bags) - 1, min(len(bags), _ASKED)).astype(np.int64)
    shares = np.stack([model.shares_of(*bags[at]) for at in asked.tolist()])
    best = np.argsort(-shares, axis=0, kind="stable")[:_TYPICAL]  # (n, K)
    wanted = {int(rows[asked[at]]) for at in best.ravel()}
    read_again = islice(document_texts(cfg.data, cfg.data.train), max(wanted) + 1)
    texts = {row: text for row, text in enumerate(read_again) if row in wanted}
    return [
        [(texts[int(rows[asked[at]])], float(shares[at, topic])) for at in best[:, topic]]
        for topic in range(len(model))
    ]


def sampled(bags: Bags) -> Iterator[str]:
    """Say among which documents the typical ones were looked for, where not among all."""
    if len(bags) > _ASKED:
        yield f"The documents of each topic were looked for among {_ASKED:,}, evenly spread."


def text_facts(
    source: Source, train: Bags, test: Bags, counts: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Return the size of the text, and how much of it the words are, for report and metrics."""
    bags = source.bags
    tokens = int(sum(bags[row][1].sum() for row in source.train.tolist()))
    return {
        "documents": len(source.train),
        "with_words": len(train),
        "test_documents": len(source.test),
        "test_with_words": len(test),
        "tokens": tokens,
        "distinct": len(bags.words),
        "vocabulary": len(train.words),
        "covered": float(counts.sum() / tokens),
    }


def warnings(source: Source) -> list[str]:
    """Say what to know of the data before trusting the figures."""
    found = []
    if leaked := source.facts["leaked"]:
        found.append(f"{leaked:,} test documents repeat one of train, which flatters the figures")
    if repeated := source.facts["repeated"]:
        share = repeated / len(source.train)
        found.append(f"{repeated:,} documents of train ({share:.1%}) repeat another one")
    if replaced := source.facts["replaced"]:
        found.append(f"{replaced:,} lines held bytes that are not UTF-8, which were replaced")
    for warning in found:
        logger.warning("%s", warning)
    return found


def describe(cfg: Config, model: TopicModel) -> str:
    """Say what was made of what."""
    lda = cfg.lda
    lines = lines_a_document(cfg.data)
    made = f"LDA, {lda.topics} topics, {lda.passes} passes, alpha {lda.alpha}, eta {lda.eta:g}"
    made += f", an update every {model.facts['chunk']:,} documents"
    made += f"; {lines} lines a document" if lines > 1 else ""
    return f"{made}; stop words {cfg.words.stopwords}; data {cfg.data.train}; seed {cfg.seed}"


def check_options(cfg: Config) -> Callable[[str], bool]:
    """Refuse what cannot be or would be ignored, before any work; returns which words may stay."""
    require("gensim", extra="vectors", purpose="recipe topics")
    if cfg.device == "cuda":
        raise ConfigError("--device cuda: topics are trained on the CPU: leave the option out")
    if not 0 <= cfg.seed < 2**32:
        raise ConfigError(f"--seed {cfg.seed}: must be 0 or more, and less than 2**32")
    refuse_ignored(cfg, [Config(), *PRESETS.values()], without_effect(cfg))
    stopwords = ENGLISH_FUNCTION_WORDS
    if cfg.words.stopwords != "english":
        stopwords = load_stopwords(cfg.words.stopwords)

    def keep(word: str) -> bool:
        word = word.removeprefix("▁")  # of a SentencePiece that begins a word
        if word.replace("’", "'").casefold() in stopwords:
            return False
        lettered = any(map(str.isalpha, word)) and not (len(word) == 1 and word.isascii())
        return lettered or not cfg.words.letters

    return keep


def without_effect(cfg: Config) -> Iterator[tuple[str, str]]:
    """Yield how options begin that this run would not use, and why."""
    if cfg.data.test or official_split(cfg.data.train, "test"):
        yield "data.test_share", "where nothing is cut from train"
    yield "text.min_count", "here: give --words.min-documents"
    yield "text.max_vocab", "here: give --words.max-vocab"


if __name__ == "__main__":
    sys.exit(run_recipe(__file__, sys.argv[1:]))
