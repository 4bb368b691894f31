"""The object that an app uses: figures worked by hand, unknown words, long texts, bad input."""

import json
import math

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import seqkit
from seqkit import bundle
from seqkit.errors import BundleError, ConfigError, DataError
from seqkit.models import memory_batches
from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.models.translator import Translator
from seqkit.text import (
    ByteTokenizer,
    CharTokenizer,
    Normalizer,
    TextPipeline,
    Vocab,
    WhitespaceTokenizer,
    WordTokenizer,
)

SHARES = {"<pad>": 0.0, "<bos>": 0.0, "<eos>": 0.2, "<unk>": 0.1, "x": 0.4, "y": 0.3}
WORDS = ["a", "b", "c", ".", ","]


def pipeline(words, **normalizer) -> TextPipeline:
    return TextPipeline(Normalizer(**normalizer), WhitespaceTokenizer(), Vocab(words))


def network(source: TextPipeline, target: TextPipeline, **config) -> Seq2Seq:
    sizes = {"dim": 6, "encoder_hidden": 4, "decoder_hidden": 6, "attention_hidden": 5}
    return Seq2Seq(
        Seq2SeqConfig(**sizes, **config),
        source_vocabulary=len(source.vocab),
        target_vocabulary=len(target.vocab),
    )


def indifferent(shares=SHARES, *, attention="additive", **options) -> Translator:
    """All weights are 0: each word has the share above, and attends to all of the source alike."""
    source, target = pipeline(WORDS, case="lower"), pipeline(["x", "y"])
    made = network(source, target, attention=attention)
    with torch.no_grad():
        for weight in made.parameters():
            weight.zero_()
        made.output.bias.copy_(torch.tensor(list(shares.values())).clamp(1e-30).log())
    return Translator(made, source, target, **options)


class Aligned(Translator):
    """Says that token t attends to token t of the source."""

    def weights(self, sources, targets):
        return [
            np.eye(len(target), len(source.tokens), dtype=np.float32)
            for source, target in zip(sources, targets, strict=True)
        ]


def unknown_only() -> Aligned:
    """Writes three unknown words, whatever it reads."""
    made = indifferent({**SHARES, "<unk>": 0.9, "x": 0.04, "y": 0.03, "<eos>": 0.03})
    return Aligned(made.network, made.source, made.target)


def test_what_a_search_finds_by_hand():
    """log p / n ** a for n words x and the end, of 0.4 and 0.2."""
    model = indifferent()
    best = model.translate_many(["a b"], beam=3, max_tokens=4, length_penalty=0)[0]
    assert (best.text, best.finished) == ("", "end")  # 0.2 > 0.4 * 0.2
    assert best.log_prob == best.score == pytest.approx(math.log(0.2), abs=1e-5)
    best = model.translate_many(["a b"], beam=60, max_tokens=4)[0]
    assert (best.text, best.finished) == ("x x x", "end")  # "x x x x" is likelier, and cut off
    assert best.log_prob == pytest.approx(3 * math.log(0.4) + math.log(0.2), abs=1e-5)
    assert best.score == pytest.approx(best.log_prob / 4, abs=1e-5)
    assert best.source_tokens == ("a", "b") and best.tokens == ("x",) * 3
    # 2 steps attend to each of 4 words with 1/4: a coverage of 1/2 each
    best = model.translate_many(["a b c c"], beam=9, max_tokens=2, coverage_penalty=0.3)[0]
    expected = math.log(0.4 * 0.2) / 2 + 0.3 * 4 * math.log(0.5)
    assert best.text == "x" and best.score == pytest.approx(expected, abs=1e-5)
    # so much of it makes every step worth its price, up to a coverage of 1
    best = model.translate_many(["a b c c"], beam=60, coverage_penalty=9.0, length_penalty=0)[0]
    assert best.text == "x x x" and best.score == pytest.approx(math.log(0.2 * 0.4**3), abs=1e-4)


def test_n_best_by_hand():
    (found,) = indifferent().n_best(["a"], num=3, beam=9, length_penalty=0)
    shares = [0.2, 0.2 * 0.4, 0.2 * 0.3]
    assert [each.text for each in found] == ["", "x", "y"]
    assert [each.log_prob for each in found] == pytest.approx(np.log(shares), abs=1e-5)


def test_a_score_by_hand():
    model = indifferent()
    score = model.score("A b", "x  zzz y")
    assert score.log_prob == pytest.approx(math.log(0.4 * 0.1 * 0.3 * 0.2), abs=1e-5)
    assert (score.tokens, score.unknown) == (4, 1)
    assert (score.characters, score.bytes) == (len("x zzz y") + 1,) * 2
    assert score.perplexity == pytest.approx((0.4 * 0.1 * 0.3 * 0.2) ** -0.25, rel=1e-5)
    empty, other = model.score_many([(" ", ""), ("", "x")])
    assert (empty.log_prob, empty.tokens) == (0.0, 1)
    assert (other.log_prob, other.tokens) == (-math.inf, 2)
    assert model.score_many([]) == []


def test_a_text_of_nothing_gives_nothing():
    model = indifferent()
    assert [model.translate(text) for text in ("", " \n", "\t")] == ["", "", ""]
    found = model.translate_many(["", "a", ""], attention=True)
    assert [each.text for each in found[::2]] == ["", ""] and found[1].text
    assert found[0].attention.shape == (0, 0) and found[0].finished == "end"
    assert model.translate_many([]) == model.sample([]) == []


@pytest.mark.parametrize("tokenizer", [ByteTokenizer(), CharTokenizer(), WordTokenizer()])
def test_white_space_gives_nothing_whatever_the_tokens_are(tokenizer):
    source = TextPipeline(Normalizer(html=True), tokenizer, Vocab(map(chr, range(256))))
    model = Translator(network(source, source), source, source)
    for text in ("", "\n", " \t", "<br>", "\u3000"):
        assert model.translate(text) == "" and model.sample([text])[0].tokens == ()
        assert model.score(text, "").log_prob == 0.0


def test_the_length_follows_the_source():
    never = indifferent({**SHARES, "<eos>": 0.0})
    found = never.translate_many(["a", "a b c", ""], beam=2)
    assert [len(each.tokens) for each in found] == [2 * 1 + 10, 2 * 3 + 10, 0]
    assert [each.finished for each in found] == ["length", "length", "end"]
    short = indifferent({**SHARES, "<eos>": 0.0}, ratio=1.2)
    assert len(short.translate_many(["a b c"], beam=2)[0].tokens) == 2 * 3 + 10
    long = indifferent({**SHARES, "<eos>": 0.0}, ratio=4.5)
    for model in (long, Translator.ensemble([never, long])):
        (found,) = model.translate_many(["a b c"], beam=2)
        assert len(found.tokens) == math.ceil(4.5 * 3) + 10
        assert len(model.sample(["a b c"])[0].tokens) == math.ceil(4.5 * 3) + 10
        assert len(model.translate_many(["a b c"], beam=2, max_tokens=5)[0].tokens) == 5


def spelling(**options) -> Translator:
    """Reads words and writes letters, about 28 of them, whatever it reads."""
    source = pipeline(["three", "words", "here"])
    target = TextPipeline(Normalizer(), CharTokenizer(), Vocab("ab"))
    made = network(source, target)
    with torch.no_grad():
        for weight in made.parameters():
            weight.zero_()
        made.output.bias.copy_(torch.tensor([-99.0, -99.0, -3.0, -99.0, 0.0, -1.0]))
    return Translator(made, source, target, **options)


def test_words_to_characters_are_not_cut_short():
    """Three words: 2 letters for each and 10 more, or 12 for each and 10 more."""
    for options, most in (({}, 16), ({"ratio": 12.0}, 46)):
        model = spelling(**options)
        assert len(model.translate("three words here", beam=1)) == most
        drawn = model.sample(["three words here"] * 300, seed=4)
        assert max(len(each.text) for each in drawn) == most
        whole = sum(each.finished == "end" for each in drawn) / 300
        share = math.exp(-3) / (math.exp(-3) + 1 + math.exp(-1))
        assert whole == pytest.approx(1 - (1 - share) ** most, abs=0.08)


def test_many_that_are_cut_are_told_once(caplog):
    model = spelling(ratio=12.0)
    found = model.translate_many(["three"] * 98 + ["", "words here"], beam=1)
    assert sum(each.finished == "length" for each in found) == 99
    assert caplog.messages == [
        "99 of 100 translations were cut at their greatest length, before the model ended them: "
        "look at some; a larger max_tokens helps where they are no repetitions"
    ]
    caplog.clear()
    model.translate_many(["three"] * 99, beam=1)  # too few to speak of
    model.translate_many([""] * 99 + ["three"], beam=1)  # one in a hundred
    assert not caplog.messages


@pytest.mark.parametrize(
    "unknown, text, tokens",
    [
        (None, "A-1 b zzz", ["a-1", "b", "zzz"]),
        ("source", "A-1 b zzz", ["a-1", "b", "zzz"]),
        ("keep", "a b c", ["<unk>"] * 3),
        ("drop", "a b c", ["<unk>"] * 3),
    ],
)
def test_what_becomes_of_unknown_words(unknown, text, tokens):
    model = unknown_only()
    for found in (
        model.translate_many([text], beam=1, max_tokens=3, unknown=unknown)[0],
        model.sample([text], max_tokens=3, unknown=unknown, top_k=1)[0],
    ):
        assert found.tokens == tuple(tokens)
        assert found.text == ("" if unknown == "drop" else " ".join(tokens))
        assert found.log_prob == pytest.approx(3 * math.log(0.9), abs=1e-5)
        assert found.attention is None


def test_unknown_words_are_avoided_where_nothing_says_what_to_copy():
    model = indifferent({**SHARES, "<unk>": 0.9}, attention="none")
    for unknown in (None, "avoid"):
        (found,) = model.translate_many(["a b"], max_tokens=4, unknown=unknown)
        assert "<unk>" not in found.tokens
    assert "<unk>" in model.translate("a b", beam=1, max_tokens=4, unknown="keep")
    with pytest.raises(ConfigError, match="no weights of attention to show or to copy by"):
        model.translate("a b", unknown="source")


def test_a_closed_vocabulary_has_no_unknown_words():
    source = pipeline(WORDS)
    target = TextPipeline(Normalizer(), ByteTokenizer(), Vocab(ByteTokenizer.units))
    made = network(source, target)
    with torch.no_grad():
        made.output.bias[Vocab.UNK] = 9.0
    model = Translator(made, source, target)
    for found in (*model.translate_many(["a b"], unknown="keep"), *model.sample(["a b"])):
        assert "<unk>" not in found.tokens


def test_long_texts_are_split_and_put_together_again(caplog):
    model = indifferent(max_tokens=3)
    text = "a b . b b c . a"
    parts = ["a b .", "b b c .", "a"]
    whole, short = model.translate_many([text, "a b c"], attention=True, beam=2)
    assert len(caplog.records) == 1
    assert caplog.messages[0] == (
        "1 of 2 texts are longer than the 3 tokens that the model was trained on (text 1 has 8): "
        "they were split and translated in parts"
    )
    assert whole.source == text and whole.source_tokens == tuple(text.split())
    # "b b c ." is 4 long, so it is cut again: at white space, in the middle
    pieces = [parts[0], "b b", "c .", parts[2]]
    alone = model.translate_many(pieces, attention=True, beam=2)
    assert whole.text == " ".join(each.text for each in alone)
    assert whole.tokens == tuple(token for each in alone for token in each.tokens)
    assert whole.log_prob == pytest.approx(sum(each.log_prob for each in alone))
    assert whole.score == pytest.approx(sum(each.score for each in alone))
    row = column = 0
    for each in alone:
        (rows, columns), block = each.attention.shape, whole.attention[row:, column:]
        np.testing.assert_allclose(block[:rows, :columns], each.attention)
        row, column = row + rows, column + columns
    assert whole.attention.shape == (row, column)
    assert np.count_nonzero(whole.attention) == sum(np.count_nonzero(x.attention) for x in alone)
    assert short.source_tokens == ("a", "b", "c")


def test_a_text_that_is_longer_than_usual_is_split_between_sentences_alone(caplog):
    model = indifferent(max_tokens=8, usual=5)
    cases = {
        "a b c .": ["a b c ."],
        "a . b .": ["a . b ."],
        "a . b . c .": ["a . b .", "c ."],
        "a , b , a , b": ["a , b , a , b"],  # one sentence
        "a . a , b , a , b . c": ["a .", "a , b , a , b .", "c"],  # 8 tokens fit max_tokens
        "a . b b . a . b . b .": ["a . b b .", "a . b .", "b ."],  # 11 do not, parts of them do
    }
    for text, parts in cases.items():
        (found,) = model.translate_many([text], beam=2, attention=True)
        alone = model.translate_many(parts, beam=2, attention=True)
        assert found.source_tokens == tuple(text.split())
        assert found.tokens == tuple(token for each in alone for token in each.tokens)
        assert found.attention.shape[1] == len(found.source_tokens)
        assert found.score == pytest.approx(sum(each.score for each in alone))
        steps = {np.count_nonzero(row) for row in found.attention}
        assert steps <= {len(part.split()) for part in parts}
    assert not caplog.messages
    # above max_tokens a sentence is cut within, and that is told
    (found,) = model.translate_many(["a . a , b , a , b , c , b"], beam=2, attention=True)
    steps = {np.count_nonzero(row) for row in found.attention}
    assert steps <= {2, 6, 5} and len(caplog.messages) == 1
    assert "(text 1 has 13): they were split" in caplog.messages[0]
    (found,) = model.translate_many(["a . b . c ."], long="truncate", attention=True)
    assert {np.count_nonzero(row) for row in found.attention} == {6}
    with pytest.raises(DataError, match="text 1 has 9 tokens, more than the 8"):
        model.translate("a . b . c . a . b", long="refuse")


def test_parts_that_end_come_before_parts_that_are_cut_off():
    """Of two parts, each "" of 0.2, or one word and cut off, x of 0.4 or y of 0.3."""
    model = indifferent({**SHARES, "<unk>": 0.0}, max_tokens=1)
    (found,) = model.n_best(["a b"], num=4, beam=4, max_tokens=1, length_penalty=0)
    assert [each.text for each in found] == ["", "x", "x", "y"]
    assert [each.finished for each in found] == ["end", "length", "length", "length"]
    shares = [0.2 * 0.2, 0.4 * 0.2, 0.4 * 0.2, 0.3 * 0.2]
    expected = np.log(shares) - 2 * math.log(0.9)  # without the unknown word
    assert [each.log_prob for each in found] == pytest.approx(expected, abs=1e-5)


def test_n_best_of_a_long_text_are_the_best_of_all_combinations():
    model = indifferent(max_tokens=1)
    options = {"num": 4, "beam": 60, "max_tokens": 2, "length_penalty": 0}
    (found,) = model.n_best(["a b c"], **options)
    (alone,) = model.n_best(["a"], **options)
    scores = [each.score for each in alone]
    assert all(each.finished == "end" for each in alone)
    best = sorted((a + b + c for a in scores for b in scores for c in scores), reverse=True)
    assert [each.score for each in found] == pytest.approx(best[:4], abs=1e-5)


def test_long_texts_may_be_truncated_or_refused(caplog):
    model = indifferent(max_tokens=2)
    (found,) = model.translate_many(["a b c c"], long="truncate", attention=True)
    assert found.source_tokens == ("a", "b") and found.source == "a b c c"
    assert found.attention.shape[1] == 2
    assert caplog.messages[0].endswith("(text 1 has 4): they were truncated")
    for ask in (model.translate_many, model.sample):
        with pytest.raises(
            DataError, match=r"^text 2 has 3 tokens, more than the 2 that the model"
        ):
            ask(["a", "a b c", "a b c c"], long="refuse")
    assert len(caplog.records) == 1


def test_a_sample_is_drawn_with_the_shares():
    model = indifferent({**SHARES, "<unk>": 0.0})
    drawn = model.sample(["a"] * 3000, max_tokens=1, batch=700)
    firsts = [each.text or "<eos>" for each in drawn]
    for word in ("<eos>", "x", "y"):
        assert firsts.count(word) / 3000 == pytest.approx(SHARES[word] / 0.9, abs=0.03)
    assert len({each.text for each in model.sample(["a"] * 50)}) > 10
    assert model.sample(["a b"], seed=1) == model.sample(["a b"], seed=1)
    assert model.sample(["a b"] * 9, seed=1) != model.sample(["a b"] * 9, seed=2)


def test_the_parts_of_a_long_text_are_drawn_alike_alone_and_among_others():
    model = indifferent(max_tokens=2)
    texts = ["a b", "a b a b", "a b", "a b a b a b"]
    together = model.sample(texts, seed=5)
    for text, found in zip(texts[:2] + texts[3:], together[:2] + together[3:], strict=True):
        assert model.sample([text], seed=5)[0].text == found.text
    assert together[2].text != together[0].text


@pytest.mark.parametrize(
    "options, message",
    [
        ({"beam": 0}, "beam 0: its width must be 1 or more"),
        ({"beam": 2.5}, "beam 2.5: give a whole number"),
        ({"beam": True}, "beam True: give a whole number"),
        ({"beam": 2, "num": 3}, "num 3: a beam of 2 finds 1 to 2 texts: widen the beam"),
        ({"num": 0}, "num 0"),
        ({"length_penalty": -1.0}, "length_penalty -1.0: must be 0 or more"),
        ({"coverage_penalty": math.nan}, "coverage_penalty nan: must be 0 or more"),
        ({"length_penalty": "x"}, "length_penalty 'x': give a number"),
        ({"coverage_penalty": True}, "coverage_penalty True: give a number"),
        ({"beam": 1, "length_penalty": 1.0}, "length_penalty 1.0: beam 1 ranks nothing, so it has"),
        ({"beam": 1, "coverage_penalty": 0.0}, "coverage_penalty 0.0: beam 1 ranks nothing"),
        ({"max_tokens": 0}, "max_tokens 0: must be 1 or more"),
        ({"batch": 0}, "batch 0: must be 1 or more"),
        ({"long": "cut"}, "long 'cut': choose from refuse, split, truncate"),
        ({"unknown": "sourc"}, "unknown 'sourc': .*did you mean 'source'"),
    ],
)
def test_bad_options_are_refused_at_once(options, message):
    with pytest.raises(ConfigError, match=message) as caught:
        indifferent().n_best([], **{"num": 1, **options})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("options", [{"temperature": -1}, {"top_p": 0}, {"top_k": 0}, {"seed": -1}])
def test_bad_options_of_a_sample_are_refused_at_once(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        indifferent().sample([], **options)


def test_what_is_no_text_is_refused():
    model = indifferent()
    with pytest.raises(ConfigError, match="a text is a str, got list"):
        model.translate(["a"])
    with pytest.raises(ConfigError, match="a text is a str, got NoneType None"):
        model.translate(None)
    with pytest.raises(ConfigError, match="texts: expected a list of texts, got one str"):
        model.translate_many("abc")
    for pair in ("ab", None, ("a",), 3):
        with pytest.raises(ConfigError, match="a pair is a source and a target, got"):
            model.score_many([pair])
    with pytest.raises(ConfigError, match="a text is a str, got int 3"):
        model.score("a", 3)


def test_coverage_of_a_model_without_attention_is_refused():
    with pytest.raises(ConfigError, match="coverage_penalty: a model with attention 'fixed'"):
        indifferent(attention="fixed").translate("a", coverage_penalty=0.2)


def test_a_model_that_diverged_says_so():
    model = indifferent()
    with torch.no_grad():
        model.network.output.bias.fill_(math.nan)
    with pytest.raises(DataError, match="no finite probability"):
        model.translate("a b")
    with pytest.raises(DataError, match="no finite probability"):
        model.sample(["a b"])


def test_other_pipelines_are_refused():
    made = indifferent()
    with pytest.raises(ConfigError, match="6 target ids with a vocabulary of 7"):
        Translator(made.network, made.source, pipeline(["x", "y", "z"]))
    with pytest.raises(ConfigError, match="9 source ids with a vocabulary of 4"):
        Translator(made.network, pipeline([]), made.target)
    for options, message in (
        ({"max_tokens": 0}, "max_tokens 0: must be 1 or more; None is no limit"),
        ({"usual": 0}, "usual 0: must be 1 or more"),
        ({"usual": 2.5}, "usual 2.5: must be 1 or more"),
        ({"usual": 4, "max_tokens": 3}, "usual 4: must be max_tokens 3 or less"),
        ({"ratio": 0.0}, "ratio 0.0: must be above 0"),
        ({"ratio": math.nan}, "ratio nan: must be above 0"),
        ({"ratio": "2"}, "ratio '2': must be above 0"),
    ):
        with pytest.raises(ConfigError, match=message):
            indifferent(**options)


def test_half_as_many_at_a_time_when_memory_ends(monkeypatch, caplog):
    model, plain = indifferent(), Translator.open
    sizes = []

    def small(self, sources, *, coverage=False):
        sizes.append(len(sources))
        if len(sources) > 2:
            raise torch.OutOfMemoryError
        return plain(self, sources, coverage=coverage)

    texts = ["a b", "a", "b", "", "c c c"] * 2
    expected = model.translate_many(texts)
    monkeypatch.setattr(Translator, "open", small)
    assert model.translate_many(texts) == expected
    assert sizes == [8, 4, 2, 2, 2, 2]
    assert caplog.messages[-1] == "out of memory on cpu: going on with 2 texts at a time"
    monkeypatch.setattr(memory_batches, "_try", lambda work, part: None)
    with pytest.raises(seqkit.SeqkitError, match="memory on cpu with a single text of 3 tokens"):
        model.translate_many(texts)


# bundles


def damaged(folder, name, change):
    """Change a file of a bundle and its hash, as if it had been written so."""
    saved = bundle.read(folder)
    files = saved.files()
    files[name] = change(files[name])
    bundle.write(folder, kind="Translator", files={k: v for k, v in files.items() if v is not None})


def without(key):
    return lambda data: json.dumps({k: v for k, v in json.loads(data).items() if k != key}).encode()


@pytest.mark.parametrize(
    "name, change, reason",
    [
        (
            "target.vocab.txt",
            lambda data: Vocab(["x", "y", "z"]).to_bytes(),
            "vocabulary of the target has 7 ids, the network 6",
        ),
        ("source.vocab.txt", lambda data: data[:-3], "whole lines"),
        ("source.vocab.txt", lambda data: None, "vocab.txt is missing"),
        ("model.json", lambda data: b"{", "delimiter|property name|JSON"),
        ("model.json", without("config"), "config"),
        ("model.json", without("max_tokens"), "max_tokens"),
        ("model.json", lambda data: data.replace(b'"ratio": 2.0', b'"ratio": 0'), "ratio 0"),
        ("model.json", lambda data: data.replace(b'"usual": null', b'"usual": "9"'), "usual"),
        ("model.json", lambda data: data.replace(b'"dim": 6', b'"dim": 7'), "size mismatch"),
        ("weights.safetensors", lambda data: data[:90], "(?i)header|incomplete|invalid"),
    ],
)
def test_files_that_do_not_fit_together(tmp_path, name, change, reason):
    indifferent().save(tmp_path)
    damaged(tmp_path, name, change)
    with pytest.raises(BundleError, match=reason) as caught:
        seqkit.load(tmp_path)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)


@pytest.mark.parametrize("extra", [False, True])
def test_weights_that_are_missing_or_strange(tmp_path, extra):
    indifferent().save(tmp_path)
    path = tmp_path / "weights.safetensors"
    tensors = load_file(path)
    name = "strange" if extra else next(iter(tensors))
    if extra:
        tensors[name] = torch.zeros(2)
    else:
        del tensors[name]
    save_file(tensors, path)
    damaged_bytes = path.read_bytes()
    indifferent().save(tmp_path)
    damaged(tmp_path, "weights.safetensors", lambda data: damaged_bytes)
    with pytest.raises(BundleError, match=f"lack or should not have {name}"):
        seqkit.load(tmp_path)


def test_lengths_come_back_and_older_bundles_have_none(tmp_path):
    indifferent(max_tokens=9, usual=4, ratio=3.5).save(tmp_path)
    loaded = seqkit.load(tmp_path)
    assert (loaded.max_tokens, loaded.usual, loaded.ratio) == (9, 4, 3.5)
    for name in ("usual", "ratio"):
        damaged(tmp_path, "model.json", without(name))
    loaded = seqkit.load(tmp_path)
    assert (loaded.max_tokens, loaded.usual, loaded.ratio) == (9, None, 2.0)


def test_pipelines_of_any_kind_come_back(tmp_path):
    source = TextPipeline(Normalizer(case="lower"), WordTokenizer(), Vocab(["a", "b"]))
    target = TextPipeline(Normalizer(), ByteTokenizer(), Vocab(ByteTokenizer.units))
    torch.manual_seed(3)
    model = Translator(network(source, target), source, target)
    model.save(tmp_path, provenance={"seed": 3})
    loaded = seqkit.load(tmp_path, device="cpu")
    assert loaded.source.normalizer == source.normalizer and loaded.max_tokens is None
    assert loaded.target.tokenizer.name == "byte"
    assert loaded.sample(["A b!"]) == model.sample(["A b!"])
    state = torch.random.get_rng_state()
    seqkit.load(tmp_path)
    assert torch.equal(state, torch.random.get_rng_state())
    with pytest.raises(ConfigError, match="device 'gpu'"):
        seqkit.load(tmp_path, device="gpu")
