"""Pointing into a file: spans, the lines that messages quote, and the carets beneath them.

Imports ``errors`` and nothing else of ours.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from egovrules.errors import Problem, Severity

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


# One character of a quoted text, as it may be written; a backslash may also join two lines.
_WRITTEN = {"'": re.compile("''|."), '"': re.compile(r"\\(?:x..|u.{4}|U.{8}|.)?|.")}


_PLAIN = re.compile(".")


_BLANK = {"\\", "\\ ", r"\n", r"\t"}


def part_of(lines: Sequence[str], span: Span, text: str, within: tuple[int, int]) -> Span:
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
