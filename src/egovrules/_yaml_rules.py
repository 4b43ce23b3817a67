"""What a plain word of YAML means, and what the parser's complaints mean. Imports nothing of ours.

Two tables, read by ``_yaml``: the words that YAML 1.1 and 1.2 read differently, and the syntax
errors of PyYAML and libyaml (which word them differently) in plain language.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import yaml

MAX_DIGITS = 15  # a longer whole number is not exact as a 64-bit float


@dataclass(frozen=True, slots=True)
class Trap:
    """Why a plain word is refused, and what to write instead."""

    message: str
    hint: str


_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]*|\.[0-9]+")
_EXPONENT = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+")

_QUOTE = "put it in quotes if it is a text: '{0}'"
# In order: the first that matches the whole word speaks.
_TRAPS = [
    (
        r"(?i:yes|no|on|off|y|n)",
        "'{0}' is true or false to some programs and a text to others",
        "write true or false, or " + _QUOTE,
    ),
    (
        r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?",
        "'{0}' is a time to some programs and a number in base 60 to others",
        _QUOTE,
    ),
    (
        r"[-+]?0[xXoObB][0-9a-fA-F_]+",
        "'{0}' is a number to some programs and a text to others",
        "write the number in decimal digits, or " + _QUOTE,
    ),
    (
        r"[-+]?([0-9]|\.(?=[0-9]))(?=[0-9.]*_)[0-9_.]*([eE][-+]?[0-9]+)?",
        "'{0}' is a number to some programs and a text to others",
        "write the number without '_', or " + _QUOTE,
    ),
    (
        r"[-+]?0[0-9]+(\.[0-9]*)?",
        "'{0}' starts with a zero, which programs read in different ways",
        "put it in quotes to keep the zero ('{0}'), or write the number without it",
    ),
    (
        r"[-+]\.[0-9]+",
        "'{0}' is a number to some programs and a text to others",
        "write a zero before the point, or " + _QUOTE,
    ),
    (
        r"(?i:[-+]?\.inf|\.nan)",
        "'{0}' is not a finite number",
        "give a number, leave the key out, or " + _QUOTE,
    ),
    (r"=|<<", "'{0}' has a special meaning to some programs", _QUOTE),
]
_COMPILED = [(re.compile(pattern), message, hint) for pattern, message, hint in _TRAPS]


def plain_value(word: str) -> bool | int | float | str | Trap | None:
    """Return what a plain (unquoted) scalar means: None, a bool, a number, a text, or a Trap.

    The core schema of YAML 1.2.2 (§10.3.2) wherever YAML 1.1 reads the same, and dates as text.
    """
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    if _INTEGER.fullmatch(word) or _DECIMAL.fullmatch(word):
        return _number(word)
    short = shorten(word)
    if _EXPONENT.fullmatch(word):
        message = f"'{short}' is a number to some programs and a text to others"
        return Trap(message, f"write {_in_full(word)}, or " + _QUOTE.format(short))
    for pattern, message, hint in _COMPILED:
        if pattern.fullmatch(word):
            return Trap(message.format(short), hint.format(short))
    return word


def _number(word: str) -> int | float | Trap:
    if "." in word:
        number = float(word)
        return number if math.isfinite(number) else Trap("this number is too large", "")
    if len(word.lstrip("+-")) > MAX_DIGITS:
        message = f"a whole number of more than {MAX_DIGITS} digits cannot be kept exactly"
        return Trap(message, "put it in quotes: a code is a text")
    return int(word)


def _in_full(word: str) -> str:
    """Return a number without its exponent, where that is of bearable length."""
    digits, exponent = re.split("[eE]", word)
    if len(digits) > MAX_DIGITS or len(exponent.lstrip("+-0")) > 1:
        return "the number in full"
    return format(Decimal(word), "f")


# Direction marks anywhere; a joiner where it joins nothing. Inside Persian words it belongs there.
_UNSEEN = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069]|^\u200c|\u200c$")


def shorten(text: str, width: int = 40) -> str:
    """Return the text on one line, cut to *width* characters, for use in a message.

    What cannot be seen, and most likely makes the difference, is written out.
    """
    text = " ".join(text.split())
    text = text if len(text) <= width else text[: width - 1] + "…"
    return _UNSEEN.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


# Pattern on "context: problem" of either parser → message, hint, and whether the place where the
# thing began says more than the place where the parser gave up.
_ANCHORS = "anchors and aliases (& and *) are not allowed"
_SYNTAX = [
    (
        r"(scanning|parsing) a tag|tag handle",
        "tags (a word that starts with '!') are not allowed",
        "put the text in quotes; to negate a condition, write 'not'",
        True,
    ),
    (
        r"mapping values are not allowed",
        "a ':' is not expected here",
        "put a text that contains ': ' in quotes; or indent this line as the one above",
        False,
    ),
    (
        r"cannot start any token",
        "a text cannot start with '{0}'",
        "put the text in quotes",
        False,
    ),
    (
        r"quoted scalar.*(end of stream|document indicator|separator)",
        "the quotation mark that opens here is never closed",
        "close it; in single quotes, write ' twice to mean an apostrophe",
        True,
    ),
    (
        r"escape|hexade?cimal",
        r"a '\' in double quotes must start a known code",
        r"use single quotes, or write \\ to mean one",
        False,
    ),
    (
        r"flow sequence",
        "the list that opens here with '[' is not closed, or lacks a comma",
        "check its commas, quotes and the closing ']'",
        True,
    ),
    (
        r"flow mapping",
        "the mapping that opens here with '{{' is not closed, or lacks a comma",
        "check its commas, quotes and the closing '}'",
        True,
    ),
    (
        r"simple key",
        "there is no ':' after this key",
        "write 'key: value'; a '- ' before it if it is an entry of a list",
        True,
    ),
    (
        r"sequence entries are not allowed",
        "a list cannot start here",
        "put '- ' at the start of a line of its own",
        False,
    ),
    (
        r"block scalar",
        "a text that begins with '{0}' stands in quotes",
        "put the whole text in quotes; a long one may begin on the next line",
        True,
    ),
    (
        r"scanning an (alias|anchor)",
        _ANCHORS,
        "put a text that starts with * or & in quotes",
        True,
    ),
    (r"directive|incompatible", "lines that start with '%' are not allowed", "delete it", True),
    (
        r"document start",
        "this does not belong to what stands above",
        "a file holds one mapping: check the indentation",
        False,
    ),
    (
        r"block (collection|sequence)|'-' indicator",
        "this line does not continue the list above",
        "start it with '- ' in the same column, or check the indentation",
        False,
    ),
]
_OTHERWISE = (
    "this does not fit what stands before it",
    "check the indentation, quotes and brackets here and in the lines above",
)
_AFTER_QUOTE = (
    "nothing can follow the quotation mark that closes a text",
    "put the whole in quotes; inside, use the other kind of quotes, or write each twice",
)
_INDENTED = (
    "this line does not fit those above",
    "indent it as its neighbours; check the ends of the lines above, too",
)
_COLON = ("there is no space after this ':'", "write 'key: value'")
_KEY_WITHOUT_SPACE = re.compile(r"\s*(- )?[\w-]+:(?=[^\s:/])")


def explain_syntax(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[str, str, int, int]:
    """Return message, hint, line and column (from 1) for a complaint of the parser."""
    stopped = _position(error.problem_mark, lines)
    row, column = stopped
    character, before = lines[row - 1][column - 1 : column], lines[row - 1][: column - 1].rstrip()
    said = f"{error.context}: {error.problem}; the rest starts with {character}"
    if character and before.endswith(("'", '"')) and not re.search("escape|quoted", said):
        return _after_quote(lines, row, column, before)
    above = _KEY_WITHOUT_SPACE.match(lines[row - 2]) if row > 1 else None
    if character == ":" and above and ":" not in before:
        return *_COLON, row - 1, above.end()
    for pattern, message, hint, at_start in _SYNTAX:
        if re.search(pattern, said):
            began = _position(error.context_mark, lines) if error.context_mark else stopped
            row, column = began if at_start else stopped
            return message.format(lines[row - 1][column - 1 : column]), hint, row, column
    return *(_OTHERWISE if before or row == 1 else _INDENTED), *stopped


def _after_quote(
    lines: Sequence[str], row: int, column: int, before: str
) -> tuple[str, str, int, int]:
    """Explain what follows a closing quotation mark: most likely another one is not closed."""
    mark = before[-1]
    odd = [number for number in range(1, row) if lines[number - 1].count(mark) % 2]
    if before.count(mark) % 2 and odd:  # what seems to close a text was meant to open one
        opened = odd[-1]
        message = f"the quotation mark that opens here is closed only on line {row}"
        return message, "close it on its own line", opened, lines[opened - 1].rindex(mark) + 1
    return *_AFTER_QUOTE, row, column


def _position(mark: yaml.Mark | None, lines: Sequence[str]) -> tuple[int, int]:
    """Return line and column from 1; past the last line means its end."""
    if mark is None:
        return 1, 1
    if mark.line >= len(lines):
        return len(lines), len(lines[-1]) + 1
    return mark.line + 1, mark.column + 1
