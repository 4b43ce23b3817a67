"""Normalisations against their definitions, re-derived in NumPy, on Polars and DuckDB."""

import math
import os
from itertools import pairwise

import duckdb
import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from egovrules import normalisation as ways
from egovrules.builtin import Value
from egovrules.entries import Scale
from egovrules.errors import EvaluationError
from egovrules.normalisation import BUILT_IN
from egovrules.population import local, measure, normalised
from egovrules.scoring import on_scale
from egovrules.tree import Node

TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
budget = settings(max_examples=60 * TIMES, deadline=None, derandomize=True, database=None)

values = st.one_of(
    st.none(),
    st.integers(-3, 3).map(float),  # many ties
    st.floats(-1e6, 1e6).map(lambda x: round(x, 3)),
)
columns = st.lists(values, max_size=8)
directions = st.sampled_from(["up", "down"])
some = st.integers(-4, 4).map(float)
pairs = st.lists(some, min_size=2, max_size=2, unique=True).map(sorted).map(tuple)


def scores(method, column, direction="up", engine="polars"):
    """Normalise as the engine does; the bodies are called b0, b1 and so on."""
    node = Node(
        "a.v",
        "criterion",
        "",
        1.0,
        "skip",
        criterion=Value(column="v"),
        normalisation=method,
        direction=direction,
    )
    table = pl.DataFrame(
        {"row": range(len(column)), "code": [f"b{i}" for i in range(len(column))], "v": column},
        schema={"row": pl.Int64, "code": pl.String, "v": pl.Float64},
    )
    native = {
        "polars": lambda: table,
        "lazy": table.lazy,
        "duckdb": lambda: duckdb.from_arrow(table.to_arrow()),
    }[engine]()
    frame, figures = measure(nw.from_native(native), [node], {"a.v": 7}, frozenset())
    result = frame.select("row", s=normalised(node, 7, figures.values.get("a.v", {})))
    found = local(result).to_native().sort("row")["s"].to_list()
    return found, [problem.message for problem in figures.warnings]


# --- the definitions, in NumPy ------------------------------------------------------------------
# Each takes the raw values with NaN for a gap, and a direction of +1 or -1; COINr's formulas, in
# which the values are multiplied by the direction first. A constant column has no scores.


def relative(definition):
    """Give nothing where all values are equal, or nothing where there is none."""

    def guarded(raw, direction, method):
        x = raw * direction
        known = x[~np.isnan(x)]
        if known.size == 0 or known.min() == known.max():
            return np.full(x.shape, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            return definition(x, known, method)

    return guarded


def places(x, known, ties):
    """Rank from the bottom by counting those that are lower and those that are equal."""
    lower = (known[None, :] < x[:, None]).sum(1).astype(float)
    equal = (known[None, :] == x[:, None]).sum(1)
    found = {"min": lower + 1, "max": lower + equal, "average": lower + (equal + 1) / 2}[ties]
    return np.where(np.isnan(x), np.nan, found)


def min_max(raw, direction, method):
    """The goalposts are in the indicator's unit, whatever the direction."""
    x = raw * direction
    known = x[~np.isnan(x)]
    low, high = (method.low, method.high) if direction > 0 else (method.high, method.low)
    if (low is None or high is None) and (known.size == 0 or known.min() == known.max()):
        return np.full(x.shape, np.nan)
    low = known.min() if low is None else low * direction
    high = known.max() if high is None else high * direction
    if high <= low:
        return np.full(x.shape, np.nan)
    share = (x - low) / (high - low)
    if method.target is not None:
        ends = method.target if isinstance(method.target, tuple) else (method.target,) * 2
        least, most = sorted(end * direction for end in ends)
        rise = np.zeros(x.shape) if low >= least else (x - low) / (least - low)
        fall = np.zeros(x.shape) if high <= most else (high - x) / (high - most)
        share = np.where(x < least, rise, np.where(x > most, fall, 1.0))
    if method.clip:
        share = np.clip(share, 0, 1)
    share = np.sign(share) * np.abs(share) ** method.exponent
    share = np.where(np.isnan(x), np.nan, share)
    return share if method.to is None else share * (method.to[1] - method.to[0]) + method.to[0]


@relative
def z_score(x, known, method):
    return (x - known.mean()) / known.std(ddof=1) * method.sd + method.mean


@relative
def percentile_rank(x, known, _):
    return (places(x, known, "min") - 1) / (known.size - 1)


@relative
def rank(x, known, method):
    return places(x, known, method.ties)


@relative
def borda(x, known, method):
    return places(x, known, method.ties) - 1


def towards(x, known, reference, *, cap):
    """1 − (reference − x) / (reference − min)."""
    if not reference > known.min():
        return np.full(x.shape, np.nan)
    share = 1 - (reference - x) / (reference - known.min())
    return np.minimum(share, 1) if cap else share


@relative
def distance_to_maximum(x, known, method):
    return towards(x, known, known.max(), cap=method.cap)


@relative
def distance_to_median(x, known, method):
    return towards(x, known, np.median(known), cap=method.cap)


@relative
def distance_to_reference(x, known, method):
    row = int(method.code[1:])
    return towards(x, known, x[row] if row < x.size else np.nan, cap=method.cap)


def distance_to_target(raw, direction, method):
    def definition(x, known, _):
        return towards(x, known, method.target * direction, cap=method.cap)

    return relative(definition)(raw, direction, method)


def categories(raw, direction, method):
    """The class of a value as it stands; with percentiles, of its place from the worst."""
    if not method.percentiles:
        side = "right" if method.closed == "above" else "left"
        found = np.asarray(method.scores)[np.searchsorted(method.at, raw, side=side)]
        return np.where(np.isnan(raw), np.nan, found)

    def definition(x, known, _):
        at = [np.quantile(known, one / 100, method="linear") for one in method.at]
        above = np.greater_equal if method.closed == "above" else np.greater
        index = sum(above(x, one).astype(int) for one in at)
        return np.where(np.isnan(x), np.nan, np.asarray(method.scores)[index])

    return relative(definition)(raw, direction, method)


def log(raw, direction, method):
    size = raw + method.plus
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(size > 0, np.log(size) * direction, np.nan)


DEFINITIONS = {
    "none": lambda raw, direction, _: raw * direction,
    "min_max": min_max,
    "z_score": z_score,
    "percentile_rank": percentile_rank,
    "rank": rank,
    "borda": borda,
    "distance_to_maximum": distance_to_maximum,
    "distance_to_median": distance_to_median,
    "distance_to_reference": distance_to_reference,
    "distance_to_target": distance_to_target,
    "categories": categories,
    "log": log,
}


# --- each way, with parameters of all kinds -----------------------------------------------------


@st.composite
def goalposts(draw):
    """Min-max with own range, one or two goalposts, and perhaps a target inside them."""
    low, least, most, high = sorted(draw(st.tuples(some, some, some, some)))
    given_ones = {"low": draw(st.sampled_from([None, low - 1])), "high": None}
    given_ones["high"] = draw(st.sampled_from([None, high + 1]))
    target = draw(st.sampled_from([None, least, (least, most)]))
    return ways.MinMax(
        **given_ones,
        target=target,
        clip=draw(st.booleans()),
        exponent=draw(st.sampled_from([1.0, 0.5, 2.0])),
        to=draw(st.sampled_from([None, (1.0, 100.0), (-1.0, 1.0)])),
    )


@st.composite
def classes(draw):
    percentiles = draw(st.booleans())
    one = st.floats(0, 100).map(lambda x: round(x, 1)) if percentiles else some
    at = sorted(draw(st.lists(one, min_size=1, max_size=4, unique=True)))
    count = len(at) + 1
    return ways.Categories(
        at=tuple(at),
        scores=tuple(draw(st.lists(some, min_size=count, max_size=count))),
        percentiles=percentiles,
        closed=draw(st.sampled_from(["below", "above"])),
    )


caps = st.booleans()
ties = st.sampled_from(["min", "max", "average"])
METHODS = {
    "none": st.just(ways.NoNormalisation()),
    "min_max": goalposts(),
    "z_score": st.builds(ways.ZScore, mean=some, sd=st.sampled_from([0.5, 1.0, 15.0])),
    "percentile_rank": st.just(ways.PercentileRank()),
    "rank": st.builds(ways.Rank, ties=ties),
    "borda": st.builds(ways.Borda, ties=ties),
    "distance_to_maximum": st.builds(ways.DistanceToMaximum, cap=caps),
    "distance_to_median": st.builds(ways.DistanceToMedian, cap=caps),
    "distance_to_reference": st.builds(
        ways.DistanceToReference, cap=caps, code=st.sampled_from(["b0", "b1", "b9"])
    ),
    "distance_to_target": st.builds(ways.DistanceToTarget, cap=caps, target=some),
    "categories": classes(),
    "log": st.builds(ways.Log, plus=st.sampled_from([0.0, 0.01, 1.0, -2.0])),
}


def test_every_way_is_tried():
    assert {one.id for one in BUILT_IN} == set(METHODS)
    assert set(DEFINITIONS) == set(METHODS)


def close(got, want):
    if got is None or want is None:
        return got is want
    return math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-9)


ENGINES = ["polars", "lazy", "duckdb"]
PAIRS = [
    (name, engine)
    for name in METHODS
    for engine in ENGINES
    if engine != "duckdb" or not {one.id: one for one in BUILT_IN}[name].whole
]


@pytest.mark.parametrize(("name", "engine"), PAIRS)
@given(st.data())
@budget
def test_definitions(name, engine, data):
    method, column = data.draw(METHODS[name]), data.draw(columns)
    direction = data.draw(directions)
    got, _ = scores(method, column, direction, engine)
    raw = np.array([np.nan if one is None else one for one in column], dtype=float)
    found = DEFINITIONS[name](raw, -1.0 if direction == "down" else 1.0, method)
    want = [None if math.isnan(one) else float(one) for one in found]
    assert all(map(close, got, want)), (got, want)


SHARES = [
    ways.MinMax(),
    ways.MinMax(low=0, high=98, target=49),
    ways.MinMax(to=(0.1, 0.7)),
    ways.MinMax(exponent=0.3),
    ways.DistanceToMaximum(),
    ways.DistanceToTarget(target=49),
    ways.DistanceToReference(code="b1"),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("method", SHARES, ids=lambda one: one.id)
def test_equal_values_score_alike_and_both_ends_exactly(method, engine):
    """49 × (1 / 49) is not 1, and vectors end in a rest that is not computed like the others."""
    ends = getattr(method, "to", None) or (0.0, 1.0)
    for count in range(2, 12):
        assert (
            scores(method, [0.0] + [49.0] * count, engine=engine)[0]
            == [ends[0]] + [ends[1]] * count
        )


def test_the_highest_of_any_range_scores_the_top():
    for n in range(2, 400):
        assert scores(ways.MinMax(), [0.0, n / 3])[0] == [0.0, 1.0]
        assert scores(ways.PercentileRank(), [float(i % n) for i in range(n)])[0][-1] == 1.0
        if n > 60:
            continue
        column = [float(n), 0.0, 3.0 * n, 0.0]
        first, low, _, again = scores(ways.ZScore(), column)[0]
        assert low == again
        assert first > low


@pytest.mark.parametrize(
    ("low", "high", "top"), [(0, 1, 49.0), (0.1, 0.7, 1.0), (1, 7, 49.0), (-3, 10, 57.0)]
)
def test_the_ends_of_a_share_are_the_ends_of_the_scale(low, high, top):
    scale = Scale(low=low, high=high)
    found = pl.DataFrame({"s": [0.0, top, top, top, top]}).select(
        x=on_scale(pl.col("s"), top, scale)
    )
    assert found["x"].to_list() == [low, high, high, high, high]


@pytest.mark.parametrize("name", METHODS)
@given(st.data())
@budget
def test_turned_about_twice_it_is_the_same(name, data):
    method, column = data.draw(METHODS[name]), data.draw(columns)
    again = method.reversed().reversed()
    assert again.id == method.id
    assert scores(again, column) == scores(method, column)


FALLING = {"categories"}  # their scores are what the ruleset says, in whatever order


@pytest.mark.parametrize("name", sorted(set(METHODS) - FALLING))
@given(st.data())
@budget
def test_better_never_scores_worse(name, data):
    method = data.draw(METHODS[name])
    if getattr(method, "target", None) is not None and name == "min_max":
        method = method.model_copy(update={"target": None})
    column, direction = data.draw(columns), data.draw(directions)
    got, _ = scores(method, column, direction)
    sign = -1 if direction == "down" else 1
    known = sorted((sign * v, s) for v, s in zip(column, got, strict=True) if s is not None)
    assert all(one[1] <= other[1] + 1e-9 for one, other in pairwise(known))


# --- by hand ------------------------------------------------------------------------------------


def test_the_issue_of_one_sided_goalposts():
    fees = [0.0, 10.0, 40.0, None]
    assert scores(ways.MinMax(low=-10), fees)[0] == [0.2, 0.4, 1.0, None]
    assert scores(ways.MinMax(high=20), fees)[0] == [0.0, 0.5, 2.0, None]
    assert scores(ways.MinMax(high=20, clip=True), fees)[0] == [0.0, 0.5, 1.0, None]
    assert scores(ways.MinMax(low=0, high=20), fees, "down")[0] == [1.0, 0.5, -1.0, None]


def test_parity_and_an_interval_of_the_best():
    parity = ways.MinMax(low=0, high=2, target=1)
    assert scores(parity, [0.0, 0.5, 1.0, 1.5, 2.0])[0] == [0.0, 0.5, 1.0, 0.5, 0.0]
    assert scores(parity, [0.0, 0.5, 1.0, 1.5, 2.0], "down")[0] == [0.0, 0.5, 1.0, 0.5, 0.0]
    own = ways.MinMax(target=(4, 6))
    assert scores(own, [2.0, 3.0, 5.0, 8.0, 10.0])[0] == [0.0, 0.5, 1.0, 0.5, 0.0]


def test_beyond_a_goalpost_a_power_keeps_the_sign():
    squared = ways.MinMax(low=0, high=10, exponent=2)
    assert scores(squared, [-10.0, 0.0, 5.0, 20.0])[0] == [-1.0, 0.0, 0.25, 4.0]


def test_a_value_on_a_threshold_belongs_to_the_class_that_is_closed():
    above = ways.Categories(at=(10, 20), scores=(1, 2, 3))
    below = ways.Categories(at=(10, 20), scores=(1, 2, 3), closed="below")
    column = [9.0, 10.0, 20.0, 21.0]
    assert scores(above, column)[0] == scores(above, column, "down")[0] == [1, 2, 3, 3]
    assert scores(below, column)[0] == scores(below, column, "down")[0] == [1, 1, 2, 3]


def test_percentiles_count_from_the_worst():
    method = ways.Categories(at=(25, 75), scores=(0, 50, 100), percentiles=True)
    assert scores(method, [0.0, 1.0, 2.0, 3.0, 4.0])[0] == [0, 50, 50, 100, 100]
    assert scores(method, [0.0, 1.0, 2.0, 3.0, 4.0], "down")[0] == [100, 100, 50, 50, 0]


def test_percentiles_that_look_alike_are_kept_apart():
    method = ways.Categories(at=(50, 50.0000001), scores=(0, 1, 2), percentiles=True)
    assert scores(method, [0.0, 1e9])[0] == [0, 2]
    assert len(method.population(nw.col("v"))) == 2


def test_zeros_of_either_sign_are_one_value():
    assert scores(ways.Rank(), [0.0, -0.0, 1.0], "down")[0] == [2, 2, 1]
    _, told = scores(ways.MinMax(), [0.0, -0.0], "down")
    assert told == ["all values of a.v are 0, so min_max gives no scores"]


# --- where there is nothing to tell apart -------------------------------------------------------

NO_WAY = "the lower end of its measure is not below the upper one"
CONSTANT = "all values of a.v are 5, so {} gives no scores"
CHOICES = [
    ways.MinMax(),
    ways.MinMax(low=0),
    ways.ZScore(),
    ways.PercentileRank(),
    ways.Rank(),
    ways.Borda(),
    ways.DistanceToMaximum(),
    ways.DistanceToMedian(),
    ways.DistanceToReference(code="b0"),
    ways.DistanceToTarget(target=9),
    ways.Categories(at=(50,), scores=(0, 1), percentiles=True),
]


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("method", CHOICES, ids=lambda one: one.id)
def test_a_constant_column_has_no_scores_and_is_told_of(method, direction):
    told = [CONSTANT.format(method.id)]
    assert scores(method, [5.0, None, 5.0], direction) == ([None] * 3, told)
    assert scores(method, [5.0], direction) == ([None], told)


@pytest.mark.parametrize("method", CHOICES, ids=lambda one: one.id)
def test_without_any_value_that_alone_is_told(method):
    told = ["no agency has a value in the column 'v'"]
    assert scores(method, [None, None]) == ([None, None], told)
    assert scores(method, []) == ([], [])


def test_between_fixed_goalposts_a_constant_column_has_scores():
    assert scores(ways.MinMax(low=0, high=10), [5.0, 5.0]) == ([0.5, 0.5], [])
    assert scores(ways.Categories(at=(3,), scores=(0, 1)), [5.0, 5.0]) == ([1, 1], [])
    assert scores(ways.Log(), [1.0, 1.0]) == ([0, 0], [])


@pytest.mark.parametrize(
    ("method", "why"),
    [
        (ways.DistanceToReference(code="b9"), "there is no value of its reference"),
        (ways.DistanceToReference(code="b2"), "there is no value of its reference"),
        (ways.DistanceToReference(code="b0"), NO_WAY),
        (ways.DistanceToTarget(target=1), NO_WAY),
        (ways.MinMax(low=4), NO_WAY),
        (ways.MinMax(low=3), NO_WAY),
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_why_no_one_has_a_score_is_told(method, why, engine):
    found, told = scores(method, [1.0, 3.0, None], engine=engine)
    assert found == [None] * 3
    assert told == [f"{method.id} gives no scores of a.v: {why}"]


def test_what_is_not_finite_stays_so_and_is_no_class_of_its_own():
    nan, inf = float("nan"), float("inf")
    for method in (
        ways.Rank(),
        ways.Categories(at=(2,), scores=(0, 1)),
        ways.MinMax(low=0, high=9),
    ):
        found, _ = scores(method, [1.0, nan, inf, 3.0, None])
        assert math.isnan(found[1])
        assert found[2] == inf
        assert found[4] is None
        assert found[0] < found[3]


def test_values_whose_squares_vanish_have_no_z_scores():
    found, told = scores(ways.ZScore(), [0.0, 1e-200])
    assert found == [None, None]
    assert NO_WAY in told[0]


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", [one for one in CHOICES if one.whole], ids=lambda one: one.id)
def test_ranks_are_refused_where_the_data_live_elsewhere(method):
    with pytest.raises(EvaluationError) as caught:
        scores(method, [1.0, 2.0], engine="duckdb")
    (problem,) = caught.value.problems
    assert problem.message == "ranks of services are worked out on the local engine only: a.v"
    assert "--engine polars" in problem.hint


@pytest.mark.parametrize(
    ("kind", "parameters", "said"),
    [
        (ways.MinMax, {"low": 5, "high": 1}, "must rise"),
        (ways.MinMax, {"low": 5, "high": 5}, "must rise"),
        (ways.MinMax, {"low": 5, "target": 4}, "must rise"),
        (ways.MinMax, {"high": 5, "target": (4, 6)}, "must rise"),
        (ways.MinMax, {"target": (6, 4)}, "must rise"),
        (ways.MinMax, {"to": (100, 0)}, "`to` must rise"),
        (ways.MinMax, {"exponent": 0}, "greater than 0"),
        (ways.MinMax, {"low": float("inf")}, "finite"),
        (ways.ZScore, {"sd": 0}, "greater than 0"),
        (ways.Rank, {"ties": "dense"}, "'min', 'max' or 'average'"),
        (ways.DistanceToTarget, {}, "required"),
        (ways.DistanceToReference, {"code": ""}, "at least 1"),
        (ways.Categories, {"at": (1, 2), "scores": (0, 1)}, "`scores` needs 3"),
        (ways.Categories, {"at": (2, 1), "scores": (0, 1, 2)}, "`at` must rise"),
        (ways.Categories, {"at": (1, 1), "scores": (0, 1, 2)}, "`at` must rise"),
        (ways.Categories, {"at": (101,), "scores": (0, 1), "percentiles": True}, "0 and 100"),
        (ways.Categories, {"at": (), "scores": (0,)}, "at least 1"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(kind, parameters, said):
    with pytest.raises(ValidationError, match=said):
        kind(**parameters)
