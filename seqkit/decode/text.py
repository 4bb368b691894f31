"""Prompts in, texts out, at once or piece by piece."""

import time
from collections.abc import Iterator, Sequence

import torch

from seqkit.decode.beam import beam_search
from seqkit.decode.continuation import Conventions, Draft, Generation
from seqkit.decode.generate import Drawn, generate
from seqkit.decode.sampling import Sampling, random_streams
from seqkit.decode.stepper import Stepper
from seqkit.errors import ConfigError
from seqkit.text import TextPipeline, Vocab

__all__ = ["TextStream", "generate_texts", "stream_text"]

_BANNED = (Vocab.PAD, Vocab.BOS, Vocab.UNK)  # no text has them
_ROWS = 256  # sequences in work at once: more are no faster
_CELLS = 1 << 22  # log-probabilities in work at once, for the memory


class TextStream(Iterator[str]):
    """The pieces of one text, drawn as they are asked for."""

    def __init__(self, draft: Draft, pieces: Iterator[str]) -> None:
        """Take the draft that grows while the pieces are taken."""
        self._draft, self._pieces = draft, pieces

    def __next__(self) -> str:
        return next(self._pieces)

    @property
    def tokens(self) -> int:
        """How many tokens were drawn until now, those that left no trace in the text included."""
        return self._draft.tokens


def generate_texts(
    stepper: Stepper,
    pipeline: TextPipeline,
    prompts: Sequence[str],
    *,
    first: int,
    line_end: bool,
    max_tokens: int,
    sampling: Sampling,
    num: int = 1,
    beam: int | None = None,
    stop: Sequence[str] = (),
    seed: int = 0,
) -> list[Generation]:
    """Continue each prompt `num` times; a prompt gets the same texts alone and among others.

    The text of a continuation is what its tokens add to the text of the prompt's tokens: "The" and
    the word "whale" give " whale", and so does "The " with a tokeniser that drops white space.

    Args:
        stepper: the model.
        pipeline: its text pipeline.
        prompts: any texts; an empty one starts from nothing. Lines end at LF or CRLF.
        first: the id before every text, EOS in a running text, BOS for single sentences.
        line_end: EOS is a line break, and the text goes on; otherwise EOS ends it, and a prompt is
            one line.
        max_tokens: most tokens drawn for each, line breaks included.
        sampling: how to choose the tokens.
        num: continuations of each prompt; with a beam the best so many.
        beam: search the likeliest text with so many open hypotheses, instead of drawing one.
        stop: strings that end a text, which is cut before the first that is complete.
        seed: of the random numbers, 0 or more.

    Returns:
        The continuations of the first prompt, then those of the next.

    Raises:
        ConfigError: an option out of range or without effect, a prompt of several lines for a model
            of single sentences.
    """
    if isinstance(prompts, str):
        raise ConfigError(f"prompts: expected a list of texts, got one str: [{prompts!r:.40}]")
    if num < 1:
        raise ConfigError(f"num {num}: must be 1 or more")
    if beam is not None and sampling != Sampling():
        raise ConfigError(
            f"beam {beam} takes the likeliest text, so temperature, top_k, top_p and "
            "repetition_penalty would have no effect: leave them out, or the beam"
        )
    conventions = Conventions(pipeline=pipeline, first=first, line_end=line_end)
    read = conventions.read(prompts)
    if beam is not None:
        return [
            generation
            for prompt in read
            for generation in _search(
                stepper, Draft(conventions, prompt, stop), beam=beam, num=num, max_tokens=max_tokens
            )
        ]
    drafts = [Draft(conventions, prompt, stop) for prompt in read for _ in range(num)]
    streams = random_streams([draft.prompt.ids for draft in drafts], seed=seed)
    # those of like length together, so that little is left to step through
    order = sorted(range(len(drafts)), key=lambda row: len(drafts[row].prompt.ids))
    size = max(1, min(_ROWS, _CELLS // stepper.vocabulary))
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        part = [drafts[row] for row in rows]
        for _ in _begin(part, [streams[row] for row in rows], stepper, max_tokens, sampling):
            pass  # the drafts keep their pieces
    return [draft.generation() for draft in drafts]


def stream_text(
    stepper: Stepper,
    pipeline: TextPipeline,
    prompt: str,
    *,
    first: int,
    line_end: bool,
    max_tokens: int,
    sampling: Sampling,
    stop: Sequence[str] = (),
    seed: int = 0,
) -> TextStream:
    """Continue one prompt and yield the text as it comes.

    The pieces joined are the text of `generate_texts` with the same arguments. What a later token
    may change is held back: a part of a character, and what may be the beginning of a stop string.

    Raises:
        ConfigError: as `generate_texts`, at once and not with the first piece.
    """
    conventions = Conventions(pipeline=pipeline, first=first, line_end=line_end)
    draft = Draft(conventions, *conventions.read([prompt]), stop)
    streams = random_streams([draft.prompt.ids], seed=seed)
    return TextStream(draft, _begin([draft], streams, stepper, max_tokens, sampling))


def _begin(
    drafts: Sequence[Draft],
    streams: Sequence[Iterator[float]],
    stepper: Stepper,
    max_tokens: int,
    sampling: Sampling,
) -> Iterator[str]:
    conventions = drafts[0].conventions
    drawn = generate(
        stepper,
        [draft.prompt.ids for draft in drafts],
        max_tokens=max_tokens,
        sampling=sampling,
        streams=streams,
        banned=_BANNED,
        ends=conventions.ends,
        spared=() if conventions.ends else (Vocab.EOS,),  # every line has its end
        stopped=lambda row, _: drafts[row].stopped,
    )
    return _pieces(drafts, drawn)


def _pieces(drafts: Sequence[Draft], drawn: Iterator[Drawn]) -> Iterator[str]:
    """Write the drafts; yield the text that is settled, of whichever draft."""
    begun = time.perf_counter()
    for row, id, log_prob in drawn:
        piece = drafts[row].add(id, log_prob)
        drafts[row].seconds = time.perf_counter() - begun
        if piece:
            yield piece
    for draft in drafts:
        if rest := draft.finish():
            yield rest


def _search(
    stepper: Stepper, draft: Draft, *, beam: int, num: int, max_tokens: int
) -> list[Generation]:
    """Continue one prompt by beam search; `draft` is what a new draft of it looks like."""
    begun = time.perf_counter()
    *head, last = draft.prompt.ids
    state = stepper.start(1)
    if head:
        _, state = stepper.read(state, torch.tensor([head]))
    found = beam_search(
        stepper,
        state,
        torch.tensor([last]),
        width=beam,
        max_tokens=max_tokens,
        num=num,
        ends=draft.conventions.ends,
        banned=_BANNED,
        stopped=_Watch(draft) if draft.stop else None,
    )
    seconds = time.perf_counter() - begun
    generations = []
    for hypothesis in found[0]:
        written = draft.filled(hypothesis.ids)
        written.finish()
        written.log_prob, written.seconds = hypothesis.log_prob, seconds
        generations.append(written.generation())
    return generations


class _Watch:
    """Says which hypotheses of a search hold a stop string, asked step by step.

    Each goes on with the draft of what it extends: none is written anew from its first token.
    """

    def __init__(self, draft: Draft) -> None:
        self.before: dict[tuple[int, ...], Draft] = {}
        self.drafts = {(): draft}  # of the hypotheses of this step
        self.step = 0

    def __call__(self, _: int, ids: Sequence[int]) -> bool:
        if len(ids) > self.step:
            self.before, self.drafts, self.step = self.drafts, {}, len(ids)
        draft = self.before[tuple(ids[:-1])].copy()
        draft.add(ids[-1], 0.0)
        self.drafts[tuple(ids)] = draft
        return draft.stopped
