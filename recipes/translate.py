"""Train a model that turns one sequence into another, beside cheap baselines, and report honestly.

    seqkit train translate g2p
    seqkit train translate --data.train train.en,train.de --data.valid val.en,val.de

Translation, pronunciation, transcription: pairs in, a model that makes the second of the first out.
Without --data.valid and --data.test the two are cut from train by source: what one source may
become stays in one split.
"""

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import torch

from seqkit import metrics
from seqkit.baselines.translation import TRANSLATION_BASELINES, fit_translation_baseline
from seqkit.batching import PairBatch, TokenSampler, pad_pairs, pair_padding_share
from seqkit.cli import recipe_name, run_recipe
from seqkit.config import refuse_ignored, to_dict
from seqkit.data import (
    Alternatives,
    Pair,
    PairDataConfig,
    PairFilterConfig,
    audit_pairs,
    filter_pairs,
    group_references,
    load_pairs,
)
from seqkit.errors import ConfigError, choices, require
from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.models.translation import Long, TranslationOptions, Unknown
from seqkit.models.translator import Translator
from seqkit.nn.devices import Device, Precision, autocast, pick_device, warn_if_slow
from seqkit.nn.losses import smoothing_floor
from seqkit.nn.memory import keep_freed_memory
from seqkit.text import Ragged, TextConfig, TextPipeline, build_pipeline
from seqkit.train.alignment_picture import write_alignments
from seqkit.train.averaging import CheckpointAverage, WeightAverage
from seqkit.train.evaluation import format_table
from seqkit.train.given_vectors import (
    GivenVectors,
    VectorsOptions,
    check_vectors,
    give_vectors,
    own_part,
    unused_vectors,
    vector_arrays,
)
from seqkit.train.markdown import without_pictures
from seqkit.train.optim import OptimConfig, make_optimizer
from seqkit.train.pair_evaluation import pair_loss
from seqkit.train.progress import Checkpointed, progress_bar
from seqkit.train.run import Run
from seqkit.train.sanity import check_first_loss, check_overfits
from seqkit.train.schedule import Schedule, ScheduleConfig, unused_options
from seqkit.train.seeding import seed_generators
from seqkit.train.stopping import EarlyStopping
from seqkit.train.translation_evaluation import (
    TranslationResult,
    measure_translations,
    translation_rows,
    unspaced_warning,
)
from seqkit.train.translation_report import translation_headline, write_translation_report
from seqkit.train.update import Updater

logger = logging.getLogger("seqkit.recipes.translate")

_SHOWN = 6  # alignments in the report
_FEW = 500  # updates


@dataclass(frozen=True, kw_only=True)
class ModelConfig(VectorsOptions, Seq2SeqConfig):
    """An encoder and a decoder, and the word vectors that they start from: --model.vectors are of
    the source, or with --model.tied all of both sides."""

    target_vectors: str | None = None
    """Word vectors that the embeddings of the target start from, used as those of the source."""


@dataclass(frozen=True, kw_only=True)
class AverageConfig:
    """Averages of the weights, which are then what is measured and saved."""

    ema: float = 0.0
    """Decay of a moving average over the updates; 0 for none."""
    last: int = 0
    """Mean of the weights after each of so many last epochs, 2 or more; 0 for none."""


@dataclass(frozen=True, kw_only=True)
class DecodingConfig:
    """How the figures on valid and test are decoded at the end; seqkit translate chooses anew."""

    beam: int = 5
    """Hypotheses that the search keeps open; 1 is greedy."""
    length_penalty: float | None = None
    """a in log p / length ** a, by which hypotheses of a beam are ranked; None is 1."""
    coverage_penalty: float | None = None
    """Factor of what is taken off for sources that are not attended to in full; None is 0."""
    long: Long = "split"
    """What to do with sources longer than --filter.max-tokens."""
    unknown: Unknown | None = None
    """What to write for a word outside the vocabulary; None: source where there is attention."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Sequence to sequence."""

    data: PairDataConfig = PairDataConfig()
    source: TextConfig = TextConfig(tokenizer="word", case="keep")
    target: TextConfig = TextConfig(tokenizer="word", case="keep")
    shared_vocab: bool = False
    """One vocabulary for both sides, built on both, with the options of the source."""
    filter: PairFilterConfig = PairFilterConfig()
    model: ModelConfig = ModelConfig()
    optim: OptimConfig = OptimConfig(lr=2e-3)
    schedule: ScheduleConfig = ScheduleConfig(name="cosine", warmup=0.05)
    average: AverageConfig = AverageConfig()
    decoding: DecodingConfig = DecodingConfig()
    kind: Literal["translation", "sequence"] = "translation"
    """What answers are: texts, measured by BLEU and chrF, or sequences that are right or wrong, as
    pronunciations are: the share of wrong ones, and errors by token."""
    bleu_tokenizer: Literal["13a", "intl", "char", "zh", "none"] = "13a"
    """translation: how BLEU cuts words; zh for Chinese, char for Japanese."""
    label_smoothing: float = 0.1
    """Share of each target token that is spread over the vocabulary."""
    scheduled_sampling: float = 0.0
    """Chance, rising to this over the training, that the decoder reads its own likeliest token."""
    epochs: int = 20
    """Passes over the training data at most."""
    batch_tokens: int = 4096
    """Positions of a batch, padding included, of both sides together."""
    accumulate: int = 1
    """Compute each batch in so many parts; the gradient is the same."""
    metric: Literal["loss", "bleu", "chrf", "wer", "per"] = "loss"
    """What on valid chooses the best epoch; bleu and chrf of translations, wer and per of
    sequences, decoded greedily."""
    patience: int | None = None
    """Stop after so many epochs without a better one; None never stops early."""
    precision: Precision = "fp32"
    """Arithmetic of the forward pass: fp32, bf16, or on GPU fp16."""
    baselines: tuple[str, ...] = ("copy", "nearest", "lexicon")
    """On the same split, for comparison: copy, nearest, lexicon."""
    checkpoint_seconds: float = 60.0
    """Write a checkpoint so often, and after each epoch."""
    out: str | None = None
    """Folder of the run; runs/translate-PRESET where it is not given."""
    seed: int = 1
    """Of every random choice."""
    device: Device = "auto"
    """Where to train."""
    check: bool = False
    """Before training, see whether the model can learn one batch by heart."""
    resume: bool = False
    """Go on where the stopped run in this folder was."""


_LETTERS = TextConfig(tokenizer="char", case="keep")
_PIECES = TextConfig(tokenizer="sentencepiece", case="keep", subwords=6000)
_MULTI30K = Config(
    data=PairDataConfig(
        train="hf:multi30k:train", valid="hf:multi30k:validation", test="hf:multi30k:test"
    ),
    source=_PIECES,
    target=_PIECES,
    shared_vocab=True,
    model=ModelConfig(
        dim=512,
        encoder_hidden=512,
        encoder_layers=2,
        decoder_hidden=512,
        decoder_layers=2,
        residual=True,
        attention="additive",
        attention_hidden=512,
        tied="all",
        dropout=0.5,
        word_dropout=0.1,
    ),
    average=AverageConfig(ema=0.999),
    epochs=60,
    metric="bleu",
)

PRESETS: dict[str, Config] = {
    "reverse": Config(
        data=PairDataConfig(train="bundled:reverse"),
        source=_LETTERS,
        target=_LETTERS,
        model=ModelConfig(
            cell="gru",
            dim=64,
            encoder_hidden=128,
            decoder_hidden=128,
            attention="general",
            input_feeding=False,
            tied="none",
            dropout=0.2,
        ),
        optim=OptimConfig(lr=3e-3),
        average=AverageConfig(ema=0.99),
        label_smoothing=0.0,
        kind="sequence",
        epochs=16,
        batch_tokens=2048,
    ),
    "g2p": Config(
        data=PairDataConfig(train="bundled:pronunciation"),
        source=TextConfig(tokenizer="char"),
        target=TextConfig(tokenizer="whitespace", case="keep"),
        model=ModelConfig(
            dim=192,
            encoder_hidden=256,
            encoder_layers=2,
            decoder_hidden=512,
            attention="general",
            input_feeding=False,
            tied="none",
            dropout=0.3,
        ),
        average=AverageConfig(ema=0.999),
        kind="sequence",
        epochs=24,
        batch_tokens=2048,
        metric="wer",
        precision="bf16",
    ),
    "multi30k": _MULTI30K,
    "multi30k-fast": replace(
        _MULTI30K,
        model=ModelConfig(
            dim=256,
            encoder_hidden=256,
            decoder_hidden=512,
            attention="general",
            input_feeding=False,
            tied="all",
            dropout=0.4,
        ),
        epochs=20,
        precision="bf16",
    ),
}


def main(cfg: Config) -> None:
    """Train, evaluate, report, save."""
    check_options(cfg)
    device = pick_device(cfg.device)
    try_parts(cfg, device)
    warn_if_slow(device, cfg.precision)
    with Run(cfg.out or "runs/translate", config=cfg, recipe=recipe_name(__file__)) as run:
        seed_generators(cfg.seed)
        splits = load_pairs(cfg.data, seed=cfg.seed)
        source, target = build_pipelines(cfg, splits.train)
        audited = audit_pairs(splits.named())
        warnings = audited.warnings()
        if cfg.kind == "translation":
            targets = [pair.target for pair in splits.train]
            warnings += filter(None, [unspaced_warning(targets, cfg.bleu_tokenizer)])
        for warning in warnings:
            logger.warning("%s", warning)
        ids = {name: encode(pairs, source, target) for name, pairs in splits.named().items()}
        filtered = filter_pairs(*ids["train"], cfg.filter)
        kept = np.flatnonzero(filtered.keep)
        ids["train"] = tuple(side.select(kept) for side in ids["train"])
        logger.info(
            "%s: %d train, %d valid, %d test pairs; %d of train filtered out%s; vocabularies of %d "
            "and %d",
            cfg.data.train,
            *map(len, splits.named().values()),
            len(filtered.keep) - len(kept),
            "".join(f", {count} {why}" for why, count in filtered.counts.items() if count),
            len(source.vocab),
            len(target.vocab),
        )
        valid, test = group_references(splits.valid), group_references(splits.test)

        given = read_given(cfg, source, target)
        network = Seq2Seq(
            own_part(Seq2SeqConfig, cfg.model),
            source_vocabulary=len(source.vocab),
            target_vocabulary=len(target.vocab),
            **{f"{side}_given": each.rows for side, each in given.items()},
        ).to(device)
        sizes = lengths(*ids["train"])
        plain = Translator(network, source, target, ratio=sizes["ratio"])
        train(cfg, run, plain, ids, valid, device, given)
        model = Translator(network, source, target, **sizes)

        results, cut = {}, 0
        for name, records in (("valid", valid), ("test", test)):
            found = model.translate_many(
                [each.source for each in records], **decoding_options(cfg.decoding)
            )
            answers = [each.text for each in found]
            results[name] = [measured(cfg, "model", answers, records, target)]
            cut = sum(each.finished == "length" for each in found)  # of test, the last
        figures = {name: rows[0].metrics for name, rows in results.items()}
        model.save(  # before the baselines: what fails with one of them must not cost the model
            run.folder,
            provenance={
                "recipe": "translate",
                "config": to_dict(cfg),
                "data": splits.fingerprint(),
            },
            metrics=figures,
        )
        tokens = [
            [side.tokens(getattr(pair, name)) for pair in splits.train]
            for side, name in ((source, "source"), (target, "target"))
        ]
        for name in cfg.baselines:
            logger.info("baseline %s", name)
            baseline = fit_translation_baseline(name, *tokens)
            for split, records in (("valid", valid), ("test", test)):
                made = baseline.translate_many([source.tokens(each.source) for each in records])
                texts = list(map(target.tokenizer.join, made))
                if name == "copy":  # as it is: another tokeniser would join it in another way
                    texts = [each.source for each in records]
                results[split].append(measured(cfg, name, texts, records, target))

        write_translation_report(
            run.folder,
            test=results["test"],
            valid=results["valid"],
            records=test,
            lengths=[len(source.tokens(each.source)) for each in test],
            audit_lines=audited.lines(),
            log=run.rows(),
            filtered=filtered.counts,
            cut=cut,
            warnings=warnings,
            notes=[
                f"The model: {describe(cfg.model)}; data {cfg.data.train}; seed {cfg.seed}.",
                *(each.note for each in given.values()),
                f"Decoded with {told(cfg.decoding)}.",
                f"The whole run took {run.seconds:.0f} seconds on {device}.",
            ],
            facts=list(alignments(run.folder, model, test)),
            seed=cfg.seed,
        )
        run.finish(
            {
                **figures,
                "baselines": {result.name: result.metrics for result in results["test"][1:]},
                "audit": audited.to_dict(),
                "filtered": filtered.counts,
                "seconds": run.seconds,
            }
        )
        print(format_table(translation_rows(results["test"], seed=cfg.seed)))
        print(f"\n{translation_headline(results['test'], seed=cfg.seed)}")
        for signature in figures["test"].get("signatures", {}).values():
            print(signature)
        print(f"report: {run.folder}/report.md   use it: seqkit translate {run.folder} TEXT")


def build_pipelines(cfg: Config, pairs: Sequence[Pair]) -> tuple[TextPipeline, TextPipeline]:
    """Build how sources and targets become ids; the same for both with a shared vocabulary."""
    sources, targets = [pair.source for pair in pairs], [pair.target for pair in pairs]
    if cfg.shared_vocab:
        both = build_pipeline(cfg.source, sources + targets, seed=cfg.seed, group="source")
        return both, both
    return (
        build_pipeline(cfg.source, sources, seed=cfg.seed, group="source"),
        build_pipeline(cfg.target, targets, seed=cfg.seed, group="target"),
    )


def read_given(cfg: Config, source: TextPipeline, target: TextPipeline) -> dict[str, GivenVectors]:
    """Read the word vectors that the embeddings of each side start from, where there are any."""
    model = cfg.model
    shared = model.tied == "all"
    tied_use = "--model.vectors-use projected with --model.tied none"
    free_use = "--model.vectors-use projected"
    wanted = {
        "source": (None if shared else model.vectors, source, free_use),
        "target": (
            model.vectors if shared else model.target_vectors,
            target,
            free_use if model.tied == "none" else tied_use,
        ),
    }
    return {
        side: give_vectors(
            model,
            pipeline.vocab.words,
            path=path,
            dim=model.dim,
            dim_option="--model.dim",
            tied=model.tied == "all" or (side == "target" and model.tied != "none"),
            what=f"Word vectors of {'both sides' if shared else f'the {side}'}",
            otherwise=otherwise,
        )
        for side, (path, pipeline, otherwise) in wanted.items()
        if path is not None
    }


def encode(
    pairs: Sequence[Pair], source: TextPipeline, target: TextPipeline
) -> tuple[Ragged, Ragged]:
    """Turn pairs into the ids of both sides."""
    return (
        Ragged.from_sequences(source.encode_many(pair.source for pair in pairs)),
        Ragged.from_sequences(target.encode_many(pair.target for pair in pairs)),
    )


def train(
    cfg: Config,
    run: Run,
    model: Translator,
    ids: dict[str, tuple[Ragged, Ragged]],
    valid: Sequence[Alternatives],
    device: torch.device,
    given: Mapping[str, GivenVectors] = MappingProxyType({}),
) -> None:
    """Train the network of the model, and leave it with the weights best on valid."""
    keep_freed_memory()
    network, (sources, targets) = model.network, ids["train"]
    sampler = TokenSampler(
        sources.lengths, targets.lengths, batch_tokens=cfg.batch_tokens, seed=cfg.seed
    )
    updates = sampler.steps(cfg.epochs)
    undecayed = [network.target_embedding.weight]
    if "source" in given and cfg.model.vectors_use != "tuned":
        undecayed.append(network.source_embedding.weight)
    optimizer = make_optimizer(cfg.optim, network.parameters(), undecayed=undecayed)
    schedule = Schedule(cfg.schedule, optimizer, total=updates)
    moving = WeightAverage(network, cfg.average.ema)
    last = CheckpointAverage(network, cfg.average.last)
    average = last if cfg.average.last else moving
    stopping = EarlyStopping(cfg.patience)
    chance = 0.0

    def objective(part: PairBatch) -> torch.Tensor:
        rows = part.keep.flatten().nonzero()[:, 0]  # first: to ask a GPU later is to wait for it
        hidden = network(part.source.ids, part.source.lengths, part.inputs, sampling=chance)
        return network.output.loss(
            hidden.flatten(0, 1)[rows],
            part.gold.flatten()[rows],
            label_smoothing=cfg.label_smoothing,
        )

    updater = Updater(
        network,
        objective,
        optimizer,
        config=cfg.optim,
        device=device,
        precision=cfg.precision,
        accumulate=cfg.accumulate,
        smaller="--batch-tokens, --filter.max-tokens or the sizes of the model",
    )
    training = Checkpointed(
        network=network,
        optimizer=optimizer,
        schedule=schedule,
        moving=moving,
        last=last,
        stopping=stopping,
        updater=updater,
    )
    if updates < _FEW:
        logger.warning(
            "%d updates in all, which is little to learn from: lower --batch-tokens, or raise "
            "--epochs",
            updates,
        )
    logger.info(
        "%s on %s: %d weights, %d updates an epoch, %.1f%% padding",
        describe(network.config),
        device,
        sum(p.numel() for p in network.parameters()),
        updates // cfg.epochs,
        100 * pair_padding_share(sources.lengths, targets.lengths, sampler.batches(0)),
    )

    def take(chosen: np.ndarray) -> tuple[float, float, float]:
        batch = pad_pairs([sources[i] for i in chosen], [targets[i] for i in chosen])
        return updater.update(batch, batch.tokens)

    data = [*ids["train"], *ids["valid"], *vector_arrays(*given.values())]
    progress = training.restore(run, data=data)
    if progress.step == 0:
        nats, tokens = pair_loss(network, *ids["valid"], device=device)
        check_first_loss(nats / tokens, float(np.log(network.target_vocabulary)))
        if cfg.check:
            before, chosen = training.state(), sampler.batches(0)[0]
            least = smoothing_floor(cfg.label_smoothing, network.target_vocabulary)
            steps = check_overfits(lambda: np.divide(*take(chosen)[:2]), least=least)
            training.set_state(before)
            logger.info("--check: one batch learnt by heart in %d updates", steps)

    while progress.epoch < cfg.epochs and not stopping.stop:
        bar = progress_bar(sampler.batches(progress.epoch), progress)
        for chosen in bar:
            rate = schedule.set(progress.step)
            chance = cfg.scheduled_sampling * progress.step / updates
            summed, weight, norm = take(chosen)
            moving.update()
            progress.count(summed, weight)
            if progress.step % 20 == 0:
                bar.set_postfix(loss=f"{progress.loss:.3f}", refresh=False)
                run.log("step", step=progress.step, loss=summed / weight, grad_norm=norm, lr=rate)
            if run.due(cfg.checkpoint_seconds):
                training.save(run, progress, best_step=stopping.best_step)

        last.observe()
        with average.applied():
            found = on_valid(cfg, model, ids["valid"], valid)
            score = found[cfg.metric] * (1 if cfg.metric in ("bleu", "chrf") else -1)
            best = stopping.observe(score, progress.step)
            if best:
                run.keep_best(network.state_dict(), step=progress.step)
        schedule.observe(score)
        logger.info(
            "epoch %d: train loss %.4f, valid %s%s (%.0f seconds in all)",
            progress.epoch + 1,
            progress.loss,
            ", ".join(f"{name} {value:.4g}" for name, value in found.items()),
            ", the best so far" if best else "",
            run.seconds,
        )
        run.log(
            "epoch",
            step=progress.step,
            epoch=progress.epoch + 1,
            train_loss=progress.loss,
            **{f"valid_{name}": value for name, value in found.items()},
        )
        progress.next_epoch()
        training.save(run, progress, best_step=stopping.best_step)

    network.load_state_dict(run.best(stopping.best_step))
    network.eval()


def on_valid(
    cfg: Config, model: Translator, ids: tuple[Ragged, Ragged], records: Sequence[Alternatives]
) -> dict[str, float]:
    """Measure the model on valid: the loss of a token, and its greedy answers."""
    nats, tokens = pair_loss(model.network, *ids, device=model.device)
    model.network.eval()
    answers = [
        each.text for each in model.translate_many([each.source for each in records], beam=1)
    ]
    references = [each.references for each in records]
    if cfg.kind == "translation":
        bleu = metrics.bleu(answers, references, tokenize=cfg.bleu_tokenizer).score
        others = {"bleu": bleu, "chrf": metrics.chrf(answers, references).score}
    else:
        errors = metrics.error_rate(
            list(map(model.target.tokens, answers)),
            [list(map(model.target.tokens, texts)) for texts in references],
        )
        others = {"wer": errors.sequence, "per": errors.token}
    return {"loss": nats / tokens, **others}


def lengths(sources: Ragged, targets: Ragged) -> dict[str, Any]:
    """Say how long training pairs are: the longest source, what is usual, and how sources grow."""
    read, written = sources.lengths, targets.lengths
    return {
        "max_tokens": int(read.max()),
        "usual": int(np.quantile(read, 0.99, method="higher")),
        "ratio": float(np.quantile(written / read, 0.999)),
    }


def decoding_options(decoding: DecodingConfig) -> dict[str, Any]:
    """The options of `Translator.translate_many`."""
    return {field.name: getattr(decoding, field.name) for field in fields(decoding)}


def measured(
    cfg: Config,
    name: str,
    answers: Sequence[str],
    records: Sequence[Alternatives],
    target: TextPipeline,
) -> TranslationResult:
    """Measure answers against all references of their sources."""
    return measure_translations(
        name,
        answers,
        [each.references for each in records],
        kind=cfg.kind,
        tokenize=target.tokens if cfg.kind == "sequence" else str.split,
        bleu_tokenizer=cfg.bleu_tokenizer,
        seed=cfg.seed,
    )


def alignments(folder: Path, model: Translator, records: Sequence[Alternatives]) -> Iterator[str]:
    """Draw what the model attended to for some of the test; yield the section of the report."""
    if not model.attends or without_pictures():
        return
    chosen = np.unique(np.linspace(0, len(records) - 1, _SHOWN).astype(np.int64)).tolist()
    found = model.translate_many(
        [records[at].source for at in chosen], attention=True, long="truncate"
    )
    shown: list[Any] = [
        (each.source_tokens, each.tokens, each.attention) for each in found if each.tokens
    ]
    if shown:
        write_alignments(folder / "alignment.png", shown)
        yield (
            "## What it attended to\n\nA row a token of the answer, a column a token of the "
            "source: the darker, the more of it went in.\n\n![alignment](alignment.png)"
        )


def describe(model: Seq2SeqConfig) -> str:
    """Say what is trained."""
    direction = "bidirectional " if model.bidirectional else ""
    attention = {"none": "no attention", "fixed": "a fixed context"}.get(
        model.attention, f"{model.attention} attention"
    )
    return (
        f"{model.cell}, {direction}encoder of {model.encoder_layers} x {model.encoder_hidden}, "
        f"decoder of {model.decoder_layers} x {model.decoder_hidden}, {attention}"
    )


def told(decoding: DecodingConfig) -> str:
    """Say how answers were decoded."""
    if decoding.beam == 1:
        return "the likeliest token each time"
    penalty = 1.0 if decoding.length_penalty is None else decoding.length_penalty
    said = f"beam {decoding.beam}, length penalty {penalty:g}"
    if decoding.coverage_penalty:
        said += f", coverage penalty {decoding.coverage_penalty:g}"
    return said


def try_parts(cfg: Config, device: torch.device) -> None:
    """Make each part once, without data: what it refuses is refused before any text is read."""
    with torch.device("meta"):  # where weights take no memory
        network = Seq2Seq(cfg.model, source_vocabulary=8, target_vocabulary=8)
    optimizer = make_optimizer(cfg.optim, network.parameters())
    autocast(device, cfg.precision)
    Schedule(cfg.schedule, optimizer, total=1)
    WeightAverage(network, cfg.average.ema)
    CheckpointAverage(network, cfg.average.last)
    EarlyStopping(cfg.patience)
    TokenSampler(
        np.zeros(0, np.int64), np.zeros(0, np.int64), batch_tokens=cfg.batch_tokens, seed=cfg.seed
    )
    TranslationOptions(**decoding_options(cfg.decoding))
    if cfg.kind == "translation":
        require("sacrebleu", extra="metrics", purpose="BLEU and chrF")


def check_options(cfg: Config) -> None:
    """Refuse values out of range, and what would be ignored, before any work is done."""
    for name in cfg.baselines:
        if name not in TRANSLATION_BASELINES:
            raise ConfigError(choices("--baselines", name, TRANSLATION_BASELINES))
    for option, value in (("--epochs", cfg.epochs), ("--accumulate", cfg.accumulate)):
        if value < 1:
            raise ConfigError(f"{option} {value}: must be 1 or more")
    for option, share in (
        ("--label-smoothing", cfg.label_smoothing),
        ("--scheduled-sampling", cfg.scheduled_sampling),
    ):
        if not 0 <= share < 1:
            raise ConfigError(f"{option} {share}: must lie in [0, 1)")
    if not 0 <= cfg.seed < 2**32:
        raise ConfigError(f"--seed {cfg.seed}: must be 0 or more, and less than 2**32")
    fitting = {"translation": ("loss", "bleu", "chrf"), "sequence": ("loss", "wer", "per")}
    if cfg.metric not in fitting[cfg.kind]:
        raise ConfigError(
            f"--metric {cfg.metric}: with --kind {cfg.kind} it is {', '.join(fitting[cfg.kind])}"
        )
    if cfg.average.last == 1:
        raise ConfigError("--average.last 1: the last epoch alone is no average: 0, or 2 and more")
    if cfg.average.ema and cfg.average.last:
        raise ConfigError("--average.ema and --average.last: only one average can be evaluated")
    if cfg.model.tied == "all" and not cfg.shared_vocab:
        raise ConfigError(
            "--model.tied all: the two sides share one table: it takes --shared-vocab"
        )
    if cfg.shared_vocab and cfg.target not in (cfg.source, Config().target):
        raise ConfigError(
            "--target.*: with --shared-vocab both sides are cut as --source.* says: leave it out"
        )
    attends = cfg.model.attention not in ("none", "fixed")
    if not attends and cfg.decoding.coverage_penalty:
        raise ConfigError(
            f"--decoding.coverage-penalty: --model.attention {cfg.model.attention} covers nothing"
        )
    if not attends and cfg.decoding.unknown == "source":
        raise ConfigError(
            f"--decoding.unknown source: --model.attention {cfg.model.attention} does not tell "
            "which token of the source it was: choose avoid, keep or drop"
        )
    check_given(cfg)
    refuse_ignored(cfg, [Config(), *PRESETS.values()], without_effect(cfg))


def check_given(cfg: Config) -> None:
    """Refuse word vectors that the tables cannot start from."""
    model = cfg.model
    if model.tied == "all" and model.target_vectors is not None:
        raise ConfigError(
            "--model.target-vectors with --model.tied all: both sides share one table: give one "
            "file by --model.vectors"
        )
    of_target = model.vectors if model.tied == "all" else model.target_vectors
    if of_target is not None and model.tied != "none" and model.vectors_use == "projected":
        raise ConfigError(
            f"--model.vectors-use projected with --model.tied {model.tied}: the output layer "
            "cannot share a table of another width: --model.tied none, or --model.vectors-use "
            "tuned or frozen"
        )
    check_vectors(model, model.vectors, model.target_vectors, l1=cfg.optim.l1)


def without_effect(cfg: Config) -> Iterator[tuple[str, str]]:
    """Yield the options, by how they begin, that this configuration does not use, and why."""
    if cfg.model.attention != "additive":
        yield "model.attention_hidden", "without --model.attention additive"
    if cfg.model.attention in ("none", "fixed"):
        yield "model.input_feeding", f"with --model.attention {cfg.model.attention}"
    if cfg.model.encoder_layers == cfg.model.decoder_layers == 1:
        yield "model.residual", "with one layer on either side"
    if cfg.decoding.beam == 1:
        yield "decoding.length_penalty", "with --decoding.beam 1"
        yield "decoding.coverage_penalty", "with --decoding.beam 1"
    if cfg.kind != "translation":
        yield "bleu_tokenizer", "without --kind translation"
    for split in ("valid", "test"):
        if getattr(cfg.data, split) is not None:
            yield f"data.{split}_share", f"with --data.{split}"
    if cfg.data.valid is not None and cfg.data.test is not None:
        yield "data.by_content", "with --data.valid and --data.test"
    yield from unused_vectors(
        cfg.model,
        cfg.model.vectors,
        cfg.model.target_vectors,
        needs="--model.vectors PATH or --model.target-vectors PATH",
    )
    yield from unused_options(cfg.schedule)


if __name__ == "__main__":
    sys.exit(run_recipe(__file__, sys.argv[1:]))
