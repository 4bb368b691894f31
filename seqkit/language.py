"""What every language model offers an app: generate, stream, score."""

import abc
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seqkit.data import text_lines
from seqkit.errors import ConfigError
from seqkit.metrics import bits_per, perplexity
from seqkit.text import TextPipeline, Vocab

if TYPE_CHECKING:
    import torch

    from seqkit.decode import Completion, Generation, TextStream

__all__ = ["AnyLanguageModel", "Score", "TokenScore", "text_list"]


class Score(NamedTuple):
    """How likely a model finds a text; scores of several texts add up."""

    log_prob: float
    """Natural logarithm of its probability, line ends included."""
    tokens: int
    """Line ends (EOS) included."""
    unknown: int
    """Of them, not in the vocabulary: their probability is that of any unknown word."""
    characters: int
    """Code points of the text as the model predicts it, `TextPipeline.predicted`: normalised, and
    where the tokens are words, with single spaces. One for each line end is included."""
    bytes: int
    """Of UTF-8, of the same text, one for each line end included."""

    @property
    def perplexity(self) -> float:
        """Geometric mean of 1 / p over the tokens; comparable between equal vocabularies only."""
        return perplexity(-self.log_prob, self.tokens)

    @property
    def bits_per_character(self) -> float:
        """Comparable between all models that predict the same text and know all tokens of it.

        A model of small letters predicts another text than one that has capitals to tell, and one
        of words another than one of characters where spacing carries meaning.
        """
        return bits_per(-self.log_prob, self.characters)

    @property
    def bits_per_byte(self) -> float:
        """Comparable as bits per character are."""
        return bits_per(-self.log_prob, self.bytes)

    def __add__(self, other: "Score") -> "Score":  # type: ignore[override]
        return Score(
            self.log_prob + other.log_prob,
            self.tokens + other.tokens,
            self.unknown + other.unknown,
            self.characters + other.characters,
            self.bytes + other.bytes,
        )


class TokenScore(NamedTuple):
    """A token of a text, a line break for the end of a line, and its log-probability in nats."""

    token: str
    log_prob: float


def text_list(texts: Iterable[str]) -> list[str]:
    """Return texts as a list.

    Raises:
        ConfigError: one that is no str, or a single str in the place of texts.
    """
    if isinstance(texts, str):
        raise ConfigError(f"texts: expected a list of texts, got one str: [{texts!r:.40}]")
    texts = list(texts)
    for text in texts:
        if not isinstance(text, str):
            raise ConfigError(f"a text is a str, got {type(text).__name__} {text!r:.40}")
    return texts


class AnyLanguageModel(abc.ABC):
    """Generates and scores text, by whatever means it knows what comes next.

    It is a `seqkit.decode.Stepper`: (state, token) -> (log-probabilities, state). A kind of model
    says how it steps and how it scores many tokens at once; what an app calls is here, once.
    """

    pipeline: TextPipeline
    """Text to ids."""
    sentences: bool
    """Each line begins anew, from BOS; otherwise a text is one stream, in which EOS is the line
    break."""
    vocabulary: int
    """V, the number of ids."""

    @property
    def first(self) -> int:
        """The id that precedes every text: EOS in running text, BOS before a sentence."""
        return Vocab.BOS if self.sentences else Vocab.EOS

    # the Stepper

    @abc.abstractmethod
    def start(self, count: int) -> Any:
        """Make the state of `count` empty sequences."""

    @abc.abstractmethod
    def read(self, state: Any, ids: "torch.Tensor") -> "tuple[torch.Tensor, Any]":
        """Read ids (B, T) int64; returns log-probabilities (B, V) of what follows, and state."""

    def step(self, state: Any, tokens: "torch.Tensor") -> "tuple[torch.Tensor, Any]":
        """Read one id of each sequence, (B,) int64."""
        return self.read(state, tokens[:, None])

    @abc.abstractmethod
    def select(self, state: Any, rows: "torch.Tensor") -> Any:
        """Take the given sequences (B',) int64 of a state."""

    # generation

    def generate(
        self,
        prompt: str = "",
        *,
        max_tokens: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float = 1.0,
        beam: int | None = None,
        stop: Sequence[str] = (),
        seed: int = 0,
    ) -> str:
        """Continue a text; returns the continuation alone.

        Args:
            prompt: of any length; none begins a text.
            max_tokens: at most so many tokens.
            temperature: divides the logits; 0 takes the likeliest token (greedy).
            top_k: draw from the k likeliest.
            top_p: draw from the fewest likeliest whose probabilities reach p (nucleus).
            repetition_penalty: above 1 makes tokens that were there less likely.
            beam: search the likeliest text with so many hypotheses, instead of drawing.
            stop: end before the first of these strings.
            seed: the same seed, the same text.

        Raises:
            ConfigError: an option out of range, or one that a beam would ignore.
        """
        generations = self.generate_many(
            [prompt],
            max_tokens=max_tokens,
            temperature=temperature,
            top_k=top_k,
            top_p=top_p,
            repetition_penalty=repetition_penalty,
            beam=beam,
            stop=stop,
            seed=seed,
        )
        return generations[0].text

    def generate_many(
        self,
        prompts: Iterable[str],
        *,
        num: int = 1,
        max_tokens: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float = 1.0,
        beam: int | None = None,
        stop: Sequence[str] = (),
        seed: int = 0,
    ) -> "list[Generation]":
        """Continue texts together, `num` times each, with the same results as one by one.

        The options are those of `generate`. With a beam, `num` of the best are returned.
        """
        from seqkit.decode import Sampling, generate_texts  # here: torch comes with it

        return generate_texts(
            self,
            self.pipeline,
            prompts if isinstance(prompts, str) else list(prompts),  # a str is refused there
            num=num,
            max_tokens=max_tokens,
            sampling=Sampling(
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                repetition_penalty=repetition_penalty,
            ),
            beam=beam,
            stop=stop,
            seed=seed,
            first=self.first,
            line_end=not self.sentences,
        )

    def stream(
        self,
        prompt: str = "",
        *,
        max_tokens: int = 100,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float = 1.0,
        stop: Sequence[str] = (),
        seed: int = 0,
    ) -> "TextStream":
        """Continue a text, yielding it piece by piece; joined they are `generate`'s text.

        The iterator's `tokens` says how many were drawn until then.
        """
        from seqkit.decode import Sampling, stream_text

        return stream_text(
            self,
            self.pipeline,
            prompt,
            max_tokens=max_tokens,
            sampling=Sampling(
                temperature=temperature,
                top_k=top_k,
                top_p=top_p,
                repetition_penalty=repetition_penalty,
            ),
            stop=stop,
            seed=seed,
            first=self.first,
            line_end=not self.sentences,
        )

    def complete(self, prompt: str = "", *, num: int = 5) -> "list[Completion]":
        """Suggest words for what is being typed: "the whi" asks for "white", "which", "while".

        A prompt that ends in white space, or an empty one, asks for the next word. Probabilities
        are given the text before the word, and that it begins with what was typed of it; see
        `seqkit.decode.complete_text`.

        Raises:
            ConfigError: `num` below 1, or several lines for a model of sentences.
        """
        from seqkit.decode import complete_text

        return complete_text(
            self,
            self.pipeline,
            prompt,
            num=num,
            first=self.first,
            line_end=not self.sentences,
        )

    # scoring

    def score(self, text: str) -> Score:
        """Say how likely a text is: its lines, each with its end."""
        return self.score_many([text])[0]

    def score_many(self, texts: Iterable[str]) -> list[Score]:
        """Score texts, each for itself, in order; the same as one by one.

        Raises:
            ConfigError: one that is no str, or a single str in the place of texts.
        """
        texts = text_list(texts)
        lines = [line for text in texts for line in text_lines(text)]
        found = iter(self.line_log_probs(lines, runs=[len(text_lines(text)) for text in texts]))
        return [
            sum(
                (self.line_score(line, next(found)) for line in text_lines(text)),
                Score(0.0, 0, 0, 0, 0),
            )
            for text in texts
        ]

    def line_score(self, line: str, log_probs: npt.NDArray[np.float64]) -> Score:
        """Sum up one line's log-probabilities, of its tokens and its end."""
        unknown = self.pipeline.encode(line).count(Vocab.UNK)
        text = self.pipeline.predicted(line)
        length = len(text.encode("utf-8", "surrogatepass"))
        return Score(float(log_probs.sum()), len(log_probs), unknown, len(text) + 1, length + 1)

    def token_scores(self, text: str) -> list[TokenScore]:
        """Return each token of a text with its log-probability, line ends as line breaks."""
        lines = text_lines(text)
        scored = []
        for line, log_probs in zip(
            lines, self.line_log_probs(lines, runs=[len(lines)]), strict=True
        ):
            tokens = [*self.pipeline.tokens(line), "\n"]
            scored += [TokenScore(*pair) for pair in zip(tokens, log_probs.tolist(), strict=True)]
        return scored

    @abc.abstractmethod
    def line_log_probs(
        self, lines: Sequence[str], *, runs: Sequence[int] | None = None
    ) -> list[npt.NDArray[np.float64]]:
        """Return the log-probabilities of each line's tokens and of its end.

        Args:
            lines: without their line breaks.
            runs: how many lines belong together, one number for each text: the state crosses the
                lines of a text, never those of two. None takes all as one text. A model of
                sentences takes every line for itself.
        """
