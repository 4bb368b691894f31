"""Texts that break tokenisers, shared by the tests of this folder."""

from hypothesis import settings
from hypothesis import strategies as st

relaxed = settings(deadline=None, max_examples=150)

PIECES = [
    "👩🏽‍🚀",
    "🇫🇷",
    "1️⃣",
    "e\u0301",
    "\ud83d",
    "\ude00",
    "東京",
    "タワー",
    "กำลัง",
    "हिन्दी",
    "می\u200cخواهم",
    "𝓗",
    "<unk>",
    "<url>",
    ":-)",
    "http://x.org/a?b=c",
    "www.x.org",
    "ann@x.org",
    "@ann",
    "#tag",
    "1,000.50",
    "don't",
    "it’s",
    "▁",
    "\u200b",
    "\ufeff",
    "\x00",
    "\x1c",
    "\x85",
    "\u2028",
    "\u3000",
    "&amp;",
    "&#x41;",
    "<br />",
    "<!--",
    "-->",
    "_",
    "^_^",
    " ",
    "\n",
]
any_text = st.text(st.characters(exclude_categories=())) | st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=3)
).map("".join)
ascii_text = st.text(st.characters(max_codepoint=127)) | st.lists(
    st.sampled_from([piece for piece in PIECES if piece.isascii()])
    | st.sampled_from(list("aZ09_'.,:;=)(/\\@#<>^-wW|\"! "))
).map("".join)

MEGABYTES = {
    kind: (unit * (1_000_000 // len(unit)))[:1_000_000]
    for kind, unit in {
        "letters": "a",
        "prose": "it's a long line, ",
        "digits": "1,",
        "points": ".",
        "apostrophes": "a'",
        "half-addresses": "a.b@",
        "long-addresses": "a@b.",
        "www": "www.",
        "urls": "http://",
        "url-parentheses": "http://(",
        "url-points": "http://a.,(",
        "colons": ":-",
        "tags-open": "<a",
        "comments-open": "<!--",
        "entities": "&#1",
        "underscores": "@_",
        "hyphens": "-_",
        "han": "東",
        "marks": "\u0301",
        "joiners": "👩\u200d",
        "thai": "ำ",
        "gothic": "𐍈",
        "surrogates": "\ud800",
    }.items()
}
