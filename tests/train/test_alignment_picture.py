"""Alignments: the page says each number, the picture has a font where there is one."""

import logging
from html.parser import HTMLParser

import numpy as np
import pytest

from seqkit.errors import ConfigError, DataError
from seqkit.train import alignment_picture
from seqkit.train.alignment_picture import write_alignments

HAN = "\u6f22"
BIRD = "\U00013171"  # a hieroglyph


def weights(rows, columns, seed=0):
    drawn = np.random.default_rng(seed).random((rows, columns))
    return drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-9)


class Tables(HTMLParser):
    """The cells of each table: text, title and style; complains of tags that do not match."""

    VOID = ("meta",)

    def __init__(self, text):
        super().__init__()
        self.open, self.tables, self.cells = [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "b", "link", "img")
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append({"tag": tag, "text": "", **dict(attributes)})

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1]["text"] += data


def page(folder, *alignments):
    write_alignments(folder / "a.html", alignments)
    return Tables((folder / "a.html").read_text(encoding="utf-8"))


def test_the_page_has_each_weight_at_its_tokens(tmp_path):
    source, target = ["das", "Haus", HAN], ["the", "house"]
    table = np.array([[0.9512, 0.04, 0.0088], [0.1, 0.6, 0.3]])
    (rows,) = page(tmp_path, (source, target, table)).tables
    assert [cell["text"] for cell in rows[0]] == ["", *source]
    assert {cell.get("scope") for cell in rows[0][1:]} == {"col"}
    for row, token, values in zip(rows[1:], target, table, strict=True):
        head, *cells = row
        assert (head["tag"], head["text"], head["scope"]) == ("th", token, "row")
        titles = [f"{token} ← {of}: {w:.3f}" for of, w in zip(source, values, strict=True)]
        assert [cell["title"] for cell in cells] == titles
        assert [f"{w:.3f})" in cell["style"] for cell, w in zip(cells, values, strict=True)]
    assert [cell["text"] for cell in rows[1][1:]] == ["95", "", ""]
    assert [cell.get("class") for cell in rows[1][1:]] == ["d", None, None]


def test_no_token_breaks_the_page(tmp_path):
    awkward = ["<b>", '"&"', "</table>", "a\x00b", "\ud800", "\n", " ", "مرحبا"]
    (rows,) = page(tmp_path, (awkward, awkward, weights(8, 8))).tables
    shown = ["<b>", '"&"', "</table>", "a\\x00b", "\\ud800", "\\n", "␣", "مرحبا"]
    assert [cell["text"] for cell in rows[0][1:]] == shown
    assert [row[0]["text"] for row in rows[1:]] == shown


def test_sentence_by_sentence(tmp_path):
    found = page(
        tmp_path, (["a"], ["b"], [[1.0]]), ([], [], np.zeros((0, 0))), ("cd", "e", [[0, 1]])
    )
    assert [len(table) for table in found.tables] == [2, 2]
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<caption>Sentence 1</caption>" in text and "<caption>Sentence 3</caption>" in text
    assert "Sentence 2: nothing on one of its sides." in text


def drawn(path, *alignments):
    pytest.importorskip("matplotlib", reason="needs the extra plot")
    from matplotlib.image import imread

    write_alignments(path, alignments)
    return imread(path)


def test_the_picture_is_darker_where_the_weight_is(tmp_path):
    image = drawn(tmp_path / "a.png", ("abc", "xyz", np.eye(3)))
    blue = (image[..., 2] - image[..., 0]) > 0.3  # of the map of colours, and of nothing else
    across = np.flatnonzero(blue[: image.shape[0] // 2].any(axis=0))
    down = np.flatnonzero(blue[:, across.min() : across.max()].any(axis=1))
    assert len(across) and len(down)
    first = blue[down.min() + 5]  # the first row has its weight at its left
    assert np.flatnonzero(first).mean() < across.mean()
    again = (tmp_path / "a.png").read_bytes()
    drawn(tmp_path / "a.png", ("abc", "xyz", np.eye(3)))
    assert (tmp_path / "a.png").read_bytes() == again


def test_more_sentences_make_a_taller_picture_and_empty_ones_none(tmp_path):
    one = ("abc", "xy", weights(2, 3))
    height = drawn(tmp_path / "a.png", one).shape[0]
    taller = drawn(tmp_path / "a.png", one, ([], [], np.zeros((0, 0))), one).shape[0]
    assert height < taller < 2 * height


def test_a_font_of_the_system_is_found_by_its_letters(tmp_path, caplog, monkeypatch):
    manager = pytest.importorskip("matplotlib.font_manager", reason="needs the extra plot")
    make_font(tmp_path / "bird.ttf", "A Font Of Tests", BIRD)
    (tmp_path / "damaged.ttf").write_bytes(b"no font")
    faces = [("A Damaged Font", "damaged.ttf"), ("A Font Of Tests", "bird.ttf")]
    entries = [
        manager.FontEntry(fname=str(tmp_path / file), name=name, style="normal", weight=400)
        for name, file in faces
    ]
    monkeypatch.setattr(manager.fontManager, "ttflist", [*own_fonts(), *entries])
    with caplog.at_level(logging.WARNING):
        drawn(tmp_path / "a.png", (["a", BIRD], ["$x$"], [[0.5, 0.5]]))
    assert not caplog.records
    panel = alignment_picture.AlignmentPanel(1, [BIRD], ["a"], weights(1, 1))
    assert alignment_picture._families([panel]) == ["DejaVu Sans", "A Font Of Tests"]


def test_without_such_a_font_one_warning_and_codes(tmp_path, caplog, monkeypatch):
    manager = pytest.importorskip("matplotlib.font_manager", reason="needs the extra plot")
    monkeypatch.setattr(manager.fontManager, "ttflist", own_fonts())
    with caplog.at_level(logging.WARNING):
        drawn(tmp_path / "a.png", ([BIRD, "\U00013172"], ["a"], [[0.5, 0.5]]))
    (record,) = caplog.records
    assert (
        "no font of this system has 2 of the characters, such as '" + BIRD + "'" in record.message
    )
    assert "write .html" in record.message


def own_fonts():
    """Those that come with matplotlib."""
    from matplotlib.font_manager import fontManager

    names = ("DejaVu Sans", "Last Resort")
    return [font for font in fontManager.ttflist if font.name.startswith(names)]


def make_font(path, family, letter):
    """A font with one letter, a box."""
    builder = pytest.importorskip("fontTools.fontBuilder").FontBuilder(1000)
    pen = pytest.importorskip("fontTools.pens.ttGlyphPen").TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in [(0, 700), (600, 700), (600, 0)]:
        pen.lineTo(corner)
    pen.closePath()
    glyph = pen.glyph()
    builder.setupGlyphOrder([".notdef", "box"])
    builder.setupCharacterMap({ord(letter): "box"})
    builder.setupGlyf({".notdef": glyph, "box": glyph})
    builder.setupHorizontalMetrics({".notdef": (600, 0), "box": (600, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(usWeightClass=400)
    builder.setupPost()
    builder.save(path)


@pytest.mark.parametrize(
    ("name", "alignment", "error", "said"),
    [
        ("a.pdf", ("a", "b", [[1.0]]), ConfigError, "written as .png or .html"),
        ("a.html", ("a", "b", [[1.0, 0.0]]), DataError, r"shape \(1, 2\), expected \(1, 1\)"),
        ("a.html", ("a", "b", None), DataError, r"shape \(\), expected \(1, 1\)"),
        ("a.html", ("a", "b", [[np.nan]]), DataError, "NaN"),
        ("a.html", ("a", "b", [[-2.0]]), DataError, "weights from -2 to -2, expected 0 to 1"),
        ("a.png", ("", "b", np.zeros((1, 0))), DataError, "nothing to show"),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path, name, alignment, error, said):
    with pytest.raises(error, match=said):
        write_alignments(tmp_path / name, [alignment])
    assert not list(tmp_path.iterdir())


def test_too_much_for_a_picture_is_refused(tmp_path):
    pytest.importorskip("matplotlib", reason="needs the extra plot")
    tokens = ["token"] * 900
    with pytest.raises(ConfigError, match=r"more than viewers open: draw fewer, or write \.html"):
        write_alignments(tmp_path / "a.png", [(tokens, tokens, np.zeros((900, 900)))])
