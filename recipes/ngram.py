"""Count a text and make an n-gram language model of it, and report honestly.

    seqkit train ngram
    seqkit train ngram --data.train novels.txt --order 4 --out runs/novels

Each line is a sentence of its own. The text is read in a stream and counted in bounded memory, so
that it may be larger. Without --data.valid and --data.test the two are cut from train, in blocks of
consecutive lines.

Counting can be spread over machines: --count-only leaves OUT/counts, --merge makes a model of such
folders, the same to the last digit as if all the text had been counted at once.
"""

import contextlib
import json
import logging
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from seqkit.cli import recipe_name, run_recipe
from seqkit.config import refuse_ignored, to_dict
from seqkit.data import TextDataConfig, TextSplit, audit_text, load_split, load_text
from seqkit.errors import ConfigError, require
from seqkit.files import read_json
from seqkit.ngram.corpus import read_corpus
from seqkit.ngram.counting import HIGHEST_ORDER, count_ngrams
from seqkit.ngram.estimate import SmoothingConfig, estimate, unused_smoothing
from seqkit.ngram.levels import NgramCounts
from seqkit.ngram.merging import limit_vocabulary, merge_counts
from seqkit.ngram.model import NgramModel
from seqkit.ngram.shards import open_counts, save_counts
from seqkit.ngram.trie import PackedTrie
from seqkit.nn.devices import Device
from seqkit.text import TextConfig, TextPipeline
from seqkit.text.lexicon import Lexicon
from seqkit.train.costs import StepTimes, peak_memory, size_bytes
from seqkit.train.evaluation import format_table
from seqkit.train.language_report import language_headline, write_language_report
from seqkit.train.language_result import language_rows, most_surprising
from seqkit.train.ngram_evaluation import EncodedSplit, mean_log_sum, unigram_scorer
from seqkit.train.ngram_orders import lower_order, measure_orders
from seqkit.train.ngram_report import ngram_sections, quantising_loss
from seqkit.train.reading_bar import ReadingBar
from seqkit.train.run import Run

logger = logging.getLogger("seqkit.recipes.ngram")

_LEAST_MEMORY = 16 * 2**20


@dataclass(frozen=True, kw_only=True)
class Config:
    """N-gram language model."""

    data: TextDataConfig = TextDataConfig(train="bundled:austen")
    text: TextConfig = TextConfig(case="keep")
    order: int = 5
    """Length of the longest n-grams, 1 to 8: a word is predicted from one less."""
    smoothing: SmoothingConfig = SmoothingConfig()
    quantize: Literal[4, 8] | None = None
    """Keep probabilities in so many bits: a smaller model that is a little worse."""
    memory: str = "512M"
    """How much the counting may hold, as in 64M or 2G; what is more goes to files."""
    tmp: str | None = None
    """Folder for temporary files; where it is not given, inside the folder of the run."""
    count_only: bool = False
    """Count all of train, write the counts to OUT/counts, and stop: for --merge."""
    merge: tuple[str, ...] = ()
    """Folders of counts that are added up, in the place of --data.train."""
    by_order: bool = False
    """Measure models of all lower orders too, for a table and a plot."""
    prompt: str = ""
    """What the samples in the report begin with."""
    out: str | None = None
    """Folder of the run; runs/ngram-PRESET where it is not given."""
    seed: int = 1
    """Of the splits that are cut, and of the samples."""
    device: Device = "auto"
    """auto or cpu, which are the same here: n-grams are counted and looked up on the CPU."""


PRESETS: dict[str, Config] = {
    "words": Config(),
    "chars": Config(
        data=TextDataConfig(train="bundled:shakespeare"),
        text=TextConfig(tokenizer="char", case="keep", min_count=3),
        order=7,
    ),
    "pruned": Config(smoothing=SmoothingConfig(prune=(0, 0, 1)), quantize=8, memory="2G"),
    "ptb": Config(
        data=TextDataConfig(
            train="hf:ptb_text_only:train",
            valid="hf:ptb_text_only:validation",
            test="hf:ptb_text_only:test",
        ),
        text=TextConfig(tokenizer="whitespace", case="keep"),
    ),
}


def main(cfg: Config) -> None:
    """Read, count, estimate, pack, evaluate, save, report."""
    memory = check_options(cfg)
    times = StepTimes()
    with (
        Run(cfg.out or "runs/ngram", config=cfg, recipe=recipe_name(__file__)) as run,
        work_folder(cfg, run) as folder,
    ):
        with times("look at the text"):
            splits, data = load_splits(cfg)
        counts, pipeline = count(cfg, splits, memory=memory, folder=folder, times=times)
        told = count_figures(counts, pipeline)
        logger.info("%s", ", ".join(f"{size:,} {n}-grams" for n, size in told["ngrams"].items()))
        run.log("count", step=0, **told)
        doubted = list(doubts(cfg))
        for warning in doubted:
            logger.warning("%s", warning)
        if cfg.count_only:
            save_counts(run.folder / "counts", counts, pipeline)
            run.finish({**told, "steps": times.seconds, "seconds": run.seconds})
            print(f"counts: {run.folder}/counts   add up: seqkit train ngram --merge FOLDER ...")
            return

        lexicon = Lexicon.from_words(pipeline.vocab.words)
        with times("encode valid and test"):
            parts = {
                name: EncodedSplit(name, splits[name], pipeline, lexicon, folder=folder)
                for name in ("valid", "test")
                if name in splits
            }
        heldout = parts["valid"].blocks if "valid" in parts else None
        with times("estimate"):
            found = estimate(counts, cfg.smoothing, heldout=heldout)
        facts, notes, sizes = found.facts, found.notes, found.table.levels.sizes
        with times("pack"):
            trie = whole = PackedTrie.pack(found.table, path=folder / "ngrams.bin")
            if bits := cfg.quantize:
                trie = PackedTrie.pack(found.table, quantize=bits, path=folder / "quantised.bin")
        del found  # the table, larger than all else
        model = NgramModel(trie, pipeline, lexicon=lexicon, facts=facts)

        with times("evaluate"):
            measured = {name: part.measure("model", trie.score) for name, part in parts.items()}
            rows = [each.result for each in measured.values()]
            unigram = unigram_scorer(counts.counts[0])
            rows += [part.measure("unigram", unigram).result for part in parts.values()]
        test, plain = [row for row in rows if row.split == "test"], None
        if bits:
            plain = parts["test"].measure("not quantised", whole.score).result
            log_sum = mean_log_sum(trie, parts["test"])
            notes = [*notes, quantising_loss(plain, test[0], bits=bits, log_sum=log_sum)]
        figures = {name: each.result.metrics() for name, each in measured.items()}
        with times("save"):
            model.save(
                run.folder,
                provenance={"recipe": "ngram", "config": to_dict(cfg), "data": data},
                metrics=figures,
            )
        disk = sum(
            entry["bytes"] for entry in read_json(run.folder / "bundle.json")["files"].values()
        )
        orders = {}
        if cfg.by_order:
            with times("lower orders"):
                orders = measure_orders(counts, cfg.smoothing, whole, parts, folder=folder)
        with times("audit"):
            audited = audit_text(splits)
        for warning in audited.warnings():
            logger.warning("%s", warning)
        with times("samples"):
            samples = model.generate_many(
                [cfg.prompt], num=3, max_tokens=200, top_p=0.95, seed=cfg.seed
            )
        held = peak_memory()
        run.log("result", step=0, seconds=times.seconds)
        write_language_report(
            run.folder,
            rows=rows,
            log=run.rows(),
            audit_lines=audited.lines(),
            warnings=[*audited.warnings(), *doubted],
            notes=[f"{describe(cfg, pipeline)}; seed {cfg.seed}.", *notes],
            facts=ngram_sections(
                run.folder,
                sizes=sizes,
                facts=facts,
                hits=measured["test"].hits,
                orders=orders,
                plain=plain,
                model=test[0],
                seconds=times.seconds,
                disk=disk,
                memory=held,
            ),
            samples=[(sample.prompt, sample.text) for sample in samples],
            surprises=most_surprising(test[0], parts["test"].ids, text=pipeline.decode),
            lost=pipeline.lost(),
            lines=splits["test"],
        )
        others = [*test[1:], *([plain] if plain else [])]
        run.finish(
            {
                **figures,
                "others": {row.label: row.metrics() for row in others},
                "orders": {
                    name: {str(order): row.metrics() for order, row in results.items()}
                    for name, results in orders.items()
                },
                "hits": {
                    str(length): {"tokens": part.tokens, "perplexity": finite(part.perplexity)}
                    for length, part in measured["test"].hits.rows()
                },
                **told,
                "pruned": facts["pruned"],
                "bytes": disk,
                "peak_memory": held,
                "audit": audited.to_dict(),
                "steps": times.seconds,
                "seconds": run.seconds,
            }
        )
        print(format_table(language_rows([test[0], *others])))
        print(f"\n{language_headline(test)}")
        for note in notes:
            print(note)
        print(f"\n{samples[0].prompt}{samples[0].text}\n")
        print(f"report: {run.folder}/report.md   use it: seqkit generate {run.folder} PROMPT")


@contextlib.contextmanager
def work_folder(cfg: Config, run: Run) -> Iterator[Path]:
    """Give a folder for temporary files for the length of the block."""
    if cfg.tmp is None:
        with run.scratch() as folder:
            yield folder
        return
    with tempfile.TemporaryDirectory(dir=cfg.tmp, prefix="seqkit-ngram-") as name:
        yield Path(name)


def load_splits(cfg: Config) -> tuple[dict[str, TextSplit], dict[str, Any]]:
    """Find the splits that this run reads, and what is to be told of them in the bundle."""
    if not cfg.merge and not cfg.count_only:
        splits = load_text(cfg.data, seed=cfg.seed)
        return splits.named(), splits.fingerprint()
    names = [] if cfg.count_only else ["valid", "test"]
    names += [] if cfg.merge else ["train"]
    paths = {name: getattr(cfg.data, name) for name in names}
    given = {name: load_split(path, name, cfg.data) for name, path in paths.items() if path}
    return given, {
        "merged": list(cfg.merge),
        "lines": {name: split.lines for name, split in given.items()},
        "characters": {name: split.characters for name, split in given.items()},
    }


def count(
    cfg: Config, splits: Mapping[str, TextSplit], *, memory: int, folder: Path, times: StepTimes
) -> tuple[NgramCounts, TextPipeline]:
    """Count train, or add up the counts of --merge; returns them and what made their ids."""
    if cfg.merge:
        with times("merge"):
            return merge(cfg, memory=memory, folder=folder)
    with times("read"):
        corpus = read_corpus(ReadingBar(splits["train"]), cfg.text, folder=folder, seed=cfg.seed)
    with times("count"):
        counts = count_ngrams(
            corpus.blocks(),
            order=cfg.order,
            vocabulary=len(corpus.pipeline.vocab),
            memory=memory,
            folder=folder,
        )
    return counts, corpus.pipeline


def merge(cfg: Config, *, memory: int, folder: Path) -> tuple[NgramCounts, TextPipeline]:
    """Add up the counts of --merge, and cut their vocabulary and their order as asked."""
    shards = [open_counts(path) for path in map(counts_folder, cfg.merge)]
    for name, shard in zip(cfg.merge, shards, strict=True):
        if shard.counts.levels.order < cfg.order:
            raise ConfigError(
                f"--order {cfg.order}: {name} holds counts of order "
                f"{shard.counts.levels.order}: give that or less, or count anew"
            )
    shard = merge_counts(shards, memory=memory, folder=folder)
    if cfg.text.min_count > 1 or cfg.text.max_vocab is not None:
        shard = limit_vocabulary(
            shard,
            min_count=cfg.text.min_count,
            max_vocab=cfg.text.max_vocab,
            memory=memory,
            folder=folder,
        )
    return lower_order(shard.counts, cfg.order), shard.pipeline


def counts_folder(name: str) -> Path:
    """Take the folder of counts, or that of the run that made it."""
    inside = Path(name) / "counts"
    return inside if inside.is_dir() else Path(name)


def count_figures(counts: NgramCounts, pipeline: TextPipeline) -> dict[str, Any]:
    """Return what was counted, for log and metrics."""
    return {
        "train_tokens": counts.tokens,
        "train_lines": counts.lines,
        "vocabulary": len(pipeline.vocab),
        "ngrams": {str(n): size for n, size in enumerate(counts.levels.sizes, start=1)},
    }


def doubts(cfg: Config) -> Iterator[str]:
    """Yield what to know of this configuration before trusting a figure."""
    yield from repeats(cfg.merge)
    if cfg.merge and not cfg.count_only:
        yield (
            "merged counts hold no text, so lines of valid and test that stand in train too "
            "cannot be found"
        )
    if cfg.smoothing.method == "stupid-backoff":
        yield (
            "stupid-backoff gives scores that do not sum to 1: its perplexity compares with no "
            "other, that of the unigram model here included"
        )


def repeats(folders: Sequence[str]) -> Iterator[str]:
    """Yield which folders of --merge hold the same counts as one before them."""
    first: dict[str, str] = {}
    for name in folders:
        hashes = read_json(counts_folder(name) / "counts.json")["files"]
        content = json.dumps(hashes, sort_keys=True)
        if content in first:
            yield f"counted twice: {name} of --merge holds the same as {first[content]}"
        first.setdefault(content, name)


def describe(cfg: Config, pipeline: TextPipeline) -> str:
    """Say what was made of what."""
    method = cfg.smoothing.method
    data = f"counts of {', '.join(cfg.merge)}" if cfg.merge else f"data {cfg.data.train}"
    return f"The model: {cfg.order}-grams, {method}, {len(pipeline.vocab):,} ids; {data}"


def finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if math.isfinite(value) else None


def check_options(cfg: Config) -> int:
    """Refuse what cannot be or would be ignored, before any work; returns the bytes of --memory."""
    require("numba", extra="ngram", purpose="recipe ngram")
    if not 1 <= cfg.order <= HIGHEST_ORDER:
        raise ConfigError(f"--order {cfg.order}: choose from 1 to {HIGHEST_ORDER}")
    if len(cfg.smoothing.prune) > cfg.order:
        raise ConfigError(
            f"--smoothing.prune: {len(cfg.smoothing.prune)} counts for "
            f"--order {cfg.order}: give as many at most"
        )
    if cfg.device == "cuda":
        raise ConfigError(
            "--device cuda: n-grams are counted and looked up on the CPU: leave the option out"
        )
    if not 0 <= cfg.seed < 2**32:
        raise ConfigError(f"--seed {cfg.seed}: must be 0 or more, and less than 2**32")
    if cfg.tmp is not None and not Path(cfg.tmp).is_dir():
        raise ConfigError(f"--tmp {cfg.tmp}: no such folder: make it, or leave the option out")
    if "\n" in cfg.prompt:
        raise ConfigError("--prompt of several lines: each line is a sentence of its own")
    if cfg.count_only and (cfg.text.min_count > 1 or cfg.text.max_vocab is not None):
        raise ConfigError(
            "--count-only with --text.min-count or --text.max-vocab: counts are added up with all "
            "their words: give the option to the run with --merge"
        )
    if cfg.merge and not cfg.count_only and cfg.data.test is None:
        raise ConfigError(
            "--merge: counts hold no text that a test split could be cut from: give --data.test"
        )
    if cfg.merge and cfg.smoothing.method == "jelinek-mercer" and cfg.data.valid is None:
        raise ConfigError("--merge with jelinek-mercer, fitted on valid: give --data.valid")
    for name in cfg.merge:
        if cfg.out and Path(cfg.out).resolve() in (
            Path(name).resolve(),
            counts_folder(name).resolve().parent,
        ):
            raise ConfigError(f"--out {cfg.out}: holds counts of --merge: choose another folder")
    refuse_ignored(cfg, [Config(), *PRESETS.values()], without_effect(cfg))
    memory = size_bytes(cfg.memory, option="memory")
    if memory < _LEAST_MEMORY:
        raise ConfigError(f"--memory {cfg.memory}: 16M is the least to count in")
    return memory


def without_effect(cfg: Config) -> Iterator[tuple[str, str]]:
    """Yield the options, by how they begin, that this configuration does not use, and why."""
    yield from unused_smoothing(cfg.smoothing)
    if cfg.merge:
        yield "data.train", "with --merge, whose counts stand for it"
        for part in ("tokenizer", "unicode", "case", "whitespace", "html", "urls", "numbers"):
            yield f"text.{part}", "with --merge, whose counts were made with a text pipeline"
        for part in ("spacy", "subword"):
            yield f"text.{part}", "with --merge, whose counts were made with a text pipeline"
    if cfg.count_only:
        for option in ("smoothing", "quantize", "by_order", "prompt"):
            yield option, "with --count-only, which makes no model"
        yield "data.valid", "with --count-only, which counts all of train"
        yield "data.test", "with --count-only, which counts all of train"
        yield "data.cut_chars", "with --count-only, which counts all of train"
    if cfg.merge:
        yield "data.cut_chars", "with --merge, from which nothing is cut"
    for split in ("valid", "test"):
        if cfg.merge or getattr(cfg.data, split) is not None:
            given = "--merge" if cfg.merge else f"--data.{split}"
            yield f"data.{split}_share", f"with {given}"
    if cfg.data.valid is not None and cfg.data.test is not None:
        yield "data.cut_chars", "with --data.valid and --data.test"


if __name__ == "__main__":
    sys.exit(run_recipe(__file__, sys.argv[1:]))
