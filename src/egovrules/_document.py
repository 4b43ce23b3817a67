"""A document and the places of its values: pointing at them, and laying one over another.

Made by ``_yaml``; imports ``errors`` and nothing else of ours.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from egovrules.errors import EgovrulesError, Problem, RulesetError, Severity, did_you_mean

Loc = tuple[str | int, ...]

# What YAML calls unprintable, and the marks that YAML 1.1 and 1.2 treat differently.
FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]"
)
MAX_PROBLEMS = 100
WINDOW = 120  # characters of a long line that an excerpt shows


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Lines and columns count from 1, in characters; the end is open."""

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def is_empty(self) -> bool:
        """Whether it holds no character: a value left out, a list or mapping in block style."""
        return (self.line, self.column) == (self.end_line, self.end_column)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands.

    Attributes:
        source: The file it is in.
        lines: All lines of that file, shared by its places.
        key: Its key, or None (an entry of a list, the whole file).
        value: The value itself; of a list or a mapping the first character only (a bracket), or
            nothing at all (block style).
    """

    source: str
    lines: Sequence[str] = field(repr=False, compare=False)
    key: Span | None
    value: Span


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says (``data``), and where it says it (``places``, by path).

    ``strays`` are entries that a child adds although the file that it extends has one of nearly
    the same name, each with the advice that follows: most likely it was to be changed.
    """

    data: Any
    places: Mapping[Loc, Place] = field(repr=False)
    source: str
    strays: Mapping[Loc, str] = field(default_factory=dict, repr=False)

    def place(self, loc: Loc) -> Place:
        """Return the place of a value, or of the deepest part of its path that has one."""
        depth = len(loc)
        while loc[:depth] not in self.places:
            depth -= 1
        return self.places[loc[:depth]]

    def problem(
        self,
        loc: Loc,
        message: str,
        *,
        hint: str = "",
        at: Literal["key", "value"] = "value",
        within: tuple[int, int] | None = None,
        severity: Severity = "error",
    ) -> Problem:
        """Make a problem that points at a value, its key, or a part of its text.

        Args:
            loc: Path of the value. Of a path that does not exist, the deepest part that does is
                pointed at.
            message: What is wrong.
            hint: What to do.
            at: Point at the ``key`` or the ``value``. The key is used, too, where the value has
                no text of its own.
            within: Offsets (start, end) in characters of the scalar's text, end open.
            severity: As in :class:`Problem`.
        """
        place, exact = self.place(loc), loc in self.places
        span = place.value
        if place.key and (at == "key" or not exact or span.is_empty):
            span = place.key
        elif within and exact:
            span = _part(place.lines, span, self._text(loc), within)
        where = ".".join(str(part) for part in loc)
        for length in range(len(loc) + 1):
            if stray := self.strays.get(loc[:length]):
                further = f" Otherwise: {hint}" if hint and "did you mean" not in hint else ""
                hint = stray + further
        return point(
            place.source, place.lines, span, message, hint=hint, where=where, severity=severity
        )

    def _text(self, loc: Loc) -> str:
        value = self.data
        for part in loc:
            value = value[part]
        return str(value)


def merge(
    parent: Document,
    child: Document,
    ignore: Collection[str] = ("extends",),
    *,
    error: type[EgovrulesError] = RulesetError,
) -> Document:
    """Lay the child's changes over its parent (``extends``).

    Mappings merge, lists and scalars replace, ``null`` removes the parent's key. The parent's
    keys come first, in its order, then the child's new ones. Each value's place is in the file
    that it came from; a mapping that both have is placed in the child. Inside an entry that the
    parent lacks, ``null`` is a value like any other.

    Args:
        parent: May itself be the result of a merge.
        child: What it changes.
        ignore: Keys of the top level that are left out, on both sides.
        error: The class to raise.

    Raises:
        EgovrulesError: Of the class *error*: a ``null`` that removes nothing, an empty value that
            would remove something, a file that is no mapping.
    """
    problems = [
        document.problem((), "the file must hold 'key: value' lines to extend or be extended")
        for document in (parent, child)
        if not isinstance(document.data, dict)
    ]
    if problems:
        raise error(in_order(problems))
    places: dict[Loc, Place] = {(): child.places[()]}
    layers = _Layers(parent, child, frozenset(ignore), places, problems, dict(parent.strays))
    joined = _join(layers, parent.data, child.data, ())
    if problems:
        raise error(in_order(problems))
    return Document(joined, places, child.source, layers.strays)


@dataclass(frozen=True, slots=True)
class _Layers:
    """The two documents of a merge, and what it collects on the way."""

    parent: Document
    child: Document
    ignore: frozenset[str]
    places: dict[Loc, Place]
    problems: list[Problem]
    strays: dict[Loc, str]


def _join(
    layers: _Layers, old: Mapping[str, Any], new: Mapping[str, Any], loc: Loc
) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for key in [*old, *(key for key in new if key not in old)]:
        here = (*loc, key)
        if not loc and key in layers.ignore:
            continue
        if key not in new:
            joined[key] = _keep(layers.parent, old[key], here, layers.places)
        elif new[key] is None:
            layers.problems.extend(_check_removal(layers.child, key, old, here))
        elif isinstance(new[key], dict) and isinstance(old.get(key), dict):
            layers.places[here] = layers.child.places[here]
            joined[key] = _join(layers, old[key], new[key], here)
        else:
            if key not in old and isinstance(new[key], dict):
                _suspect(layers, key, old, here)
            joined[key] = _keep(layers.child, new[key], here, layers.places)
    return joined


def _suspect(layers: _Layers, key: str, old: Mapping[str, Any], loc: Loc) -> None:
    """Note that a new entry is called nearly like one of the parent's."""
    near = get_close_matches(key, [name for name in old if isinstance(old[name], dict)], n=1)
    if near:
        parent = Path(layers.parent.source).name
        layers.strays[loc] = f"'{key}' changes nothing of {parent}: did you mean '{near[0]}'?"


def _keep(document: Document, value: Any, loc: Loc, places: dict[Loc, Place]) -> Any:
    """Take over a value with all its places."""
    places[loc] = document.places[loc]
    if isinstance(value, dict):
        for key, inner in value.items():
            _keep(document, inner, (*loc, key), places)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _keep(document, inner, (*loc, index), places)
    return value


def _check_removal(
    child: Document, key: str, old: Mapping[str, Any], loc: Loc
) -> Iterator[Problem]:
    if key not in old:
        message = f"'{key}' removes nothing: the extended file has no such key here"
        yield child.problem(loc, message, hint=did_you_mean(key, old), at="key")
    elif child.places[loc].value.is_empty:  # more likely a slip than a wish
        hint = "write null to remove it, or indent the lines that belong to it"
        yield child.problem(loc, f"'{key}' has no value", hint=hint, at="key")


# One character of a quoted text, as it may be written; a backslash may also join two lines.
_WRITTEN = {"'": re.compile("''|."), '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)?|.")}
_PLAIN = re.compile(".")
_BLANK = {"\\", "\\ ", r"\n", r"\t"}


def _part(lines: Sequence[str], span: Span, text: str, within: tuple[int, int]) -> Span:
    """Return the span of a part of a scalar; in quotes, one character may be written as several.

    A scalar on several lines is folded, and its blanks are others than those of *text*. There,
    the characters that can be seen are counted, on both sides.
    """
    is_folded = span.end_line > span.line
    spans = [one for one, is_blank in _pieces(lines, span) if not (is_folded and is_blank)]
    start, end = within
    if is_folded:
        start, end = (sum(not one.isspace() for one in text[:offset]) for offset in within)
    if not spans:
        return span
    if start >= len(spans):  # something is missing at the end
        last = spans[-1]
        return Span(last.line, last.end_column, last.line, last.end_column + 1)
    first, last = spans[max(start, 0)], spans[min(max(end - 1, start), len(spans) - 1)]
    return Span(first.line, first.column, last.line, last.end_column)


def _pieces(lines: Sequence[str], span: Span) -> Iterator[tuple[Span, bool]]:
    """Yield the place of each character of a scalar's text, and whether it is a blank."""
    mark = lines[span.line - 1][span.column - 1 : span.column]
    quote = 1 if mark in _WRITTEN else 0
    header = 1 if mark in {"|", ">"} and span.end_line > span.line else 0
    for number in range(span.line + header, span.end_line + 1):
        line = lines[number - 1] if number <= len(lines) else ""
        begin = span.column - 1 + quote if number == span.line else 0
        end = span.end_column - 1 - quote if number == span.end_line else len(line)
        for found in _WRITTEN.get(mark, _PLAIN).finditer(line, begin, end):
            is_blank = found[0].isspace() or (mark == '"' and found[0] in _BLANK)
            yield Span(number, found.start() + 1, number, found.end() + 1), is_blank


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by position; beyond the first hundred, tell only their number."""
    ordered = sorted(problems, key=lambda one: (one.source, one.line or 0, one.column or 0))
    shown, more = ordered[:MAX_PROBLEMS], len(ordered) - MAX_PROBLEMS
    if more > 0:
        shown.append(Problem(f"and {more:,} more problems", source=shown[0].source))
    return shown


def point(
    source: str,
    lines: Sequence[str],
    span: Span,
    message: str,
    hint: str = "",
    *,
    where: str = "",
    severity: Severity = "error",
) -> Problem:
    """Make a problem that points at a span of a file, with its excerpt."""
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    excerpt = _excerpt(line, span.line, span.column - 1, end) if line.strip() else ""
    return Problem(message, source, span.line, span.column, where, hint, severity, excerpt)


def _excerpt(line: str, number: int, start: int, end: int) -> str:
    """Return the line and a caret line beneath; of a long line, the part around *start*."""
    left = start - WINDOW // 2 if start > WINDOW * 3 // 4 else 0
    shown = FORBIDDEN.sub(
        "\N{REPLACEMENT CHARACTER}", line[left : left + WINDOW].replace("\t", " ")
    )
    before, marked = shown[: start - left], shown[start - left : end - left]
    margin = "…" if left else ""
    tail = "…" if len(line) > left + WINDOW else ""
    carets = "^" * max(1, _cells(marked))
    return (
        f"{number:>5} | {margin}{shown.rstrip()}{tail}\n"
        f"      | {' ' * (len(margin) + _cells(before))}{carets}"
    )


def _cells(text: str) -> int:
    """Return how many cells of a terminal the text takes: wide 2, combining and invisible 0."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"} or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
