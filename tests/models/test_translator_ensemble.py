"""The mean of several translators, against the mean worked out from the single ones."""

import numpy as np
import pytest
import torch

from seqkit.errors import ConfigError
from seqkit.models.seq2seq import Seq2Seq, Seq2SeqConfig
from seqkit.models.translator import Translator
from seqkit.text import CharTokenizer, Normalizer, TextPipeline, Vocab, WhitespaceTokenizer

TEXTS = ["a b c", "", "c", "b b a zz b a", "c"]


def make(seed: int, *, source="words", words=("x", "y"), max_tokens=None, **config) -> Translator:
    torch.manual_seed(seed)
    if source == "words":
        read = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(["a", "b", "c"]))
    else:
        read = TextPipeline(Normalizer(), CharTokenizer(), Vocab("abc "))
    target = TextPipeline(Normalizer(), WhitespaceTokenizer(), Vocab(words))
    sizes = {"dim": 6, "encoder_hidden": 4, "decoder_hidden": 8, "attention_hidden": 5}
    network = Seq2Seq(
        Seq2SeqConfig(**sizes, **config),
        source_vocabulary=len(read.vocab),
        target_vocabulary=len(target.vocab),
    )
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2)
        network.output.weight.normal_()
    return Translator(network, read, target, max_tokens=max_tokens)


def members() -> list[Translator]:
    return [make(1), make(2, cell="gru", attention="dot"), make(3, source="letters")]


def test_scores_are_those_of_the_mean_of_the_probabilities():
    parts = members()
    whole = Translator.ensemble(parts)
    pairs = [(text, target) for text in TEXTS for target in ("x y y", "", "y q")]
    sources = [whole.read(source) for source, _ in pairs]
    targets = [tuple(whole.target.encode(target)) for _, target in pairs]
    found = whole.log_probs(sources, targets)
    single = [part.log_probs([part.read(s) for s, _ in pairs], targets) for part in parts]
    for mine, *its in zip(found, *single, strict=True):
        np.testing.assert_allclose(mine, np.log(np.exp(its).mean(0)), atol=1e-6)
    for pair, score in zip(pairs, whole.score_many(pairs), strict=True):
        alone = whole.score(*pair)
        if score != alone:
            assert score.log_prob == pytest.approx(alone.log_prob, abs=1e-5)


@pytest.mark.parametrize("penalty", [0.0, 0.7])
def test_a_search_finds_what_forced_decoding_scores(penalty):
    whole = Translator.ensemble(members())
    together = whole.n_best(TEXTS, num=3, beam=4, unknown="keep", length_penalty=penalty)
    for text, found in zip(TEXTS, together, strict=True):
        (alone,) = whole.n_best([text], num=3, beam=4, unknown="keep", length_penalty=penalty)
        assert [t.tokens for t in found] == [t.tokens for t in alone]
        for each in found:
            if each.source_tokens and each.finished == "end":
                ids = tuple(whole.target.vocab.encode(each.tokens))
                (log_probs,) = whole.log_probs([whole.read(text)], [ids])
                assert each.log_prob == pytest.approx(log_probs.sum(), abs=1e-4)


def test_attention_is_the_mean_where_sources_are_cut_alike():
    one, two = make(1), make(2, attention="general")
    whole = Translator.ensemble([one, two])
    assert whole.attends
    for each in whole.translate_many(TEXTS, attention=True, unknown="keep"):
        ids = tuple(whole.target.vocab.encode(each.tokens))
        if ids:
            its = [part.weights([part.read(each.source)], [ids])[0] for part in (one, two)]
            np.testing.assert_allclose(each.attention, np.mean(its, axis=0), atol=1e-6)
    for other in (make(3, source="letters"), make(3, attention="none")):
        mixed = Translator.ensemble([one, other])
        with pytest.raises(ConfigError, match="no weights of attention"):
            mixed.translate_many(["a"], attention=True)
        assert "<unk>" not in " ".join(t.text for t in mixed.translate_many(TEXTS))


def test_coverage_is_the_mean_of_theirs():
    one, two = make(1), make(2)
    options = {"num": 6, "beam": 6, "unknown": "keep", "length_penalty": 1.0}
    (found,) = Translator.ensemble([one, two]).n_best(["a b c"], coverage_penalty=0.4, **options)
    for each in found:
        ids = tuple(one.target.vocab.encode(each.tokens))
        steps = len(ids) + (each.finished == "end")
        left_out = []
        for part in (one, two):
            (weights,) = part.weights([part.read("a b c")], [(*ids, Vocab.UNK)])
            left_out.append(np.log(weights[:steps].sum(0).clip(max=1)).sum())
        expected = each.log_prob / steps + 0.4 * np.mean(left_out)
        assert each.score == pytest.approx(expected, abs=1e-4)


def test_the_least_limit_counts_and_each_member_cuts_its_own(caplog):
    whole = Translator.ensemble([make(1, max_tokens=3), make(2, source="letters", max_tokens=4)])
    (found,) = whole.translate_many(["a b c"], long="truncate")  # 3 words, 5 letters
    assert found.source_tokens == ("a", "b", "c") and len(caplog.records) == 1
    (split,) = whole.translate_many(["a b c"], long="split", unknown="keep")
    alone = whole.translate_many(["a", "b c"], unknown="keep")  # 3 letters
    assert split.tokens == tuple(token for each in alone for token in each.tokens) != ()
    assert split.source_tokens == ("a", "b", "c")
    assert "longer than the 3 tokens" in caplog.messages[0]


def test_members_of_other_limits_attend_to_what_they_read():
    one, two = make(1, max_tokens=1), make(2, max_tokens=2)
    for order in ([one, two], [two, one]):
        (found,) = Translator.ensemble(order).translate_many(
            ["a b c"], long="truncate", attention=True, unknown="keep", max_tokens=3
        )
        assert found.source_tokens == ("a", "b") and len(found.tokens) > 0
        np.testing.assert_allclose(found.attention.sum(1), 1, atol=1e-6)
        assert (found.attention[:, 0] >= 0.5).all()


def test_what_cannot_be_put_together():
    with pytest.raises(ConfigError, match="ensemble: give at least one translator"):
        Translator.ensemble([])
    with pytest.raises(
        ConfigError, match=r"translator 2 writes with another vocabulary \(7 ids, whitespace\)"
    ):
        Translator.ensemble([make(1), make(2, words=("x", "y", "z"))])
    with pytest.raises(ConfigError, match="translator 3 writes with another vocabulary"):
        Translator.ensemble([make(1), make(2), make(2, words=("y", "x"))])
    with pytest.raises(ConfigError, match="member 2 is a str, expected a Translator"):
        Translator.ensemble([make(1), "runs/other"])
    with pytest.raises(ConfigError, match="member 1 is a TranslatorEnsemble"):
        Translator.ensemble([Translator.ensemble([make(1)])])
    with pytest.raises(ConfigError, match="covers no positions of the source"):
        Translator.ensemble([make(1), make(2, attention="none")]).translate(
            "a", coverage_penalty=1.0
        )
