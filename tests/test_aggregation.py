"""Aggregations and ranks against their definitions in plain Python, on Polars and DuckDB."""

import math
import os

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules.aggregation import BUILT_IN, Child
from egovrules.ranking import rank

TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
budget = settings(max_examples=60 * TIMES, deadline=None, derandomize=True, database=None)

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


def naive(name, pairs):
    """Combine one row's (score or None, weight)."""
    present = [(score, weight) for score, weight in pairs if score is not None and weight > 0]
    if not present:
        return None
    lowest, total = min(score for score, _ in present), sum(weight for _, weight in present)
    if name == "minimum":
        return lowest
    if name == "arithmetic":
        return sum(score * weight for score, weight in present) / total
    if lowest <= 0:
        return 0.0 if lowest == 0 else None
    if name == "geometric":
        return math.prod(score ** (weight / total) for score, weight in present)
    return total / sum(weight / score for score, weight in present)


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
@pytest.mark.parametrize("aggregation", BUILT_IN, ids=lambda one: one.name)
@given(tables())
@budget
def test_aggregations(aggregation, engine, table):
    widths, rows = table
    want = [naive(aggregation.name, zip(row, widths, strict=True)) for row in rows]
    got = combined(aggregation, table, engine)
    assert [one is None for one in got] == [one is None for one in want]
    known = [(a, b) for a, b in zip(got, want, strict=True) if b is not None]
    assert all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-11) for a, b in known)


@pytest.mark.parametrize("aggregation", BUILT_IN, ids=lambda one: one.name)
@given(tables(), st.sampled_from([0.5, 3.0, 1024.0]))
@budget
def test_the_unit_of_weights_does_not_matter(aggregation, table, unit):
    widths, rows = table
    before = combined(aggregation, table, "polars")
    after = combined(aggregation, ([weight * unit for weight in widths], rows), "polars")
    assert after == [None if one is None else pytest.approx(one, rel=1e-12) for one in before]


def test_only_the_arithmetic_mean_says_that_contributions_add_up():
    assert [one.name for one in BUILT_IN if one.additive] == ["arithmetic"]


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
