"""Imputation from the same column, from groups and from history, against loops and hand numbers."""

import math
import os
import statistics

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules.imputation import (
    BUILT_IN,
    ImputeGroupMean,
    ImputeLinear,
    ImputeMean,
    ImputeMedian,
    ImputePrevious,
)

TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
budget = settings(max_examples=100 * TIMES, deadline=None, derandomize=True, database=None)
KINDS = {"code": pl.String, "period": pl.Float64, "value": pl.Float64}
COLUMNS = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=30)


def codes(values):
    return [f"{number:03}" for number in range(len(values))]


def impute(one, values, history=(), **beside):
    table = pl.DataFrame({"code": codes(values), **beside}, schema_overrides=KINDS)
    known = pl.DataFrame(list(history), schema=KINDS, orient="row")
    after, figures = one.treat(pl.Series("v", values, dtype=pl.Float64), table, known)
    kept = [(v, a) for v, a in zip(values, after, strict=True) if v is not None]
    assert all(v == a for v, a in kept), "a known value was changed"
    return after.to_list(), figures


@budget
@given(COLUMNS)
def test_gaps_take_the_mean_or_the_median_of_what_is_known(values):
    known = [value for value in values if value is not None]
    for one, name, of in (
        (ImputeMean(), "mean", math.fsum(known) / len(known) if known else None),
        (ImputeMedian(), "median", statistics.median(known) if known else None),
    ):
        after, figures = impute(one, values)
        expected = [of if value is None else value for value in values]
        assert figures == {name: of if of is None else pytest.approx(of, abs=1e-6)}
        assert after == [v if v is None else pytest.approx(v, abs=1e-6) for v in expected]


def test_mean_and_median_by_hand():
    values = [1.0, None, 2.0, 9.0, None]
    assert impute(ImputeMean(), values) == ([1.0, 4.0, 2.0, 9.0, 4.0], {"mean": 4.0})
    assert impute(ImputeMedian(), values) == ([1.0, 2.0, 2.0, 9.0, 2.0], {"median": 2.0})


def test_a_gap_takes_the_mean_of_its_group_and_stays_without_one():
    values = [1.0, 3.0, None, None, None, 8.0, None]
    region = ["x", "x", "x", "y", None, None, "z"]
    after, figures = impute(ImputeGroupMean(group="region"), values, region=region)
    assert after == [1.0, 3.0, 2.0, None, None, 8.0, None]
    assert figures == {"means": {"x": 2.0}}
    _, figures = impute(ImputeGroupMean(group="region"), [5.0, 1.0], region=["y", "x"])
    assert list(figures["means"].items()) == [("x", 1.0), ("y", 5.0)]


@budget
@given(st.lists(st.tuples(st.none() | st.floats(-1e6, 1e6), st.sampled_from("xyz")), min_size=1))
def test_the_means_of_groups_agree_with_numpy(rows):
    values, groups = [v for v, _ in rows], [g for _, g in rows]
    column = np.array([np.nan if v is None else v for v in values])
    after, _ = impute(ImputeGroupMean(group="region"), values, region=groups)
    for place, (value, group) in enumerate(rows):
        own = column[[g == group for g in groups]]
        own = own[~np.isnan(own)]
        if value is None:
            assert after[place] == (pytest.approx(own.mean(), abs=1e-6) if len(own) else None)


# --- from history -------------------------------------------------------------------------------

HISTORY = [
    ("000", 2016.0, 10.0),
    ("000", 2018.0, 30.0),
    ("000", 2019.0, None),
    ("000", 2022.0, 70.0),
    ("001", 2018.0, 1.0),
    ("002", 2025.0, 5.0),
]


def periods(own):
    return {"period": [own] * 4}


def test_the_latest_earlier_value_is_taken():
    after, figures = impute(ImputePrevious(), [None, None, None, None], HISTORY, **periods(2020.0))
    assert after == [30.0, 1.0, None, None]
    assert figures == {"periods": [2018.0]}
    # A value of the same period is not earlier, and one that is known needs none.
    after, figures = impute(ImputePrevious(), [None, 4.0, None, None], HISTORY, **periods(2018.0))
    assert after == [10.0, 4.0, None, None]
    assert figures == {"periods": [2016.0]}


def test_a_value_can_be_too_far_back():
    for at_most, expected in ((1.0, [None] * 4), (2.0, [30.0, 1.0, None, None])):
        one = ImputePrevious(at_most=at_most)
        assert impute(one, [None] * 4, HISTORY, **periods(2020.0))[0] == expected


def test_a_line_is_drawn_between_neighbours_in_time():
    after, figures = impute(ImputeLinear(), [None] * 4, HISTORY, **periods(2020.0))
    assert after == [50.0, None, None, None]
    assert figures == {"periods": [2018.0, 2022.0]}
    assert impute(ImputeLinear(), [None] * 4, HISTORY, **periods(2018.0))[0] == [30, 1, None, None]


def test_beyond_what_is_known_there_is_nothing_or_the_nearest():
    after, _ = impute(ImputeLinear(beyond="nearest"), [None] * 4, HISTORY, **periods(2024.0))
    assert after == [70.0, 1.0, 5.0, None]
    after, figures = impute(ImputeLinear(), [None] * 4, HISTORY, **periods(2024.0))
    assert after == [None] * 4
    assert figures == {"periods": []}


def test_an_agency_without_a_period_has_no_past():
    for one in (ImputePrevious(), ImputeLinear(beyond="nearest")):
        after, _ = impute(one, [None] * 2, HISTORY, period=[None, 2020.0])
        assert after[0] is None
        assert after[1] == 1.0


POINTS = st.dictionaries(
    st.tuples(st.sampled_from(["000", "001", "002"]), st.integers(2000, 2012)),
    st.none() | st.integers(-100, 100),
    max_size=20,
)


@budget
@given(POINTS, st.tuples(*[st.none() | st.integers(1998, 2014)] * 3), st.integers(1, 6))
def test_history_agrees_with_a_loop_and_numpy(points, own, at_most):
    history = [(code, float(at), value) for (code, at), value in points.items()]
    values, beside = [None, 7.0, None], {"period": own}
    latest, line, ends = [], [], []
    for code, value, now in zip(codes(values), values, own, strict=True):
        past = sorted((at, v) for (c, at), v in points.items() if c == code and v is not None)
        if value is not None or now is None or not past:
            for found in (latest, line, ends):
                found.append(value)
            continue
        earlier = [v for at, v in past if now - at_most <= at < now]
        latest.append(earlier[-1] if earlier else None)
        ends.append(np.interp(now, *zip(*past, strict=True)))  # constant beyond the ends
        line.append(ends[-1] if past[0][0] <= now <= past[-1][0] else None)
    for one, expected in (
        (ImputePrevious(at_most=at_most), latest),
        (ImputeLinear(), line),
        (ImputeLinear(beyond="nearest"), ends),
    ):
        after, _ = impute(one, values, history, **beside)
        assert after == [v if v is None else pytest.approx(v, abs=1e-9) for v in expected]


def test_all_of_them_impute_and_say_what_they_need():
    assert all(one.imputes for one in BUILT_IN)
    assert [one.id for one in BUILT_IN if one.historical] == ["impute_previous", "impute_linear"]
