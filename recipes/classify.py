"""Train a text classifier on labelled text, beside its cheap baselines, and report honestly.

    seqkit train classify spam
    seqkit train classify --data.train reviews.tsv --out runs/reviews

Without --data.valid and --data.test the two are cut from train: seeded, stratified, and with
texts that say the same kept in one split.
"""

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
import torch

from seqkit import baselines, metrics
from seqkit.batching import BucketSampler, LabeledBatch, pad, padding_share
from seqkit.cli import recipe_name, run_recipe
from seqkit.config import refuse_ignored, to_dict
from seqkit.data import (
    LabeledDataConfig,
    LabeledSplits,
    LabeledText,
    audit,
    cut_folds,
    load_labeled,
)
from seqkit.errors import ConfigError, choices
from seqkit.models.bag import BagConfig, BagScorer
from seqkit.models.classifier import Scorer, TextClassifier
from seqkit.models.cnn import CnnClassifier, CnnConfig
from seqkit.models.ensemble import Ensemble
from seqkit.models.network import NetworkScorer, score_ids
from seqkit.models.rnn import RnnClassifier, RnnConfig
from seqkit.nn import ClassificationLoss, HashedBag, initialise
from seqkit.nn.devices import Device, Precision, pick_device
from seqkit.nn.initialise import Scheme
from seqkit.nn.losses import LossName
from seqkit.text import Keep, Ragged, TextConfig, TextPipeline, build_pipeline
from seqkit.train.averaging import WeightAverage
from seqkit.train.decision import (
    DecisionConfig,
    check_decidable,
    check_positive,
    choose_decision,
)
from seqkit.train.evaluation import format_table, measure, table_rows
from seqkit.train.given_vectors import (
    GivenVectors,
    VectorsOptions,
    check_vectors,
    give_vectors,
    unused_vectors,
    vector_arrays,
)
from seqkit.train.optim import OptimConfig, make_optimizer, takes_sparse
from seqkit.train.progress import Checkpointed, progress_bar
from seqkit.train.report import (
    WITHOUT_VECTORS,
    decision_sentence,
    headline,
    vectors_sentence,
    write_report,
)
from seqkit.train.run import Run
from seqkit.train.sanity import check_first_loss, check_overfits
from seqkit.train.schedule import Schedule, ScheduleConfig, unused_options
from seqkit.train.seeding import seed_generators
from seqkit.train.sif_baseline import SIF_LR, fit_sif
from seqkit.train.stopping import EarlyStopping
from seqkit.train.update import Updater

logger = logging.getLogger("seqkit.recipes.classify")

BASELINES = ("majority", "naive-bayes", "nb-svm", "tfidf-lr", "tfidf-svm", "knn")
Family = Literal[
    "bag", "cnn", "rnn", "majority", "naive-bayes", "nb-svm", "tfidf-lr", "tfidf-svm", "knn"
]


@dataclass(frozen=True, kw_only=True)
class ModelConfig(VectorsOptions):
    """What is trained."""

    family: Family = "rnn"
    """bag (fastText's shape), cnn, rnn, or a baseline as the model itself."""
    vote: tuple[str, ...] = ()
    """Baselines that vote with the network, each with the same say."""
    init: Scheme = "default"
    """How weight matrices are initialised."""
    bag: BagConfig = BagConfig()
    cnn: CnnConfig = CnnConfig()
    rnn: RnnConfig = RnnConfig()


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """What is minimised."""

    name: LossName = "cross-entropy"
    """Loss of a record."""
    label_smoothing: float = 0.0
    """Share of the target that is spread over all classes (cross-entropy)."""
    focal_gamma: float = 2.0
    """How strongly the focal loss plays down what is already right."""
    class_weights: Literal["none", "balanced"] = "none"
    """balanced: each class weighs the same in sum."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Text classification."""

    data: LabeledDataConfig = LabeledDataConfig()
    text: TextConfig = TextConfig()
    model: ModelConfig = ModelConfig()
    loss: LossConfig = LossConfig()
    optim: OptimConfig = OptimConfig(lr=2e-3)
    schedule: ScheduleConfig = ScheduleConfig(name="cosine", warmup=0.05)
    decision: DecisionConfig = DecisionConfig()
    folds: int = 1
    """Train so many networks, each with another part of train and valid held out; they vote."""
    max_tokens: int | None = 400
    """Cut longer texts; None cuts nothing."""
    keep: Keep = "ends"
    """Which part of a longer text stays."""
    epochs: int = 10
    """Passes over the training data at most."""
    batch_size: int = 32
    """Texts an update."""
    accumulate: int = 1
    """Compute each batch in so many parts; the gradient is the same."""
    balanced_sampling: bool = False
    """Draw the classes equally often."""
    metric: Literal["loss", "accuracy", "macro_f1", "mcc"] = "loss"
    """What on valid chooses the best epoch."""
    patience: int | None = 3
    """Stop after so many epochs without a better one; None never stops early."""
    ema: float = 0.0
    """Decay of the moving average of the weights that is evaluated and saved; 0 for none."""
    precision: Precision = "fp32"
    """Arithmetic of the forward pass: fp32, bf16, or on GPU fp16."""
    baselines: tuple[str, ...] = BASELINES
    """Trained on the same split, for comparison."""
    compare_vectors: bool = True
    """With --model.vectors, train the same network without them too, and sif-lr on them, and show
    both beside it: twice the time."""
    checkpoint_seconds: float = 60.0
    """Write a checkpoint so often, and after each epoch."""
    out: str | None = None
    """Folder of the run; runs/classify-PRESET where it is not given."""
    seed: int = 1
    """Of every random choice."""
    device: Device = "auto"
    """Where to train."""
    check: bool = False
    """Before training, see whether the model can learn one batch by heart."""
    resume: bool = False
    """Go on where the stopped run in this folder was."""


_BAG = Config(
    model=ModelConfig(family="bag"),
    optim=OptimConfig(name="adagrad", lr=0.1, clip=None),
    schedule=ScheduleConfig(name="linear"),
    max_tokens=None,
    epochs=3,
)
_CNN = Config(
    model=ModelConfig(family="cnn", cnn=CnnConfig(widths=(1, 2, 3), pooling="mean")),
    epochs=6,
)
_SPAM = Config(
    text=TextConfig(numbers=True),
    decision=DecisionConfig(positive="spam", max_blocked=0.003),
    max_tokens=200,
)
_IMDB = LabeledDataConfig(train="hf:imdb:train", test="hf:imdb:test")

PRESETS: dict[str, Config] = {
    "bag": _BAG,
    "cnn": _CNN,
    "spam": _SPAM,
    "spam-vote": replace(
        _SPAM,
        model=replace(_SPAM.model, vote=("tfidf-svm", "naive-bayes")),
        folds=5,
        epochs=12,
        patience=None,
    ),
    "sentiment": Config(
        data=LabeledDataConfig(train="bundled:sentiment"),
        model=ModelConfig(vote=("nb-svm",)),
        folds=5,
    ),
    "imdb-bag": replace(_BAG, data=_IMDB, text=TextConfig(html=True)),
    "imdb": replace(
        _CNN,
        data=_IMDB,
        text=TextConfig(html=True, max_vocab=30_000),
        model=ModelConfig(
            family="cnn",
            vote=("nb-svm",),
            cnn=CnnConfig(widths=(2, 3), channels=150, word_dropout=0.3),
        ),
        optim=OptimConfig(lr=1e-3),
        epochs=4,
    ),
}


def main(cfg: Config) -> None:
    """Train, evaluate, report, save."""
    check_options(cfg)
    device = pick_device(cfg.device)
    with Run(cfg.out or "runs/classify", config=cfg, recipe=recipe_name(__file__)) as run:
        splits = load_labeled(cfg.data, seed=cfg.seed)
        positive = check_positive(cfg.decision, splits.labels)
        asked = {"positive": positive, "seed": cfg.seed}
        parts = cut_folds(splits, cfg.folds, config=cfg.data, seed=cfg.seed)
        held_out = [record for part in parts for record in part.valid]
        check_decidable(cfg.decision, held_out)
        learnt = splits.train if len(parts) == 1 else splits.train + splits.valid
        pipeline = build_pipeline(cfg.text, texts(learnt), seed=cfg.seed)
        logger.info(
            "%s: %d labels, %d words in the vocabulary; %d train, %d valid, %d test texts",
            cfg.data.train,
            len(splits.labels),
            len(pipeline.vocab.words),
            *map(len, splits.named().values()),
        )
        audited = audit(splits.named(), tokenize=pipeline.tokens, near=cfg.data.near)
        for warning in audited.warnings():
            logger.warning("%s", warning)

        given = read_given(cfg, pipeline)
        notes = [describe(cfg), *([given.note] if given else [])]
        model, held_scores = train_classifier(cfg, run, parts, pipeline, device, given=given)
        valid = [measure("model", model, held_out, probabilities=held_scores, **asked)]
        test = [measure("model", model, splits.test, **asked)]
        figures = {"valid": valid[0].metrics, "test": test[0].metrics}
        model.save(  # before the baselines: what fails with one of them must not cost the model
            run.folder,
            provenance={"recipe": "classify", "config": to_dict(cfg), "data": splits.fingerprint()},
            metrics=figures,
        )
        if given and cfg.compare_vectors:
            name = WITHOUT_VECTORS
            logger.info("%s", name)
            bare, scores = train_classifier(
                cfg, run, parts, pipeline, device, given=None, first=len(parts)
            )
            valid.append(measure(name, bare, held_out, probabilities=scores, **asked))
            test.append(measure(name, bare, splits.test, **asked))
        for name in wanted_baselines(cfg, notes):
            logger.info("baseline %s", name)
            if name == SIF_LR:
                others = splits.valid + splits.test
                fitted = fit_sif(
                    cfg.model, cfg.model.vectors, learnt, others, pipeline, seed=cfg.seed
                )
            else:
                fitted = fit_baseline(name, learnt, seed=cfg.seed)
            baseline = TextClassifier(fitted)
            if len(parts) == 1:  # with more, it has learnt what each of them held out
                valid.append(measure(name, baseline, held_out, **asked))
            test.append(measure(name, baseline, splits.test, **asked))

        write_report(
            run.folder,
            valid=valid,
            test=test,
            records=splits.test,
            audit=audited,
            log=[row for row in run.rows() if not row.get("network")],
            decision=model.decision,
            positive=positive,
            notes=[*notes, f"The whole run took {run.seconds:.0f} seconds on {device}."],
        )
        run.finish(
            {
                **figures,
                "baselines": {result.name: result.metrics for result in test[1:]},
                "decision": asdict(model.decision) if model.decision else None,
                "audit": audited.to_dict(),
                "seconds": run.seconds,
            }
        )
        print(format_table(table_rows(test, positive=positive)))
        print(f"\nOn {len(splits.test)} test texts; in brackets 95% intervals.", headline(test))
        if told := vectors_sentence(test):
            print(told)
        if model.decision:
            print(decision_sentence(model.decision, valid[0], test[0]))
        print(f"report: {run.folder}/report.md   use it: seqkit predict {run.folder} TEXT")


def train_classifier(
    cfg: Config,
    run: Run,
    parts: Sequence[LabeledSplits],
    pipeline: TextPipeline,
    device: torch.device,
    *,
    given: GivenVectors | None,
    first: int = 0,
) -> tuple[TextClassifier, np.ndarray]:
    """Train on each part, as network `first` of the run and on, and let the results vote.

    Returns the classifier, its threshold chosen on what the parts hold out, and the scores of that.
    """
    members, held_out, scored = [], [], []
    for number, part in enumerate(parts):
        if len(parts) > 1:
            logger.info("part %d of %d", number + 1, len(parts))
        members.append(train_member(cfg, run, part, pipeline, device, given, first + number))
        held_out += part.valid
        scored.append(members[-1].probabilities(texts(part.valid)))
    scores = np.concatenate(scored)
    scorer = members[0] if len(members) == 1 else Ensemble(members)
    decision = choose_decision(cfg.decision, parts[0].labels, held_out, scores)
    return TextClassifier(scorer, decision=decision), scores


def train_member(
    cfg: Config,
    run: Run,
    splits: LabeledSplits,
    pipeline: TextPipeline,
    device: torch.device,
    given: GivenVectors | None,
    number: int,
) -> Scorer:
    """Train what the model is, or one fold's share of it: a network, a baseline, or both."""
    if cfg.model.family in BASELINES:
        return fit_baseline(cfg.model.family, splits.train, seed=cfg.seed)
    scorer = train_network(cfg, run, splits, pipeline, device, given, number)
    voters = [fit_baseline(name, splits.train, seed=cfg.seed) for name in cfg.model.vote]
    return Ensemble([scorer, *voters]) if voters else scorer


def train_network(
    cfg: Config,
    run: Run,
    splits: LabeledSplits,
    pipeline: TextPipeline,
    device: torch.device,
    given: GivenVectors | None,
    number: int,
) -> Scorer:
    """Train network `number` of the run; return a scorer with the weights best on valid."""
    seed = cfg.seed + 1000 * (number % cfg.folds)  # those without vectors come after the folds
    seed_generators(seed)
    network = make_network(cfg, splits.labels, pipeline, given).to(device)
    train_ids, train_gold = encode(cfg, splits.train, splits.labels, pipeline)
    valid_ids, valid_gold = encode(cfg, splits.valid, splits.labels, pipeline)
    per_class = np.bincount(train_gold)
    sampler = BucketSampler(
        train_ids.lengths,
        batch_size=cfg.batch_size,
        seed=seed,
        weights=1 / per_class[train_gold] if cfg.balanced_sampling else None,
    )
    balance = torch.from_numpy(len(train_gold) / (len(per_class) * per_class)).float()
    loss = ClassificationLoss(
        cfg.loss.name,
        label_smoothing=cfg.loss.label_smoothing,
        focal_gamma=cfg.loss.focal_gamma,
        class_weights=balance if cfg.loss.class_weights == "balanced" else None,
    ).to(device)
    kept = given and given.rows.use != "tuned"
    optimizer = make_optimizer(
        cfg.optim, network.parameters(), undecayed=[network.embedding.weight] if kept else []
    )
    schedule = Schedule(cfg.schedule, optimizer, total=cfg.epochs * len(sampler))
    average = WeightAverage(network, cfg.ema)
    stopping = EarlyStopping(cfg.patience)

    def objective(part: LabeledBatch) -> torch.Tensor:
        return loss(network(part.texts.ids, part.texts.lengths), part.gold)

    updater = Updater(
        network,
        objective,
        optimizer,
        config=cfg.optim,
        device=device,
        precision=cfg.precision,
        accumulate=cfg.accumulate,
        smaller="--batch-size, the sizes of the model or --max-tokens",
    )
    training = Checkpointed(
        network=network,
        optimizer=optimizer,
        schedule=schedule,
        average=average,
        stopping=stopping,
        updater=updater,
    )
    logger.info(
        "%s on %s: %d weights, %d updates an epoch, %.1f%% padding",
        cfg.model.rnn.cell if cfg.model.family == "rnn" else cfg.model.family,
        device,
        sum(p.numel() for p in network.parameters()),
        len(sampler),
        100 * padding_share(train_ids.lengths, sampler.batches(0)),
    )

    def take(chosen: np.ndarray) -> tuple[float, float, float]:
        gold = torch.from_numpy(train_gold[chosen])
        batch = LabeledBatch(pad([train_ids[i] for i in chosen]), gold)
        return updater.update(batch, loss.weight(gold.to(device)))

    def valid_loss(logits: np.ndarray) -> float:
        tensors = torch.from_numpy(logits).to(device), torch.from_numpy(valid_gold).to(device)
        return loss(*tensors).item() / loss.weight(tensors[1])

    encoded = train_ids, train_gold, valid_ids, valid_gold
    progress = training.restore(run, network=number, data=[*encoded, *vector_arrays(given)])
    if progress.step == 0 and number not in run.finished:
        first = score_ids(network, valid_ids, device=device)
        check_first_loss(valid_loss(first), loss.at_start(len(splits.labels)))
        if cfg.check:
            before, chosen = training.state(), sampler.batches(0)[0]
            least = loss.at_best(len(splits.labels))
            steps = check_overfits(lambda: np.divide(*take(chosen)[:2]), least=least)
            training.set_state(before)
            logger.info("--check: one batch learnt by heart in %d updates", steps)

    while number not in run.finished and progress.epoch < cfg.epochs and not stopping.stop:
        bar = progress_bar(sampler.batches(progress.epoch), progress)
        for chosen in bar:
            rate = schedule.set(progress.step)
            summed, weight, norm = take(chosen)
            average.update()
            progress.count(summed, weight)
            if progress.step % 20 == 0:
                bar.set_postfix(loss=f"{progress.loss:.3f}", refresh=False)
                run.log(
                    "step",
                    step=progress.step,
                    network=number,
                    loss=summed / weight,
                    grad_norm=norm,
                    lr=rate,
                )
            if run.due(cfg.checkpoint_seconds):
                training.save(run, progress, best_step=stopping.best_step)

        with average.applied():
            logits = score_ids(network, valid_ids, device=device)
            predicted = logits.argmax(1)
            valid = {
                "loss": valid_loss(logits),
                "accuracy": metrics.accuracy(valid_gold, predicted),
                "macro_f1": metrics.macro_f1(valid_gold, predicted),
                "mcc": metrics.mcc(valid_gold, predicted),
            }
            score = -valid["loss"] if cfg.metric == "loss" else valid[cfg.metric]
            best = stopping.observe(score, progress.step)
            if best:
                run.keep_best(network.state_dict(), step=progress.step, network=number)
        schedule.observe(score)
        logger.info(
            "epoch %d: train loss %.4f, valid loss %.4f, accuracy %.2f%%, mcc %.3f%s",
            progress.epoch + 1,
            progress.loss,
            valid["loss"],
            100 * valid["accuracy"],
            valid["mcc"],
            ", the best so far" if best else "",
        )
        run.log(
            "epoch",
            step=progress.step,
            network=number,
            epoch=progress.epoch + 1,
            train_loss=progress.loss,
            **{f"valid_{name}": value for name, value in valid.items()},
        )
        progress.next_epoch()
        training.save(run, progress, best_step=stopping.best_step)

    run.finished.setdefault(number, stopping.best_step)
    network.load_state_dict(run.best(run.finished[number], network=number))
    cut = {"max_tokens": cfg.max_tokens, "keep": cfg.keep}
    if isinstance(network, HashedBag):
        table, bias = (tensor.cpu().numpy() for tensor in network.folded())
        return BagScorer(
            pipeline, table, bias, labels=splits.labels, ngrams=cfg.model.bag.ngrams, **cut
        )
    return NetworkScorer(
        network, pipeline, family=cfg.model.family, labels=splits.labels, device=device, **cut
    )


def read_given(cfg: Config, pipeline: TextPipeline) -> GivenVectors | None:
    """Read the word vectors that networks are to start from, if there are any."""
    model = cfg.model
    if model.vectors is None:
        return None
    return give_vectors(
        model,
        pipeline.vocab.words,
        path=model.vectors,
        dim=getattr(model, model.family).dim,
        dim_option=f"--model.{model.family}.dim",
        otherwise="" if model.family == "bag" else "--model.vectors-use projected",
    )


def make_network(
    cfg: Config, labels: Sequence[str], pipeline: TextPipeline, given: GivenVectors | None
) -> torch.nn.Module:
    """Build the network of the chosen family, on the given word vectors if there are any."""
    model = cfg.model
    sizes = {"vocabulary": len(pipeline.vocab), "classes": len(labels)}
    if model.family == "bag":
        sparse = takes_sparse(cfg.optim)
        if not sparse:
            logger.warning(
                "bag with %s updates its whole table each step: adagrad is many times faster",
                cfg.optim.name,
            )
        vectors = given.rows.rows if given else None
        return HashedBag(**sizes, **asdict(model.bag), vectors=vectors, sparse=sparse)
    kind = CnnClassifier if model.family == "cnn" else RnnClassifier
    network = kind(getattr(model, model.family), **sizes, given=given.rows if given else None)
    initialise(network, model.init)
    return network


def describe(cfg: Config) -> str:
    """Say what is trained, on what."""
    name = cfg.model.rnn.cell if cfg.model.family == "rnn" else cfg.model.family
    votes = f", voting with {' and '.join(cfg.model.vote)}" if cfg.model.vote else ""
    folds = f", {cfg.folds} times on as many folds" if cfg.folds > 1 else ""
    return f"The model: {name}{votes}{folds}; data {cfg.data.train}; seed {cfg.seed}."


def encode(
    cfg: Config, records: Sequence[LabeledText], labels: Sequence[str], pipeline: TextPipeline
) -> tuple[Ragged, np.ndarray]:
    """Turn records into ids, cut to length, and label indices (N,) int64."""
    ids = Ragged.from_sequences(pipeline.encode_many(texts(records)))
    number = {label: index for index, label in enumerate(labels)}
    gold = np.array([number[record.label] for record in records], np.int64)
    return ids.truncate(cfg.max_tokens, keep=cfg.keep), gold


def texts(records: Sequence[LabeledText]) -> list[str]:
    """The texts of records."""
    return [record.text for record in records]


def fit_baseline(name: str, records: Sequence[LabeledText], *, seed: int) -> baselines.Baseline:
    """Fit a baseline with its default settings."""
    return baselines.fit(name, texts(records), [record.label for record in records], seed=seed)


def wanted_baselines(cfg: Config, notes: list[str]) -> list[str]:
    """The baselines to compare with; without scikit-learn the ones that need none."""
    names = [name for name in cfg.baselines if name != cfg.model.family]
    if cfg.model.vectors is not None and cfg.compare_vectors:
        names.append(SIF_LR)
    try:
        import sklearn  # noqa: F401 - only whether it is there
    except ModuleNotFoundError:
        missing = [name for name in names if name in (*baselines.NEED_SKLEARN, SIF_LR)]
        if missing:
            notes.append(
                f"Not run, for scikit-learn is not installed: {', '.join(missing)} "
                '(pip install "seqkit[baselines]").'
            )
            logger.warning("%s", notes[-1])
        names = [name for name in names if name not in missing]
    return names


def check_options(cfg: Config) -> None:
    """Refuse values out of range, and what would be ignored, before any work is done."""
    for option, names in (("--baselines", cfg.baselines), ("--model.vote", cfg.model.vote)):
        for name in names:
            if name not in BASELINES:
                raise ConfigError(choices(option, name, BASELINES))
    for option, value in (("--folds", cfg.folds), ("--epochs", cfg.epochs)):
        if value < 1:
            raise ConfigError(f"{option} {value}: must be 1 or more")
    if not 0 <= (cfg.decision.max_blocked or 0) <= 1:
        raise ConfigError(
            f"--decision.max-blocked {cfg.decision.max_blocked}: a share from 0 to 1, such as 0.003"
        )
    if not 0 <= cfg.seed < 2**32:
        raise ConfigError(f"--seed {cfg.seed}: must be 0 or more, and less than 2**32")

    if cfg.model.family == "bag" and cfg.model.vectors_use != "tuned":
        raise ConfigError(
            f"--model.vectors-use {cfg.model.vectors_use}: a bag trains its table, for over fixed "
            "vectors it is no more than the row sif-lr of the report: tuned, or another "
            "--model.family"
        )
    check_vectors(cfg.model, cfg.model.vectors, l1=cfg.optim.l1)
    refuse_ignored(cfg, [Config(), *PRESETS.values()], without_effect(cfg))


def without_effect(cfg: Config) -> Iterator[tuple[str, str]]:
    """Yield the options, by how they begin, that this configuration does not use, and why."""
    family = cfg.model.family
    for group in ("bag", "cnn", "rnn"):
        if family != group:
            yield f"model.{group}.", f"without --model.family {group} (it is {family})"
    if family in BASELINES:
        parts = "text. loss. optim. schedule. max_tokens keep epochs batch_size accumulate ema"
        more = "balanced_sampling metric patience precision model.vectors model.vote check resume"
        for prefix in f"{parts} {more} model.init".split():
            yield prefix, f"when a baseline is the model (it is {family})"
    if family == "bag":
        yield "model.init", "on a bag, which starts from zeros"
    if cfg.model.vectors is None:
        yield "compare_vectors", "without --model.vectors PATH"
    yield from unused_vectors(cfg.model, cfg.model.vectors)
    if cfg.max_tokens is None:
        yield "keep", "without --max-tokens"
    for split in ("valid", "test"):
        if getattr(cfg.data, split) is not None:
            yield f"data.{split}_share", f"with --data.{split}"
    if cfg.loss.name != "focal":
        yield "loss.focal_gamma", "without --loss.name focal"
    yield from unused_options(cfg.schedule)


if __name__ == "__main__":
    sys.exit(run_recipe(__file__, sys.argv[1:]))
