"""An even layout for rulesets, sources and test files; every word and comment stays as typed.

ruamel.yaml parses the file and lays it out anew. What it writes is a skeleton, in which a
stand-in is put for each text and number; then the words go back in as they were typed, and the
comments to the lines that they stood at. Its own round trip (0.19) loses comments inside
brackets, writes nothing for ``null``, folds texts anew, puts invisible letters for their escapes
and leaves comments at their old column.

Left as laid out by hand, and only moved to the new indentation: brackets and texts over several
lines, and values on a line of their own.
"""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    ScalarEvent,
)

from egovrules import _yaml
from egovrules.errors import EgovrulesError, RulesetError

INDENT = 2
_ENDLESS = 1 << 21  # columns: more than the strict reader takes, so that no line is broken
_STAND_IN = re.compile(r"s(\d+)s")
_OURS = re.compile(r"""^\ufeff?[ "'{]*schema["']?\s*:\s*["']?egovrules""", re.MULTILINE)
_BLOCK = ("|", ">")


def is_ours(text: str) -> bool:
    """Tell whether a text says ``schema: egovrules…``, however wrong the rest of it is."""
    return _OURS.search(text) is not None


def formatted(text: str, source: str) -> str:
    r"""Lay out a ruleset, a source or a test file evenly; twice is the same as once.

    Mappings are indented by two, lists by two beneath their key; one space after commas and
    colons in brackets on one line; no spaces at the ends of lines; at most one blank line in a
    row, none at the start and the end; ``\n`` for line breaks; no byte order mark and no ``---``.

    Args:
        text: The whole file.
        source: Its name in problems.

    Raises:
        RulesetError: With every problem of the strict reader; or where the new layout would not
            say the same as the old, comments included.
    """
    before = _yaml.parse(text, source)
    if not (isinstance(before.data, dict) and is_ours(f"schema: {before.data.get('schema')}")):
        message = "this is no ruleset, no source and no file of tests"
        hint = "one of these begins with a line such as `schema: egovrules/1`"
        raise RulesetError.of(message, source=source, hint=hint)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    try:
        laid_out = _woven(text)
        after = _yaml.parse(laid_out, source)
        same = comments(text) == comments(laid_out)
    except (YAMLError, yaml.YAMLError, EgovrulesError):
        same = False
    else:  # as JSON, since in Python 1 equals 1.0 and true
        same = same and json.dumps(before.data) == json.dumps(after.data)
    if not same:
        raise RulesetError.of(
            "the file cannot be laid out without changing what it says, so it stays as it is",
            source=source,
            hint="end it with a line break, and write each key on one line, without '?' before it",
        )
    return laid_out


def comments(text: str) -> list[str]:
    """Return the comments of a YAML text in order, as PyYAML sees them."""
    found, end = [], 0
    for token in yaml.scan(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(token, (yaml.ScalarToken, yaml.StreamEndToken)):
            found += re.findall("#.*", text[end : token.start_mark.index])
            end = token.end_mark.index
    return [comment.rstrip() for comment in found]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the file that is written as it was typed.

    Attributes:
        start: Offset of its first character.
        end: Offset after its last.
        kind: ``|`` or ``>`` for a block of text, ``[`` for brackets, else empty.
        margin: Of a block of text, the column in which its lines begin.
    """

    start: int
    end: int
    kind: str = ""
    margin: int = 0


def _woven(text: str) -> str:
    """Put the words and comments of a text into its skeleton."""
    skeleton, pieces = _skeleton(text)
    weave = _Weave(text)
    for line in skeleton.split("\n"):
        at = key = 0
        stand_ins = list(_STAND_IN.finditer(line))
        if not stand_ins:  # the last, and the '...' after a file in brackets
            continue
        for found in stand_ins:
            piece, between = pieces[int(found[1])], line[at : found.start()]
            column = key + INDENT if at else found.start()
            if at == 0:
                weave.begin(between, piece, _indent(between))
                key = found.start()
            elif between == ": " and "\n" in text[weave.end : piece.start]:
                weave.write(":")
                weave.begin(" " * column, piece, column)
            else:
                weave.write(between)
            weave.add(piece, column)
            at = found.end()
        weave.write(line[at:])
        if piece.start == piece.end:  # nothing stands after the colon or the dash
            weave.lines[-1] = weave.lines[-1].rstrip()
    return weave.finish()


def _skeleton(text: str) -> tuple[str, Sequence[_Piece]]:
    """Lay out a text with a stand-in, ``s0s`` and so on, for each of its pieces."""
    events = list(YAML(typ="safe", pure=True).parse(text))
    pieces: list[_Piece] = []
    kept: list[Any] = []
    at = 0
    while at < len(events):
        event, last = events[at], at
        if getattr(event, "flow_style", False) and _stays(text, events, at):
            last = _closing(events, at)
        if last > at or isinstance(event, ScalarEvent):
            kept.append(ScalarEvent(None, None, (True, True, True), f"s{len(pieces)}s"))
            before = pieces[-1].end if pieces else 0
            pieces.append(_piece(text, event, events[last].end_mark.index, before))
        else:
            if isinstance(event, (DocumentStartEvent, DocumentEndEvent)):
                event.explicit = False
            kept.append(event)
        at = last + 1
    writer = YAML(pure=True)
    writer.indent(mapping=INDENT, sequence=2 * INDENT, offset=INDENT)
    writer.width = _ENDLESS
    stream = io.StringIO()
    writer.emit(kept, stream)
    return stream.getvalue(), pieces


def _closing(events: Sequence[Any], at: int) -> int:
    """Return where the list or mapping that opens at a place closes."""
    depth = 0
    while True:
        depth += isinstance(events[at], CollectionStartEvent)
        depth -= isinstance(events[at], CollectionEndEvent)
        if depth == 0:
            return at
        at += 1


def _stays(text: str, events: Sequence[Any], at: int) -> bool:
    """Tell whether brackets keep their layout: empty, over lines, or on a line of their own."""
    last = _closing(events, at)
    start, end = events[at].start_mark, events[last].end_mark
    alone = not text[start.index - start.column : start.index].strip()
    return last == at + 1 or alone or start.line != end.line


def _piece(text: str, event: Any, end: int, before: int) -> _Piece:
    start = event.start_mark.index
    if not isinstance(event, ScalarEvent):
        return _Piece(start, end, "[")
    if start == end:  # a value left out; its mark may be lines further down
        return _Piece(before, before)
    if event.style not in _BLOCK:
        return _Piece(start, end)
    header, *lines = text[start:end].split("\n")
    first = next((line for line in lines if line.strip()), "")
    said = next((line for line in event.value.split("\n") if line.strip()), "")
    margin = _indent(first) - _indent(said)
    if lines and not lines[-1]:
        lines.pop()  # the line break after the last line
    while "+" not in header.partition("#")[0] and lines and not lines[-1][margin:]:
        lines.pop()
    return _Piece(start, start + len("\n".join([header, *lines])), event.style, margin)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


@dataclass
class _Weave:
    """The new file as it grows.

    Attributes:
        text: The old file.
        end: How much of the old file has been taken over.
        lines: The new file, its last line in the making.
        shift: How far its last line stands further in than in the old file.
        columns: Where each line so far begins, in the old file and in the new; of an entry of a
            list, where its dash stands and where its word does.
    """

    text: str
    end: int = 0
    lines: list[str] = field(default_factory=list)
    shift: int = 0
    columns: list[tuple[int, int]] = field(default_factory=list)

    def begin(self, words: str, piece: _Piece, indent: int) -> None:
        """Begin a line, after the comments and blank lines before the piece that it begins with."""
        start = self.text.rfind("\n", 0, piece.start) + 1
        typed = self.text[start : piece.start]
        self.take(piece.start, _indent(typed), indent)
        self.lines.append(words)
        self.shift = indent - _indent(typed)
        stands = zip(reversed(_stops(typed)), reversed(_stops(words)), strict=False)
        self.columns += reversed(list(stands))

    def write(self, words: str) -> None:
        """Add to the last line."""
        self.lines[-1] += words

    def add(self, piece: _Piece, column: int) -> None:
        """Add a piece; the further lines of a text are indented to the given column."""
        head, *rest = self.text[piece.start : piece.end].split("\n")
        self.end = piece.end
        if piece.kind in _BLOCK:
            self.write(re.sub("^(.[-+]?)[1-9]", rf"\g<1>{INDENT}", head).rstrip())
            bodies = [line[piece.margin :] for line in rest]
            self.lines += [" " * column + body if body else "" for body in bodies]
            return
        self.write(_trimmed(head) if rest else head)
        if piece.kind:
            indents = [max(0, _indent(line) + self.shift) for line in rest]
        else:
            indents = [column] * len(rest)
        for indent, line in zip(indents, rest, strict=True):
            self.lines.append(_trimmed(" " * indent + line.lstrip(" ")))

    def take(self, upto: int, typed: int, indent: int) -> None:
        """Take over comments and blank lines up to a place; what follows is indented as given."""
        first, *rest = self.text[self.end : upto].split("\n")
        if not self.lines:
            rest.insert(0, first)
        elif "#" in first:
            before, mark, words = first.partition("#")
            gap = len(before) - len(before.rstrip(" "))
            self.write(" " * gap + mark + words.rstrip())
        blank = False
        for line in rest[:-1]:  # the last is the beginning of what follows
            column = line.find("#")
            if column >= 0:
                self.lines += [""] * (blank and bool(self.lines))
                self.lines.append(" " * self.place(column, typed, indent) + line[column:].rstrip())
                blank = False
            else:
                blank = blank or not line.strip()
        if blank and self.lines and typed >= 0:
            self.lines.append("")

    def place(self, column: int, typed: int, indent: int) -> int:
        """Indent a comment like the line that follows, or if it stood deeper, like one before."""
        if column <= typed:
            return indent
        before = (now for old, now in reversed(self.columns) if old <= column)
        return max(indent, next(before, indent))

    def finish(self) -> str:
        """Take over what follows the last word."""
        self.text += "\n"
        self.take(len(self.text), -1, 0)
        return "\n".join(self.lines) + "\n"


def _stops(words: str) -> list[int]:
    """Return where the dashes before a word stand, and the word itself."""
    return [*(found.start() for found in re.finditer("-", words)), len(words)]


def _trimmed(line: str) -> str:
    """Take the spaces off the end of a line, but for one that is written as an escape."""
    return re.sub(r"(?<![\\ ]) +$", "", line) if line.strip() else ""
