"""The condition language of ``when:``: read, checked against the fields, compiled.

A small SQL search condition with SQL's three-valued logic (``docs/reference/conditions.md``).
Text goes through three plain steps: tokens, a tree of :class:`_Node`, a narwhals expression.
Nothing is evaluated by Python, and every input is bounded, so a condition may come from anyone.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, Literal, NamedTuple, NoReturn

import narwhals as nw

from egovrules.errors import did_you_mean

FieldType = Literal["number", "boolean", "text", "date"]

MAX_CHARACTERS = 1_000
MAX_TERMS = 200  # fields and values
MAX_DEPTH = 16  # brackets, ``not`` and minus signs inside one another
EARLIEST_YEAR = 1800  # a year before it is a Jalali one that was taken for Gregorian


@dataclass(frozen=True, slots=True)
class Field:
    """What a condition may know of a field: its type, and its values where text is closed."""

    type: FieldType
    values: tuple[str, ...] = ()


class ConditionError(ValueError):
    """A condition that cannot be carried out.

    Attributes:
        message: What is wrong, in words for an analyst.
        start: Offset of the first character at fault, from 0.
        end: Offset after the last one; equal to *start* where something is missing at the end.
        hint: What to do; empty when the message says it.
    """

    def __init__(self, message: str, start: int, end: int, hint: str = "") -> None:
        self.message, self.start, self.end, self.hint = message, start, end, hint
        super().__init__(f"{message} ({hint})" if hint else message)


class _Token(NamedTuple):
    kind: str  # number, text, name, word (a keyword or a sign, in its one spelling), end
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a condition. Its kind is literal, field, or the word that joins its operands."""

    kind: str
    start: int
    end: int
    operands: tuple["_Node", ...] = ()
    value: Any = None  # of a literal; the name of a field; the signs of a chain
    type: FieldType = "boolean"

    def refused(self, message: str, hint: str = "") -> ConditionError:
        return ConditionError(message, self.start, self.end, hint)


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
    _root: _Node = field(repr=False, compare=False)

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
    root = _checked(_Parser(text).whole(), text, fields)
    root = _dated(root, text) if want == "date" else root
    if want and root.type != want:
        hint = _COMPARE if want == "boolean" else ""
        raise root.refused(f"{_A[want]} is expected; {_described(root, text)}", hint)
    return Condition(text, root.type, frozenset(_names(root)), root)


def names(text: str) -> frozenset[str]:
    """Return the names that *text* uses, known or not, without checking types.

    Raises:
        ConditionError: If *text* is not a condition by its grammar.
    """
    return frozenset(_names(_Parser(text).whole()))


# --- tokens

_WORDS = ("and", "or", "not", "in", "between", "is", "missing", "null", "true", "false")
_ALIASES = {"==": "=", "<>": "!=", "null": "missing"}
_DIGIT = "[0-9۰-۹٠-٩]"
_NUMBER = re.compile(rf"(?:[0۰٠]|(?![0۰٠]){_DIGIT}{{1,15}})(?:[.٫]{_DIGIT}{{1,15}})?")
_MARK = r"\u0300-\u036f\u064b-\u065f\u0670"  # accents and Arabic vowel signs, not in \w
_TOKEN = re.compile(
    rf"""(?P<number>{_DIGIT}[\w.٫٬]*)
    | (?P<text>'(?:[^'\n]|'')*'|"(?:[^"\n]|"")*")
    | (?P<name>[^\W\d](?:\u200c?[\w{_MARK}])*)  # Persian words hold ZWNJ inside
    | (?P<strange>&&|\|\||\*\*|=>|=<)
    | (?P<word><=|>=|<>|!=|==|[-+*/=<>(),])
    | (?P<other>\S)""",
    re.VERBOSE,
)
# Control characters, bidirectional marks and lone surrogates hide what a condition says.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200d-\u200f"
    r"\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_ADVICE = {
    found: advice
    for several, advice in (
        ("& && و", "write 'and'"),
        ("| || یا", "write 'or'"),
        ("! ~", "write 'not'"),
        ("** ^", "there are no powers; write x * x"),
        ("% ٪", "write 50 for 50 %"),
        ("“ ” ‘ ’ « » `", "text stands in straight quotes: 'text'"),
        ("[ ] { }", "write round brackets"),
        ("≤ =<", "write '<='"),
        ("≥ =>", "write '>='"),
        ("≠", "write '!='"),
        ("×", "write '*'"),
        ("÷", "write '/'"),
        ("− –", "write '-'"),
        ("،", "write ','"),
        (".", "a name has no dots, and a number starts with a digit (0.5)"),
        ("\u200c", "delete this invisible character"),
        ("' \"", "end the text with the same quote, on the same line"),
        ("like ilike contains matches", "there are no patterns; list the values: in ('…', '…')"),
        (")", "close as many brackets as you open"),
    )
    for found in several.split()
}


def _tokens(text: str) -> Iterator[_Token]:
    """Split *text*, within its limits; the last token is of kind ``end``."""
    advice = "split it, or derive a field for a part"
    if len(text) > MAX_CHARACTERS:
        message = f"{len(text):,} characters are too long; at most {MAX_CHARACTERS:,} are read"
        raise ConditionError(message, MAX_CHARACTERS, len(text), advice)
    if unseen := _UNSEEN.search(text):
        message = f"the invisible character {unseen[0]!a} is not allowed"
        raise ConditionError(message, *unseen.span(), "delete it")
    terms = 0
    for match in _TOKEN.finditer(text):
        token = _token(match)
        terms += token.kind in ("number", "text", "name") or token.text in ("true", "false")
        if terms > MAX_TERMS:
            message = f"more than {MAX_TERMS} fields and values"
            raise ConditionError(message, token.start, token.end, advice)
        yield token
    yield _Token("end", "", len(text), len(text))


def _token(match: re.Match[str]) -> _Token:
    kind, found, (start, end) = str(match.lastgroup), match[0], match.span()
    if kind == "number" and not _NUMBER.fullmatch(found):
        hint = "at most 15 digits before and after one decimal point, no leading zeros or commas"
        raise ConditionError(f"'{found}' is not a number", start, end, hint)
    if found in ("'", '"'):
        raise ConditionError("the text is not closed", start, len(match.string), _ADVICE[found])
    if kind in ("strange", "other"):
        raise ConditionError(f"{found!r} is not known", start, end, _ADVICE.get(found, ""))
    word = found.lower()
    if kind == "word" or word in _WORDS:
        kind, found = "word", _ALIASES.get(word, word)
    return _Token(kind, found, start, end)


# --- grammar

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class _Parser:
    """Recursive descent. Chains are loops, so that only nesting, which is bounded, recurses."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at, self.depth = text, tuple(_tokens(text)), 0, 0

    def whole(self) -> _Node:
        if len(self.tokens) == 1:
            raise ConditionError("the condition is empty", 0, len(self.text))
        node = self.condition()
        if self.next.kind != "end":
            hint = _ADVICE.get(self.next.text, "join two conditions with 'and' or 'or'")
            self.refuse(f"{self.found} cannot follow here", hint)
        return node

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    @property
    def found(self) -> str:
        found = self.text[self.next.start : self.next.end]
        return {"end": "the end", "text": found}.get(self.next.kind, f"'{found}'")

    def refuse(self, message: str, hint: str = "") -> NoReturn:
        raise ConditionError(message, self.next.start, self.next.end, hint)

    def accept(self, *words: str) -> _Token | None:
        token = self.next
        if token.kind != "word" or token.text not in words:
            return None
        self.at += 1
        return token

    def expect(self, word: str, hint: str = "") -> _Token:
        return self.accept(word) or self.refuse(f"'{word}' is expected, not {self.found}", hint)

    def nested(self, outer: _Token, part: Callable[[], _Node]) -> _Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels of nesting"
            raise ConditionError(message, outer.start, outer.end, "derive a field for a part")
        node = part()
        self.depth -= 1
        return node

    def condition(self) -> _Node:
        return self.chain(self.conjunction, "or")

    def conjunction(self) -> _Node:
        return self.chain(self.negation, "and")

    def sum(self) -> _Node:
        return self.chain(self.product, "+", "-")

    def product(self) -> _Node:
        return self.chain(self.factor, "*", "/")

    def chain(self, part: Callable[[], _Node], *signs: str) -> _Node:
        parts, found = [part()], []
        while sign := self.accept(*signs):
            found.append(sign.text)
            parts.append(part())
        return replace(_over(signs[0], *parts), value=tuple(found)) if found else parts[0]

    def negation(self) -> _Node:
        if outer := self.accept("not"):
            return replace(_over("not", self.nested(outer, self.negation)), start=outer.start)
        return self.comparison()

    def comparison(self) -> _Node:
        left = self.sum()
        if self.accept("is"):
            negated = self.accept("not")
            end = self.expect("missing", "'is' asks only for 'missing'; write x, not x, or =").end
            node = replace(_over("missing", left), end=end)
        elif sign := self.accept(*_COMPARISONS):
            return self.compared(left, sign)
        else:
            negated = self.accept("not")
            if self.accept("in"):
                node = self.in_list(left)
            elif self.accept("between"):
                low = self.sum()
                self.expect("and")
                node = _over("between", left, low, self.sum())
            elif negated:
                self.refuse(f"'in' or 'between' is expected, not {self.found}", "or write '!='")
            else:
                return left
        return _over("not", node) if negated else node

    def compared(self, left: _Node, sign: _Token) -> _Node:
        right = self.sum()
        if again := self.accept(*_COMPARISONS):
            last = self.sum()
            a, b, c = (self.text[node.start : node.end] for node in (left, right, last))
            hint = f"write {a} {sign.text} {b} and {b} {again.text} {c}"
            raise ConditionError("comparisons cannot be chained", left.start, last.end, hint)
        return _over(sign.text, left, right)

    def in_list(self, left: _Node) -> _Node:
        self.expect("(")
        parts = [left]
        while len(parts) == 1 or self.accept(","):
            parts.append(value := self.factor())
            if value.kind != "literal":
                found = self.text[value.start : value.end]
                hint = f"text stands in quotes: '{found}'" if value.kind == "field" else ""
                raise value.refused("a list holds plain values only", hint)
        return replace(_over("in", *parts), end=self.expect(")").end)

    def factor(self) -> _Node:
        if outer := self.accept("-"):
            node = self.nested(outer, self.factor)
            if node.kind == "literal" and node.type == "number":
                return replace(node, start=outer.start, value=-node.value)
            return replace(_over("-", node), start=outer.start)
        if outer := self.accept("("):
            node = self.nested(outer, self.condition)
            return replace(node, start=outer.start, end=self.expect(")").end)
        return self.operand()

    def operand(self) -> _Node:
        kind, found, start, end = self.next
        if kind == "end" or (kind == "word" and found not in ("true", "false")):
            hint = "write 'x is missing'" if found == "missing" else ""
            self.refuse(f"a field or a value is expected, not {self.found}", hint)
        self.at += 1
        if kind == "name" and self.accept("("):
            hint = "compare fields, with + - * /; other calculations belong in a criterion"
            raise ConditionError(f"there are no functions, so no '{found}(…)'", start, end, hint)
        if kind == "name":
            return _Node("field", start, end, value=found)
        if kind == "number":
            number = float(found.replace("٫", "."))
            return _Node("literal", start, end, value=number, type="number")
        if kind == "text":
            value = found[1:-1].replace(found[0] * 2, found[0])
            return _Node("literal", start, end, value=value, type="text")
        return _Node("literal", start, end, value=found == "true")


def _over(kind: str, *operands: _Node) -> _Node:
    return _Node(kind, operands[0].start, operands[-1].end, operands)


def _names(node: _Node) -> Iterator[str]:
    if node.kind == "field":
        yield node.value
    for operand in node.operands:
        yield from _names(operand)


# --- types

_A = {"number": "a number", "boolean": "true or false", "text": "text", "date": "a date"}
_COMPARE = "compare it, as in visits > 0 or kind = 'ministry'"
_TAKES: dict[str, tuple[str, tuple[FieldType, ...]]] = {
    **dict.fromkeys(("and", "or", "not"), ("takes conditions", ("boolean",))),
    **dict.fromkeys(("+", "*", "-"), ("calculates with numbers", ("number",))),
    **dict.fromkeys(
        ("<", "<=", ">", ">=", "between"), ("compares numbers and dates", ("number", "date"))
    ),
}


def _checked(node: _Node, text: str, fields: Mapping[str, Field]) -> _Node:
    """Return *node* with types and dates settled, or refuse what does not fit together."""
    if node.kind == "field" and node.value not in fields:
        hint = did_you_mean(node.value, fields)
        hint += "" if hint.startswith("did") else f"; text stands in quotes: '{node.value}'"
        raise node.refused(f"unknown field '{node.value}'", hint)
    if not node.operands:
        return replace(node, type=fields[node.value].type) if node.kind == "field" else node
    operands = tuple(_checked(operand, text, fields) for operand in node.operands)
    compares = node.kind in (*_COMPARISONS, "between", "in")
    if compares and any(operand.type == "date" for operand in operands):
        operands = tuple(_dated(operand, text) for operand in operands)
    takes, types = _TAKES.get(node.kind, ("", tuple(_A)))
    for index, operand in enumerate(operands):
        if operand.type not in types:
            word = node.value[max(index - 1, 0)] if node.value else node.kind
            hint = _COMPARE if types == ("boolean",) else ""
            raise operand.refused(f"'{word}' {takes}; {_described(operand, text)}", hint)
    if compares:
        _refuse_unlike(operands, text, fields)
    return replace(node, operands=operands, type="number" if node.kind in "+-*" else "boolean")


def _refuse_unlike(operands: tuple[_Node, ...], text: str, fields: Mapping[str, Field]) -> None:
    """Refuse to compare two types, and a closed text with what is none of its values."""
    first = operands[0]
    closed = {o.value: fields[o.value].values for o in operands if o.kind == "field"}
    for operand in operands:
        if operand.type != first.type:
            types = {operand.type, first.type}
            hint = "text stands in quotes, numbers do not" if types == {"number", "text"} else ""
            hint = "write a date as 'YYYY-MM-DD'" if "date" in types else hint
            both = f"{_described(first, text)}, {_described(operand, text)}"
            raise operand.refused(f"two types cannot be compared: {both}", hint)
        for name, values in closed.items():
            if operand.kind == "literal" and values and operand.value not in values:
                message = f"'{operand.value}' is not a value of '{name}'"
                raise operand.refused(message, did_you_mean(operand.value, values))


def _dated(node: _Node, text: str) -> _Node:
    """Read a literal text as a date; anything else stays as it is."""
    if node.kind != "literal" or node.type != "text":
        return node
    try:
        day = date.fromisoformat(node.value)
    except ValueError:
        day = date.min
    if day.isoformat() != node.value or day.year < EARLIEST_YEAR:
        hint = f"write a Gregorian date from {EARLIEST_YEAR} on as 'YYYY-MM-DD'"
        raise node.refused(f"{text[node.start : node.end]} is not a date", hint)
    return replace(node, value=day, type="date")


def _described(node: _Node, text: str) -> str:
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


def _compiled(node: _Node, columns: Mapping[str, str]) -> nw.Expr:
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


def _calculated(node: _Node, columns: Mapping[str, str]) -> nw.Expr:
    """Compile a calculation: unknown where it divides by zero or leaves the range of numbers.

    The guards stand once around the whole calculation. Around each division they would repeat
    its divisor, and nested divisors would double the expression at every level. An engine may
    answer x / 0 by infinity, NaN, null or an error, so the divisors are looked at first.
    """
    divisors: list[nw.Expr] = []
    value = _value(node, columns, divisors)
    guards = [(divisor != 0) & divisor.is_finite() for divisor in divisors]
    return nw.when(nw.all_horizontal(*guards, value.is_finite(), ignore_nulls=False)).then(value)


def _value(node: _Node, columns: Mapping[str, str], divisors: list[nw.Expr]) -> nw.Expr:
    """Compile a calculation without guards, and add what it divides by to *divisors*."""
    if not node.operands:
        return _compiled(node, columns)
    value, *others = (_value(operand, columns, divisors) for operand in node.operands)
    if node.kind == "-":
        return -value
    anchor = next(_names(node), None)
    for sign, part, other in zip(node.value, node.operands[1:], others, strict=True):
        by = other
        if sign == "/":
            divisors.append(other)
            if anchor and not any(_names(part)):
                # Eager Polars multiplies by the inverse of a constant, and 57 * (1 / 100) is not
                # 57 / 100. A column of that constant (null where the result is) is divided by.
                by = nw.col(columns.get(anchor, anchor)).cast(nw.Float64) * 0 + other
        value = _OPERATIONS[sign](value, by)
    return value
