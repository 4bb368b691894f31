"""What every translator offers an app: translate, sample, score."""

from collections.abc import Iterable
from dataclasses import replace

import torch

from seqkit.decode import Hypothesis, Sampling, beam_search, random_streams
from seqkit.errors import ConfigError
from seqkit.language import Score, text_list
from seqkit.models.translation import Long, Translation, TranslationOptions, Unknown
from seqkit.models.translation_drawing import draw_translations
from seqkit.models.translation_engine import (
    Engine,
    Ids,
    banned_ids,
    pair_log_probs,
    translate_texts,
)
from seqkit.models.translation_parts import Part
from seqkit.text import Vocab

__all__ = ["AnyTranslator"]


class AnyTranslator(Engine):
    """Translates texts, by one network or several.

    The translation of a text does not depend on what else is in the batch: the same tokens, scores
    equal within 1e-4. Safe to call from several threads.

    A kind of translator is an `Engine`: it says how sources are read and how networks run. What an
    app calls is here, once.
    """

    # translating

    def translate(
        self,
        text: str,
        *,
        beam: int = 5,
        length_penalty: float | None = None,
        coverage_penalty: float | None = None,
        max_tokens: int | None = None,
        long: Long = "split",
        unknown: Unknown | None = None,
    ) -> str:
        """Translate a text; an empty one, or one of white space alone, gives an empty text.

        Args:
            text: of any length.
            beam: hypotheses that the search keeps open; 1 takes the likeliest token each time, and
                ranks nothing.
            length_penalty: a, and
            coverage_penalty: b, in what hypotheses are ranked by, see `seqkit.decode.beam_search`;
                None is 1 and 0. A beam of 1 has none.
            max_tokens: of the translation, or of that of each part, its end included; None is the
                model's `ratio`, 2 at least, for each token of the source and 10 more.
            long: what to do with a text of more tokens than the model was trained on: `split` it at
                sentence ends, else commas, else white space, and translate the parts; `truncate`
                it; `refuse` it. `split` also cuts one that is longer than nearly all that it was
                trained on (`usual`), at sentence ends alone.
            unknown: what to write for a word outside the target's vocabulary: `source` copies the
                token that it attends to most (Luong et al. 2015b), `avoid` lets none come, `keep`
                writes `<unk>`, `drop` nothing. None is `source` where the model attends to its
                source, else `avoid`.

        Raises:
            ConfigError: an option out of range, or no str.
            DataError: a text that is too long, with `long="refuse"`.
        """
        return self.translate_many(
            [text],
            beam=beam,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            max_tokens=max_tokens,
            long=long,
            unknown=unknown,
        )[0].text

    def translate_many(
        self,
        texts: Iterable[str],
        *,
        beam: int = 5,
        length_penalty: float | None = None,
        coverage_penalty: float | None = None,
        max_tokens: int | None = None,
        long: Long = "split",
        unknown: Unknown | None = None,
        attention: bool = False,
        batch: int | None = None,
    ) -> list[Translation]:
        """Translate texts together, in order, with the same results as one by one.

        One warning tells where many of them are cut at their greatest length. The options are those
        of `translate`, and

        Args:
            texts: any number.
            attention: also say which tokens attend to which.
            batch: texts in work at once; None takes what suits the device.

        Raises:
            ConfigError: as `translate`; and attention asked of a model that has none.
            DataError: as `translate`.
        """
        found = self.n_best(
            texts,
            num=1,
            beam=beam,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            max_tokens=max_tokens,
            long=long,
            unknown=unknown,
            attention=attention,
            batch=batch,
        )
        return [translations[0] for translations in found]

    def n_best(
        self,
        texts: Iterable[str],
        *,
        num: int,
        beam: int = 5,
        length_penalty: float | None = None,
        coverage_penalty: float | None = None,
        max_tokens: int | None = None,
        long: Long = "split",
        unknown: Unknown | None = None,
        attention: bool = False,
        batch: int | None = None,
    ) -> list[list[Translation]]:
        """Find the `num` best translations of each text, the best first.

        There are at most `beam`, and fewer where a text has no more; those that the model ended
        come before those that were cut at their greatest length. The options are those of
        `translate_many`.
        """
        options = TranslationOptions(
            beam=beam,
            num=num,
            length_penalty=length_penalty,
            coverage_penalty=coverage_penalty,
            max_tokens=max_tokens,
            long=long,
            unknown=unknown,
            attention=attention,
            batch=batch,
        )
        options = self._settled(options)
        penalties = options.penalties

        def search(parts: list[Part]) -> list[list[Hypothesis]]:
            sources = [part.source for part in parts]
            return beam_search(
                *self.open(sources, coverage=penalties["coverage_penalty"] > 0),
                torch.full((len(sources),), Vocab.BOS),
                width=beam,
                max_tokens=[options.limit(source, self.lengths) for source in sources],
                num=num,
                **penalties,
                ends=(Vocab.EOS,),
                banned=banned_ids(self, options),
            )

        return translate_texts(self, text_list(texts), options, search)

    def sample(
        self,
        texts: Iterable[str],
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int = 0,
        max_tokens: int | None = None,
        long: Long = "split",
        unknown: Unknown | None = None,
        attention: bool = False,
        batch: int | None = None,
    ) -> list[Translation]:
        """Draw a translation of each text, token by token; the score is its log-probability.

        A text gets the same one alone and among others, and given twice, two of its own.

        Args:
            texts: any number.
            temperature: divides the logits; 0 takes the likeliest token.
            top_k: draw from the k likeliest.
            top_p: draw from the fewest likeliest whose probabilities reach p (nucleus).
            seed: of the random numbers, 0 or more.
            max_tokens: as in `translate`, as are `long` and `unknown`.
            long: see there.
            unknown: see there.
            attention: as in `translate_many`, as is `batch`.
            batch: see there.

        Raises:
            ConfigError: an option out of range or without effect, or no list of str.
            DataError: a text that is too long, with `long="refuse"`.
        """
        sampling = Sampling(temperature=temperature, top_k=top_k, top_p=top_p)
        options = TranslationOptions(
            beam=1,
            max_tokens=max_tokens,
            long=long,
            unknown=unknown,
            attention=attention,
            batch=batch,
        )
        options = self._settled(options)
        random_streams([], seed=seed)  # refuses a bad seed, if there are no texts too

        def draw(parts: list[Part]) -> list[list[Hypothesis]]:
            sources = [part.source for part in parts]
            drawn = draw_translations(
                *self.open(sources, coverage=False),
                limits=[options.limit(source, self.lengths) for source in sources],
                sampling=sampling,
                streams=random_streams([part.key for part in parts], seed=seed),
                banned=banned_ids(self, options),
            )
            return [[hypothesis] for hypothesis in drawn]

        return [drawn for drawn, *_ in translate_texts(self, text_list(texts), options, draw)]

    def _settled(self, options: TranslationOptions) -> TranslationOptions:
        """Say what becomes of unknown words, and refuse what this model cannot do."""
        if options.attention or options.unknown == "source":
            self.check_attends()
        if options.unknown is not None:
            return options
        return replace(options, unknown="source" if self.attends else "avoid")

    def check_attends(self) -> None:
        """Refuse what needs weights of attention, if this model has none.

        Raises:
            ConfigError: it has none.
        """
        if not self.attends:
            raise ConfigError(
                "this model has no weights of attention to show or to copy by: train one with "
                "--model.attention additive or general; an ensemble has some where all its "
                "members do and cut a source in the same tokens"
            )

    # scoring

    def score(self, source: str, target: str) -> Score:
        """Say how likely a translation is, whoever made it: its tokens and its end."""
        return self.score_many([(source, target)])[0]

    def score_many(self, pairs: Iterable[tuple[str, str]]) -> list[Score]:
        """Score (source, target) pairs, in order; the same as one by one.

        A word outside the target's vocabulary has the probability of any unknown word. Sources are
        read whole, however long. One without tokens is translated by nothing: that has probability
        1, all else 0.

        Raises:
            ConfigError: what is no pair of str.
        """
        pairs = list(pairs)
        for pair in pairs:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise ConfigError(f"a pair is a source and a target, got {pair!r:.40}")
        sources = list(map(self.read, text_list(source for source, _ in pairs)))
        targets = text_list(target for _, target in pairs)
        ids = list(map(tuple, self.target.encode_many(targets)))
        return list(map(self._score, targets, ids, pair_log_probs(self, sources, ids)))

    def _score(self, target: str, ids: Ids, log_prob: float) -> Score:
        text = self.target.predicted(target)
        length = len(text.encode("utf-8", "surrogatepass"))
        unknown = ids.count(Vocab.UNK)
        return Score(log_prob, len(ids) + 1, unknown, len(text) + 1, length + 1)
