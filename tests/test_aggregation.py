"""Aggregations and ranks against their definitions in plain Python, on Polars and DuckDB."""

import itertools
import math
import os
import re
import statistics
import time
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from statistics import fmean

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from egovrules.aggregation import (
    BUILT_IN,
    Aggregation,
    Child,
    Copeland,
    Median,
    Power,
    WeightedMedian,
)
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.ranking import rank
from egovrules.recomputing import recompute
from egovrules.ruleset import read_ruleset

TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
budget = settings(max_examples=60 * TIMES, deadline=None, derandomize=True, database=None)
less = settings(budget, max_examples=20 * TIMES)

scores = st.one_of(
    st.none(),
    st.just(0.0),
    st.floats(0.001, 100),
    st.floats(-100, -0.001),
    st.integers(0, 100).map(float),
)
weights = st.sampled_from([0.0, 1 / 3, 1.0, 2.5, 25.0])


@st.composite
def tables(draw):
    """Weights of one to five children, and up to six rows of their scores."""
    width = draw(st.integers(1, 5))
    row = st.tuples(*[scores] * width)
    return draw(st.tuples(*[weights] * width)), draw(st.lists(row, min_size=1, max_size=6))


EXPONENTS = (-100.0, -3.0, -1.0, -0.01, 0.01, 0.5, 1.0, 2.0, 100.0)
BY_ROW = [one for one in BUILT_IN if one not in (Copeland, Power)]
ALL = [*(one() for one in BY_ROW), *(Power(exponent=p) for p in EXPONENTS)]


def called(one):
    return f"power {one.exponent:g}" if isinstance(one, Power) else one.id


def middle(pairs):
    """Count the weight from below and from above, in fractions, until half of it is reached."""
    exact = sorted((score, Fraction(weight).limit_denominator(1000)) for score, weight in pairs)
    half = sum(weight for _, weight in exact) / 2
    found = []
    for order in (exact, exact[::-1]):
        counted = Fraction(0)
        for score, weight in order:
            counted += weight
            if counted >= half:
                found.append(score)
                break
    return sum(found) / 2


def naive_power(present, p):
    """Average the powers in sixty decimals, where none is too large or too small."""
    with localcontext() as context:
        context.prec = 60
        total = sum(Decimal(weight) for _, weight in present)
        powers = sum(Decimal(score) ** Decimal(p) * Decimal(weight) for score, weight in present)
        return float((powers / total) ** (1 / Decimal(p)))


def naive(one, pairs):
    """Combine one row's (score or None, weight)."""
    present = [(score, weight) for score, weight in pairs if score is not None and weight > 0]
    if not present:
        return None
    scores, total = [score for score, _ in present], sum(weight for _, weight in present)
    plain = {
        "minimum": lambda: min(scores),
        "median": lambda: statistics.median(scores),
        "weighted_median": lambda: middle(present),
        "arithmetic": lambda: sum(score * weight for score, weight in present) / total,
    }
    if one.id in plain:
        return plain[one.id]()
    p = one.exponent if one.id == "power" else {"geometric": 0, "harmonic": -1}[one.id]
    if min(scores) < 0 or (min(scores) == 0 and p <= 0):
        return 0.0 if min(scores) == 0 else None
    if p == 0:
        return math.prod(score ** (weight / total) for score, weight in present)
    return naive_power(present, p)


def combined(aggregation, table, engine):
    """Aggregate with narwhals, row by row in the order of ``row``."""
    widths, rows = table
    columns = {f"c{i}": [row[i] for row in rows] for i in range(len(widths))}
    frame = pl.DataFrame(
        {"row": range(len(rows)), **columns},
        schema={"row": pl.Int64, **dict.fromkeys(columns, pl.Float64)},
    )
    children = [Child(nw.col(f"c{i}"), weight) for i, weight in enumerate(widths)]
    native = duckdb.from_arrow(frame.to_arrow()) if engine == "duckdb" else frame.lazy()
    result = nw.from_native(native).select("row", total=aggregation.combine(children))
    return result.collect("polars").to_native().sort("row")["total"].to_list()


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("aggregation", ALL, ids=called)
@given(table=tables())
@budget
def test_aggregations(aggregation, engine, table):
    widths, rows = table
    want = [naive(aggregation, zip(row, widths, strict=True)) for row in rows]
    got = combined(aggregation, table, engine)
    assert [one is None for one in got] == [one is None for one in want]
    known = [(a, b) for a, b in zip(got, want, strict=True) if b is not None]
    assert all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-11) for a, b in known)


@pytest.mark.parametrize("aggregation", ALL, ids=called)
@given(table=tables(), unit=st.sampled_from([0.5, 3.0, 1024.0]))
@less
def test_the_unit_of_weights_does_not_matter(aggregation, table, unit):
    widths, rows = table
    before = combined(aggregation, table, "polars")
    after = combined(aggregation, ([weight * unit for weight in widths], rows), "polars")
    assert after == [None if one is None else pytest.approx(one, rel=1e-12) for one in before]


@pytest.mark.parametrize("aggregation", ALL, ids=called)
@given(table=tables(), order=st.randoms(use_true_random=False))
@less
def test_the_order_of_children_does_not_matter(aggregation, table, order):
    widths, rows = table
    places = order.sample(range(len(widths)), len(widths))
    turned = [widths[i] for i in places], [[row[i] for i in places] for row in rows]
    before, after = (combined(aggregation, one, "polars") for one in (table, turned))
    want = [None if one is None else pytest.approx(one, rel=1e-12, abs=1e-11) for one in before]
    assert after == want


@pytest.mark.parametrize("aggregation", ALL, ids=called)
@given(table=tables())
@less
def test_a_mean_lies_between_its_children_and_better_never_scores_worse(aggregation, table):
    widths, rows = table
    rows = [[None if one is None else abs(one) for one in row] for row in rows]
    better = [[None if one is None else one + 1 for one in row] for row in rows]
    counted = [
        [one for one, weight in zip(row, widths, strict=True) if one is not None and weight]
        for row in rows
    ]
    before, after = (combined(aggregation, (widths, one), "polars") for one in (rows, better))
    for score, best, children in zip(before, after, counted, strict=True):
        assert (score is None) == (not children)
        if children:
            assert min(children) <= score * (1 + 1e-12) + 1e-11
            assert score <= max(children) * (1 + 1e-12) + 1e-11
            assert best > score


@given(table=tables())
@budget
def test_powers_rise_with_their_exponent_and_pass_through_the_other_means(table):
    widths, rows = table
    rows = [[None if one is None else abs(one) for one in row] for row in rows]
    by_id = {one.id: combined(one, (widths, rows), "polars") for one in ALL[:3]}
    scores = {p: combined(Power(exponent=p), (widths, rows), "polars") for p in EXPONENTS}
    for row in range(len(rows)):
        found = [scores[p][row] for p in EXPONENTS]
        if found[0] is not None:
            assert all(a <= b * (1 + 1e-12) for a, b in itertools.pairwise(found))
            assert found[EXPONENTS.index(1)] == pytest.approx(by_id["arithmetic"][row], rel=1e-12)
            assert found[EXPONENTS.index(-1)] == pytest.approx(by_id["harmonic"][row], rel=1e-12)
            near = [found[EXPONENTS.index(p)] for p in (-0.01, 0.01)]
            assert near[0] <= by_id["geometric"][row] * (1 + 1e-12)
            assert by_id["geometric"][row] <= near[1] * (1 + 1e-12)


def by_hand(aggregation, weights, *rows):
    return combined(aggregation, (weights, rows), "polars")


def test_means_by_hand():
    power = Power(exponent=2)
    assert by_hand(power, (1, 1), (3.0, 4.0), (0.0, 0.0)) == [pytest.approx(12.5**0.5), 0.0]
    assert by_hand(power, (3, 1), (2.0, 6.0)) == [pytest.approx(12**0.5)]
    assert by_hand(power, (1, 1), (-1.0, 7.0), (None, 7.0), (None, None)) == [None, 7.0, None]
    # Powers of which a float could hold none: 10⁵⁰⁰ and 10⁻⁵⁰⁰.
    wide = (0.001, 100.0), (100.0, 0.001)
    strict, lenient = Power(exponent=-100), Power(exponent=100)
    assert by_hand(strict, (1, 1), *wide) == [pytest.approx(0.001 * 2**0.01)] * 2
    assert by_hand(lenient, (1, 1), *wide) == [pytest.approx(100 / 2**0.01)] * 2
    half = Power(exponent=0.5)
    assert by_hand(half, (1, 1), (1.0, 9.0), (0.0, 16.0)) == [4.0, 4.0]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_mean_of_equal_scores_is_that_score_to_the_last_bit(engine):
    """exp(ln 30) is 30.000000000000004, which no child has."""
    rows = [(float(score), float(score)) for score in range(1, 101)]
    for one in ALL:
        if not one.of_negatives:
            got = combined(one, ((1 / 3, 2.5), rows), engine)
            assert got == [row[0] for row in rows], called(one)


def test_medians_by_hand():
    heavy = (1, 1, 3)
    rows = (10.0, 20.0, 90.0), (10.0, None, 90.0), (10.0, 20.0, None), (None, None, None)
    assert by_hand(Median(), heavy, *rows) == [20.0, 50.0, 15.0, None]
    assert by_hand(WeightedMedian(), heavy, *rows) == [90.0, 90.0, 15.0, None]
    # Half of the weight lies on either side: the mean of the two in the middle, noise or not.
    assert by_hand(WeightedMedian(), (0.1, 0.2, 0.3), (1.0, 2.0, 8.0)) == [5.0]
    assert by_hand(WeightedMedian(), (1 / 3, 2 / 3, 1), (1.0, 2.0, 8.0)) == [5.0]
    noisy = (0.3, 0.1, 0.1, 0.1)  # add up to a little more than 0.6
    assert by_hand(WeightedMedian(), noisy, (1.0, 2.0, 3.0, 4.0)) == [1.5]
    assert by_hand(WeightedMedian(), (1, 1, 2), (5.0, 5.0, 1.0)) == [3.0]
    assert by_hand(WeightedMedian(), (0, 1), (5.0, 3.0), (5.0, None)) == [3.0, None]


def test_only_the_arithmetic_mean_says_that_contributions_add_up():
    assert [one.id for one in BUILT_IN if one.additive] == ["arithmetic"]


def test_only_outranking_needs_the_whole_table():
    assert [one.id for one in BUILT_IN if one.whole] == ["copeland"]


@pytest.mark.parametrize("exponent", [0, 0.0, -0.0, 1e-9, -0.009, 101, -101, math.inf, math.nan])
def test_exponents_without_a_power_mean_are_refused(exponent):
    with pytest.raises(ValidationError):
        Power(exponent=exponent)


ON_TABLES = [Median(), WeightedMedian(), *(Power(exponent=p) for p in EXPONENTS)]


@pytest.mark.parametrize("aggregation", ON_TABLES, ids=called)
@given(table=tables())
@less
def test_many_children_are_combined_at_once_and_to_the_same_bits(aggregation, table):
    widths, rows = table
    counted = [place for place, weight in enumerate(widths) if weight > 0]
    if not counted:
        return
    columns = {f"c{i}": [row[i] for row in rows] for i in counted}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64))
    at_once = aggregation.combine_table(frame, [widths[i] for i in counted]).to_list()
    assert at_once == combined(aggregation, table, "polars")


@pytest.mark.parametrize("aggregation", ["median", "weighted_median", "{by: power, exponent: 2}"])
def test_a_hundred_children_take_no_time(aggregation):
    """As one expression, each of these would take half a minute."""
    names = [f"c{n}" for n in range(120)]
    criteria = ", ".join(f"{one}: {{use: core.value, with: {{column: {one}}}}}" for one in names)
    ruleset = read_ruleset(
        f"schema: egovrules/1\nid: t\ntitle: T\naxes: {{a: {{aggregate: {aggregation}, "
        f"criteria: {{{criteria}}}}}}}\n"
    )
    row = {one: [float(n), 50.0, 50.0, None] for n, one in enumerate(names)}
    table = pl.DataFrame({"code": list("ABCD"), **row}, schema_overrides=dict.fromkeys(row, float))
    start = time.process_time()
    evaluation = evaluate(ruleset, Dataset.of(agencies=table))
    assert time.process_time() - start < 8
    first, *rest = evaluation.agencies.sort("agency")["total"]
    power = math.sqrt(fmean(n * n for n in range(120)))
    assert first == pytest.approx(power if "power" in aggregation else 59.5)
    assert rest == [50.0, 50.0, None]
    explained = explain(evaluation, "A")
    assert recompute(explained.root) == explained.root.score


MEANS = [one for one in ALL if one.id not in ("minimum", "median", "weighted_median")]


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize("aggregation", MEANS, ids=called)
def test_a_mean_of_equal_scores_is_that_score(aggregation, engine):
    """In floats, 0.1 · 33.3 + 0.7 · 33.3 is not 0.8 · 33.3: equals would be parted."""
    values = [n / 10 for n in range(1, 1000, 7)]
    table = ((0.1, 0.7, 1 / 3), [(value,) * 3 for value in values])
    assert combined(aggregation, table, engine) == values


def test_a_way_that_combines_nothing_is_refused_where_it_is_written():
    with pytest.raises(TypeError, match=r"'idle' defines neither combine\(\) nor combine_table"):

        class Idle(Aggregation):
            """Forgot what matters."""

            id = "idle"


def test_the_reference_names_every_aggregation_and_its_ruleset_is_sound():
    page = (Path(__file__).parents[1] / "docs/reference/aggregations.md").read_text("utf-8")
    named = re.findall(r"^\| `(\w+)`.*\|$", page.partition("## Duels")[0], re.MULTILINE)
    assert named == ["aggregate", *(one.id for one in BUILT_IN)]
    ruleset = read_ruleset(page.partition("```yaml\n")[2].partition("```")[0])
    assert ruleset.warnings == ()
    # The table of gates at its end, on the columns of the ruleset.
    table = pl.DataFrame(
        {
            "code": ["A", "B", "C"],
            "forms": [40.0, None, None],
            "payment": [90.0, 90.0, None],
            "open_data": [50.0, 50.0, None],
            "open_law": [50.0, 50.0, None],
        }
    )
    totals = evaluate(ruleset, Dataset.of(agencies=table)).agencies.sort("agency")["total"]
    online = (((40**0.5) + 2 * 90**0.5) / 3) ** 2
    assert totals.to_list() == [pytest.approx((online + 50) / 2, abs=0.01), 0.0, None]


# --- outranking ---------------------------------------------------------------------------------


def duel(one, other, weights):
    """Return +1 where *one* wins, -1 where *other* does, 0 for a draw or where they do not meet."""
    won = lost = Fraction(0)
    for mine, theirs, weight in zip(one, other, weights, strict=True):
        if mine is None or theirs is None:
            continue
        share = Fraction(weight).limit_denominator(1000)
        won += share if mine > theirs else share / 2 if mine == theirs else 0
        lost += share if mine < theirs else share / 2 if mine == theirs else 0
    return (won > lost) - (won < lost)


def copeland(weights, rows):
    columns = {f"c{i}": [row[i] for row in rows] for i in range(len(weights))}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64))
    return Copeland().combine_table(frame, weights).to_list()


@given(
    st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(0, 3).map(float))] * 4), min_size=1, max_size=9
    ),
    st.tuples(*[st.sampled_from([1 / 3, 0.1, 0.2, 0.3, 1.0, 25.0])] * 4),
)
@budget
def test_copeland_meets_everyone(rows, weights):
    want = [
        None
        if set(row) == {None}
        else sum(duel(row, rival, weights) for k, rival in enumerate(rows) if k != place)
        for place, row in enumerate(rows)
    ]
    found = copeland(weights, rows)
    assert found == want
    assert sum(points for points in found if points is not None) == 0  # a duel has two sides
    turned = copeland(weights[::-1], [row[::-1] for row in rows[::-1]])
    assert turned[::-1] == found


def test_only_shares_of_the_weight_count_in_a_duel():
    rows = [(1.0, 3.0), (2.0, 5.0), (3.0, 9.0)]
    assert copeland((1e-10, 1e-10), rows) == copeland((1, 1), rows) == [-2, 0, 2]
    # Two against one that weighs as much, but for the noise of their sum.
    heavy = (7304521.1, 1750505.2, 9055026.3)
    assert copeland(heavy, [(1.0, 1.0, 0.0), (0.0, 0.0, 1.0)]) == [0, 0]


def test_scores_that_are_equal_but_for_noise_tie():
    assert copeland((1.0,), [(0.1 + 0.2,), (0.3,), (0.300000002,)]) == [-1, -1, 2]


def test_copeland_by_hand():
    equal = (1.0, 1.0, 1.0)
    # The second is best twice and has by far the smallest mean: only who is better counts.
    assert copeland(equal, [(60.0, 60.0, 99.0), (61.0, 61.0, 0.0), (1.0, 1.0, 1.0)]) == [0, 2, -2]
    # In a circle, each wins and loses one.
    assert copeland(equal, [(3.0, 1.0, 2.0), (2.0, 3.0, 1.0), (1.0, 2.0, 3.0)]) == [0, 0, 0]
    assert copeland((2.0, 1.0, 1.0), [(3.0, 0.0, 0.0), (2.0, 9.0, 9.0)]) == [0, 0]  # half and half
    assert copeland((2.1, 1.0, 1.0), [(3.0, 0.0, 0.0), (2.0, 9.0, 9.0)]) == [1, -1]
    # 0.1 + 0.2 against 0.3 is a draw, though no binary sum says so.
    assert copeland((0.1, 0.2, 0.3), [(1.0, 1.0, 0.0), (0.0, 0.0, 1.0)]) == [0, 0]


def test_copeland_with_gaps_and_ties():
    rows = [(5.0, None), (None, 5.0), (4.0, 4.0), (None, None), (5.0, 4.0)]
    # The first meets the third (won) and the fifth (tied); the second both, and wins; the third
    # loses to both and to the fifth, with which it ties on one child; the fourth meets nobody.
    assert copeland((1.0, 1.0), rows) == [1, 2, -3, None, 0]
    assert copeland((1.0,), [(7.0,)]) == [0]


def naive_rank(values, ties, descending):
    """Rank by counting those that are better and those that are equal."""
    found = []
    for place, value in enumerate(values):
        known = [other for other in values if other is not None]
        better = [
            v for v in known if value is not None and (v > value if descending else v < value)
        ]
        equal = known.count(value)
        before = sum(other == value for other in values[:place])
        rule = {
            "min": len(better) + 1,
            "max": len(better) + equal,
            "dense": len(set(better)) + 1,
            "average": len(better) + (equal + 1) / 2,
            "ordinal": len(better) + before + 1,
        }
        found.append(None if value is None else rule[ties])
    return found


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("ties", ["min", "max", "dense", "average", "ordinal"])
@given(st.lists(st.one_of(st.none(), st.integers(0, 4).map(float), st.floats(-1e6, 1e6))))
@budget
def test_ranks(ties, descending, values):
    ranked = rank(pl.Series(values, dtype=pl.Float64), ties, descending=descending)
    assert ranked.to_list() == naive_rank(values, ties, descending)
    assert ranked.dtype == (pl.Float64 if ties == "average" else pl.Int64)
