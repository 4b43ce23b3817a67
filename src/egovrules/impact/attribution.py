"""How much of each agency's move each changed rule caused: Shapley values over the rules.

A rule's part is what it adds on top of the rules that were changed before it, averaged over the
orders in which they could have been changed. So the parts add up to the move, a rule that decides
nothing gets nothing, and none is favoured by where it stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, permutations

import polars as pl

from egovrules.impact.hybrids import UNITS, Hybrids, Rule, Standings

MOST_EXACT = 5  # rules up to which all orders are tried: at most 30 further evaluations
ATTRIBUTION = {
    "agency": pl.String,
    "rule": pl.String,
    "points": pl.Float64,
    "places": pl.Float64,
}
_JOINT = " + "


@dataclass(frozen=True, slots=True)
class Part:
    """A share of the blame: a changed rule, or several that stand only together."""

    rules: tuple[Rule, ...]

    @property
    def id(self) -> str:
        """The paths of its rules, joined with ``+``."""
        return _JOINT.join(rule.id for rule in self.rules)


@dataclass(frozen=True, eq=False)
class Attribution:
    """Which rule moved whom by how much.

    Attributes:
        parts: The changed rules, in the order of the newer ruleset.
        exact: Whether all orders were averaged; else only that of the file and its reverse.
        table: agency, rule (the id of its part), points (of the total) and places (won): one row
            per agency and part. They add up to what the agency moved, in steps of 1e-9; null
            where it has no total (or rank) under one of the rulesets between.
    """

    parts: tuple[Part, ...]
    exact: bool
    table: pl.DataFrame


def attribute(rules: Sequence[Rule], agencies: Sequence[str], hybrids: Hybrids) -> Attribution:
    """Share out what each agency moved among the rules that changed.

    Args:
        rules: What changed; none of them makes an empty table.
        agencies: Whose moves.
        hybrids: Has learned of the old and the new evaluation.
    """
    parts = _standing(tuple(Part((rule,)) for rule in rules), hybrids)
    orders = _orders(len(parts))
    found = {steps: _standings(steps, parts, hybrids) for steps in _coalitions(orders)}
    rows = []
    for agency in agencies:
        shared = []
        for which in (0, 1):
            values = {
                steps: one.get(agency, (None, None))[which] if one else None
                for steps, one in found.items()
            }
            shared.append(_shared(values, orders))
        rows += [
            (agency, part.id, *(None if one is None else one[place] / UNITS for one in shared))
            for place, part in enumerate(parts)
        ]
    table = pl.DataFrame(rows, schema=ATTRIBUTION, orient="row")
    return Attribution(parts, len(parts) <= MOST_EXACT, table)


def apportion(parts: Sequence[int], divisor: int, whole: int) -> list[int]:
    """Divide each part, and round so that they add up to *whole*.

    The largest remainders are rounded up first, of equal ones the earlier; nought stays nought.
    *whole* is about the sum of the parts through the divisor, and 0 where all parts are.
    """
    rounded = [part // divisor for part in parts]
    order = sorted(
        (place for place, part in enumerate(parts) if part),
        key=lambda place: (-(parts[place] % divisor), place),
    )
    rest = whole - sum(rounded)
    step = 1 if rest > 0 else -1
    for place in islice(cycle(order if rest > 0 else order[::-1]), abs(rest)):
        rounded[place] += step
    return rounded


def _orders(count: int) -> list[tuple[int, ...]]:
    """Return the orders to average over: all, or the file's and its reverse."""
    if count <= MOST_EXACT:
        return list(permutations(range(count)))
    return [tuple(range(count)), tuple(reversed(range(count)))]


def _coalitions(orders: Iterable[tuple[int, ...]]) -> list[frozenset[int]]:
    """Return every set of parts that some order goes through, small ones first."""
    found = {frozenset(order[:count]) for order in orders for count in range(len(order) + 1)}
    return sorted(found, key=lambda one: (len(one), sorted(one)))


def _standings(chosen: Iterable[int], parts: Sequence[Part], hybrids: Hybrids) -> Standings | None:
    return hybrids.standings([rule for place in sorted(chosen) for rule in parts[place].rules])


def _standing(parts: tuple[Part, ...], hybrids: Hybrids) -> tuple[Part, ...]:
    """Join parts until each ruleset between the two stands.

    A cap on a new value cannot come before that value: the two are one part.
    """
    while True:
        coalitions = _coalitions(_orders(len(parts)))
        failing = next((one for one in coalitions if _standings(one, parts, hybrids) is None), None)
        if failing is None:
            return parts
        parts = _joined(parts, failing, hybrids)


def _joined(parts: tuple[Part, ...], failing: frozenset[int], hybrids: Hybrids) -> tuple[Part, ...]:
    """Join a part that a set of them cannot bear with the first other that makes the set stand."""

    def stands(chosen: frozenset[int]) -> bool:
        return _standings(chosen, parts, hybrids) is not None

    last = sorted(failing, reverse=True)
    one = next((place for place in last if stands(failing - {place})), last[0])
    others = [place for place in range(len(parts)) if place not in failing]
    other = next((place for place in others if stands(failing | {place})), others[0])
    pair = sorted((one, other))
    joint = Part((*parts[pair[0]].rules, *parts[pair[1]].rules))
    joined = [joint if place == pair[0] else part for place, part in enumerate(parts)]
    return tuple(part for place, part in enumerate(joined) if place != pair[1])


def _shared(
    values: dict[frozenset[int], int | None], orders: Sequence[tuple[int, ...]]
) -> list[int] | None:
    """Share one agency's move out, in units; None where a set of rules leaves it without value."""
    known = {steps: value for steps, value in values.items() if value is not None}
    if len(known) < len(values):
        return None
    gains = [0] * len(orders[0])
    for order in orders:
        for count, part in enumerate(order):
            before = frozenset(order[:count])
            gains[part] += known[before | {part}] - known[before]
    return apportion(gains, len(orders), known[frozenset(orders[0])] - known[frozenset()])
