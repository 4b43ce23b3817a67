"""The condition language of ``when:``: read, checked against the fields, compiled.

A small SQL search condition with SQL's three-valued logic (``docs/reference/conditions.md``).
Text goes through three plain steps: a tree of :class:`Node` (``_grammar``), types, a narwhals
expression. Nothing is evaluated by Python.
"""

import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from importlib import import_module

import narwhals as nw

from egovrules._grammar import COMPARISONS, ConditionError, FieldType, Node, names_in, read
from egovrules.errors import closest, did_you_mean
from egovrules.text import latin_digits, name_key

__all__ = ["Condition", "ConditionError", "Field", "FieldType", "names", "parse"]

_JALALI = re.compile("(1[2-5][0-9]{2})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
_QUICK = 500_000  # pairs of characters that are compared within some milliseconds
EARLIEST_YEAR = 1800  # a year before it is a Jalali one that was taken for Gregorian


@dataclass(frozen=True, slots=True)
class Field:
    """What a condition may know of a field: its type, and its values where text is closed."""

    type: FieldType
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition (or calculation), ready for any engine.

    Attributes:
        text: As it was written.
        type: Type of its result.
        fields: The fields that it reads.
    """

    text: str
    type: FieldType
    fields: frozenset[str]
    _root: Node = field(repr=False, compare=False)

    def expression(self, columns: Mapping[str, str] | None = None) -> nw.Expr:
        """Compile to an element-wise expression: null where unknown, never NaN or infinite.

        A condition without fields gives a constant, which ``with_columns`` repeats on every row
        and ``filter`` refuses.

        Args:
            columns: Column of the frame by field; a field that is not in it has its own name.
        """
        return _compiled(self._root, columns or {})


def parse(
    text: str, fields: Mapping[str, Field], *, want: FieldType | None = "boolean"
) -> Condition:
    """Read *text* as a condition over *fields*.

    Args:
        text: At most 1,000 characters, 200 fields and values, 16 levels of nesting.
        fields: What may be named, by name.
        want: Type that the result must have (``number`` for a calculation); None for any.

    Raises:
        ConditionError: For the first thing that is wrong, and for nothing else.
    """
    root = _checked(read(text), text, fields)
    root = _dated(root, text) if want == "date" else root
    if want and root.type != want:
        hint = _COMPARE if want == "boolean" else ""
        raise root.refused(f"{_A[want]} is expected; {_described(root, text)}", hint)
    return Condition(text, root.type, frozenset(names_in(root)), root)


def names(text: str) -> frozenset[str]:
    """Return the names that *text* uses, known or not, without checking types.

    Raises:
        ConditionError: If *text* is not a condition by its grammar.
    """
    return frozenset(names_in(read(text)))


# --- types

_A = {"number": "a number", "boolean": "true or false", "text": "text", "date": "a date"}
_QUOTES = "text stands in quotes, numbers do not"
_COMPARE = "compare it, as in visits > 0 or kind = 'ministry'"
_TAKES: dict[str, tuple[str, tuple[FieldType, ...]]] = {
    **dict.fromkeys(("and", "or", "not"), ("takes conditions", ("boolean",))),
    **dict.fromkeys(("+", "*", "-"), ("calculates with numbers", ("number",))),
    **dict.fromkeys(
        ("<", "<=", ">", ">=", "between"), ("compares numbers and dates", ("number", "date"))
    ),
}


def _checked(node: Node, text: str, fields: Mapping[str, Field]) -> Node:
    """Return *node* with types and dates settled, or refuse what does not fit together."""
    if node.kind == "field" and node.value not in fields:
        hint = f"text stands in quotes: '{node.value}'"
        if not any(node.value in one.values for one in fields.values()):
            advice = _nearest(node.value, fields)
            hint = advice if advice.startswith("did") else f"{hint}; {advice}"
        raise node.refused(f"unknown field '{node.value}'", hint)
    if not node.operands:
        return replace(node, type=fields[node.value].type) if node.kind == "field" else node
    operands = tuple(_checked(operand, text, fields) for operand in node.operands)
    compares = node.kind in (*COMPARISONS, "between", "in")
    if compares and any(operand.type == "date" for operand in operands):
        operands = tuple(_dated(operand, text) for operand in operands)
    takes, types = _TAKES.get(node.kind, ("", tuple(_A)))
    for index, operand in enumerate(operands):
        if operand.type not in types:
            word = node.value[max(index - 1, 0)] if node.value else node.kind
            hint = _COMPARE if types == ("boolean",) else ""
            hint = _QUOTES if operand.kind == "literal" and operand.type == "text" else hint
            raise operand.refused(f"'{word}' {takes}; {_described(operand, text)}", hint)
    if compares:
        _refuse_unlike(operands, text, fields)
    return replace(node, operands=operands, type="number" if node.kind in "+-*" else "boolean")


def _nearest(word: str, known: Collection[str]) -> str:
    """Name what was most likely meant, where that takes no longer than to read a condition."""
    near = closest(word, known) if len(word) * sum(map(len, known)) <= _QUICK else None
    if near is None:
        return did_you_mean("", known)
    # The Arabic yeh and the Persian one, for example.
    is_same = name_key(word) == name_key(near) and word.casefold() != near.casefold()
    return f"did you mean '{near}'?" + " Some letters look alike, and are others" * is_same


def _refuse_unlike(operands: tuple[Node, ...], text: str, fields: Mapping[str, Field]) -> None:
    """Refuse to compare two types, and a closed text with what is none of its values."""
    first = operands[0]
    closed = {o.value: fields[o.value].values for o in operands if o.kind == "field"}
    for operand in operands:
        if operand.type != first.type:
            types = {operand.type, first.type}
            hint = _QUOTES if types == {"number", "text"} else ""
            hint = "write a date as 'YYYY-MM-DD'" if "date" in types else hint
            both = f"{_described(first, text)}, {_described(operand, text)}"
            raise operand.refused(f"two types cannot be compared: {both}", hint)
    for operand in operands:
        for name, values in closed.items():
            if operand.kind == "literal" and values and operand.value not in values:
                message = f"'{operand.value}' is not a value of '{name}'"
                raise operand.refused(message, _nearest(operand.value, values))


def _dated(node: Node, text: str) -> Node:
    """Read a literal text as a date; anything else stays as it is."""
    if node.kind != "literal" or node.type != "text":
        return node
    day = plain_date(node.value)
    if day is None:
        raise node.refused(f"{text[node.start : node.end]} is not a date", date_advice(node.value))
    return replace(node, value=day, type="date")


def plain_date(text: str) -> date | None:
    """Read a Gregorian date written as ``YYYY-MM-DD``, from 1800 on; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text and day.year >= EARLIEST_YEAR else None


def date_advice(text: str) -> str:
    """Say how to write a date; if it is a Jalali one, which day it is."""
    hint = f"write a Gregorian date from {EARLIEST_YEAR} on as 'YYYY-MM-DD'"
    found = _JALALI.fullmatch(latin_digits(text))
    if found is None:
        return hint
    jalali = import_module("persiantools.jdatetime")  # only such a slip pays for it
    try:
        day = jalali.JalaliDate(*map(int, found.groups())).to_gregorian()
    except ValueError:
        return f"the Jalali calendar has no such day; {hint}"
    return f"dates are Gregorian here: write '{day}'"


def _described(node: Node, text: str) -> str:
    """Say of what type a part of *text* is, as in ``'kind' is text``."""
    found = text[node.start : node.end]
    quote = "" if node.kind == "literal" else "'"
    return f"{quote}{found}{quote} is {_A[node.type]}"


# --- expressions

_OPERATIONS: dict[str, Callable[..., nw.Expr]] = {
    # Flat over any number of parts, so that a long chain is no deep tree on the engine.
    "or": partial(nw.any_horizontal, ignore_nulls=False),
    "and": partial(nw.all_horizontal, ignore_nulls=False),
    "not": operator.invert,
    "missing": nw.Expr.is_null,
    "between": nw.Expr.is_between,
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def _compiled(node: Node, columns: Mapping[str, str]) -> nw.Expr:
    if node.kind == "literal":
        return nw.lit(node.value)
    if node.kind == "field":
        column = nw.col(columns.get(node.value, node.value))
        # Whole numbers wrap at the width of their column; Float64 does not.
        return column.cast(nw.Float64) if node.type == "number" else column
    if node.type == "number":
        return _calculated(node, columns)
    first, *others = node.operands
    if node.kind == "in":
        return _compiled(first, columns).is_in([other.value for other in others])
    return _OPERATIONS[node.kind](*(_compiled(operand, columns) for operand in node.operands))


def _calculated(node: Node, columns: Mapping[str, str]) -> nw.Expr:
    """Compile a calculation: unknown where it divides by zero or leaves the range of numbers.

    The guards stand once around the whole calculation. Around each division they would repeat
    its divisor, and nested divisors would double the expression at every level. An engine may
    answer x / 0 by infinity, NaN, null or an error, so the divisors are looked at first.
    """
    divisors: list[nw.Expr] = []
    value = _value(node, columns, divisors)
    guards = [(divisor != 0) & divisor.is_finite() for divisor in divisors]
    return nw.when(nw.all_horizontal(*guards, value.is_finite(), ignore_nulls=False)).then(value)


def _value(node: Node, columns: Mapping[str, str], divisors: list[nw.Expr]) -> nw.Expr:
    """Compile a calculation without guards, and add what it divides by to *divisors*."""
    if not node.operands:
        return _compiled(node, columns)
    value, *others = (_value(operand, columns, divisors) for operand in node.operands)
    if node.kind == "-":
        return -value
    anchor = next(names_in(node), None)
    for sign, part, other in zip(node.value, node.operands[1:], others, strict=True):
        by = other
        if sign == "/":
            divisors.append(other)
            if anchor and not any(names_in(part)):
                # Eager Polars multiplies by the inverse of a constant, and 57 * (1 / 100) is not
                # 57 / 100. A column of that constant (null where the result is) is divided by.
                by = nw.col(columns.get(anchor, anchor)).cast(nw.Float64) * 0 + other
        value = _OPERATIONS[sign](value, by)
    return value
