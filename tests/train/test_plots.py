"""Pictures: valid files of sensible size, that any label and any log can be drawn in."""

import math
import subprocess
import sys
import time

import numpy as np
import pytest

from seqkit.errors import ConfigError, DataError
from seqkit.train.lr_range import learning_rate_range
from seqkit.train.plots import (
    confusion,
    curves,
    lags,
    plot_calibration,
    plot_confusion,
    plot_curves,
    plot_lags,
    plot_lr_range,
    plot_roc_pr,
)
from seqkit.train.plots.curves import _smooth
from seqkit.train.plots.lettering import drawable, families_for

image = pytest.importorskip("PIL.Image", reason="Pillow comes with matplotlib")
pytest.importorskip("matplotlib", reason="needs the extra plot")

LABELS = ["Übung", "Ελλάδα", "да", "中文", "_x", "a_b$c$", "ไทย", "x\x00\n\ud800", "🎉", "w" * 200]


def read(path):
    """Open a PNG, decode all of it, return its size and whether anything is drawn."""
    with image.open(path) as picture:
        assert picture.format == "PNG"
        pixels = np.asarray(picture.convert("L"))
    return picture.size, pixels.std() > 1


def run_log(epochs=3):
    log = [{"event": "start", "seed": 1}]
    for step in range(1, 20 * epochs + 1):
        log.append({"event": "step", "step": step, "loss": 1 / step, "grad_norm": 2.0, "lr": 1e-3})
        if step % 20 == 0:
            valid = {"valid_loss": 1 / step, "valid_accuracy": 0.9, "valid_macro_f1": 0.8}
            log.append({"event": "epoch", "epoch": step // 20, "step": step, **valid})
    return log


def test_curves_of_a_run_have_four_panels(tmp_path):
    plot_curves(run_log(), tmp_path / "curves.png")
    size, drawn = read(tmp_path / "curves.png")
    assert drawn and size[0] > 1000 and size[1] > 700


@pytest.mark.parametrize(
    "log",
    [
        run_log()[1:2],
        [{"event": "epoch", "epoch": 1, "step": 5, "valid_accuracy": 0.5}],
        [{"event": "epoch", "epoch": 1, "step": 5, "train_loss": 0.5, "valid_loss": 0.4}],
        [
            {"event": "step", "step": 1, "loss": None, "lr": 0.1, "grad_norm": math.inf},
            {"event": "step", "step": 2, "loss": 0.5, "lr": 0.1, "grad_norm": 1e-6},
            {"event": "step", "step": 3, "loss": 0.5, "lr": 0.1, "grad_norm": 1e6},
        ],
    ],
)
def test_a_short_or_broken_run_is_drawn_as_far_as_it_goes(log, tmp_path):
    plot_curves(log, tmp_path / "curves.png")
    assert read(tmp_path / "curves.png")[1]


@pytest.mark.parametrize(
    "log", [[], [{"event": "end"}], [{"event": "step", "step": 1, "loss": math.nan}]]
)
def test_a_log_with_nothing_to_draw_is_refused(log, tmp_path):
    with pytest.raises(DataError, match="no step or epoch"):
        plot_curves(log, tmp_path / "curves.png")
    assert list(tmp_path.iterdir()) == []


def test_a_language_model_has_panels_of_its_own(tmp_path, monkeypatch):
    log = run_log()
    for row in log:
        if row["event"] == "step":
            row["clipped"] = 0.25
        elif row["event"] == "epoch":
            row |= {"train_perplexity": 80.0, "valid_perplexity": 90.0 - row["epoch"]}
    figures = []
    monkeypatch.setattr(curves, "save", lambda figure, path: figures.append(figure))
    plot_curves(log, tmp_path / "curves.png")
    panels = {axes.get_title(loc="left"): axes for axes in figures[0].axes}
    assert list(panels) == [
        *("loss", "perplexity", "validation", "learning rate", "gradient norm"),
        "share of updates clipped",
    ]
    drawn = [line.get_ydata().tolist() for line in panels["perplexity"].lines]
    assert drawn == [[80.0] * 3, [89.0, 88.0, 87.0]]
    names = [text.get_text() for text in panels["validation"].get_legend().get_texts()]
    assert not any("perplexity" in name for name in names)
    monkeypatch.undo()
    plot_curves(log, tmp_path / "curves.png")
    assert read(tmp_path / "curves.png")[1]


def test_lags_draw_what_is_above_0(tmp_path, monkeypatch):
    found = {
        "before training": [[0.0, 1.0, 0.1], [1.0, math.inf, 0.5]],
        "after epoch 2": [[0.0, 1.0, 0.9], [1.0, 1.0, 0.8]],
    }
    figures = []
    monkeypatch.setattr(lags, "save", lambda figure, path: figures.append(figure))
    plot_lags(found, tmp_path / "lags.png")
    lines = figures[0].axes[0].lines
    assert [line.get_xdata().tolist() for line in lines] == [[1, 2], [0, 2], [1, 2], [0, 1, 2]]
    assert lines[0].get_color() == lines[2].get_color() != lines[1].get_color()
    assert [line.get_linestyle() for line in lines] == ["--", "--", "-", "-"]
    monkeypatch.undo()
    plot_lags(found, tmp_path / "lags.png")
    assert read(tmp_path / "lags.png")[1]


@pytest.mark.parametrize("found", [{}, {"now": []}, {"now": [[0.0, math.nan]]}])
def test_lags_without_a_norm_are_refused(found, tmp_path):
    with pytest.raises(DataError, match="no norm above 0"):
        plot_lags(found, tmp_path / "lags.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "losses", [[9.0] * 20, [9.0 - n / 5 for n in range(15)] + [60.0] * 5, list(range(1, 21))]
)
def test_learning_rates(losses, tmp_path):
    remaining = iter(losses)
    found = learning_rate_range(lambda rate: next(remaining), low=1e-4, high=1.0, steps=20)
    plot_lr_range(found, tmp_path / "range.png")
    size, drawn = read(tmp_path / "range.png")
    assert drawn and min(size) > 400


def test_smoothing_is_a_centred_mean():
    values = np.random.default_rng(0).random(400)
    expected = [values[max(0, i - 4) : i + 5].mean() for i in range(400)]
    assert _smooth(values) == pytest.approx(expected)


@pytest.mark.parametrize("n", [1, 2, 10, 31, 100])
def test_a_confusion_of_few_or_many_labels(n, tmp_path):
    matrix = np.diag(np.arange(n) * 30) + np.eye(n, k=1, dtype=int) * 12345
    plot_confusion(matrix, [f"label_{i}" for i in range(n)], tmp_path / "confusion.png")
    size, drawn = read(tmp_path / "confusion.png")
    assert drawn and 300 < size[0] < 4000 and 200 < size[1] < 4000


@pytest.mark.parametrize("n", [101, 600, 3000])
def test_of_very_many_labels_the_worst_are_drawn(n, tmp_path, monkeypatch):
    matrix = np.random.default_rng(0).integers(0, 3, (n, n))
    matrix[:, 7] += 10
    shown = []
    monkeypatch.setattr(confusion, "drawable", lambda label, **_: shown.append(label) or label)
    begun = time.process_time()
    plot_confusion(matrix, [f"label_{i}" for i in range(n)], tmp_path / "confusion.png")
    assert time.process_time() - begun < 10
    assert read(tmp_path / "confusion.png")[1]
    assert len(shown) == 50 and "label_7" in shown
    assert shown == sorted(shown, key=lambda label: int(label[6:]))


def test_the_labels_with_most_errors_and_what_is_said_of_them(tmp_path, monkeypatch):
    matrix = np.diag(np.full(120, 9))
    matrix[30, 110] = 4
    matrix[5, 5] = 10**6
    chosen = confusion._most_errors(matrix)
    assert {30, 110} < set(chosen) and len(chosen) == 50 and set(range(48)) < {*chosen}
    figures = []
    monkeypatch.setattr(confusion, "save", lambda figure, path: figures.append(figure))
    plot_confusion(matrix, [f"label_{i}" for i in range(120)], tmp_path / "confusion.png")
    title = figures[0].axes[0].get_title(loc="left")
    assert title == "the 50 of 120 labels with the most errors"


def test_labels_in_any_script_are_drawn(tmp_path):
    plot_confusion(np.eye(len(LABELS), dtype=int), LABELS, tmp_path / "confusion.png")
    assert read(tmp_path / "confusion.png")[1]
    gold, scores = [0, 1, 1, 0], [0.1, 0.9, 0.4, 0.6]
    plot_roc_pr(dict.fromkeys(LABELS, (gold, scores)), tmp_path / "roc.png")
    assert read(tmp_path / "roc.png")[1]


def test_letters_without_a_font_keep_labels_apart():
    families = ["DejaVu Sans"]
    assert drawable("中文", families=families) == "\\u4e2d\\u6587"
    assert drawable("да", families=families) == "да"
    assert drawable("$x$", families=families) == r"\$x\$"
    assert drawable("abcdef", families=families, longest=4) == "abc…"
    assert families_for(["plain"]) == families


@pytest.mark.parametrize("matrix", [[[1, 2]], [[0.5, 1.0], [1.0, 0.0]], [[-1, 0], [0, 1]]])
def test_what_is_no_matrix_of_counts_is_refused(matrix, tmp_path):
    with pytest.raises(DataError, match="expected counts of shape"):
        plot_confusion(matrix, ["a", "b"], tmp_path / "confusion.png")


def test_roc_of_model_and_baselines(tmp_path):
    generator = np.random.default_rng(0)
    gold = np.arange(300) % 2
    curves = {f"system_{i}": (gold, gold * i + generator.normal(size=300)) for i in range(9)}
    curves["majority"] = (gold, np.zeros(300))
    plot_roc_pr(curves, tmp_path / "roc.png")
    size, drawn = read(tmp_path / "roc.png")
    assert drawn and size[0] > 1000 and size[1] > 600


def test_no_curve_or_one_class_is_refused(tmp_path):
    with pytest.raises(DataError, match="no curves"):
        plot_roc_pr({}, tmp_path / "roc.png")
    with pytest.raises(DataError, match="a ROC needs both"):
        plot_roc_pr({"m": ([1, 1], [0.1, 0.2])}, tmp_path / "roc.png")


@pytest.mark.parametrize("classes", [2, 5])
def test_calibration(classes, tmp_path):
    generator = np.random.default_rng(0)
    table = generator.dirichlet([0.5] * classes, size=200)
    plot_calibration(generator.integers(0, classes, 200), table, tmp_path / "calibration.png")
    size, drawn = read(tmp_path / "calibration.png")
    assert drawn and min(size) > 500


def test_the_same_picture_is_the_same_bytes(tmp_path):
    for name in ("a.png", "b.png"):
        plot_curves(run_log(), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_missing_matplotlib_is_said(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ConfigError, match=r'pip install "seqkit\[plot\]"'):
        plot_calibration([0], [[1.0, 0.0]], tmp_path / "calibration.png")


def test_matplotlib_is_imported_when_something_is_drawn():
    code = "import seqkit.train.plots, sys; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
