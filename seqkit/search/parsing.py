r"""The query language: a text becomes a query.

    heat transfer          documents with one of the words, best first
    +heat -transfer        must have, must not have
    "heat transfer"        the words in this order
    aero*                  all words that begin so
    title:heat             in one field; title:"a phrase", title:aero*, title:(several words)
    jet^2.5                counts two and a half times; also of a phrase or a group
    (jet engine) +wing     a group
    heat AND transfer      = (+heat +transfer); AND binds closer than OR, OR closer than a space
    heat OR transfer       one of the two
    NOT heat               = -heat
    !heat  &&  ||          = -heat  AND  OR
    *:*                    every document
    year:1963  kind:"annual report"            only documents with this metadata
    year:[1960 TO 1970]  year:{1960 TO *]      from 1960 to 1970; above 1960
    \+ \" \: and so on     the character itself

Anything else is text: apostrophes, hyphens inside words, `?`, `!`, commas, a colon before a space.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from seqkit.errors import ConfigError, choices
from seqkit.search.query import All, Bool, Equals, Phrase, Prefix, Query, Range, Term, scores
from seqkit.search.scanner import Scanner, plain

__all__ = ["check_metadata", "check_text_field", "parse"]

_DEPTH = 50  # groups inside each other
_JOINTS = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR"}
_SIGN = re.compile(r"[+-](?![-+!)\s]|\Z)|!(?=[\w(\"\\]|\*:\*)")  # else a dash, a plus, a mark
_SIGNS = re.compile(r"[-+!]{2,}(?=[\w(\"\\]|\*:\*)")
_ALL = re.compile(r"\*:\*(?=[\s)^]|\Z)")
_NAME = re.compile(r'((?:\\.|[^\s()":\\])+):', re.DOTALL)
_IDENTIFIER = re.compile(r"[^\W\d][\w.-]*")
_END = r'(?:"(?:\\.|[^"\\])*"|(?:\\.|[^\s"\]}\\])+)'
_RANGE = re.compile(rf"([\[{{])\s*({_END})\s+TO\s+({_END})\s*([\]}}])", re.DOTALL)


def parse(
    text: str,
    *,
    fields: Sequence[str] = ("title", "text"),
    metadata: Collection[str] | None = (),
) -> Query:
    """Make a query of a text in the query language; see the module.

    Args:
        text: what a person typed.
        fields: the text fields there are.
        metadata: the names of the other fields; None where any name may be one.

    Raises:
        ConfigError: the text cannot be parsed, or names a field that is not there: "query,
            column 7: ..." (columns from 1).

    >>> parse("+jet wing^2", fields=["text"])
    Bool(should=(Term(text='wing', field=None, boost=2.0),), must=(Term(text='jet', field=None, \
boost=1.0),), must_not=(), filter=(), boost=1.0)
    """
    parser = _Parser(text, tuple(fields), metadata)
    query = parser.sequence(None, 0)
    if parser.at < len(text):
        parser.fault(parser.at, "')' closes no group: write '(' before it, or \\) for itself")
    return query


def check_text_field(name: str, fields: Collection[str]) -> None:
    """Raise ConfigError if there is no such text field."""
    if name not in fields:
        raise ConfigError(choices("text field", name, fields))


def check_metadata(name: str, metadata: Collection[str]) -> None:
    """Raise ConfigError if no document has such metadata."""
    if name not in metadata:
        if not metadata:
            raise ConfigError(f"metadata {name!r}: no document of this index has any metadata")
        raise ConfigError(" ".join(choices("metadata", name, metadata).split()))


@dataclass
class _Operand:
    """A query with what stands before it: nothing, `+` or `-`."""

    sign: str
    query: Query
    at: int


class _Parser(Scanner):
    """Read clauses, and put them together."""

    def __init__(
        self, text: str, fields: tuple[str, ...], metadata: Collection[str] | None
    ) -> None:
        super().__init__(text)
        self.fields, self.metadata = fields, metadata

    def sequence(self, field: str | None, depth: int) -> Query:
        """Read clauses up to a closing parenthesis or the end.

        They are kept as chains: side by side, in each joined by OR, in each joined by AND.
        """
        chains: list[list[list[_Operand]]] = []
        joint, joint_at = "", 0
        while self.more():
            word = self.peek()
            if word in _JOINTS:
                if joint or not chains:
                    self.fault(self.at, f"{word} with nothing before it: {_small(word)}")
                joint, joint_at = word, self.at
                self.at += len(word)
                continue
            operand = self._operand(field, depth)
            if not joint:
                chains.append([[operand]])
            elif _JOINTS[joint] == "AND":
                chains[-1][-1].append(operand)
            else:
                chains[-1].append([operand])
            joint = ""
        if joint:
            self.fault(joint_at, f"{joint} with nothing behind it: {_small(joint)}")
        clauses = [self._any([_all(chain) for chain in chain_of]) for chain_of in chains]
        if len(clauses) == 1 and not clauses[0].sign:
            return clauses[0].query
        bare = [clause.query for clause in clauses if not clause.sign]
        return Bool(
            should=tuple(query for query in bare if scores(query)),
            must=_signed(clauses, "+"),
            must_not=_signed(clauses, "-"),
            filter=tuple(query for query in bare if not scores(query)),
        )

    def _any(self, operands: list[_Operand]) -> _Operand:
        """Join by OR."""
        if len(operands) == 1:
            return operands[0]
        for operand in operands:
            if operand.sign == "+":
                self.fault(operand.at, "'+' beside OR: leave out one of them, or use parentheses")
        queries = [
            Bool(must_not=(operand.query,)) if operand.sign else operand.query
            for operand in operands
        ]
        return _Operand("", Bool(should=tuple(queries)), operands[0].at)

    def _operand(self, field: str | None, depth: int) -> _Operand:
        at, sign = self.at, ""
        if _SIGN.match(self.text, at):
            sign = "+" if self.text[at] == "+" else "-"
            self.at += 1
        elif self.peek() == "NOT":
            sign = "-"
            self.at += len("NOT")
            word = self.peek() if self.more() else "AND"
            if word in (*_JOINTS, "NOT") or _SIGN.match(self.text, self.at):
                self.fault(at, f"NOT with nothing to exclude behind it: {_small('NOT')}")
        return _Operand(sign, self._atom(field, depth), at)

    def _atom(self, field: str | None, depth: int) -> Query:
        at, here = self.at, self.text[self.at]
        if here == "(":
            return self._group(field, depth)
        if here == '"':
            return self._boosted(Phrase(self.quoted(), field=field))
        if signs := _SIGNS.match(self.text, at):
            self.fault(
                at, f"{signs[0]!r}: write one sign, or \\{signs[0]} for the signs themselves"
            )
        if every := _ALL.match(self.text, at):
            self.at = every.end()
            return self._boosted(All())
        found = _NAME.match(self.text, at)
        if found and self._is_field(name := plain(found[1]), found.end()):
            self.at = found.end()
            if name in self.fields:
                return self._in_field(name, at, depth)
            return self._filter(name, at)
        return self._word(field)

    def _group(self, field: str | None, depth: int) -> Query:
        at = self.at
        if depth == _DEPTH:
            self.fault(at, f"more than {_DEPTH} groups inside each other: leave some out")
        self.at += 1
        query = self.sequence(field, depth + 1)
        if self.at == len(self.text):
            self.fault(at, "'(' is not closed: write ')' behind the group, or \\( for itself")
        self.at += 1
        if query == Bool():
            self.fault(at, "the group is empty: write words into it, or \\( for itself")
        return self._boosted(query)

    def _is_field(self, name: str, behind: int) -> bool:
        """Tell whether `name:` names a field; it does not in `Note: this`, `10:30`, `http://`."""
        following = self.text[behind : behind + 1]
        open_end = not following or following.isspace() or following == ")"
        if name in self.fields or name in (self.metadata or ()):
            if open_end:
                self.fault(
                    behind - 1,
                    f"nothing behind '{name}:': write {name}:word without a space, or \\: for "
                    "itself",
                )
            return True
        if open_end or following in ":/" or not _IDENTIFIER.fullmatch(name):
            return False
        if self.metadata is not None:
            known = {*self.fields, *self.metadata}
            self.fault(self.at, choices("field", name, known) + "; write \\: for itself")
        return True

    def _in_field(self, field: str, at: int, depth: int) -> Query:
        here = self.text[self.at]
        if here in "[{":
            self.fault(at, f"a range is for metadata, and {field!r} is a text field: use its words")
        if here == "(":
            return self._group(field, depth)
        if here == '"':
            return self._boosted(Phrase(self.quoted(), field=field))
        return self._word(field)

    def _filter(self, name: str, at: int) -> Query:
        here = self.text[self.at]
        query: Query
        if here in "[{":
            found = _RANGE.match(self.text, self.at)
            if not found:
                self.fault(self.at, f"expected {name}:[1960 TO 1970], with * for an open end")
            self.at = found.end()
            low, high = (_end(found[i]) for i in (2, 3))
            query = Range(
                name, low, high, include_low=found[1] == "[", include_high=found[4] == "]"
            )
        elif here == '"':
            query = Equals(name, self.quoted())
        else:
            units = self.units()
            if not units or "*" in units:
                self.fault(
                    at, f"{name!r} is metadata: expected {name}:value or {name}:[low TO high]"
                )
            if "^" in units:
                self.fault(at, "a filter has no score, and so no boost: leave out '^'")
            query = Equals(name, plain("".join(units)))
        if self.text[self.at : self.at + 1] == "^":
            self.fault(self.at, "a filter has no score, and so no boost: leave out '^'")
        return query

    def _word(self, field: str | None) -> Query:
        at, units = self.at, self.units()
        if not units:
            self.fault(at, f"expected a word, got {self.text[at]!r}")
        if not any(unit[-1].isalnum() for unit in units):
            if field is not None and units == ["*"]:
                self.fault(at, "'*' needs letters before it: aero*")
            return Term(plain("".join(units)), field=field)
        boost = 1.0
        if "^" in units[1:]:
            mark = units.index("^", 1)
            boost = self.boost("".join(units[mark + 1 :]), at + len("".join(units[:mark])))
            units = units[:mark]
        if "~" in units[1:]:
            mark = len(units) - 1 - units[::-1].index("~")
            if re.fullmatch(r"[\d.]+", "".join(units[mark + 1 :])):
                mark = at + len("".join(units[:mark]))
                self.fault(mark, "'~' behind a word is not supported: write \\~ for itself")
        if "*" not in units:
            return Term(plain("".join(units)), field=field, boost=boost)
        if units == ["*"]:
            self.fault(at, "'*' needs letters before it: aero*")
        if units.index("*") < len(units) - 1:
            mark = at + len("".join(units[: units.index("*")]))
            self.fault(mark, "'*' only stands at the end of a word: write \\* for itself")
        return Prefix(plain("".join(units[:-1])), field=field, boost=boost)

    def _boosted(self, query: Query) -> Query:
        """Read the boost behind a phrase or a group."""
        if self.text[self.at : self.at + 1] != "^":
            return query
        at = self.at
        self.at += 1
        number = self.peek()
        self.at += len(number)
        if not scores(query):
            self.fault(at, "a filter has no score, and so no boost: leave out '^'")
        boost = query.boost * self.boost(number, at)
        if not (boost > 0 and math.isfinite(boost)):
            self.fault(at, f"a boost of {boost} in all: must be above 0, finite")
        return replace(query, boost=boost)


def _all(operands: list[_Operand]) -> _Operand:
    """Join by AND."""
    if len(operands) == 1:
        return operands[0]
    must = tuple(operand.query for operand in operands if operand.sign != "-")
    query = Bool(must=must, must_not=_signed(operands, "-"))
    return _Operand("", query, operands[0].at)


def _signed(operands: list[_Operand], sign: str) -> tuple[Query, ...]:
    return tuple(operand.query for operand in operands if operand.sign == sign)


def _end(text: str) -> str | None:
    if text == "*":
        return None
    return plain(text[1:-1] if text[0] == '"' else text)


def _small(word: str) -> str:
    if word in ("&&", "||"):
        return f"write \\{word} for itself"
    return f"write {word.lower()} in small letters for the word"
