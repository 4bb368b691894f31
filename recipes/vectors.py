"""Train word vectors on running text, and report honestly.

    seqkit train vectors
    seqkit train vectors fasttext --data.train novels.txt --out runs/novels

All of the text is learnt from. How good the vectors are is measured on questions, where there are
some: --analogies and --similarity take files of them. gensim does the training; the text is read
and cut once, in a stream.
"""

import logging
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tqdm import tqdm

from seqkit.cli import recipe_name, run_recipe
from seqkit.config import refuse_ignored, to_dict
from seqkit.data import TextDataConfig, TextSplit, load_split
from seqkit.errors import ConfigError, require
from seqkit.files import read_json
from seqkit.nn.devices import Device
from seqkit.text import TextConfig, build_tokenizer
from seqkit.train.costs import StepTimes, peak_memory
from seqkit.train.evaluation import format_table
from seqkit.train.reading_bar import ReadingBar
from seqkit.train.run import Run
from seqkit.train.vectors_report import (
    MeasuredVectors,
    measured_rows,
    vectors_headline,
    write_vectors_report,
)
from seqkit.vectors.analogies import measure_analogies, read_analogies
from seqkit.vectors.config import VectorsConfig, unused_training_options
from seqkit.vectors.counted import count_vectors
from seqkit.vectors.phrases import PhraseRound, join_phrases
from seqkit.vectors.similarity import measure_similarity, read_word_pairs
from seqkit.vectors.token_file import TokenFile, write_token_file
from seqkit.vectors.training import TrainedPart, choose_words, train_on_tokens
from seqkit.vectors.word_vectors import WordVectors

logger = logging.getLogger("seqkit.recipes.vectors")

_BASELINE = "PPMI-SVD"
_BASELINE_TOKENS = 20_000_000
_MAP_WORDS = 1000


@dataclass(frozen=True, kw_only=True)
class Config:
    """Word vectors."""

    data: TextDataConfig = TextDataConfig(train="bundled:glosses")
    text: TextConfig = TextConfig()
    vectors: VectorsConfig = VectorsConfig()
    analogies: str | None = None
    """File of questions a : b = c : d to measure on, sections as in word2vec's questions-words."""
    similarity: str | None = None
    """File of pairs of words and how alike people find them."""
    baseline_words: int = 10_000
    """The baseline, measured where there are questions, has vectors for so many of the most
    frequent words; 0 leaves it out."""
    precision: Literal["float32", "float16", "int8"] = "float32"
    """What a number of the saved vectors is kept as: float16 takes half, int8 a quarter."""
    out: str | None = None
    """Folder of the run; runs/vectors-PRESET where it is not given."""
    seed: int = 1
    """Of the first vectors and of every draw."""
    device: Device = "auto"
    """auto or cpu, which are the same here: word vectors are trained on the CPU."""


PRESETS: dict[str, Config] = {
    "skipgram": Config(),
    "cbow": Config(vectors=VectorsConfig(architecture="cbow")),
    "fasttext": Config(vectors=VectorsConfig(method="fasttext", buckets=200_000)),
    "imdb": Config(data=TextDataConfig(train="hf:imdb:train"), text=TextConfig(html=True)),
}


def main(cfg: Config) -> None:
    """Read, join phrases, train, measure, save, report."""
    check_options(cfg)
    times = StepTimes()
    with (
        Run(cfg.out or "runs/vectors", config=cfg, recipe=recipe_name(__file__)) as run,
        run.scratch() as folder,
    ):
        with times("look at the text"):
            split = load_split(cfg.data.train, "train", cfg.data)
        with times("read"):
            tokens = write_token_file(tokenised(cfg, split), folder)
        rounds: list[PhraseRound] = []
        if cfg.vectors.phrases:
            with times("phrases"):
                tokens, rounds = join_phrases(tokens, cfg.vectors, folder=folder, watch=reading)
        words = choose_words(tokens, cfg.vectors)
        text = text_facts(tokens, words)
        logger.info("%s", ", ".join(f"{text[name]:,} {name}" for name in ("tokens", "vocabulary")))
        run.log("read", step=0, **text)
        with times("train"):
            vectors = train(cfg, run, tokens)
        speed = tokens.tokens * cfg.vectors.epochs / times.seconds["train"]
        measured: list[MeasuredVectors] = []
        if cfg.analogies is not None or cfg.similarity is not None:
            with times("measure"):
                measured = measure(cfg, vectors, tokens)
        figures = {each.name: each.metrics() for each in measured}
        model = figures.pop("model", {})
        with times("save"):
            vectors.save(
                run.folder,
                precision=cfg.precision,
                provenance={
                    "recipe": "vectors",
                    "config": to_dict(cfg),
                    "data": {"lines": split.lines, "train_sha256": split.sha256, **text},
                },
                metrics=model,
            )
        files = read_json(run.folder / "bundle.json")["files"].values()
        disk, held = sum(entry["bytes"] for entry in files), peak_memory()
        write_vectors_report(
            run.folder,
            vectors=vectors,
            measured=measured,
            text=text,
            rounds=rounds,
            times=times,
            disk=disk,
            memory=held,
            notes=[f"{describe(cfg)}.", f"Trained at {speed:,.0f} tokens a second."],
            map_words=_MAP_WORDS,
            seed=cfg.seed,
        )
        run.finish(
            {
                **model,
                "others": figures,
                **text,
                "phrases": [found.to_dict() for found in rounds],
                "words_trained": vectors.facts["words_trained"],
                "tokens_a_second": speed,
                "bytes": disk,
                "peak_memory": held,
                "steps": times.seconds,
                "seconds": run.seconds,
            }
        )
        if measured:
            print(format_table(measured_rows(measured)) + "\n")
        print(vectors_headline(vectors, measured, text))
        print(f"trained at {speed:,.0f} tokens a second")
        print(f"report: {run.folder}/report.md   use it: seqkit similar {run.folder} WORD")


def tokenised(cfg: Config, split: TextSplit) -> Iterator[Sequence[str]]:
    """Yield the tokens of each line."""
    normalizer, tokenizer = build_tokenizer(cfg.text, split, seed=cfg.seed)
    return tokenizer.many(map(normalizer, ReadingBar(split)))


def reading(sentences: Iterable[Sequence[str]], doing: str) -> Iterable[Sequence[str]]:
    """Show how far the tokenised text was read again."""
    return ReadingBar(sentences, desc=doing)


def train(cfg: Config, run: Run, tokens: TokenFile) -> WordVectors:
    """Let gensim train, with a bar, and a row of the log for each epoch."""
    here = sys.stderr.isatty()  # a log file gets a line every ten seconds
    with tqdm(
        total=tokens.tokens * cfg.vectors.epochs,
        desc="epoch 1",
        unit=" tokens",
        unit_scale=True,
        leave=False,
        mininterval=0.1 if here else 10.0,
        delay=0.0 if here else 10.0,
    ) as bar:

        def show(part: TrainedPart) -> None:
            bar.update(part.tokens)
            if part.ends_epoch:
                rate = bar.n / max(bar.format_dict["elapsed"], 1e-9)
                run.log("epoch", step=part.epoch, lr=part.lr, tokens_a_second=rate)
                bar.set_description(f"epoch {min(part.epoch + 1, cfg.vectors.epochs)}")

        return train_on_tokens(tokens, cfg.vectors, seed=cfg.seed, progress=show)


def measure(cfg: Config, vectors: WordVectors, tokens: TokenFile) -> list[MeasuredVectors]:
    """Put the questions to the vectors, and to a baseline that is not trained."""
    measured = [ask(cfg, "model", vectors)]
    if not cfg.baseline_words:
        return measured
    frequent = vectors.words[: cfg.baseline_words]
    if tokens.tokens > _BASELINE_TOKENS:
        logger.info("the baseline counts the first %s tokens", f"{_BASELINE_TOKENS:,}")
    counted = count_vectors(
        first(ReadingBar(tokens, desc="baseline"), _BASELINE_TOKENS),
        frequent,
        dim=cfg.vectors.dim,
        window=cfg.vectors.window,
    )
    if len(frequent) < len(vectors):
        part = WordVectors(frequent, vectors.rows(range(len(frequent))))
        measured.append(ask(cfg, f"model, {len(frequent):,} words", part))
    return [*measured, ask(cfg, _BASELINE, counted)]


def ask(cfg: Config, name: str, vectors: WordVectors) -> MeasuredVectors:
    """Measure vectors on the files that were given."""
    return MeasuredVectors(
        name=name,
        words=len(vectors),
        analogies=measure_analogies(vectors, cfg.analogies) if cfg.analogies else None,
        similarity=measure_similarity(vectors, cfg.similarity) if cfg.similarity else None,
    )


def first(sentences: Iterable[Sequence[str]], tokens: int) -> Iterator[Sequence[str]]:
    """Yield sentences until they have so many tokens."""
    for sentence in sentences:
        if tokens <= 0:
            return
        tokens -= len(sentence)
        yield sentence


def text_facts(tokens: TokenFile, words: Sequence[str]) -> dict[str, Any]:
    """Return the size of the text, and how much of it the words are, for report and metrics."""
    return {
        "lines": tokens.lines,
        "tokens": tokens.tokens,
        "distinct": len(tokens.counts),
        "vocabulary": len(words),
        "covered": sum(tokens.counts[word] for word in words) / tokens.tokens,
    }


def describe(cfg: Config) -> str:
    """Say what was made of what."""
    options = cfg.vectors
    made = f"{options.method}, {options.architecture}, window {options.window}"
    made += f", {options.negatives} negatives" if options.objective == "negative" else ""
    made += ", hierarchical softmax" if options.objective == "hierarchical" else ""
    if options.method == "fasttext":
        made += f", n-grams of {options.minn} to {options.maxn} characters"
    made += f", {options.epochs} epochs" if options.epochs > 1 else ", one epoch"
    return f"{made}; data {cfg.data.train}; seed {cfg.seed}"


def check_options(cfg: Config) -> None:
    """Refuse what cannot be or would be ignored, before any work."""
    require("gensim", extra="vectors", purpose="recipe vectors")
    for name in ("valid", "test"):
        if getattr(cfg.data, name) is not None:
            raise ConfigError(
                f"--data.{name}: word vectors learn from all of the text, and are measured on "
                "questions: give those with --analogies or --similarity"
            )
    if cfg.device == "cuda":
        raise ConfigError(
            "--device cuda: word vectors are trained on the CPU: leave the option out"
        )
    if not 0 <= cfg.seed < 2**32:
        raise ConfigError(f"--seed {cfg.seed}: must be 0 or more, and less than 2**32")
    if cfg.baseline_words < 0:
        raise ConfigError(f"--baseline-words {cfg.baseline_words}: must be 0 or more")
    refuse_ignored(cfg, [Config(), *PRESETS.values()], without_effect(cfg))
    if cfg.analogies is not None:
        read_analogies(cfg.analogies)
    if cfg.similarity is not None:
        read_word_pairs(cfg.similarity)


def without_effect(cfg: Config) -> Iterator[tuple[str, str]]:
    """Yield how options begin that this run would not use, and why."""
    yield from unused_training_options(cfg.vectors)
    for name in ("valid_share", "test_share", "cut_chars"):
        yield f"data.{name}", "where nothing is cut from the text"
    for name in ("min_count", "max_vocab"):
        yield f"text.{name}", f"here: give --vectors.{name.replace('_', '-')}"
    if cfg.analogies is None and cfg.similarity is None:
        yield "baseline_words", "without --analogies or --similarity"


if __name__ == "__main__":
    sys.exit(run_recipe(__file__, sys.argv[1:]))
