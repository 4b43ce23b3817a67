"""Denominators, winsorisation and transformations, against hand numbers, NumPy and SciPy."""

import math
import os

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from egovrules import treatment
from egovrules.errors import EvaluationError
from egovrules.treatment import BoxCox, Divide, Log, Winsorise, range_log, shape

TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
budget = settings(max_examples=100 * TIMES, deadline=None, derandomize=True, database=None)
NOTHING = pl.DataFrame(schema={"code": pl.String, "period": pl.Float64, "value": pl.Float64})


def treat(one, values, **beside):
    codes = [f"{number:03}" for number in range(len(values))]
    table = pl.DataFrame({"code": codes, **beside})
    after, figures = one.treat(pl.Series("v", values, dtype=pl.Float64), table, NOTHING)
    assert after.dtype == pl.Float64
    return after.to_list(), figures


def known(values):
    return np.array([value for value in values if value is not None], dtype=float)


# Most are of one size, some far out, some missing; whole, so that no test hangs on a last bit.
COLUMNS = st.lists(
    st.none() | st.integers(0, 60) | st.integers(-60, 60) | st.integers(-9000, 9000),
    min_size=1,
    max_size=40,
)


# --- divide -------------------------------------------------------------------------------------


def test_a_value_is_divided_and_is_missing_without_a_denominator():
    heads = [2.0, 4.0, 0.0, None, 5.0]
    after, figures = treat(Divide(by="heads"), [1.0, 3.0, 7.0, 7.0, None], heads=heads)
    assert after == [0.5, 0.75, None, None, None]
    assert figures == {}


def test_the_unit_of_a_denominator_multiplies():
    after, _ = treat(Divide(by="heads", times=1000), [3.0, 5.0], heads=[2000.0, 100.0])
    assert after == [1.5, 50.0]


# --- skewness and kurtosis ----------------------------------------------------------------------


@budget
@given(COLUMNS)
def test_skewness_and_kurtosis_are_the_adjusted_ones_of_scipy(values):
    own, v = shape(pl.Series(values, dtype=pl.Float64)), known(values)
    if len(set(v)) < 2 or len(v) < 3:
        assert own[0] is None
        return
    assert own[0] == pytest.approx(stats.skew(v, bias=False), abs=1e-9)
    if len(v) == 3:
        assert own[1] is None
    else:
        assert own[1] == pytest.approx(stats.kurtosis(v, bias=False), abs=1e-9)


# --- winsorise ----------------------------------------------------------------------------------

FOURTEEN = [float(value) for value in range(1, 15)]


def test_an_outlier_becomes_the_next_value_inwards():
    after, figures = treat(Winsorise(), [*FOURTEEN, 100.0])
    assert after == [*FOURTEEN, 14.0]
    assert (figures["top"], figures["bottom"], figures["logged"]) == (1, 0, False)
    assert figures["skewness"] == pytest.approx(stats.skew([*FOURTEEN, 100], bias=False))
    assert figures["skewness_after"] == pytest.approx(stats.skew([*FOURTEEN, 14], bias=False))
    assert figures["passed"] is True


def test_a_low_outlier_becomes_the_next_value_inwards():
    after, figures = treat(Winsorise(), [*FOURTEEN, -100.0])
    assert after == [*FOURTEEN, 1.0]
    assert (figures["top"], figures["bottom"]) == (0, 1)


def test_a_column_passes_by_either_limit():
    values = [*FOURTEEN, 100.0]
    assert treat(Winsorise(skewness=4), values)[0] == values
    assert treat(Winsorise(kurtosis=14), values)[0] == values
    assert treat(Winsorise(skewness=3, kurtosis=13), values)[0] != values


def test_equal_outliers_move_together_even_beyond_the_number_allowed():
    values = [*map(float, range(1, 31)), 500.0, 500.0]
    after, figures = treat(Winsorise(at_most=1, kurtosis=-2, skewness=1), values)
    assert after == [*map(float, range(1, 31)), 30.0, 30.0]
    assert figures["top"] == 2


def test_values_are_counted_at_both_ends_together():
    values = [-120.0, -90.0, *FOURTEEN, 100.0, 150.0]
    one = Winsorise(skewness=0.01, kurtosis=-2, at_most=2, otherwise="none")
    after, figures = treat(one, values)
    assert after == [-90.0, -90.0, *FOURTEEN, 100.0, 100.0]
    assert (figures["top"], figures["bottom"], figures["passed"]) == (1, 1, False)


def test_values_that_were_moved_twice_are_counted_once():
    one = Winsorise(skewness=1, kurtosis=0, otherwise="none")
    after, figures = treat(one, [*FOURTEEN, 50.0, 100.0])
    assert after == [*FOURTEEN, 14.0, 14.0]
    assert (figures["top"], figures["bottom"], figures["passed"]) == (2, 0, True)


def test_where_moving_is_not_enough_the_original_is_transformed():
    values = [*([1.0] * 6), *FOURTEEN, 1000.0, 4000.0, 9000.0]
    strict = Winsorise(at_most=1)
    after, figures = treat(strict, values)
    assert (figures["top"], figures["logged"]) == (0, True)
    low, span = 1.0, 8999.0
    assert after == pytest.approx([math.log(v - low + 0.01 * span) for v in values], abs=1e-12)
    kept, figures = treat(strict.model_copy(update={"otherwise": "none"}), values)
    assert kept == [*values[:-1], 4000.0]
    assert (figures["top"], figures["logged"], figures["passed"]) == (1, False, False)


@pytest.mark.parametrize(
    "values", [[], [None], [5.0], [1.0, 9.0], [0.0, 0.0, 9.0], [3.0] * 9, [0.1] * 15]
)
def test_what_has_no_kurtosis_passes(values):
    after, figures = treat(Winsorise(kurtosis=-9, skewness=0.001), values)
    assert after == values
    assert figures["kurtosis"] is None
    assert figures["passed"] is True


@pytest.mark.parametrize(("base", "out"), [(1, 2), (5, 500), (0.1, 0.7), (3, 1000), (7, -7)])
def test_a_column_at_its_limit_fails_in_every_unit(base, out):
    """Of three alike and one other, skewness is ±2 and excess kurtosis 4, but for the noise."""
    after, figures = treat(Winsorise(), [base, base, base, out])
    assert abs(figures["skewness"]) == pytest.approx(2)
    assert after == [base] * 4
    after, figures = treat(Winsorise(skewness=0.1, kurtosis=4), [base, base, base, out])
    assert after == [base] * 4
    after, figures = treat(Winsorise(skewness=2.001), [base, base, base, out])
    assert after == [base, base, base, out]


def test_a_column_at_a_limit_below_zero_fails():
    values = [0.0, 0.0, 0.0, 1.0, 1.0, 5.0, 5.0, 5.0, 5.0]
    skewness, kurtosis = shape(pl.Series(values))
    assert kurtosis < 0
    one = Winsorise(skewness=abs(skewness) / 2, kurtosis=kurtosis)
    assert not one.passes(pl.Series(values))
    assert one.model_copy(update={"kurtosis": kurtosis + 1e-9}).passes(pl.Series(values))


@pytest.mark.parametrize("unit", [1e150, 1e-150])
def test_what_has_no_figures_within_the_range_of_numbers_passes(unit):
    values = [unit * n for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 500)]
    after, figures = treat(Winsorise(), values)
    assert after == values
    assert (figures["skewness"], figures["passed"]) == (None, True)


def limits(low, high):
    """Limits that no small column meets to the last bit."""
    return st.integers(low, high).map(lambda tenths: tenths / 10 + 0.00371)


def winsorised(values, skewness, kurtosis, at_most):
    """Follow COINr's rule by index on a plain array; give values, points and whether to log."""
    x = np.array([math.nan if value is None else value for value in values], dtype=float)

    def fails():
        there = x[~np.isnan(x)]
        n = len(there)
        if n < 4 or there.min() == there.max():
            return False
        d = there - there.mean()
        square, cube, fourth = (d**2).sum(), (d**3).sum(), (d**4).sum()
        skew = math.sqrt(n * (n - 1)) / (n - 2) * math.sqrt(n) * cube / square**1.5
        ratio = n * fourth / square**2
        kurt = ((n + 1) * (ratio - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
        fails.upwards = skew >= 0
        return abs(skew) >= skewness and kurt >= kurtosis

    points = {True: 0, False: 0}
    while fails() and sum(points.values()) < at_most:
        end = np.nanmax(x) if fails.upwards else np.nanmin(x)
        where = np.flatnonzero(x == end)
        rest = np.delete(x, where)
        x[where] = np.nanmax(rest) if fails.upwards else np.nanmin(rest)
        points[fails.upwards] = len(where)
    failed = fails()
    return [None if math.isnan(value) else value for value in x], points, failed


@budget
@given(COLUMNS, limits(2, 30), limits(-10, 50), st.integers(1, 8))
def test_winsorising_agrees_with_a_loop_in_numpy(values, skewness, kurtosis, at_most):
    one = Winsorise(skewness=skewness, kurtosis=kurtosis, at_most=at_most, otherwise="none")
    expected, points, failed = winsorised(values, skewness, kurtosis, at_most)
    after, figures = treat(one, values)
    assert after == expected
    assert (figures["top"], figures["bottom"]) == (points[True], points[False])
    assert figures["passed"] is not failed
    logged, _ = treat(one.model_copy(update={"otherwise": "log"}), values)
    column = pl.Series(values, dtype=pl.Float64)
    assert logged == (range_log(column, 0.01).to_list() if failed else expected)


@budget
@given(COLUMNS)
def test_winsorising_knows_no_direction_and_no_unit(values):
    one = Winsorise(skewness=0.5, kurtosis=0, otherwise="none")
    after, _ = treat(one, values)
    for factor in (-1, 8):
        turned = [None if value is None else factor * value for value in values]
        assert treat(one, turned)[0] == [None if v is None else factor * v for v in after]


# --- log ----------------------------------------------------------------------------------------


def test_the_logarithm_of_a_range():
    after, _ = treat(Log(), [0.0, 1.0, None])
    assert after == [math.log(0.01), math.log(1.01), None]
    after, _ = treat(Log(share=0.5), [-3.0, 1.0])
    assert after == [math.log(2), math.log(6)]


def test_the_logarithm_of_what_is_lifted():
    after, _ = treat(Log(plus=1), [0.0, math.e - 1, -1.0, -2.0, None])
    assert after == [0.0, pytest.approx(1), None, None, None]


@pytest.mark.parametrize("one", [Log(), BoxCox(), BoxCox(plus=1)])
@pytest.mark.parametrize("values", [[], [None], [4.0, 4.0, None]])
def test_a_column_without_a_range_stays_as_it_is(one, values):
    assert treat(one, values)[0] == values


@budget
@given(COLUMNS)
def test_a_logarithm_keeps_the_order(values):
    after, figures = treat(Log(), values)
    pairs = sorted((v, a) for v, a in zip(values, after, strict=True) if v is not None)
    assert [a for _, a in pairs] == sorted(a for _, a in pairs)
    assert [a is None for a in after] == [v is None for v in values]
    assert set(figures) == {"skewness", "kurtosis", "skewness_after", "kurtosis_after"}


# --- box_cox ------------------------------------------------------------------------------------


@budget
@given(st.lists(st.none() | st.integers(1, 5000), min_size=5, max_size=40))
def test_box_cox_has_the_power_of_the_highest_likelihood(values):
    v = known(values)
    if len(set(v)) < 3:
        return
    try:
        after, figures = treat(BoxCox(), values)
    except EvaluationError:
        assert abs(stats.boxcox(v)[1]) > 10
        return
    power = figures["lambda"]
    assert abs(power) <= 10
    best = stats.boxcox_llf(power, v)
    assert best >= max(stats.boxcox_llf(power + step, v) for step in (-0.05, 0.05)) - 1e-9
    assert known(after) == pytest.approx(special.boxcox(v, power), rel=1e-9, abs=1e-9)


def test_a_power_can_be_given():
    assert treat(BoxCox(power=2), [1.0, 2.0, 3.0])[0] == [0.0, 1.5, 4.0]
    assert treat(BoxCox(power=-1, plus=1), [0.0, 1.0, 3.0])[0] == [0.0, 0.5, 0.75]
    assert treat(BoxCox(power=0), [1.0, math.e, 9.0])[0] == pytest.approx([0, 1, math.log(9)])


def test_box_cox_refuses_what_is_not_above_zero():
    with pytest.raises(EvaluationError) as caught:
        treat(BoxCox(), [0.0, 1.0, 2.0])
    assert caught.value.problems[0].message == (
        "box_cox needs values above 0, and not all of 'v' are"
    )
    with pytest.raises(EvaluationError, match=r"not all of 'v' \(to which 1 is added\) are"):
        treat(BoxCox(plus=1), [-2.0, 1.0, 2.0])
    assert treat(BoxCox(plus=0.5), [0.0, 1.0, 2.0])[1]["lambda"]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("one", "values"),
    [
        (BoxCox(), [2020.0] * 15 + [2019.0, 2018.0, 2017.0, 2015.0, 2010.0]),  # λ of 93
        (BoxCox(power=10), [1e40, 2e40, 3e40]),
        (BoxCox(power=-10), [1e40, 2e40, 3e40]),
        (BoxCox(power=10), [1.0, 2.0, 3.0, 1e40]),  # the last leaves the range of numbers
    ],
)
def test_box_cox_refuses_a_power_that_leaves_nothing_to_compare(one, values):
    with pytest.raises(EvaluationError, match=r"box_cox with λ = -?\d+.* is no use for 'v'"):
        treat(one, values)


def test_without_scipy_a_message_names_the_extra(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(treatment, "import_module", missing)
    with pytest.raises(EvaluationError) as caught:
        treat(BoxCox(), [1.0, 2.0, 9.0])
    assert caught.value.problems[0].hint == "pip install 'egovrules[statistics]', or give `power:`"
    treat(BoxCox(power=0.5), [1.0, 2.0, 9.0])
    assert (BoxCox().libraries, BoxCox(power=0.5).libraries) == (("scipy",), ())
