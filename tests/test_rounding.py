"""Rounding by every rule, against fractions and decimals, and on the cells of a known index."""

import csv
import math
import os
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from egovrules.aggregation import BUILT_IN, Arithmetic
from egovrules.rounding import rounded

TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
budget = settings(max_examples=400 * TIMES, deadline=None, derandomize=True, database=None)
RULES = ("half_even", "half_up", "exact")
CONTEXT = Context(prec=800)  # enough for every digit of any float

numbers = st.one_of(
    st.floats(-1e6, 1e6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-10_000_000, 10_000_000).map(lambda n: n / 1000),  # every second near a half
    st.integers(-(10**6), 10**6).map(lambda n: n / 1024),  # true halves in binary
)
places = st.integers(0, 12)


def nearer_as_stored(value, decimals):
    """Choose between the two neighbouring decimals by exact distances of the stored numbers."""
    steps = Fraction(value) * 10**decimals
    below = math.floor(steps)
    low, high = (n / 10**decimals for n in (below, below + 1))  # correctly rounded quotients
    down, up = Fraction(value) - Fraction(low), Fraction(high) - Fraction(value)
    return low if abs(down) < abs(up) or (down == up and below % 2 == 0) else high


def oracle(value, decimals, rule):
    if rule == "half_even":
        return nearer_as_stored(value, decimals)
    step = Decimal(1).scaleb(-decimals)
    if rule == "half_up":
        # Of 15 significant digits, unless these end before the decimal that is asked for.
        shown = Context(prec=15).create_decimal(Decimal(value))
        if abs(Decimal(value)).scaleb(decimals) >= 10**14:
            shown = Decimal(repr(value))
        return float(shown.quantize(step, ROUND_HALF_UP, CONTEXT))
    return float(Decimal(value).quantize(step, ROUND_HALF_EVEN, CONTEXT))


@pytest.mark.parametrize("rule", RULES)
@given(value=numbers, decimals=places)
@example(value=0.115, decimals=2)
@example(value=2.675, decimals=2)
@example(value=1.005, decimals=2)
@example(value=-0.5, decimals=0)
@example(value=123456.123456789, decimals=12)
@example(value=2.0**52 + 0.5, decimals=0)
@example(value=508475.75673546345, decimals=10)  # 10**10 times it rounds up to a whole number
@example(value=1.7976931348623157e308, decimals=12)
@example(value=5e-324, decimals=12)
@budget
def test_each_rule_is_what_it_says(rule, value, decimals):
    assert rounded(value, decimals, rule) == oracle(value, decimals, rule)


@pytest.mark.parametrize("rule", RULES)
@given(value=numbers, decimals=places)
@budget
def test_what_is_rounded_is_near_stays_and_has_no_further_decimals(rule, value, decimals):
    found = rounded(value, decimals, rule)
    noise = 64 if rule == "half_up" else 2  # the last of 15 digits, in steps of a float
    room = Fraction(1, 2 * 10**decimals) + noise * Fraction(math.ulp(value))
    assert abs(Fraction(found) - Fraction(value)) <= room
    assert rounded(found, decimals, rule) == found
    printed = Decimal(repr(found)).normalize()
    assert -printed.as_tuple().exponent <= decimals
    assert math.copysign(1, found) == 1 or found < 0  # no minus before a zero


@pytest.mark.parametrize("rule", RULES)
@given(one=numbers, other=numbers, decimals=places)
@budget
def test_more_never_becomes_less(rule, one, other, decimals):
    low, high = sorted((one, other))
    assert rounded(low, decimals, rule) <= rounded(high, decimals, rule)
    beside = math.nextafter(low, math.inf)
    if math.isfinite(beside):
        assert rounded(low, decimals, rule) <= rounded(beside, decimals, rule)


@pytest.mark.parametrize("rule", RULES)
@given(value=numbers, decimals=places)
@budget
def test_the_sign_makes_no_difference(rule, value, decimals):
    assert rounded(-value, decimals, rule) == -rounded(value, decimals, rule)


@pytest.mark.parametrize(
    ("value", "decimals", "half_even", "half_up", "exact"),
    [
        (0.115, 2, 0.12, 0.12, 0.12),
        (2.675, 2, 2.67, 2.68, 2.67),
        (1.005, 2, 1.0, 1.01, 1.0),
        (0.125, 2, 0.12, 0.13, 0.12),
        (0.375, 2, 0.38, 0.38, 0.38),
        (0.145, 2, 0.14, 0.15, 0.14),
        (0.285, 2, 0.28, 0.29, 0.28),
        (0.15, 1, 0.1, 0.2, 0.1),
        (-0.125, 2, -0.12, -0.13, -0.12),
        (-0.5, 0, 0.0, -1.0, 0.0),
        (0.5, 0, 0.0, 1.0, 0.0),
        (1.5, 0, 2.0, 2.0, 2.0),
        (-2.5, 0, -2.0, -3.0, -2.0),
        (7.0, 2, 7.0, 7.0, 7.0),
        (77.94999999999999, 1, 77.9, 78.0, 77.9),  # the mean of 77.9 and 78.0, added up in floats
        (1.00499999999999, 2, 1.0, 1.0, 1.0),  # fifteen digits, and no half
        (1e300, 12, 1e300, 1e300, 1e300),
        (-0.0, 2, 0.0, 0.0, 0.0),
    ],
)
def test_by_hand(value, decimals, half_even, half_up, exact):
    found = {rule: rounded(value, decimals, rule) for rule in RULES}
    assert found == {"half_even": half_even, "half_up": half_up, "exact": exact}


def test_the_three_rules_differ_somewhere():
    """In every thousandth up to 10, each pair of rules disagrees on some half."""
    halves = [n / 1000 for n in range(5, 10_000, 10)]
    found = {rule: [rounded(value, 2, rule) for value in halves] for rule in RULES}
    for one, other in (("half_even", "half_up"), ("half_even", "exact"), ("half_up", "exact")):
        assert found[one] != found[other]


def two_pass(values):
    mean = math.fsum(values) / len(values)
    return mean + math.fsum(value - mean for value in values) / len(values)


@given(st.lists(st.integers(0, 100).map(lambda n: n / 100), min_size=1, max_size=8))
@settings(budget, max_examples=2000 * TIMES)
def test_half_even_of_means_of_decimals(values):
    mean = Arithmetic().combine_exactly(values, [1.0] * len(values))
    assert mean == two_pass(values)
    assert rounded(mean, 2) == nearer_as_stored(mean, 2)


@given(
    st.lists(st.integers(0, 100).map(lambda n: n / 100), min_size=1, max_size=8),
    st.sampled_from([1 / 3, 0.1, 25.0, 1 / 7]),
)
@budget
def test_equal_weights_in_any_unit_give_the_same_bits(values, unit):
    combine = Arithmetic().combine_exactly
    assert combine(values, [unit] * len(values)) == combine(values, [1.0] * len(values))
    several = [float(n) for n in range(1, len(values) + 1)]
    for part in (10, 7, 100):
        assert combine(values, [n / part for n in several]) == combine(values, several)
    turned = combine(values[::-1], [n / 7 for n in several[::-1]])
    assert turned == combine(values, several)


@pytest.mark.parametrize("unit", [Fraction(1), Fraction(1, 10), Fraction(1, 100), Fraction(1, 3)])
@pytest.mark.parametrize("rule", RULES)
def test_the_unit_of_weights_tips_no_half(rule, unit):
    """Means of 72.65, 46.55, 61.45 and 49.55, of weights 20, 30, 50 in any unit."""
    weights = [float(n * unit) for n in (20, 30, 50)]
    rows = [(14.1, 83.6, 89.5), (93.7, 19.2, 44.1), (42.4, 16.9, 95.8), (96.7, 48.2, 31.5)]
    found = [rounded(Arithmetic().combine_exactly(row, weights), 1, rule) for row in rows]
    if rule == "half_up":
        assert found == [72.7, 46.6, 61.5, 49.6]
    assert found == [rounded(Arithmetic().combine_exactly(row, (2, 3, 5)), 1, rule) for row in rows]


@pytest.mark.parametrize(
    ("values", "weights"), [((1.0, 3.0), (1e-300, 1e9)), ((2.0, 3.0), (5e-324, 1e9))]
)
def test_weights_however_far_apart_give_a_mean(values, weights):
    assert Arithmetic().combine_exactly(values, weights) == 3.0


def test_a_sum_beyond_the_range_of_numbers_is_left_to_the_plain_mean():
    assert Arithmetic().combine_exactly((1e308, 1.5e308), (1.0, 1.0)) is None


@given(
    st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.sampled_from([0.34, 0.33, 1.0, 7.0])),
        min_size=1,
        max_size=9,
    )
)
@budget
def test_the_mean_without_loss_is_right_to_the_last_places(pairs):
    values, weights = zip(*pairs, strict=True)
    exact = sum(Fraction(value) * Fraction(weight) for value, weight in pairs)
    exact /= sum(map(Fraction, weights))
    room = 4 * max(math.ulp(value) for value in values)
    assert abs(Arithmetic().combine_exactly(values, weights) - exact) <= room


def test_only_the_arithmetic_mean_is_summed_without_loss():
    able = [one.id for one in BUILT_IN if one.combine_exactly is not BUILT_IN[-1].combine_exactly]
    assert able == ["arithmetic"]
    assert Arithmetic().combine_exactly([], []) is None


# --- the Blavatnik Index of Public Administration, as published ---------------------------------

LEVELS = ("metric", "indicator", "theme", "domain", "index")


def above(node, level):
    """Return the parent of a node: 10102.01 → 10102 → 10100 → 10000 → 0."""
    kept = {"metric": 5, "indicator": 3, "theme": 1, "domain": 0}[level]
    return node[:kept].ljust(5, "0") if kept else "0"


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_cell_of_a_published_index_is_equal_bottom_up(shared):
    structure = rows_of(shared / "bipa/bipa2024_data_structure.csv")
    levels = {row["structure_id"]: row["level"] for row in structure}
    rows = rows_of(shared / "bipa/bipa2024_all_data.csv")
    published = {(row["cc_iso3c"], row["structure_id"]): float(row["value"]) for row in rows}
    scores = {cell: value for cell, value in published.items() if levels[cell[1]] == "metric"}
    compared = halves = 0
    for level in LEVELS[:-1]:
        children = defaultdict(list)
        for (unit, node), value in scores.items():
            if levels[node] == level:
                children[unit, above(node, level)].append(value)
        for cell, values in children.items():
            mean = Arithmetic().combine_exactly(values, [1 / 3] * len(values))
            scores[cell] = rounded(mean, 2)
            compared += 1
            hundredths = Fraction(sum(round(100 * value) for value in values), len(values))
            halves += hundredths.denominator == 2
    assert scores == published
    assert (compared, halves) == (6098, 811)


def test_the_table_of_the_reference_is_true():
    page = (Path(__file__).parents[1] / "docs/reference/aggregations.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.split("\n")
        if line.startswith(("| `rule`", "| `half", "| `exact"))
    ]
    head, *rules = rows
    assert [row[0].split("`")[1] for row in rules] == list(RULES)
    for rule, row in zip(RULES, rules, strict=True):
        for value, shown in zip(head[3:], row[3:], strict=True):
            assert rounded(float(value), 2, rule) == float(shown)
