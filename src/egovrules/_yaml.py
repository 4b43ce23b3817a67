"""Strict YAML in which every value knows its place.

The text is read from the parser's *events*, never through YAML's constructors, so a file can
only ever become text, numbers, true or false, nothing, lists and mappings. A word that YAML 1.1
and YAML 1.2 read differently is refused with advice, except as a key: keys are always text.

Decided here: a date stays text (``1400-07-01``); so does a fraction (``1/3``); a number with an
exponent (``1e3``) is refused, because half of all YAML readers take it for text and because
codes such as ``12e4`` look like one.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from egovrules._document import Document, Loc, Place, merge
from egovrules._excerpt import FORBIDDEN, MAX_PROBLEMS, Span, in_order, point
from egovrules._yaml_rules import Trap, explain_syntax, plain_value, shorten
from egovrules.errors import EgovrulesError, Problem, RulesetError, did_you_mean

__all__ = ["Document", "Loc", "Place", "Span", "merge", "parse", "read"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 50_000

# The parsers differ on tabs between words, and nobody sees one; in a quoted text, \\t does.
_NEVER_TYPED = re.compile(f"(?:{FORBIDDEN.pattern})++|\t++")
# A hard or a wide space before a key or an entry: to YAML, it is a part of the word behind it.
_SUSPICIOUS = re.compile(_NEVER_TYPED.pattern + r"|[\xa0\u2000-\u200a\u202f\u3000]")
_STRANGE_SPACE = re.compile(r" *+([\xa0\u2000-\u200a\u202f\u3000]++)(?=\s*+(- |[^\s:]++:( |$)))")

# libyaml where PyYAML was built with it (about ten times faster), else pure Python.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(
    text: str | bytes, source: str, *, error: type[EgovrulesError] = RulesetError
) -> Document:
    """Read YAML from a text, or from bytes in UTF-8 (a byte order mark is accepted).

    Args:
        text: At most 1 MiB, 50,000 values, 32 levels.
        source: The name that problems give to it.
        error: The class to raise.

    Returns:
        The document; its ``data`` is None where the text is empty.

    Raises:
        EgovrulesError: Of the class *error*, with every problem, in order of position.
    """
    if len(text) > MAX_BYTES or len(_encode(text)) > MAX_BYTES:
        raise error.of("the file is larger than 1 MiB", source=source, hint="split or shorten it")
    if isinstance(text, bytes):
        text = _decode(text, source, error)
    text = _plain(text)
    lines = text.split("\n")
    if _SUSPICIOUS.search(text):
        problems: list[Problem] = []
        for number, line in enumerate(lines, 1):
            for found, said in _never_typed(line):
                span = Span(number, found.start() + 1, number, found.end() + 1)
                _tell(problems, source, lines, span, *said)
        if problems:
            raise error(in_order(problems))
    return _Reader(text, lines, source).document(error)


def read(path: str | Path, *, error: type[EgovrulesError] = RulesetError) -> Document:
    """Read a YAML file; see :func:`parse` for what is refused.

    Raises:
        EgovrulesError: Of the class *error*, when the file cannot be read or is refused.
    """
    path, source = Path(path), str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        near = [other.name for other in path.parent.glob("*.yaml")]
        hint = did_you_mean(path.name, near) if near else "check the spelling and the folder"
        raise error.of("there is no such file", source=source, hint=hint) from None
    except IsADirectoryError:
        raise error.of("this is a folder, not a file", source=source) from None
    except (OSError, ValueError) as reason:  # ValueError: the name holds a null character
        why = getattr(reason, "strerror", None) or "its name is not allowed"
        raise error.of(f"the file cannot be opened: {why}", source=source) from None
    return parse(content, source, error=error)


def _never_typed(line: str) -> Iterator[tuple[re.Match[str], tuple[str, str]]]:
    """Yield what of a line nobody typed on purpose, with message and hint."""
    for found in _NEVER_TYPED.finditer(line):
        yield found, _invisible(found[0][0])
    if strange := _STRANGE_SPACE.match(line):
        message = f"this is no plain space (U+{ord(strange[1][0]):04X})"
        yield strange, (message, "retype the spaces at the start of the line")


def _tell(
    problems: list[Problem],
    source: str,
    lines: Sequence[str],
    span: Span,
    message: str,
    hint: str,
    where: str = "",
) -> None:
    """Note a problem; of those that nobody will be shown, little more than that they are."""
    if len(problems) < MAX_PROBLEMS:
        problems.append(point(source, lines, span, message, hint, where=where))
    else:
        problems.append(Problem(message, source, span.line, span.column))


class _UnreadableError(Exception):
    """What follows cannot be read; the problem that says so is already noted."""


class _Reader:
    """One pass over the parser's events: values, their places, and all problems."""

    def __init__(self, text: str, lines: Sequence[str], source: str) -> None:
        self.lines = lines
        self.source = source
        self.places: dict[Loc, Place] = {}
        self.problems: list[Problem] = []
        self.count = 0
        self.events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)

    def document(self, error: type[EgovrulesError]) -> Document:
        """Read everything; raise all problems, or return the document."""
        data = None
        try:
            data = self.stream()
        except yaml.MarkedYAMLError as reason:
            message, hint, line, column = explain_syntax(reason, self.lines)
            if not any(one.line == line for one in self.problems):  # they say why
                self.tell(_one(line, column), message, hint)
        except (ValueError, OverflowError):  # from the parser in pure Python
            message = "a character code or a version number is out of range"
            self.problems.append(Problem(message, source=self.source))
        except _UnreadableError:
            pass
        if self.problems:
            raise error(in_order(self.problems))
        self.places.setdefault((), Place(self.source, self.lines, None, Span(1, 1, 1, 1)))
        return Document(data, self.places, self.source)

    def stream(self) -> Any:
        data, started = None, False
        for event in self.events:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            span = _span(event)
            if started:
                self.stop(span, "a second document starts here", "keep one document to a file")
            if event.explicit and self.lines[span.line - 1].startswith("%"):
                self.tell(span, "lines that start with '%' are not allowed", "delete it")
            started = True
            data = self.node(next(self.events), (), None, 0)
        return data

    def node(self, event: Any, loc: Loc, key: Span | None, depth: int) -> Any:
        """Read one value, of which *event* is the first; note its place."""
        span = _span(event)
        self.count += 1
        if self.count > MAX_NODES:
            self.stop(span, f"the file holds more than {MAX_NODES:,} values", "split or shorten it")
        self.refuse_features(event, loc)
        if isinstance(event, yaml.AliasEvent):
            return None
        if isinstance(event, yaml.ScalarEvent):
            if key and _is_left_out(event):  # the parsers place it differently
                span = Span(key.end_line, key.end_column, key.end_line, key.end_column)
            self.places.setdefault(loc, Place(self.source, self.lines, key, span))
            return self.scalar(event, span, loc)
        opened = (span.column + 1) if event.flow_style else span.column
        span = Span(span.line, span.column, span.line, opened)
        self.places.setdefault(loc, Place(self.source, self.lines, key, span))
        if depth == MAX_DEPTH:
            self.stop(span, f"lists and mappings are nested deeper than {MAX_DEPTH} levels", "")
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(loc, depth + 1)
        return self.mapping(loc, depth + 1)

    def sequence(self, loc: Loc, depth: int) -> list[Any]:
        entries: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            entries.append(self.node(event, (*loc, len(entries)), None, depth))
        return entries

    def mapping(self, loc: Loc, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            span, key = _span(event), self.key(event, loc)
            here = (*loc, key)
            if key in lines:
                message = f"the key '{shorten(key)}' is given twice, first on line {lines[key]}"
                self.tell(span, message, "join the two, or delete or rename one", here)
            value_event = next(self.events)
            if _is_left_out(value_event) and not self.rest(span).startswith(":"):
                message = f"'{shorten(key)}' has no ': ' and no value"
                hint = "put a text that contains a comma, or begins with '{', in quotes"
                hint = "put a space after the ':'" if ":" in key else hint
                self.tell(span, message, hint, here)
            value = self.node(value_event, here, span, depth)
            entries.setdefault(key, value)
            lines.setdefault(key, span.line)
        return entries

    def key(self, event: Any, loc: Loc) -> str:
        """Return the key as text, whatever it looks like."""
        span = _span(event)
        if not isinstance(event, yaml.ScalarEvent):
            hint = "put a text that starts with *, [ or { in quotes"
            self.stop(span, "a key must be a text on one line", hint, loc)
        self.refuse_features(event, loc)
        key: str = event.value
        if key == "<<" and not event.style:
            self.tell(span, "merge keys (<<) are not allowed", "write the keys out", loc)
        elif not key:
            self.tell(span, "the key before ':' is empty", "name it", loc)
        elif found := FORBIDDEN.search(key):
            self.tell(span, *_invisible(found[0]), loc)
        return key

    def scalar(self, event: Any, span: Span, loc: Loc) -> Any:
        text: str = event.value
        if found := FORBIDDEN.search(text):  # through an escape in double quotes
            self.tell(span, *_invisible(found[0]), loc)
        value = text if event.style else plain_value(text)
        if isinstance(value, Trap):
            self.tell(span, value.message, value.hint, loc)
        return value

    def refuse_features(self, event: Any, loc: Loc) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            hint = "write the value out; put a text that starts with * or & in quotes"
            self.tell(_span(event), "anchors and aliases (& and *) are not allowed", hint, loc)
        if getattr(event, "tag", None):
            hint = "put the text in quotes; to negate a condition, write 'not'"
            message = "tags (a word that starts with '!') are not allowed"
            self.tell(_span(event), message, hint, loc)

    def rest(self, span: Span) -> str:
        """Return what follows a span on its last line, without leading spaces."""
        return self.lines[span.end_line - 1][span.end_column - 1 :].lstrip()

    def tell(self, span: Span, message: str, hint: str, loc: Loc = ()) -> None:
        where = ".".join(str(part) for part in loc)
        _tell(self.problems, self.source, self.lines, span, message, hint, where)

    def stop(self, span: Span, message: str, hint: str, loc: Loc = ()) -> NoReturn:
        self.tell(span, message, hint, loc)
        raise _UnreadableError


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _one(line: int, column: int) -> Span:
    return Span(line, column, line, column + 1)


def _is_left_out(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and not event.style and not event.value


def _encode(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def _plain(text: str) -> str:
    """Return a text without its byte order mark, and with the line ends of Unix."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _decode(content: bytes, source: str, error: type[EgovrulesError]) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as reason:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            hint = "save it as UTF-8"
            raise error.of("the file is in UTF-16", source=source, hint=hint) from None
        lines = _plain(content[: reason.start].decode("utf-8")).split("\n")
        span = _one(len(lines), len(lines[-1]) + 1)
        lines[-1] += _plain(content[reason.start :].decode("utf-8", "replace")).split("\n")[0]
        message = f"the byte 0x{content[reason.start]:02X} is not UTF-8"
        raise error([point(source, lines, span, message, hint="save the file as UTF-8")]) from None


def _invisible(character: str) -> tuple[str, str]:
    """Return message and hint."""
    if character == "\t":
        return "a tab is not allowed", r'use spaces; for a tab inside a text, write "\t"'
    return f"the invisible character U+{ord(character):04X} is not allowed", "delete it"
