"""What conditions, and bands in order, make of all that their fields can be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import narwhals as nw
import polars as pl

from egovrules.conditions import Condition
from egovrules.outcomes.candidates import Domain, candidates
from egovrules.rules import BoundLabel

MAX_COMPARED = 100  # labels of a band that are compared with one another

Outcome = Literal["true", "false", "unknown"]


@dataclass(frozen=True, slots=True)
class Reach:
    """What can come of a condition.

    Attributes:
        outcomes: Each outcome that can come about, with values of the fields that bring it about
            (None: missing).
        exact: Whether what is not among the outcomes is proved impossible.
    """

    outcomes: Mapping[Outcome, Mapping[str, Any]]
    exact: bool


@dataclass(frozen=True, slots=True)
class Together:
    """What comes of several conditions on the same rows.

    Attributes:
        rows: Values of all their fields, one combination per row.
        results: Of each condition, its result on every row: true, false or null.
        exact: Whether the rows bring about every combination of results that is possible.
    """

    rows: pl.DataFrame
    results: tuple[pl.Series, ...]
    exact: bool

    def example(self, where: pl.Series) -> Mapping[str, Any] | None:
        """Return the values of the first row for which *where* is true, None if there is none."""
        found = where.arg_true()
        return None if found.is_empty() else self.rows.row(found[0], named=True)


@dataclass(frozen=True, slots=True)
class BandReach:
    """What can land on the labels of a band.

    Attributes:
        examples: For every label, ``otherwise`` last: values that land there, None if none do.
        exact: Whether a label without an example is proved to be out of reach.
        takers: For every label without an example, the numbers of the labels before it that take
            what it would fit; none where its own tests are never true.
        overlaps: Pairs of labels (by number) that both fit some values while neither fits all
            that the other does, with an example of such values.
    """

    examples: tuple[Mapping[str, Any] | None, ...]
    exact: bool
    takers: Mapping[int, tuple[int, ...]]
    overlaps: Mapping[tuple[int, int], Mapping[str, Any]]


def reach_together(conditions: Sequence[Condition], domains: Mapping[str, Domain]) -> Together:
    """Try several conditions on the same rows.

    Args:
        conditions: With a result of true or false.
        domains: Of every field that they read.
    """
    rows, exact = candidates(conditions, domains)
    found = {f"\x1f{number}": one.expression() for number, one in enumerate(conditions)}
    results: pl.DataFrame = nw.from_native(rows).select("\x1frow", **found).to_native()
    return Together(rows.drop("\x1frow"), tuple(results[name] for name in found), exact)


def reach(condition: Condition, domains: Mapping[str, Domain]) -> Reach:
    """Say what can come of a condition.

    Args:
        condition: With a result of true or false.
        domains: Of every field that it reads.
    """
    tried = reach_together((condition,), domains)
    where = rows_by_outcome(tried.results[0])
    examples = {outcome: tried.example(rows) for outcome, rows in where.items()}
    found = {outcome: example for outcome, example in examples.items() if example is not None}
    return Reach(found, tried.exact)


def rows_by_outcome(result: pl.Series) -> Mapping[Outcome, pl.Series]:
    """Tell of every outcome on which rows of a result it came about."""
    return {
        "true": result.fill_null(value=False),
        "false": ~result.fill_null(value=True),
        "unknown": result.is_null(),
    }


def labels_reach(labels: Sequence[BoundLabel], domains: Mapping[str, Domain]) -> BandReach:
    """Say what can land on the labels of a band: the first label whose tests are all true takes.

    Args:
        labels: In order.
        domains: Of every field that their tests read.
    """
    tried = reach_together([test for label in labels for test in label.tests], domains)
    results, fits = iter(tried.results), []
    everything = pl.repeat(value=True, n=tried.rows.height, eager=True)
    for label in labels:
        fit = everything
        for _ in label.tests:
            fit &= next(results).fill_null(value=False)
        fits.append(fit)
    left, rests, examples = everything, [], []
    for fit in fits:
        rests.append(left)
        examples.append(tried.example(fit & left))
        left &= ~fit
    takers = {
        later: tuple(
            number for number, fit in enumerate(fits[:later][:MAX_COMPARED]) if (fit & own).any()
        )
        for later, own in enumerate(fits)
        if examples[later] is None
    }
    overlaps = {}
    for first, second in combinations(range(min(len(labels), MAX_COMPARED)), 2):
        one, other, rest = fits[first], fits[second], rests[first]
        shared = tried.example(one & other & rest)
        if shared and (one & ~other & rest).any() and (other & ~one & rest).any():
            overlaps[first, second] = shared
    return BandReach((*examples, tried.example(left)), tried.exact, takers, overlaps)
