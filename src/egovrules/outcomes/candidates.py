"""A few values for each field that stand for all that it can have.

Conditions compare fields with values and with one another. What they say depends only on how the
fields lie among those values and to one another, so it is enough to try the values themselves and
some points between, below and above them: as many as there are fields that are compared.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, pairwise
from typing import Any

import narwhals as nw
import polars as pl

from egovrules._grammar import COMPARISONS, Node, names_in, read
from egovrules.conditions import Condition, Field, parse

MAX_ROWS = 20_000  # combinations that are tried; of more, some that are spread evenly
_SPREAD_CELLS = 40_000  # how large the table of those is
_TOGETHER = 8  # fields that are compared with one another; of more, nothing is proved
_GUESSES = 200  # numbers that are tried where nothing is proved
_COMBINED = 8  # values of a calculation that are calculated with one another
_LARGE = 2.0**52  # above it, a float plus 1 may be the same float
_DTYPES = {"number": pl.Float64, "boolean": pl.Boolean, "text": pl.String, "date": pl.Date}


@dataclass(frozen=True, slots=True)
class Domain:
    """Which values a field can have.

    Attributes:
        field: Its type, and its values where text is closed.
        low: Smallest number, None for no bound.
        high: Largest number, None for no bound.
        can_be_missing: Whether it may be without a value.
        whole: Whether a number has no decimals.
        can_be_empty: Whether an open text may be ``''``; an empty cell is missing.
        at_most: Fields of the same subject than which it is never larger.
    """

    field: Field
    low: float | None = None
    high: float | None = None
    can_be_missing: bool = True
    whole: bool = False
    can_be_empty: bool = False
    at_most: tuple[str, ...] = ()


@dataclass
class _Group:
    """Fields that are compared with one another, and with which values.

    Attributes:
        fields: Their names.
        values: What they are compared with: numbers (days for dates), or texts.
        exact: Whether they are compared only, and not calculated with.
    """

    fields: set[str]
    values: set[Any] = field(default_factory=set)
    exact: bool = True


def candidates(
    conditions: Sequence[Condition], domains: Mapping[str, Domain]
) -> tuple[pl.DataFrame, bool]:
    """Return values for the fields of the conditions, one combination per row.

    Args:
        conditions: Over fields of *domains*.
        domains: Of the fields.

    Returns:
        At most 20,000 rows with one column per field (and one of no meaning), and whether they
        bring about everything that the conditions together can.
    """
    groups = _groups(conditions, domains)
    values: dict[str, list[Any]] = {}
    for group in groups:
        values |= _values(group, domains)
    exact = all(group.exact for group in groups)
    table, all_of_them = _combined(values, domains)
    for name in values:
        for other in set(domains[name].at_most) & values.keys():
            fits = (pl.col(name) <= pl.col(other)).fill_null(value=True)
            table = table.filter(fits)
    return table, exact and all_of_them


def _groups(conditions: Sequence[Condition], domains: Mapping[str, Domain]) -> list[_Group]:
    names = sorted({name for condition in conditions for name in condition.fields})
    found = [_Group({name}) for name in names]
    found += [
        _Group({name, other}) for name in names for other in domains[name].at_most if other in names
    ]
    for condition in conditions:
        found += _compared(read(condition.text), condition.text, domains)
    merged: list[_Group] = []
    for group in found:
        near = [other for other in merged if other.fields & group.fields]
        merged = [other for other in merged if other not in near]
        for other in near:
            group.fields |= other.fields
            group.values |= other.values
            group.exact &= other.exact
        group.exact &= len(group.fields) <= _TOGETHER
        merged.append(group)
    return merged


def _compared(node: Node, text: str, domains: Mapping[str, Domain]) -> Iterator[_Group]:
    """Yield what each comparison in a tree compares."""
    if node.kind in (*COMPARISONS, "between", "in", "missing"):
        parts = [part for part in node.operands if _is_plain(part)]
        fields = {name for part in parts for name in names_in(part)}
        if fields:
            kind = domains[min(fields)].field.type
            values = {_value(part, text, kind) for part in parts if not any(names_in(part))}
            group = _Group(fields, values - {None})
            calculated = [part for part in parts if part.operands and any(names_in(part))]
            if calculated:
                group.exact = False
                group.values |= _around({*group.values, *_numbers(calculated)})
            yield group
    for operand in node.operands:
        yield from _compared(operand, text, domains)


def _is_plain(node: Node) -> bool:
    """Tell whether an operand is a field, a value or a calculation, and no condition."""
    return not node.operands or node.kind in ("+", "-", "*")


def _value(node: Node, text: str, kind: str) -> Any:
    """Return a value that fields are compared with; None where it is unknown, as 1 / 0 is."""
    if kind == "date":
        return date.fromisoformat(node.value).toordinal()
    if not node.operands:
        return node.value
    # By the engine, since the last bit of 1 / 3 counts.
    calculation = parse(text[node.start : node.end], {}, want="number").expression()
    frame = nw.from_native(pl.DataFrame({"row": [0]}), eager_only=True)
    return frame.select(calculation.alias("value")).item()


def _numbers(nodes: Iterable[Node]) -> Iterator[float]:
    for node in nodes:
        if node.kind == "literal":
            yield node.value
        yield from _numbers(node.operands)


def _around(values: set[float]) -> set[float]:
    """Guess the numbers at which a calculation with these numbers may cross them."""
    known = sorted(values)[:_COMBINED]
    made = {0.0, 1.0, *(-a for a in known)}
    for a, b in combinations(known, 2):
        made |= {a + b, a - b, b - a, a * b}
        made |= {a / b} if b else set()
        made |= {b / a} if a else set()
    return {value for value in made if math.isfinite(value)}


# --- the values of a group


def _values(group: _Group, domains: Mapping[str, Domain]) -> dict[str, list[Any]]:
    """Return the candidates of each field of a group, missing last."""
    several = len(group.fields) if group.exact else 1
    kind = domains[min(group.fields)].field.type
    points = _points(group, domains, several) if kind in ("number", "date") else []
    found: dict[str, list[Any]] = {}
    for name in sorted(group.fields):
        domain = domains[name]
        if kind == "boolean":
            found[name] = [False, True]
        elif kind == "text":
            found[name] = _texts(group, domain, several, domains)
        else:
            found[name] = [point for point in points if _lies_in(point, domain)]
        if kind == "date":
            days = range(date.min.toordinal(), date.max.toordinal() + 1)
            found[name] = [date.fromordinal(int(day)) for day in found[name] if int(day) in days]
        if domain.can_be_missing:
            found[name].append(None)
    return found


def _texts(group: _Group, domain: Domain, several: int, domains: Mapping[str, Domain]) -> list[Any]:
    """Return texts: of closed ones those that matter, of open ones some others as well."""
    closed = domain.field.values
    if closed and len(group.fields) == 1:
        others = [value for value in closed if value not in group.values]
        return [*(value for value in closed if value in group.values), *others[:1]]
    if closed:
        return list(closed)
    listed = {value for name in group.fields for value in domains[name].field.values}
    named = sorted((group.values | listed) - ({""} if not domain.can_be_empty else set()))
    new = (f"another text {number}" for number in range(1, len(named) + several + 1))
    return [*named, *[text for text in new if text not in named][:several]]


def _points(group: _Group, domains: Mapping[str, Domain], several: int) -> list[float]:
    """Return the numbers (or days) that fields of a group are compared with, and some around."""
    members = [domains[name] for name in group.fields]
    ends = {bound for one in members for bound in (one.low, one.high) if bound is not None}
    points = sorted({float(value) for value in group.values} | {float(end) for end in ends})
    if any(_is_whole(one) for one in members):
        points = _spread(points, several, whole=True)
    if not all(_is_whole(one) for one in members):
        points = _spread(points, several, whole=False)
    step = 1 if group.exact else len(points) // _GUESSES + 1
    return points[::step]


def _is_whole(domain: Domain) -> bool:
    return domain.whole or domain.field.type == "date"


def _lies_in(point: float, domain: Domain) -> bool:
    above = domain.low is None or point >= domain.low
    below = domain.high is None or point <= domain.high
    return above and below and (point.is_integer() or not _is_whole(domain))


def _spread(points: list[float], several: int, *, whole: bool) -> list[float]:
    """Add *several* numbers between, below and above these; where fewer are between, all."""
    if not points:
        return [float(number) for number in range(1, several + 1)]
    counts = range(1, several + 1)
    first, last = points[0], points[-1]
    found = {*points}
    for low, high in pairwise(points):
        start, step = (math.floor(low), 1.0) if whole else (low, (high - low) / (several + 1))
        found |= {near for number in counts if low < (near := start + step * number) < high}
    low, high = (math.ceil(first), math.floor(last)) if whole else (first, last)
    found |= {low - max(1.0, abs(low) / _LARGE * 2) * number for number in counts}
    found |= {high + max(1.0, abs(high) / _LARGE * 2) * number for number in counts}
    return sorted(found)


def _combined(
    values: Mapping[str, Sequence[Any]], domains: Mapping[str, Domain]
) -> tuple[pl.DataFrame, bool]:
    """Return the combinations of all values; of too many, some, spread evenly among them."""
    size = math.prod(len(some) for some in values.values())
    complete = size <= MAX_ROWS
    rows = size if complete else max(_SPREAD_CELLS // len(values), 1)
    columns = {"\x1frow": pl.Series("\x1frow", range(rows), dtype=pl.Int64)}
    block = size
    for number, (name, some) in enumerate(values.items()):
        many = len(some)
        if complete:
            block //= max(many, 1)
            chosen = [some[row // block % many] for row in range(rows)]
        else:  # no two fields go round in step, since the roots are irrational
            root = math.sqrt(number + 0.5)
            chosen = [some[int(row * root % 1 * many)] for row in range(rows)]
        columns[name] = pl.Series(name, chosen, dtype=_DTYPES[domains[name].field.type])
    return pl.DataFrame(columns), complete
