"""Analysis: the compiled loop beside the tokeniser, bm25s's words, pairs, spans, what is saved."""

import json
import logging
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqkit.errors import ConfigError, DataError
from seqkit.search import analysis
from seqkit.search.analysis import AnalysisConfig, Analyzer
from seqkit.search.stopwords import ENGLISH, load_stopwords
from seqkit.text import WordTokenizer

AWKWARD = st.text(alphabet=" ab1D3oOpP'.,:;=-^#_<>/()\\@w\n\t\x00\x1c", max_size=40)
MIXED = st.text(alphabet="ab1 .'’#@-:)é\u0301İﬁ手机茶カナ한국ー👍🏽\u200b\ud800", max_size=30)


def batched(analyzer, texts):
    """The terms of each text, by `batch`."""
    numbers, lengths = analyzer.batch(texts)
    assert numbers.dtype == np.int32 and lengths.sum() == len(numbers)
    names = [*analyzer.names, None]
    rows = np.split(numbers, np.cumsum(lengths)[:-1])
    return [[names[number] for number in row] for row in rows]


@given(st.lists(AWKWARD, min_size=1, max_size=4))
@settings(max_examples=400)
@example(["don't :Dx :D x=D/ ;-p 1,000.5.x a.b 1.a #__tag_1 #1 <unk> <3 </3 <br />'a' a'"])
def test_the_loop_cuts_ascii_as_the_tokeniser(texts):
    analyzer = Analyzer(AnalysisConfig(case="keep"))
    assert batched(analyzer, texts) == [analyzer.query(text) for text in texts]


def without_last(analyzer, text):
    """The terms of spans as a query has them: None for what ends where the one before ends."""
    terms, end = [], 0
    for span in analyzer.spans(text):
        terms.append(span.term if span.end > end else None)
        end = span.end
    return terms


@given(st.lists(AWKWARD | MIXED, min_size=1, max_size=6), st.sampled_from(["bigrams", "words"]))
@settings(max_examples=200)
def test_batches_spans_and_queries_agree(texts, cjk):
    analyzer = Analyzer(AnalysisConfig(cjk=cjk, stopwords="english", min_length=2))
    terms = batched(analyzer, texts)
    again = Analyzer(AnalysisConfig(cjk=cjk, stopwords="english", min_length=2))
    assert [batched(again, [text])[0] for text in texts] == terms, "what else is in the batch"
    for text, expected in zip(texts, terms, strict=True):
        spans = analyzer.spans(text)
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        if unicodedata.is_normalized("NFC", text) and "İ" not in text:
            assert [span.term for span in spans] == expected
            assert without_last(analyzer, text) == analyzer.query(text)


@given(st.lists(MIXED | AWKWARD, min_size=1, max_size=3), st.integers(1, 6))
def test_a_long_text_is_read_in_pieces(texts, size):
    texts = [text + "é" for text in texts]
    whole = batched(Analyzer(), texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "_PIECE", size)
        assert batched(Analyzer(), texts) == whole


def test_an_empty_batch():
    numbers, lengths = Analyzer().batch([])
    assert len(numbers) == len(lengths) == 0
    assert [len(part) for part in Analyzer().batch(["", "...", "é", ""])] == [1, 4]


def test_the_words_of_bm25s():
    bm25s = pytest.importorskip("bm25s")
    from bm25s.stopwords import STOPWORDS_EN

    assert frozenset(STOPWORDS_EN) == ENGLISH
    text = "The jets of a wind-tunnel: 3 jets, x and (supersonic) flow is at Mach 20!"
    config = AnalysisConfig(stopwords="english", min_length=2, stemmer="english")
    stem = pytest.importorskip("Stemmer").Stemmer("english")
    theirs = bm25s.tokenize(
        [text], stopwords="en", stemmer=stem, return_ids=False, show_progress=False
    )
    assert [term for term in Analyzer(config).query(text) if term] == theirs[0]


def test_what_is_left_out_keeps_its_place_and_punctuation_has_none():
    analyzer = Analyzer(AnalysisConfig(stopwords="english", min_length=2))
    assert analyzer.query("Heat-transfer, in THE x-ray (of 5) :D <br> jets") == [
        *("heat", "transfer", None, None, None, "ray", None, None, "jets")
    ]


def test_signs_apostrophes_and_pictures():
    found = Analyzer().query("#Tag @ann_b’s don’t don't 👍🏽 $ + © ½ http://x.org/a")
    assert found == ["tag", "ann_b", "s", "don't", "don't", "👍🏽", "©", "½", "http://x.org/a"]


def test_pairs_of_chinese_japanese_and_korean():
    analyzer = Analyzer()
    query = analyzer.query
    assert query("华为手机") == ["华为", "为手", "手机", None]
    assert query("买iPhone手机 茶") == ["买", "iphone", "手机", None, "茶"]
    assert query("東京タワー") == ["東京", "京タ", "タワ", "ワー", None]
    assert query("서울에서 LG전자") == ["서울", "울에", "에서", None, "lg", "전자", None]
    assert query("か\u3099く") == query("がく") == ["がく", None]
    words = Analyzer(AnalysisConfig(cjk="words", min_length=2))
    assert words.query("华为 a 手机") == ["华", "为", None, "手", "机"]
    spans = analyzer.spans("My 华为手机")
    assert [("My 华为手机"[s.start : s.end], s.term) for s in spans] == [
        *(("My", "my"), ("华为", "华为"), ("为手", "为手"), ("手机", "手机"), ("机", "机"))
    ]
    assert analyzer.is_part("茶") and not analyzer.is_part("华为") and not words.is_part("茶")


@given(st.text(alphabet="天地人a ", max_size=12), st.sampled_from("天地人"))
def test_each_character_begins_one_term(text, character):
    (terms,) = batched(Analyzer(), [text])
    assert sum(term.startswith(character) for term in terms) == text.count(character)


def test_spans_of_text_that_normalising_shortens():
    text = "cafe\u0301 İstanbul bar"
    spans = Analyzer().spans(text)
    assert [text[s.start : s.end] for s in spans] == ["cafe\u0301", "İstanbul", "bar"]
    assert [s.term for s in spans] == Analyzer().query(text)


def test_stems_and_words_in_one_number():
    pytest.importorskip("Stemmer")
    analyzer = Analyzer(AnalysisConfig(stemmer="english"))
    numbers, _ = analyzer.batch(["Flies flying king’s", "fly KING \ud800s"])
    assert numbers.tolist() == [0, 0, 1, 0, 1, 2] and analyzer.names[:2] == ["fli", "king"]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(analyzer.query, ["relational databases"] * 50))
    assert found == [["relat", "databas"]] * 50


def test_other_tokenisers():
    assert Analyzer(AnalysisConfig(tokenizer="whitespace")).query("New-York , <unk>") == [
        *("new-york", "<unk>")
    ]
    assert Analyzer(AnalysisConfig(tokenizer="char")).query("né !") == ["n", "é"]
    pytest.importorskip("spacy")
    analyzer = Analyzer(AnalysisConfig(tokenizer="spacy"))
    assert analyzer.query("I don't.") == ["i", "do", "n't"]
    assert batched(analyzer, ["I don't.", ""]) == [["i", "do", "n't"], []]


def test_lemmas_of_a_spacy_model(tmp_path):
    spacy = pytest.importorskip("spacy")
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("attribute_ruler")
    ruler.add([[{"LOWER": "mice"}]], {"LEMMA": "Mouse"})
    nlp.to_disk(tmp_path)
    config = AnalysisConfig(tokenizer="spacy", spacy_model=str(tmp_path), lemmas=True)
    analyzer = Analyzer(config)
    assert analyzer.query("Three mice!") == ["three", "mouse"]
    assert batched(analyzer, ["Mice", "a mouse"]) == [["mouse"], ["a", "mouse"]]
    assert analyzer.spans("Mice")[0] == ("mouse", 0, 4)
    with pytest.raises(ConfigError, match="installed model"):
        Analyzer(AnalysisConfig(tokenizer="spacy", lemmas=True))


def test_lists_of_stop_words(tmp_path):
    pytest.importorskip("spacy")
    assert "und" in load_stopwords("de")
    (tmp_path / "own.txt").write_text("Foo\nBar\n")
    analyzer = Analyzer(AnalysisConfig(stopwords=str(tmp_path / "own.txt")))
    assert analyzer.query("foo bars BAR") == [None, "bars", None]
    (tmp_path / "own.txt").unlink()  # the index has its own copy
    assert Analyzer.from_files(analyzer.to_files()).query("foo bars BAR") == [None, "bars", None]
    for unknown in ("englisch", "../x"):
        with pytest.raises(ConfigError, match=r"stopwords .*choose none, english"):
            load_stopwords(unknown)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tokenizer": "words"}, "tokenizer 'words': choose from .*did you mean 'word'"),
        ({"case": "upper"}, "case 'upper': choose from"),
        ({"cjk": "pairs"}, "cjk 'pairs': choose from"),
        ({"cjk": "words", "tokenizer": "char"}, "cjk is for tokenizer word, got char"),
        ({"min_length": 0}, "min_length 0: must be 1 or more"),
        ({"lemmas": True}, "lemmas is for tokenizer spacy, got word"),
        ({"spacy_model": "de"}, "spacy_model is for tokenizer spacy, got word"),
        ({"lemmas": True, "tokenizer": "spacy", "stemmer": "english"}, "choose one of the two"),
    ],
)
def test_options_that_cannot_be(options, message):
    with pytest.raises(ConfigError, match=message):
        AnalysisConfig(**options)


def test_saved_and_restored(caplog):
    pytest.importorskip("Stemmer")
    config = AnalysisConfig(stopwords="english", stemmer="porter", min_length=2)
    files = Analyzer(config).to_files()
    assert files == Analyzer(config).to_files()
    again = Analyzer.from_files({**files, "other": b""})
    assert again.config == config
    text = "The relational 华为手机 x"
    assert again.query(text) == Analyzer(config).query(text)
    assert not caplog.records
    older = json.loads(files["analysis.json"])
    older["versions"]["PyStemmer"] = "1.0"
    with caplog.at_level(logging.WARNING):
        Analyzer.from_files({**files, "analysis.json": json.dumps(older).encode()})
    assert "PyStemmer 1.0" in caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"analysis.json": None}, "analysis.json is missing"),
        ({"stopwords.txt": None}, "stopwords.txt is missing"),
        ({"analysis.json": b"{"}, "not JSON"),
        ({"analysis.json": b"[]"}, "no format number"),
        ({"analysis.json": b'{"format": 9}'}, "format 9 is newer than 1"),
        ({"analysis.json": b'{"format": 1}'}, "damaged settings"),
    ],
)
def test_what_does_not_match_is_refused(change, message):
    files = {**Analyzer(AnalysisConfig(stopwords="english")).to_files(), **change}
    with pytest.raises(DataError, match=message):
        Analyzer.from_files({name: content for name, content in files.items() if content})


def test_unknown_stemmer():
    pytest.importorskip("Stemmer")
    with pytest.raises(ConfigError, match=r"stemmer 'englisch': choose from .*did you mean"):
        Analyzer(AnalysisConfig(stemmer="englisch"))


def test_the_term_of_a_word_is_that_of_the_tokeniser():
    text = "Well-known O'Neill paid 1,000.50 for 3.5mm"
    words = [token.lower() for token in WordTokenizer()(text) if token != "-"]
    assert Analyzer().query(text) == words
