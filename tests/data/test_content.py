"""What counts as the same text."""

import hashlib
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqkit.data import content, content_key, content_text


@pytest.mark.parametrize(
    "text, same",
    [
        ("Hello, World!", "hello world"),
        ("  hello\n\tWORLD ", "hello world"),
        ("ＨＥＬＬＯ　ｗｏｒｌｄ", "hello world"),
        ("“hello”—world…", "hello world"),
        ("STRASSE", "straße"),
        ("caf\u0065\u0301", "CAF\u00c9"),
    ],
)
def test_same_content(text, same):
    assert content_text(text) == content_text(same)
    assert content_key(text) == content_key(same)


@pytest.mark.parametrize(
    "text, other",
    [
        ("fine \U0001f600", "fine \U0001f621"),  # emoji are content
        (":-)", ":-("),  # so is punctuation where there is nothing else
        ("costs £5", "costs $5"),
        ("กา", "กิ"),  # vowel signs of Thai
        ("", "?"),
    ],
)
def test_other_content(text, other):
    assert content_key(text) != content_key(other)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_has_a_key_and_a_stable_content(text):
    assert 0 <= content_key(text) < 2**64
    once = content_text(text)
    assert once == " ".join(once.split())
    assert content_text(f" {once}\n") == content_text(once)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_ascii_way_says_what_the_general_way_says(text):
    general = content_text(f"{text} \u4e00").removesuffix("\u4e00").strip()
    if any(character.isalnum() or character in "$+<=>^`|~" for character in text):
        assert content_text(text) == general


@given(st.text(st.sampled_from("ab .\n\u00e9\u3000")), st.integers(1, 9))
def test_a_long_text_piece_by_piece(text, piece):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "_PIECE", piece)
        cut = content_text(text)
    assert cut == content_text(text)


def test_the_key_is_the_same_in_every_process():
    code = "from seqkit.data import content_key; print(content_key('WINNER!! Claim'))"
    digest = hashlib.blake2b(b"winner claim", digest_size=8).digest()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        )
        assert int(done.stdout) == int.from_bytes(digest, "little")
