"""Give out a text while its tokens arrive: never a character that a later token may change."""

from collections.abc import Callable, Sequence

from seqkit.errors import ConfigError
from seqkit.text.surrogates import well_formed

__all__ = ["StopStrings", "TextPieces"]

_UNDECODED = "\ufffd"
_UNFINISHED = 3  # a UTF-8 character lacks at most so many of its bytes' places


class TextPieces:
    """The text of tokens that come one at a time.

    A piece is what a token adds to the text of those before it: after "The", the word "whale" adds
    " whale". Bytes that are not yet a character wait for the rest. Only the tokens since the last
    piece and those of that piece are joined anew, so the time for a token does not grow with the
    text. All pieces together are `join` of the whole line, except that lone surrogates, which
    nothing can print, come as U+FFFD.

    >>> pieces = TextPieces(" ".join, ["The"])
    >>> pieces.push("white"), pieces.push("whale"), pieces.line_break(), pieces.push("sank")
    (' white', ' whale', '\\n', 'sank')
    """

    def __init__(self, join: Callable[[Sequence[str]], str], before: Sequence[str] = ()) -> None:
        """Begin after some tokens of the same line.

        Args:
            join: a tokeniser's; what it says of a token depends on its neighbours only.
            before: tokens of the line that are given out already.
        """
        self._join = join
        self._begin(list(before))

    def push(self, token: str) -> str:
        """Take the next token; return the text that is settled by it, often that of the token."""
        self._new = [*self._new, token]  # a copy of this object keeps the old list
        text = self._added()
        settled = _settled(text)
        piece = text[self._given : settled]
        if settled == len(text):
            self._begin(self._new)
        else:
            self._given = max(self._given, settled)
        return piece

    def line_break(self) -> str:
        """End the line; return what was held back, and the line break."""
        rest = self.flush()
        self._begin([])
        return rest + "\n"

    def flush(self) -> str:
        """Return what is held back, since nothing follows."""
        return self._added()[self._given :]

    def _begin(self, context: list[str]) -> None:
        self._context, self._new, self._given = context, [], 0
        self._known = well_formed(self._join(context))

    def _added(self) -> str:
        text = well_formed(self._join(self._context + self._new))
        if text.startswith(self._known):
            return text[len(self._known) :]
        return well_formed(self._join(self._new))  # bytes that spoil those before: alone, then


def _settled(text: str) -> int:
    end = len(text)
    while end > max(0, len(text) - _UNFINISHED) and text[end - 1] == _UNDECODED:
        end -= 1
    return end


class StopStrings:
    """Cuts a text, which comes in pieces, before the stop string that is complete first.

    >>> stops = StopStrings(["END"])
    >>> stops.push("the E"), stops.push("ast; E"), stops.push("NDs"), stops.found
    ('the ', 'East; ', '', True)
    """

    def __init__(self, stops: Sequence[str]) -> None:
        """Take the strings.

        Raises:
            ConfigError: one str instead of several, or an empty one.
        """
        if isinstance(stops, str):
            raise ConfigError(f"stop {stops!r}: give a list of strings, [{stops!r}]")
        for stop in stops:
            if not isinstance(stop, str) or not stop:
                raise ConfigError(f"stop {stop!r}: each stop string has at least one character")
        self.found = False
        self._stops = list(stops)
        starts = {stop[:size] for stop in stops for size in range(1, len(stop))}
        self._starts = sorted(starts, key=len, reverse=True)
        self._held = ""

    def push(self, piece: str) -> str:
        """Take the next piece; return what certainly comes before any stop string."""
        if not self._stops or self.found:
            return "" if self.found else piece
        text = self._held + piece
        places = [(text.find(stop), stop) for stop in self._stops]
        found = [(start + len(stop), start) for start, stop in places if start >= 0]
        if found:
            self.found, self._held = True, ""
            return text[: min(found)[1]]  # the earliest end, so it matters not how text is cut
        self._held = next(filter(text.endswith, self._starts), "")  # the longest
        return text.removesuffix(self._held)

    def flush(self) -> str:
        """Return what is held back, since nothing follows."""
        rest, self._held = self._held, ""
        return rest
