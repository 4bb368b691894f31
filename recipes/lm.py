"""Train a recurrent language model on running text, and report honestly.

    seqkit train lm chars
    seqkit train lm --data.train novels.txt --out runs/novels

The corpus is cut into contiguous streams, whose hidden state is carried from window to window
(truncated back-propagation through time). Without --data.valid and --data.test the two are cut from
train, in blocks of consecutive lines.
"""

import itertools
import logging
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

import seqkit
from seqkit.batching import LineSource, Streams, StreamSource, TokenShards, write_shards
from seqkit.cli import recipe_name, run_recipe
from seqkit.config import refuse_ignored, to_dict
from seqkit.data import TextDataConfig, TextSplit, audit_text, load_text
from seqkit.errors import ConfigError, require
from seqkit.models.extend import extend_vocabulary
from seqkit.models.language_model import LanguageModel
from seqkit.models.recurrent_lm import RecurrentLm, RecurrentLmConfig
from seqkit.nn.devices import (
    Device,
    Precision,
    autocast,
    pick_device,
    set_tf32,
    warn_if_slow,
)
from seqkit.nn.memory import keep_freed_memory
from seqkit.text import TextConfig, TextPipeline, Vocab, build_pipeline
from seqkit.train.adaptation import AdaptConfig, adapt, check_adapt
from seqkit.train.averaging import TriggeredAverage, WeightAverage
from seqkit.train.divergence import divergence
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
from seqkit.train.lags import gradient_by_lag
from seqkit.train.language_evaluation import (
    MeasuredSplit,
    score_split,
    split_loss,
    table_log_probs,
    unigram_log_probs,
)
from seqkit.train.language_report import language_headline, write_language_report
from seqkit.train.language_result import language_rows, most_surprising
from seqkit.train.lr_range import learning_rate_range
from seqkit.train.ngram_rows import NgramRowConfig, NgramRows
from seqkit.train.optim import OptimConfig, make_optimizer
from seqkit.train.plots import plot_lr_range
from seqkit.train.prefetch import prefetch
from seqkit.train.progress import Checkpointed, progress_bar
from seqkit.train.run import Run
from seqkit.train.schedule import Schedule, ScheduleConfig, unused_options
from seqkit.train.seeding import seed_generators
from seqkit.train.stopping import EarlyStopping
from seqkit.train.tally import Tally
from seqkit.train.window_update import Carried, WindowUpdater

logger = logging.getLogger("seqkit.recipes.lm")

_STILL_FALLING = 0.02  # nats in the last epoch

MOST_LAGS = 200


@dataclass(frozen=True, kw_only=True)
class AverageConfig:
    """Averages of the weights, evaluated and saved in their place."""

    ema: float = 0.0
    """Decay of a moving average; 0 for none."""
    asgd: int | None = None
    """NT-ASGD: average from the first epoch on that is worse than the best of those before the last
    so many; None for none."""


@dataclass(frozen=True, kw_only=True)
class RegulariseConfig:
    """Penalties on the activations of the last layer."""

    alpha: float = 0.0
    """Activation regularisation (AR): of their squares."""
    beta: float = 0.0
    """Temporal activation regularisation (TAR): of the squares of their changes."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig(VectorsOptions, RecurrentLmConfig):
    """A recurrent language model, and the word vectors that it starts from."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Recurrent language model."""

    data: TextDataConfig = TextDataConfig(train="bundled:austen")
    text: TextConfig = TextConfig(case="keep", min_count=2, max_vocab=50_000)
    model: ModelConfig = ModelConfig()
    optim: OptimConfig = OptimConfig(lr=3e-3, clip=0.5)
    schedule: ScheduleConfig = ScheduleConfig(name="cosine", warmup=0.02)
    average: AverageConfig = AverageConfig()
    regularise: RegulariseConfig = RegulariseConfig()
    adapt: AdaptConfig = AdaptConfig()
    ngram: NgramRowConfig = NgramRowConfig()
    start_from: str | None = None
    """Fine-tune this saved model; its vocabulary is extended by the words of train."""
    batch_size: int = 20
    """Streams that the corpus is cut into, or lines an update with --sentences."""
    window: int = 35
    """Tokens of each stream an update: as far as gradients reach."""
    vary_window: bool = False
    """Draw the length of each window about --window; the learning rate is scaled by it."""
    sentences: bool = False
    """Each line stands for itself, from BOS to EOS; the state is not carried."""
    epochs: int = 10
    """Passes over the training data at most."""
    patience: int | None = 5
    """Stop after so many epochs without a better one; None never stops early."""
    precision: Precision = "fp32"
    """Arithmetic of the large products: fp32, bf16, or on GPU fp16."""
    tf32: bool = True
    """GPU: let fp32 products run in TF32."""
    cuda_graphs: bool = False
    """GPU: replay each window's step as a CUDA graph, which spares small networks the launches."""
    find_lr: bool = False
    """Do not train: try rising learning rates, draw the loss, and suggest one."""
    prompt: str = ""
    """What the samples in the report begin with."""
    checkpoint_seconds: float = 60.0
    """Write a checkpoint so often, and after each epoch."""
    out: str | None = None
    """Folder of the run; runs/lm-PRESET where it is not given."""
    seed: int = 1
    """Of every random choice."""
    device: Device = "auto"
    """Where to train."""
    resume: bool = False
    """Go on where the stopped run in this folder was."""


_PTB = Config(
    data=TextDataConfig(
        train="hf:ptb_text_only:train",
        valid="hf:ptb_text_only:validation",
        test="hf:ptb_text_only:test",
    ),
    text=TextConfig(tokenizer="whitespace", case="keep"),
)
_AWD = replace(
    _PTB,
    model=ModelConfig(
        dim=400,
        embedding_range=0.1,
        hidden=(1152, 1152, 400),
        word_dropout=0.1,
        input_dropout=0.4,
        hidden_dropout=0.25,
        output_dropout=0.4,
        weight_dropout=0.5,
    ),
    optim=OptimConfig(name="sgd", lr=30.0, clip=0.25, weight_decay=1.2e-6),
    schedule=ScheduleConfig(),
    average=AverageConfig(asgd=5),
    regularise=RegulariseConfig(alpha=2.0, beta=1.0),
    window=70,
    vary_window=True,
    epochs=500,
    patience=None,
    precision="bf16",
)

PRESETS: dict[str, Config] = {
    "chars": Config(
        data=TextDataConfig(train="bundled:shakespeare"),
        text=TextConfig(tokenizer="char", case="keep", min_count=3),
        model=ModelConfig(
            dim=128,
            hidden=(256, 128),
            input_dropout=0.0,
            hidden_dropout=0.0,
            output_dropout=0.0,
        ),
        optim=OptimConfig(lr=4e-3, clip=0.5),
        window=64,
        batch_size=16,
        epochs=4,
    ),
    "words": Config(),
    "ptb-small": replace(
        _PTB,
        model=ModelConfig(input_dropout=0.25, hidden_dropout=0.25, output_dropout=0.4),
        optim=OptimConfig(lr=4e-3, clip=0.5),
        epochs=18,
        precision="bf16",
    ),
    "ptb-medium": replace(
        _PTB,
        model=ModelConfig(
            dim=640,
            hidden=(640, 640),
            word_dropout=0.1,
            input_dropout=0.5,
            hidden_dropout=0.4,
            output_dropout=0.5,
            weight_dropout=0.4,
        ),
        epochs=60,
        precision="bf16",
    ),
    "ptb-awd": _AWD,
    "ptb-mogrifier": replace(
        _AWD,
        model=replace(
            _AWD.model, cell="mogrifier", hidden=(1152, 400), rounds=5, rank=100, weight_dropout=0.4
        ),
        optim=OptimConfig(lr=3e-3, clip=10.0),
        average=AverageConfig(ema=0.999),
        vary_window=False,
        cuda_graphs=True,
        epochs=200,
    ),
}


def main(cfg: Config) -> None:
    """Train, evaluate, report, save."""
    check_options(cfg)
    device = pick_device(cfg.device)
    try_parts(cfg, device)
    set_tf32(cfg.tf32)
    with Run(cfg.out or "runs/lm", config=cfg, recipe=recipe_name(__file__)) as run:
        splits = load_text(cfg.data, seed=cfg.seed)
        seed_generators(cfg.seed)
        network, pipeline, given = prepare(cfg, splits.train, device)
        warn_of_slow_paths(cfg, network, device)
        with run.scratch() as folder:
            tokens = {
                name: write_shards(
                    folder / name, encoded(split, pipeline), vocabulary=len(pipeline.vocab)
                )
                for name, split in splits.named().items()
            }
            logger.info(
                "%s: %d ids; %s tokens",
                cfg.data.train,
                len(pipeline.vocab),
                ", ".join(f"{len(part):,} {name}" for name, part in tokens.items()),
            )
            audited = audit_text(splits.named())
            for warning in audited.warnings():
                logger.warning("%s", warning)
            if cfg.find_lr:
                find_learning_rate(cfg, run.folder, network, tokens["train"], device)
                return
            notes = train(cfg, run, network, tokens, device, given)
            log = run.rows()
            notes += told_by(log)

            model = LanguageModel(network, pipeline, sentences=cfg.sentences, device=device)
            valid, test = (
                MeasuredSplit(name, splits.named()[name], tokens[name], pipeline)
                for name in ("valid", "test")
            )
            ngrams = NgramRows(cfg.ngram, folder, vocabulary=network.vocabulary)
            rows = []
            for part in (valid, test):
                said = score_split(network, tokens[part.split], sentences=cfg.sentences)
                rows.append(part.result("model", ngrams.keeping("model", part.split, said)))
            figures = {row.split: row.metrics() for row in rows}
            model.save(  # before the rest: what fails there must not cost the model
                run.folder,
                provenance={"recipe": "lm", "config": to_dict(cfg), "data": splits.fingerprint()},
                metrics=figures,
            )
            if adapted := adapt(cfg.adapt, network, tokens):
                said = adapted.log_probs(tokens["test"])
                said = ngrams.keeping(adapted.name, "test", said, adapted=True)
                rows.append(test.result(adapted.name, said, adapted=True))
                notes += adapted.notes
                if ngrams.wanted:  # valid once more, for the weights of the mixture
                    said = adapted.log_probs(tokens["valid"])
                    for _ in ngrams.keeping(adapted.name, "valid", said, adapted=True):
                        pass
            rows += ngrams.results(tokens, (valid, test))
            notes += ngrams.notes
            unigram = unigram_log_probs(tokens["train"], vocabulary=network.vocabulary)
            rows += [
                part.result("unigram", table_log_probs(unigram, tokens[part.split]))
                for part in (valid, test)
            ]
            if cfg.start_from is not None:
                before = prepare(cfg, splits.train, device)[0]
                untouched = score_split(before, tokens["test"], sentences=cfg.sentences)
                rows.append(test.result("before fine-tuning", untouched))
            samples = model.generate_many(
                [cfg.prompt], num=3, max_tokens=200, top_p=0.95, seed=cfg.seed
            )
            write_language_report(
                run.folder,
                rows=rows,
                log=log,
                audit_lines=audited.lines(),
                warnings=audited.warnings(),
                notes=[
                    f"The model: {describe(network.config)}; data {cfg.data.train}; "
                    f"seed {cfg.seed}.",
                    *notes,
                    f"The whole run took {run.seconds:.0f} seconds on {device}.",
                ],
                samples=[(sample.prompt, sample.text) for sample in samples],
                lags={row["when"]: row["norms"] for row in log if row["event"] == "lags"},
                surprises=most_surprising(rows[1], tokens["test"], text=pipeline.decode),
                lost=pipeline.lost(),
                lines=splits.test,
            )
        on_test = [row for row in rows if row.split == "test"]
        run.finish(
            {
                **figures,
                "others": {row.label: row.metrics() for row in on_test[1:]},
                "audit": audited.to_dict(),
                "seconds": run.seconds,
            }
        )
        print(format_table(language_rows(on_test)))
        print(f"\n{language_headline(on_test)}\n\n{samples[0].prompt}{samples[0].text}\n")
        print(f"report: {run.folder}/report.md   use it: seqkit generate {run.folder} PROMPT")


def prepare(
    cfg: Config, split: TextSplit, device: torch.device
) -> tuple[RecurrentLm, TextPipeline, GivenVectors | None]:
    """Make network and pipeline, or take those of a saved model and extend its vocabulary."""
    given = None
    if cfg.start_from is None:
        pipeline = build_pipeline(cfg.text, split, seed=cfg.seed)
        given = read_given(cfg, pipeline)
        network = RecurrentLm(
            own_part(RecurrentLmConfig, cfg.model),
            vocabulary=len(pipeline.vocab),
            given=None if given is None else given.rows,
        )
    else:
        saved = seqkit.load(cfg.start_from)
        if not isinstance(saved, LanguageModel):
            raise ConfigError(
                f"--start-from {cfg.start_from}: a {type(saved).__name__}, expected a LanguageModel"
            )
        if saved.sentences != cfg.sentences:
            raise ConfigError(
                f"--start-from {cfg.start_from}: was trained "
                f"{'with' if saved.sentences else 'without'} --sentences: do the same"
            )
        tokenizer = saved.pipeline.tokenizer.name
        if cfg.text.tokenizer not in (tokenizer, Config().text.tokenizer):
            raise ConfigError(
                f"--text.tokenizer {cfg.text.tokenizer}: --start-from {cfg.start_from} was trained "
                f"with {tokenizer}, which stays: leave it out"
            )
        logger.info("text is cut as for the saved model: %s", tokenizer)
        model = extend_vocabulary(
            saved, split, min_count=cfg.text.min_count, max_vocab=cfg.text.max_vocab
        )
        network, pipeline = model.network, model.pipeline
    return network.to(device), pipeline, given


def read_given(cfg: Config, pipeline: TextPipeline) -> GivenVectors | None:
    """Read the word vectors that the network is to start from, if there are any."""
    model = cfg.model
    if model.vectors is None:
        return None
    projected = "--model.vectors-use projected"
    return give_vectors(
        model,
        pipeline.vocab.words,
        path=model.vectors,
        dim=model.dim,
        dim_option="--model.dim",
        length=model.embedding_range * math.sqrt(model.dim / 3),  # of the rows that are drawn
        tied=model.tied,
        otherwise=f"{projected} with --model.no-tied" if model.tied else projected,
    )


def encoded(split: TextSplit, pipeline: TextPipeline) -> Iterator[list[int]]:
    """Yield the ids of each line, with its end."""
    return ([*ids, Vocab.EOS] for ids in pipeline.encode_many(split))


def train(
    cfg: Config,
    run: Run,
    network: RecurrentLm,
    tokens: dict[str, TokenShards],
    device: torch.device,
    given: GivenVectors | None = None,
) -> list[str]:
    """Train the network, leave it with the weights best on valid; return what is to be told."""
    keep_freed_memory()
    source = training_source(cfg, tokens["train"])
    updates = source.steps(cfg.epochs)
    optimizer = make_optimizer(
        cfg.optim, network.parameters(), undecayed=[network.embedding.weight]
    )
    schedule = Schedule(cfg.schedule, optimizer, total=updates)
    moving = WeightAverage(network, cfg.average.ema)
    triggered = TriggeredAverage(network, cfg.average.asgd)
    average = triggered if cfg.average.asgd is not None else moving
    stopping = EarlyStopping(cfg.patience)
    updater = make_updater(cfg, network, optimizer, device)
    tally = Tally(
        device=device,
        clip=cfg.optim.clip,
        vocabulary=network.vocabulary,
        scaler=updater.scaler,
    )
    carried = Carried(network.start(cfg.batch_size))
    training = Checkpointed(
        network=network,
        optimizer=optimizer,
        schedule=schedule,
        moving=moving,
        triggered=triggered,
        stopping=stopping,
        updater=updater,
        tally=tally,
        carried=carried,
    )
    logger.info(
        "%s on %s: %d weights, %d updates an epoch",
        describe(network.config),
        device,
        sum(p.numel() for p in network.parameters()),
        updates // cfg.epochs,
    )
    prints = [part.fingerprint() for part in tokens.values()]
    progress = training.restore(run, data=[*prints, *vector_arrays(given)])
    notes = [] if given is None else [given.note]
    if progress.step == 0:
        log_lags(cfg, run, network, tokens["valid"], step=0, when="before training")

    while progress.epoch < cfg.epochs and not stopping.stop:
        bar = progress_bar(source.sizes(progress.epoch), progress)
        batches = prefetch(source.batches(progress.epoch, progress.batch), device)
        for size, (inputs, targets, *keep) in zip(bar, batches, strict=True):
            if progress.batch == 0 or cfg.sentences:
                carried.state = network.start(len(inputs))
            rate = schedule.set(progress.step, share=1.0 if cfg.sentences else size / cfg.window)
            update = updater.update(inputs, targets, carried.state, *keep)
            carried.state = update.state
            average.update()
            progress.advance()
            tally.add(update, progress, rate)
            if progress.step % 20 == 0:
                tally.settle(progress)
                bar.set_postfix(perplexity=f"{exp(progress.loss):.1f}", refresh=False)
                run.log("step", step=progress.step, lr=rate, **tally.report())
                if tally.lost:
                    break
            if run.due(cfg.checkpoint_seconds):
                tally.settle(progress)
                training.save(run, progress, best_step=stopping.best_step)
        tally.settle(progress)

        with average.applied():
            nats = split_loss(network, tokens["valid"], sentences=cfg.sentences)
            best = stopping.observe(-nats, progress.step)
            if best:
                run.keep_best(network.state_dict(), step=progress.step)
        schedule.observe(-nats)
        if triggered.observe(-nats):
            logger.info("epoch %d: averaging of the weights begins", progress.epoch + 1)
            run.log("averaging", step=progress.step, epoch=progress.epoch + 1)
        logger.info(
            "epoch %d: train perplexity %.5g, valid %.5g%s (%.0f seconds in all)",
            progress.epoch + 1,
            exp(progress.loss),
            exp(nats),
            ", the best so far" if best else "",
            run.seconds,
        )
        run.log(
            "epoch",
            step=progress.step,
            epoch=progress.epoch + 1,
            train_loss=progress.loss,
            valid_loss=nats,
            valid_perplexity=exp(nats),
        )
        progress.next_epoch()
        diverged = divergence(
            epoch=progress.epoch,
            train_loss=tally.loss,
            valid_loss=nats,
            best=-stopping.best,
            vocabulary=network.vocabulary,
            stopped=tally.lost,
        )
        if diverged:
            notes.append(diverged)
            break  # with no checkpoint: a run resumed from the one before comes here again
        training.save(run, progress, best_step=stopping.best_step)

    network.load_state_dict(run.best(stopping.best_step))
    log_lags(cfg, run, network, tokens["valid"], step=progress.step, when="after training")
    return notes


def told_by(log: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say what the log of a run knows and its reader should."""
    for row in log:
        if row["event"] == "averaging":
            yield f"Averaging of the weights began after epoch {row['epoch']} (NT-ASGD)."
    losses = [row["valid_loss"] for row in log if row["event"] == "epoch"]
    if len(losses) > 1 and losses[-1] < losses[-2] - _STILL_FALLING:
        yield (
            f"The last epoch still took the valid perplexity from {exp(losses[-2]):.5g} to "
            f"{exp(losses[-1]):.5g}: more --epochs would help."
        )


def training_source(cfg: Config, tokens: TokenShards) -> StreamSource | LineSource:
    """Say how an epoch reads the corpus: in windows of streams, or line by line."""
    if cfg.sentences:
        return LineSource(tokens, batch=cfg.batch_size, seed=cfg.seed)
    return StreamSource(
        tokens,
        batch=cfg.batch_size,
        window=cfg.window,
        vary=cfg.vary_window,
        first=Vocab.EOS,
        seed=cfg.seed,
    )


def log_lags(
    cfg: Config, run: Run, network: RecurrentLm, valid: TokenShards, *, step: int, when: str
) -> None:
    """Log how the gradient of one prediction reaches back in time, on the first words of valid."""
    window = min(cfg.window, len(valid), MOST_LAGS)
    streams = Streams(valid, batch=min(16, len(valid) // window), first=Vocab.EOS)
    device = network.embedding.weight.device
    ids, targets = (part.to(device) for part in streams.window(0, window))
    norms = gradient_by_lag(network, ids, targets, network.start(len(ids)))
    run.log("lags", step=step, when=when, norms=norms)


def find_learning_rate(
    cfg: Config, folder: Path, network: RecurrentLm, tokens: TokenShards, device: torch.device
) -> None:
    """Try rising learning rates over an epoch at most, draw the loss, and suggest a rate.

    A text of less than 100 updates is read more than once.
    """
    source = training_source(cfg, tokens)
    optimizer = make_optimizer(
        cfg.optim, network.parameters(), undecayed=[network.embedding.weight]
    )
    updater = make_updater(cfg, network, optimizer, device)
    epochs = itertools.chain.from_iterable(map(source.batches, itertools.count()))
    batches = prefetch(epochs, device)
    state = network.start(cfg.batch_size)

    def update(rate: float) -> float:
        nonlocal state
        inputs, targets, *keep = next(batches)
        share = 1.0 if cfg.sentences else inputs.shape[1] / cfg.window
        for group in optimizer.param_groups:
            group["lr"] = rate * share
        state = network.start(len(inputs)) if cfg.sentences else state
        done = updater.update(inputs, targets, state, *keep)
        state = done.state
        return done.nats.item() / done.tokens

    low, high = (1e-3, 1e3) if cfg.optim.name == "sgd" else (1e-6, 1.0)
    steps = min(300, max(100, source.steps(1)))
    found = learning_rate_range(update, low=low, high=high, steps=steps)
    picture = folder / "lr_range.png"
    plot_lr_range(found, picture)
    if found.suggestion is None:
        print(f"the loss fell at no rate from {low:g} to {high:g}: {picture}")
    else:
        print(f"--optim.lr {found.suggestion:.2g}   where the loss falls fastest: {picture}")


def make_updater(
    cfg: Config, network: RecurrentLm, optimizer: torch.optim.Optimizer, device: torch.device
) -> WindowUpdater:
    """Bind what an update needs."""
    return WindowUpdater(
        network,
        optimizer,
        config=cfg.optim,
        device=device,
        precision=cfg.precision,
        alpha=cfg.regularise.alpha,
        beta=cfg.regularise.beta,
        graphs=cfg.cuda_graphs,
    )


def try_parts(cfg: Config, device: torch.device) -> None:
    """Make each part once, without data: what it refuses is refused before any text is read."""
    with torch.device("meta"):  # where weights take no memory
        network = RecurrentLm(cfg.model, vocabulary=max((0, *cfg.model.cutoffs)) + 1)
    optimizer = make_optimizer(cfg.optim, network.parameters())
    make_updater(cfg, network, optimizer, device)
    autocast(device, cfg.precision)
    Schedule(cfg.schedule, optimizer, total=1)
    WeightAverage(network, cfg.average.ema)
    TriggeredAverage(network, cfg.average.asgd)
    EarlyStopping(cfg.patience)
    check_adapt(cfg.adapt)
    if cfg.find_lr:
        require("matplotlib", extra="plot", purpose="--find-lr")


def warn_of_slow_paths(cfg: Config, network: RecurrentLm, device: torch.device) -> None:
    """Warn where this configuration runs slower on this machine than another would."""
    warn_if_slow(device, cfg.precision)
    if device.type != "cuda":
        return
    if network.config.cell == "mogrifier" and not cfg.cuda_graphs:
        logger.warning("mogrifier launches many small kernels a token: --cuda-graphs spares them")
    odd = [size for size in (network.config.dim, *network.config.hidden) if size % 8]
    if odd and cfg.precision != "fp32":
        logger.warning("%d is no multiple of 8: tensor cores are slower with it, or idle", odd[0])


def describe(model: RecurrentLmConfig) -> str:
    """Say what is trained."""
    return f"{model.cell} of {' and '.join(map(str, model.hidden))} units"


def exp(nats: float) -> float:
    """Perplexity of a mean loss, infinity where a float cannot hold it."""
    return math.exp(nats) if nats < 700 else math.inf


def check_options(cfg: Config) -> None:
    """Refuse values out of range, and what would be ignored, before any work is done."""
    for name in ("window", "batch_size", "epochs"):
        if getattr(cfg, name) < 1:
            option = name.replace("_", "-")
            raise ConfigError(f"--{option} {getattr(cfg, name)}: must be 1 or more")
    if not 0 <= cfg.seed < 2**32:
        raise ConfigError(f"--seed {cfg.seed}: must be 0 or more, and less than 2**32")
    if cfg.start_from and cfg.out and Path(cfg.out).resolve() == Path(cfg.start_from).resolve():
        raise ConfigError(
            f"--out {cfg.out}: is the folder of --start-from, which the run would write over: "
            "choose another"
        )
    if cfg.text.tokenizer in ("byte", "sentencepiece") and cfg.text.max_vocab != 50_000:
        raise ConfigError(
            f"--text.max-vocab with --text.tokenizer {cfg.text.tokenizer}: it keeps all its units"
        )
    if cfg.find_lr and cfg.resume:
        raise ConfigError("--find-lr begins anew each time: it does not go with --resume")
    if cfg.average.ema and cfg.average.asgd is not None:
        raise ConfigError("--average.ema and --average.asgd: only one average can be evaluated")
    if cfg.sentences and "\n" in cfg.prompt:
        raise ConfigError("--prompt of several lines: with --sentences a text is one line")
    if cfg.sentences and (cfg.adapt.cache or cfg.adapt.dynamic):
        raise ConfigError("--adapt reads running text: it does not go with --sentences")
    if cfg.cuda_graphs and (cfg.vary_window or cfg.sentences):
        raise ConfigError("--cuda-graphs wants windows of one size: no --vary-window, --sentences")
    if cfg.model.vectors is not None and cfg.model.tied and cfg.model.vectors_use == "projected":
        raise ConfigError(
            "--model.vectors-use projected with --model.tied: the output layer cannot share a "
            "table of another width: --model.no-tied, or --model.vectors-use tuned or frozen"
        )
    check_vectors(cfg.model, cfg.model.vectors, l1=cfg.optim.l1)
    refuse_ignored(cfg, [Config(), *PRESETS.values()], without_effect(cfg))


def without_effect(cfg: Config) -> Iterator[tuple[str, str]]:
    """Yield the options, by how they begin, that this configuration does not use, and why."""
    if cfg.start_from is not None:
        yield "model.", "with --start-from, whose model it is"
        for part in ("tokenizer", "unicode", "case", "whitespace", "html", "urls", "numbers"):
            yield f"text.{part}", "with --start-from, whose text pipeline it is"
        for part in ("spacy", "subword"):
            yield f"text.{part}", "with --start-from, whose text pipeline it is"
    if cfg.model.cell != "mogrifier":
        yield "model.rounds", "without --model.cell mogrifier"
        yield "model.rank", "without --model.cell mogrifier"
    if cfg.model.cell == "minlstm":
        yield "model.weight_dropout", "on minlstm, which has no recurrent matrix"
    if cfg.model.output != "adaptive":
        yield "model.cutoffs", "without --model.output adaptive"
    if cfg.sentences:
        yield "window", "with --sentences, which takes whole lines"
        yield "vary_window", "with --sentences, which takes whole lines"
    if not cfg.adapt.dynamic:
        yield "adapt.dynamic_", "without --adapt.dynamic"
    for split in ("valid", "test"):
        if getattr(cfg.data, split) is not None:
            yield f"data.{split}_share", f"with --data.{split}"
    if cfg.data.valid is not None and cfg.data.test is not None:
        yield "data.cut_chars", "with --data.valid and --data.test"
    yield from unused_vectors(cfg.model, cfg.model.vectors)
    yield from unused_options(cfg.schedule)


if __name__ == "__main__":
    sys.exit(run_recipe(__file__, sys.argv[1:]))
