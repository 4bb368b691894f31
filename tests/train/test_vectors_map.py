"""The page of the map: its data read back, any characters, and what a browser makes of it."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from seqkit.train.vectors_map import vectors_map
from seqkit.vectors.layout import Layout
from seqkit.vectors.neighbours import Neighbour

HOSTILE = "</script><script>alert(1)</script><!-- & &amp; @@DATA@@"
WORDS = ["river", HOSTILE, "rivers", "\x00\x85\ud800\u202eevil", "דג"]
BROWSERS = ("chromium", "chromium-headless-shell", "google-chrome", "chrome")


class Reader(HTMLParser):
    """Collects the scripts of a page, its texts, and what it would fetch or run."""

    def __init__(self, page):
        super().__init__()
        self.scripts, self.text, self.foreign, self.inside = [], "", [], False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        names = ("src", "href", "onclick", "onload")
        self.foreign += [name for name, _ in attributes if name in names]
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.scripts[-1] += data
        else:
            self.text += data


@pytest.fixture
def layout():
    generator = np.random.default_rng(1)
    places = {name: generator.uniform(-1, 1, (5, 2)) for name in ("PCA", "t-SNE")}
    near = [
        [Neighbour(WORDS[(number + 1) % 5], 0.75), Neighbour("off <the> map", 0.5)]
        for number in range(5)
    ]
    return Layout(words=WORDS, places=places, neighbours=near, note=f"note {HOSTILE}")


def test_words_are_data_and_no_code(layout):
    page = vectors_map(layout, about=f"about {HOSTILE}").decode()
    read = Reader(page)
    assert len(read.scripts) == 2
    assert read.foreign == []
    assert f"about {HOSTILE}" in read.text and f"note {HOSTILE}" in read.text
    data = json.loads(read.scripts[0])
    assert data["words"] == ["river", HOSTILE, "rivers", r"\x00\x85\ud800\u202eevil", "דג"]
    assert data["near"][0] == [[1, 0.75], ["off <the> map", 0.5]]
    assert data["near"][4][0] == [0, 0.75]
    for name, places in layout.places.items():
        assert np.array(data["places"][name]) == pytest.approx(places, abs=1e-4)
    assert not re.search("https?:", page)
    assert "<p></p>" not in vectors_map(replace(layout, note=""), about="some").decode()


def test_the_script_parses(layout, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here to parse the script")
    script = tmp_path / "page.js"
    script.write_text(Reader(vectors_map(layout, about="").decode()).scripts[1])
    subprocess.run([node, "--check", script], check=True)


ACTS = """
const log = [];
const told = () => [get("chosen").textContent, get("status").textContent,
  [...get("near").querySelectorAll("li")].map((item) => item.textContent)];
const at = (word) => onScreen(places[word]);
const mouse = (kind, x, y, id = 1) => {
  const box = canvas.getBoundingClientRect();
  canvas.dispatchEvent(new PointerEvent(kind,
    { clientX: box.left + x, clientY: box.top + y, pointerId: id, bubbles: true }));
};
const key = (name) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key: name }));
canvas.setPointerCapture = () => {};
get("find").value = "RIVER";
get("find").dispatchEvent(new Event("input"));
log.push(told(), at(0).map(Math.round), [size.width, size.height].map((n) => Math.round(n / 2)));
get("form").requestSubmit();
log.push(told());
key("Escape"); key("0");
log.push(told()[0], view.zoom);
mouse("pointermove", ...at(1));
log.push(told());
mouse("pointerleave", 0, 0);
log.push(told()[0]);
mouse("pointerdown", ...at(3)); mouse("pointerup", ...at(3));
log.push(told()[0]);
const before = at(4);
canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -200, clientX:
  canvas.getBoundingClientRect().left + before[0], clientY:
  canvas.getBoundingClientRect().top + before[1] }));
// the place of the wheel is in whole pixels
log.push(view.zoom > 1.5, Math.hypot(at(4)[0] - before[0], at(4)[1] - before[1]) < 1);
key("0");
const start = at(2);
mouse("pointerdown", 300, 200); mouse("pointermove", 340, 190); mouse("pointerup", 340, 190);
log.push([at(2)[0] - start[0], at(2)[1] - start[1]].map(Math.round), told()[0]);
mouse("pointerdown", 200, 200, 1); mouse("pointerdown", 300, 200, 2);
mouse("pointermove", 400, 200, 2);
log.push(Math.round(view.zoom * 100) / 100);
mouse("pointerup", 400, 200, 2); mouse("pointerup", 200, 200, 1);
key("0"); key("Escape"); key("p");
log.push(told()[0]);
const tsne = at(0);
document.querySelector("input[value=PCA]").click();
log.push(at(0)[0] !== tsne[0]);
get("near").querySelector("button").click();
log.push(told()[0]);
document.body.replaceChildren(JSON.stringify(log));
"""


@pytest.mark.browser
def test_search_hover_zoom_drag_and_keys(layout, tmp_path):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} here")
    page = vectors_map(layout, about="a test").decode()
    path = tmp_path / "map.html"
    path.write_text(page.replace("list(-1);\n</script>", f"list(-1);\n{ACTS}</script>"))
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    log = json.loads(re.findall(r"\[\[.*\]", Reader(done.stdout).text)[0])
    (found, place, middle), log = log[:3], log[3:]
    assert found == ["river", "1 of 2", [f"{HOSTILE}0.750", "off <the> map0.500"]]
    assert place == middle, "the word found is in the middle"
    assert log[0][:2] == ["rivers", "2 of 2"]
    assert log[1:3] == ["No word chosen", 1]
    assert log[3][0] == HOSTILE and log[3][2][0] == "rivers0.750"
    assert log[4] == "No word chosen"
    assert log[5] == r"\x00\x85\ud800\u202eevil"
    assert log[6:8] == [True, True], "the wheel zooms, and what is under the pointer stays"
    assert log[8:10] == [[40, -10], r"\x00\x85\ud800\u202eevil"], "a drag moves, and keeps the word"
    assert log[10] == 2, "two fingers, twice as far apart"
    assert log[11] == "דג"
    assert log[12] is True
    assert log[13] == "river"
