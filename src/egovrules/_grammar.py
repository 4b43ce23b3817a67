"""The grammar of conditions: text to a tree of :class:`Node`, by tokens and recursive descent.

What the names mean, and whether types fit, is decided in ``conditions``. Every input is bounded,
and nothing but :class:`ConditionError` is raised, so a condition may come from anyone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, NoReturn

FieldType = Literal["number", "boolean", "text", "date"]

MAX_CHARACTERS = 1_000
MAX_TERMS = 200  # fields and values
MAX_DEPTH = 16  # brackets, ``not`` and minus signs inside one another


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
class Node:
    """A part of a condition. Its kind is literal, field, or the word that joins its operands."""

    kind: str
    start: int
    end: int
    operands: tuple["Node", ...] = ()
    value: Any = None  # of a literal; the name of a field; the signs of a chain
    type: FieldType = "boolean"

    def refused(self, message: str, hint: str = "") -> ConditionError:
        """Make the error that points at this part."""
        return ConditionError(message, self.start, self.end, hint)


def read(text: str) -> "Node":
    """Read *text* as a condition by its grammar; the types of the tree are still open.

    Raises:
        ConditionError: For the first thing that is wrong, and for nothing else.
    """
    return _Parser(text).whole()


def names_in(node: "Node") -> Iterator[str]:
    """Yield the names of fields in a tree, from left to right."""
    if node.kind == "field":
        yield node.value
    for operand in node.operands:
        yield from names_in(operand)


def normal(text: str) -> str:
    """Return a condition with one space between its parts, and each sign in its one spelling.

    So that `offices>=3` and `offices >= 3` are the same. What is none (the name of a criterion
    under `derive:`) is only stripped.
    """
    try:
        return " ".join(token.text for token in _tokens(text)).rstrip()
    except ConditionError:
        return text.strip()


# --- tokens

_WORDS = ("and", "or", "not", "in", "between", "is", "missing", "null", "true", "false")
_ALIASES = {"==": "=", "<>": "!=", "null": "missing"}
_DIGIT = "[0-9۰-۹٠-٩]"
_NUMBER = re.compile(rf"(?:[0۰٠]|(?![0۰٠]){_DIGIT}{{1,15}})(?:[.٫]{_DIGIT}{{1,15}})?")
_MARK = r"\u0300-\u036f\u064b-\u065f\u0670"  # accents and Arabic vowel signs, not in \w
_TOKEN = re.compile(
    rf"""(?P<date>{_DIGIT}{{4}}([-/]){_DIGIT}{{1,2}}\2{_DIGIT}{{1,2}}(?!\w))
    | (?P<number>{_DIGIT}[\w.٫٬]*)
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
        message = f"the invisible character U+{ord(unseen[0]):04X} is not allowed"
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
    if kind == "date":  # or so it seems: 2021-10-21 is 1990
        hint = f"write '{found}' if it is a date, and spaces between numbers if it is none"
        raise ConditionError(f"{found} stands without quotes", start, end, hint)
    if found in ("'", '"'):
        raise ConditionError("the text is not closed", start, len(match.string), _ADVICE[found])
    if kind in ("strange", "other"):
        shown = f"'{found}'" if found.isprintable() else f"U+{ord(found):04X}"
        raise ConditionError(f"{shown} is not known", start, end, _ADVICE.get(found, ""))
    word = found.lower()
    if kind == "word" or word in _WORDS:
        kind, found = "word", _ALIASES.get(word, word)
    return _Token(kind, found, start, end)


# --- grammar

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")


class _Parser:
    """Recursive descent. Chains are loops, so that only nesting, which is bounded, recurses."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at, self.depth = text, tuple(_tokens(text)), 0, 0

    def whole(self) -> Node:
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

    def nested(self, outer: _Token, part: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels of nesting"
            raise ConditionError(message, outer.start, outer.end, "derive a field for a part")
        node = part()
        self.depth -= 1
        return node

    def condition(self) -> Node:
        return self.chain(self.conjunction, "or")

    def conjunction(self) -> Node:
        return self.chain(self.negation, "and")

    def sum(self) -> Node:
        return self.chain(self.product, "+", "-")

    def product(self) -> Node:
        return self.chain(self.factor, "*", "/")

    def chain(self, part: Callable[[], Node], *signs: str) -> Node:
        parts, found = [part()], []
        while sign := self.accept(*signs):
            found.append(sign.text)
            parts.append(part())
        return replace(_over(signs[0], *parts), value=tuple(found)) if found else parts[0]

    def negation(self) -> Node:
        if outer := self.accept("not"):
            return replace(_over("not", self.nested(outer, self.negation)), start=outer.start)
        return self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        if self.accept("is"):
            negated = self.accept("not")
            end = self.expect("missing", "'is' asks only for 'missing'; write x, not x, or =").end
            node = replace(_over("missing", left), end=end)
        elif sign := self.accept(*COMPARISONS):
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

    def compared(self, left: Node, sign: _Token) -> Node:
        right = self.sum()
        if again := self.accept(*COMPARISONS):
            last = self.sum()
            a, b, c = (self.text[node.start : node.end] for node in (left, right, last))
            hint = f"write {a} {sign.text} {b} and {b} {again.text} {c}"
            raise ConditionError("comparisons cannot be chained", left.start, last.end, hint)
        return _over(sign.text, left, right)

    def in_list(self, left: Node) -> Node:
        self.expect("(")
        parts = [left]
        while len(parts) == 1 or self.accept(","):
            parts.append(value := self.factor())
            if value.kind != "literal":
                found = self.text[value.start : value.end]
                hint = f"text stands in quotes: '{found}'" if value.kind == "field" else ""
                raise value.refused("a list holds plain values only", hint)
        return replace(_over("in", *parts), end=self.expect(")").end)

    def factor(self) -> Node:
        if outer := self.accept("-"):
            node = self.nested(outer, self.factor)
            if node.kind == "literal" and node.type == "number":
                return replace(node, start=outer.start, value=-node.value)
            return replace(_over("-", node), start=outer.start)
        if outer := self.accept("("):
            node = self.nested(outer, self.condition)
            return replace(node, start=outer.start, end=self.expect(")").end)
        return self.operand()

    def operand(self) -> Node:
        kind, found, start, end = self.next
        if kind == "end" or (kind == "word" and found not in ("true", "false")):
            hint = "write 'x is missing'" if found == "missing" else ""
            hint = "name what is compared, as in x > 5 and x < 8" if found in COMPARISONS else hint
            self.refuse(f"a field or a value is expected, not {self.found}", hint)
        self.at += 1
        if kind == "name" and self.accept("("):
            hint = "compare fields, with + - * /; other calculations belong in a criterion"
            raise ConditionError(f"there are no functions, so no '{found}(…)'", start, end, hint)
        if kind == "name":
            return Node("field", start, end, value=found)
        if kind == "number":
            number = float(found.replace("٫", "."))
            return Node("literal", start, end, value=number, type="number")
        if kind == "text":
            value = found[1:-1].replace(found[0] * 2, found[0])
            return Node("literal", start, end, value=value, type="text")
        return Node("literal", start, end, value=found == "true")


def _over(kind: str, *operands: Node) -> Node:
    return Node(kind, operands[0].start, operands[-1].end, operands)
