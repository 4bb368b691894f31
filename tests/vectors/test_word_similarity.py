"""Word similarity: gensim's figures, the layouts of known files, faults."""

import gzip

import numpy as np
import pytest

from seqkit.errors import DataError
from seqkit.vectors.similarity import WordPair, measure_similarity, read_word_pairs
from seqkit.vectors.subwords import Subwords
from seqkit.vectors.word_vectors import WordVectors


def small_vectors(**options):
    generator = np.random.default_rng(4)
    words = [f"w{number}" for number in range(60)] + ["W1", "W7"]
    return WordVectors(words, generator.normal(size=(len(words), 5)), **options)


def some_pairs():
    generator = np.random.default_rng(5)
    numbers = generator.integers(0, 66, (80, 2)).tolist()  # 60 to 65 have no vector
    scores = generator.integers(0, 20, 80) / 2
    return [
        WordPair(f"w{a}", f"W{b}", float(score))
        for (a, b), score in zip(numbers, scores, strict=True)
    ]


@pytest.mark.parametrize("fold_case", [True, False])
def test_figures_are_gensims(tmp_path, fold_case):
    models = pytest.importorskip("gensim.models")
    vectors, pairs = small_vectors(), some_pairs()
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{pair.first}\t{pair.second}\t{pair.score}\n" for pair in pairs))
    keyed = models.KeyedVectors(vectors.dim)
    keyed.add_vectors(vectors.words, vectors.rows(slice(None)))
    by_value, by_rank, left_out = keyed.evaluate_word_pairs(str(path), case_insensitive=fold_case)
    scores = measure_similarity(vectors, path, fold_case=fold_case)
    assert scores.pearson == pytest.approx(by_value.statistic, abs=1e-6)
    assert scores.spearman == pytest.approx(by_rank.statistic, abs=1e-6)
    assert 100 * (1 - scores.coverage) == pytest.approx(left_out)
    assert scores.unknown
    assert scores.composed == 0


def test_subwords_know_more():
    table = np.random.default_rng(3).normal(size=(50, 5)).astype(np.float32)
    vectors = small_vectors(subwords=Subwords(table, minn=2, maxn=3))
    pairs = some_pairs()
    scores = measure_similarity(vectors, pairs)
    own = measure_similarity(vectors, pairs, subwords=False)
    assert scores.known == scores.pairs == 80
    assert scores.composed == 80 - own.known > 0
    assert scores.unknown == ()
    assert measure_similarity(vectors, [WordPair("w1", "w99", 1.0)]).composed == 1


def test_rows_and_metrics():
    scores = measure_similarity(small_vectors(), some_pairs())
    assert [row[0] for row in scores.rows()] == ["correlation", "Spearman", "Pearson"]
    assert scores.metrics()["spearman_interval"] == list(scores.spearman_interval)
    assert scores.spearman_interval[0] < scores.spearman < scores.spearman_interval[1]


@pytest.mark.parametrize("pairs", [[], [WordPair("x", "y", 1.0)], [WordPair("w1", "w2", 1.0)]])
def test_too_little_for_a_correlation(pairs):
    scores = measure_similarity(small_vectors(), pairs)
    assert scores.spearman is scores.pearson is scores.spearman_interval is None
    assert scores.rows()[1][1:3] == ["-", "-"]


@pytest.mark.parametrize(
    "text",
    [
        "tiger cat 7.35\nbook paper 7.46\n",
        "# comment\ntiger\tcat\t7.35\t9\t8\n\nbook\tpaper\t7.46\t1\t2\n",
        "Word 1,Word 2,Human (mean)\ntiger,cat,7.35\nbook,paper,7.46\n",
        "\ufeffword1\tword2\tPOS\tSimLex999\ntiger\tcat\tN\t7.35\nbook\tpaper\tN\t7.46\n",
        "word1 word2 score\r\ntiger cat 7.35\r\nbook paper 7.46\r\n",
    ],
    ids=["spaces", "tabs", "wordsim353", "simlex999", "header"],
)
def test_layouts_of_known_files(tmp_path, text):
    path = tmp_path / "pairs.txt.gz"
    path.write_bytes(gzip.compress(text.encode()))
    expected = [WordPair("tiger", "cat", 7.35), WordPair("book", "paper", 7.46)]
    assert read_word_pairs(path) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tiger cat 7\nbook paper\n", "pairs.txt:2: expected two words and a number"),
        ("tiger cat 7\nbook paper nan\n", "pairs.txt:2: expected two words and a number"),
        ("one two three\nfour five six\n", "pairs.txt:2: expected two words and a number"),
        ("a,b,1\n,b,2\n", "pairs.txt:2: expected two words"),
        ("word1 word2 score\n", "has no pairs"),
        ("", "has no pairs"),
    ],
)
def test_files_with_faults(tmp_path, text, message):
    path = tmp_path / "pairs.txt"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_word_pairs(path)
