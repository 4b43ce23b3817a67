"""What can come of conditions, against plain loops over thousands of rows."""

import operator
import os
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules.conditions import Field, parse
from egovrules.outcomes import Domain, domains, labels_reach, reach, reach_together
from egovrules.outcomes.candidates import candidates
from egovrules.rules import BoundLabel
from egovrules.ruleset import read_ruleset

FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
ROWS = 800
MANY = 3  # fields that are compared with one another; beyond, their combinations may be too many

KINDS = ("ministry", "organisation", "company")
NUMBER, TEXT = Field("number"), Field("text")
DOMAINS = {
    "a": Domain(NUMBER, 0.0, 4.0),
    "b": Domain(NUMBER, 1.0, can_be_missing=False),
    "c": Domain(NUMBER, at_most=("b",)),
    "n": Domain(NUMBER, 1.0, 3.0, whole=True),
    "m": Domain(NUMBER, whole=True, can_be_missing=False),
    "flag": Domain(Field("boolean")),
    "sure": Domain(Field("boolean"), can_be_missing=False),
    "kind": Domain(Field("text", KINDS)),
    "other": Domain(Field("text", ("company", "province")), can_be_missing=False),
    "note": Domain(TEXT),
    "reason": Domain(TEXT, can_be_missing=False, can_be_empty=True),
    "opened": Domain(Field("date")),
    "closed": Domain(Field("date"), can_be_missing=False),
}
FIELDS = {name: domain.field for name, domain in DOMAINS.items()}
DAYS = [date(2021, 1, 1) + timedelta(number) for number in range(5)]


# --- an oracle: conditions as nested tuples, read by plain Python


COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
LEAVES = {
    "field": lambda row, name: row[name],
    "value": lambda _, value: value,
    "is missing": lambda row, name: row[name] is None,
}
MEANING = COMPARE | {
    "not": operator.not_,
    "in": lambda value, *listed: value in listed,
    "+": operator.add,
    "/": lambda a, b: a / b if b else None,
}


def value_of(tree, row):
    """Return True, False or None for a condition; a value or None for an operand."""
    kind, *parts = tree
    if kind in LEAVES:
        return LEAVES[kind](row, *parts)
    if kind == "between":
        value, low, high = parts
        return value_of(("and", (">=", value, low), ("<=", value, high)), row)
    found = [value_of(part, row) for part in parts]
    if kind in ("and", "or"):
        decisive = kind == "or"
        return decisive if decisive in found else (None if None in found else not decisive)
    return None if None in found else MEANING[kind](*found)


def written(tree):
    kind, *parts = tree
    if kind in ("field", "is missing"):
        return f"{parts[0]} is missing" if kind == "is missing" else parts[0]
    if kind == "value":
        plain = isinstance(parts[0], bool | int | float)
        return str(parts[0]).lower() if plain else f"'{parts[0]}'"
    first, *others = texts = [written(part) for part in parts]
    forms = {
        "not": f"not ({first})",
        "between": f"{first} between {' and '.join(others)}",
        "in": f"{first} in ({', '.join(others)})",
    }
    return forms.get(kind) or f" {kind} ".join(f"({text})" for text in texts)


def literal(name):
    kind = FIELDS[name].type
    values = {
        "number": [0, 1, 1.5, 2, 3, 4, 5, -1],
        "boolean": [True, False],
        "text": FIELDS[name].values or ["x", "y", "company", ""],
        "date": DAYS[1:4],
    }
    return st.sampled_from(values[kind]).map(lambda value: ("value", value))


@st.composite
def comparisons(draw, *, calculated=False):
    name = draw(st.sampled_from(sorted(FIELDS)))
    kind = FIELDS[name].type
    field = ("field", name)
    alike = [other for other in FIELDS if FIELDS[other].type == kind]
    # A text with a closed list is compared with values of that list, or with another field.
    other = st.one_of(literal(name), st.sampled_from(alike).map(lambda one: ("field", one)))
    if kind == "boolean" and draw(st.booleans()):
        return field
    forms = ["compare", "in", "missing", *(["between"] if kind in ("number", "date") else [])]
    form = draw(st.sampled_from(forms))
    if form == "missing":
        return ("is missing", name)
    if form == "in":
        return ("in", field, *draw(st.lists(literal(name), min_size=1, max_size=3)))
    if form == "between":
        return ("between", field, draw(other), draw(other))
    signs = sorted(COMPARE) if kind in ("number", "date") else ["=", "!="]
    if calculated and kind == "number":
        field = (draw(st.sampled_from("+/")), field, draw(other))
    return (draw(st.sampled_from(signs)), field, draw(other))


def conditions(*, calculated=False):
    def joined(inner):
        several = st.lists(inner, min_size=2, max_size=3)
        return st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), several).map(
                lambda pair: (pair[0], *pair[1])
            ),
            inner.map(lambda one: ("not", one)),
        )

    return st.recursive(comparisons(calculated=calculated), joined, max_leaves=4)


def random_rows():
    """Draw values within the domains; numbers in quarters, so that all gaps are met."""
    rng = np.random.default_rng(1400)

    def pick(values):
        return values[int(rng.integers(len(values)))]

    options = {
        "a": [number / 4 for number in range(17)],
        "b": [1 + number / 4 for number in range(21)],
        "c": [number / 4 for number in range(-8, 25)],
        "n": [1.0, 2.0, 3.0],
        "m": [float(number) for number in range(-3, 8)],
        "flag": [True, False],
        "sure": [True, False],
        "kind": KINDS,
        "other": ["company", "province"],
        "note": ["x", "y", "z", "company", "ministry", "province"],
        "reason": ["x", "y", "z", "company", ""],
        "opened": DAYS,
        "closed": DAYS,
    }
    rows = []
    while len(rows) < ROWS:
        row = {
            name: None if DOMAINS[name].can_be_missing and rng.random() < 0.15 else pick(values)
            for name, values in options.items()
        }
        if row["c"] is None or row["c"] <= row["b"]:
            rows.append(row)
    return rows


RANDOM_ROWS = random_rows()
WORD = {True: "true", False: "false", None: "unknown"}


def lies_within(example):
    for name, value in example.items():
        domain = DOMAINS[name]
        if value is None:
            assert domain.can_be_missing, name
            continue
        kind = domain.field.type
        if kind == "number":
            assert domain.low is None or value >= domain.low
            assert domain.high is None or value <= domain.high
            assert not domain.whole or value == int(value)
        if kind == "text":
            assert not domain.field.values or value in domain.field.values
            assert value or domain.can_be_empty
    if example.get("c") is not None and example.get("b") is not None:
        assert example["c"] <= example["b"]


# --- one condition


@settings(max_examples=250 * FUZZ, deadline=None)
@given(conditions())
def test_all_that_loops_see_is_in_reach_and_every_example_holds(tree):
    condition = parse(written(tree), FIELDS)
    found = reach(condition, DOMAINS)
    for outcome, example in found.outcomes.items():
        assert WORD[value_of(tree, example)] == outcome
        lies_within(example)
    if found.exact:
        assert {WORD[value_of(tree, row)] for row in RANDOM_ROWS} <= set(found.outcomes)
    assert found.exact or len(condition.fields) > MANY


@settings(max_examples=100 * FUZZ, deadline=None)
@given(conditions(calculated=True))
def test_calculations_are_proved_only_where_none_reads_a_field(tree):
    condition = parse(written(tree), FIELDS)
    found = reach(condition, DOMAINS)
    for outcome, example in found.outcomes.items():
        assert WORD[value_of(tree, example)] == outcome
    if found.exact:
        assert {WORD[value_of(tree, row)] for row in RANDOM_ROWS} <= set(found.outcomes)
    calculates = any(sign in condition.text for sign in (") + (", ") / ("))
    assert not (found.exact and calculates)
    assert found.exact or calculates or len(condition.fields) > MANY


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("a < 0", {"false", "unknown"}),
        ("a >= 0", {"true", "unknown"}),
        ("b < 1", {"false"}),
        ("b >= 1", {"true"}),
        ("b is missing", {"false"}),
        ("a is missing", {"true", "false"}),
        ("a > 4 or a < 4", {"true", "false", "unknown"}),
        ("n > 1 and n < 2", {"false", "unknown"}),  # no whole number lies between
        ("a > 1 and a < 2", {"true", "false", "unknown"}),
        ("n in (1, 2, 3)", {"true", "unknown"}),
        ("n != 1 and n != 2 and n != 3", {"false", "unknown"}),
        ("c > b", {"false", "unknown"}),  # c is a part of b
        ("a > b and b > a", {"false", "unknown"}),
        ("n < a and a < b and b < 2", {"true", "false", "unknown"}),
        ("m > 1 and m < n and n < 3", {"false", "unknown"}),
        ("kind in ('ministry', 'organisation', 'company')", {"true", "unknown"}),
        ("kind = 'ministry' and kind = 'company'", {"false", "unknown"}),
        ("kind = other", {"true", "false", "unknown"}),
        ("kind = other and other = 'province'", {"false", "unknown"}),
        ("note = ''", {"false", "unknown"}),  # an empty cell is missing
        ("reason = ''", {"true", "false"}),
        ("sure or not sure", {"true"}),
        ("flag and not flag", {"false", "unknown"}),
        ("flag = (a > 1)", {"true", "false", "unknown"}),
        ("opened > '2021-01-01' and opened < '2021-01-02'", {"false", "unknown"}),
        ("opened > '2021-01-01' and opened < '2021-01-03'", {"true", "false", "unknown"}),
        ("opened > '9999-12-31'", {"false", "unknown"}),
        ("a > 1 / 3 and a < 2 / 6", {"false", "unknown"}),
        ("a > 1 / 0", {"unknown"}),
        ("1 = 1", {"true"}),
    ],
)
def test_what_can_come_of_a_condition(text, outcomes):
    found = reach(parse(text, FIELDS), DOMAINS)
    assert set(found.outcomes) == outcomes
    assert found.exact


@pytest.mark.parametrize(
    ("text", "outcomes"),
    [
        ("2024 - m between 0 and 1", {"true", "false"}),
        ("b / 2 > 100", {"true", "false"}),
        ("m / b > 0.9", {"true", "false"}),
        ("b / m > 1", {"true", "false", "unknown"}),  # m may be 0
        ("-m > 3", {"true", "false"}),
    ],
)
def test_calculations_are_tried_and_never_proved(text, outcomes):
    found = reach(parse(text, FIELDS), DOMAINS)
    assert set(found.outcomes) == outcomes
    assert not found.exact


def test_constants_are_worked_out_as_the_engine_does():
    """Where ``1 / 49 * 49`` falls beside 1, the condition is met at that very number."""
    found = reach(parse("b - 0 = 1 and m = 1 / 49 * 49", FIELDS), DOMAINS)
    assert not found.exact
    domain = {"x": Domain(NUMBER, can_be_missing=False)}
    condition = parse("x = 1 / 49 * 49", {"x": NUMBER})
    assert set(reach(condition, domain).outcomes) == {"true", "false"}


def test_too_many_combinations_are_tried_in_part_and_nothing_is_proved():
    names = [f"x{number}" for number in range(60)]
    known = dict.fromkeys(names, Domain(NUMBER))
    condition = parse(" or ".join(f"{n} > 1" for n in names), dict.fromkeys(names, NUMBER))
    rows, exact = candidates((condition,), known)
    assert not exact
    assert rows.n_unique() > 500
    assert "true" in reach(condition, known).outcomes


def test_a_long_chain_of_comparisons_is_tried_with_few_values_and_not_proved():
    """Bands are looked at together, and may compare more fields than one condition can."""
    names = [f"x{number}" for number in range(400)]
    known = dict.fromkeys(names, Domain(NUMBER))
    fields = dict.fromkeys(names, NUMBER)
    pairs = [
        parse(f"{a} < {b} or {a} = {number}", fields)
        for number, (a, b) in enumerate(pairwise(names))
    ]
    rows, exact = candidates(pairs, known)
    assert not exact
    assert rows.height * rows.width < 100_000
    assert max(rows[name].n_unique() for name in names) <= 200
    assert candidates(pairs[:2], known)[1]


def test_a_field_of_many_values_does_not_multiply_the_rows():
    kinds = tuple(f"kind {number}" for number in range(5_000))
    condition = parse("kind = 'kind 7'", {"kind": Field("text", kinds)})
    rows, exact = candidates((condition,), {"kind": Domain(Field("text", kinds))})
    assert rows.height == 3
    assert exact


# --- several, and bands


@settings(max_examples=100 * FUZZ, deadline=None)
@given(st.lists(conditions(), min_size=2, max_size=3))
def test_what_comes_of_several_together(trees):
    tried = reach_together([parse(written(tree), FIELDS) for tree in trees], DOMAINS)
    if tried.exact:
        found = set(zip(*[series.to_list() for series in tried.results], strict=True))
        seen = {tuple(value_of(tree, row) for tree in trees) for row in RANDOM_ROWS}
        assert seen <= found


@st.composite
def bands(draw):
    """Labels on ``a``, some with a further condition."""
    labels = []
    for _ in range(draw(st.integers(2, 4))):
        tests = [(draw(st.sampled_from(sorted(COMPARE))), ("field", "a"), draw(literal("a")))]
        if draw(st.booleans()):
            tests.append(draw(comparisons()))
        labels.append(tests)
    return labels


def fits(tests, row):
    return all(value_of(test, row) is True for test in tests)


def lands(labels, row):
    fitting = (number for number, tests in enumerate(labels) if fits(tests, row))
    return next(fitting, len(labels))


@settings(max_examples=150 * FUZZ, deadline=None)
@given(bands())
def test_where_values_land_in_a_band(labels):
    bound = [
        BoundLabel(f"l{number}", tuple(parse(written(test), FIELDS) for test in tests))
        for number, tests in enumerate(labels)
    ]
    found = labels_reach(bound, DOMAINS)
    reached = {number for number, example in enumerate(found.examples) if example is not None}
    everything = dict.fromkeys(FIELDS)
    fields = {name for label in bound for test in label.tests for name in test.fields}
    for number in reached:
        assert lands(labels, everything | found.examples[number]) == number
    assert found.exact or len(fields) > MANY
    if not found.exact:
        return
    assert {lands(labels, row) for row in RANDOM_ROWS} <= reached
    assert found.takers.keys() == set(range(len(labels))) - reached

    def free(row, first):
        return not any(fits(labels[before], row) for before in range(first))

    for first in range(len(labels)):
        for second in range(first + 1, len(labels)):
            seen = {
                (fits(labels[first], row), fits(labels[second], row))
                for row in RANDOM_ROWS
                if free(row, first)
            }
            if {(True, True), (True, False), (False, True)} <= seen:
                assert (first, second) in found.overlaps
            if (first, second) in found.overlaps:
                example = everything | found.overlaps[first, second]
                assert fits(labels[first], example)
                assert fits(labels[second], example)


def band(*labels):
    bound = [
        BoundLabel(str(number), tuple(parse(text, FIELDS) for text in texts))
        for number, texts in enumerate(labels)
    ]
    return labels_reach(bound, DOMAINS)


def test_a_narrow_label_before_a_broad_one_is_no_overlap():
    found = band(["a = 0"], ["a < 2"], ["a <= 3"], ["a = 4", "flag"], ["a > 3"])
    assert None not in found.examples
    assert found.overlaps == {}
    assert found.takers == {}


def test_labels_that_earlier_ones_take_whole():
    found = band(["a < 2"], ["a >= 2", "sure"], ["a >= 2"], ["a between 1 and 3"], ["a > 4"])
    assert [example is None for example in found.examples] == [False] * 3 + [True] * 2 + [False]
    assert found.takers == {3: (0, 1, 2), 4: ()}
    assert found.examples[-1] == {"a": None, "sure": False}


def test_labels_that_overlap_in_part():
    found = band(["a < 2"], ["a between 1 and 3"], ["a >= 3"])
    assert set(found.overlaps) == {(0, 1), (1, 2)}
    assert 1 <= found.overlaps[0, 1]["a"] < 2
    assert found.overlaps[1, 2]["a"] == 3


def test_what_an_earlier_label_takes_is_no_overlap_of_later_ones():
    """Both fit 2 only, and the first label has taken that: the order of the two decides nothing."""
    assert band(["a = 2"], ["a between 1 and 2"], ["a between 2 and 3"]).overlaps == {}


# --- the domains of a ruleset

RULESET = """\
schema: egovrules/1
id: t
title: T
scale: {low: 0, high: 10}
indicators:
  services:
    links: {low: 0}
    cases: {low: 2, high: 9}
    remark: {type: text}
    opened: {type: date}
    free: {}
  agencies: {staff: {low: 1, high: 5}, kind2: {type: text, values: [red, blue]}}
derive:
  online: user.steps
  twice: free * 2
  alias: links
  late: opened > '2021-01-01'
  known: opened is not missing
  number: count of links > 2 over services
  known_number: count of known over services
  all_links: sum of links over services
  all_free: sum of free over services
  mean_links: mean of alias over services
  part: share of links > 2 over services
  some: any of eligible over services
  size: staff
axes:
  user:
    criteria:
      steps: {use: core.yes, level: service, with: {column: online_now}}
      met: {use: core.ratio, level: service, with: {numerator: links, denominator: cases}}
  native:
    axes:
      inner: {criteria: {value: {use: core.value, level: agency, with: {column: staff}}}}
"""


def domain_of(name, subjects="services", body=""):
    return domains(read_ruleset(RULESET + body), subjects)[name]


@pytest.mark.parametrize(
    ("name", "subjects", "domain"),
    [
        # columns, with the bounds of everyone who reads them
        ("links", "services", Domain(NUMBER, 0.0, at_most=("cases",))),
        ("cases", "services", Domain(NUMBER, 2.0, 9.0)),
        ("remark", "services", Domain(TEXT)),
        ("online_now", "services", Domain(Field("boolean"))),
        ("staff", "agencies", Domain(NUMBER, 1.0, 5.0)),
        ("kind2", "agencies", Domain(Field("text", ("red", "blue")))),
        # columns of the model: some are never missing, and one cell may hold several audiences
        ("code", "services", Domain(TEXT, can_be_missing=False)),
        ("eligible", "services", Domain(Field("boolean"), can_be_missing=False)),
        ("ineligible_because", "services", Domain(TEXT, can_be_missing=False, can_be_empty=True)),
        ("audience", "services", Domain(TEXT)),
        ("is_main", "agencies", Domain(Field("boolean"), can_be_missing=False)),
        # derived of services
        ("online", "services", Domain(NUMBER, 0.0, 10.0)),
        ("twice", "services", Domain(NUMBER)),
        ("alias", "services", Domain(NUMBER, 0.0, at_most=("cases",))),
        ("late", "services", Domain(Field("boolean"))),
        ("known", "services", Domain(Field("boolean"), can_be_missing=False)),
        # derived of agencies
        ("online", "agencies", Domain(NUMBER, 0.0, 10.0)),
        ("number", "agencies", Domain(NUMBER, 0.0, whole=True)),
        ("known_number", "agencies", Domain(NUMBER, 0.0, whole=True, can_be_missing=False)),
        ("all_links", "agencies", Domain(NUMBER, 0.0)),
        ("all_free", "agencies", Domain(NUMBER)),
        ("mean_links", "agencies", Domain(NUMBER, 0.0)),
        ("part", "agencies", Domain(NUMBER, 0.0, 1.0)),
        ("some", "agencies", Domain(Field("boolean"), can_be_missing=False)),
        ("size", "agencies", Domain(NUMBER, 1.0, 5.0)),
        # results; what is below core.value may leave the scale
        ("user", "agencies", Domain(NUMBER, 0.0, 10.0)),
        ("native", "agencies", Domain(NUMBER)),
        ("inner", "agencies", Domain(NUMBER)),
        ("total", "agencies", Domain(NUMBER)),
        ("growth", "agencies", Domain(NUMBER)),
        ("coverage", "agencies", Domain(NUMBER, 0.0, 1.0)),
        ("rank", "agencies", Domain(NUMBER, 1.0, whole=True)),
        ("rank_growth", "agencies", Domain(NUMBER, whole=True)),
    ],
)
def test_domains(name, subjects, domain):
    assert domain_of(name, subjects) == domain


def test_shared_ranks_may_be_halves():
    found = domain_of("rank", "agencies", "rank: {ties: average}\n")
    assert found == Domain(NUMBER, 1.0)


def test_total_and_growth_stay_on_the_scale_where_no_criterion_is_native():
    body = RULESET[: RULESET.index("  native:")]
    found = domains(read_ruleset(body), "agencies")
    assert found["total"] == Domain(NUMBER, 0.0, 10.0)
    assert found["growth"] == Domain(NUMBER, -10.0, 10.0)


def test_every_field_that_a_condition_may_name_has_a_domain():
    body = "findings: {f: {of: agencies, when: zzz > 1, message: m}}\n"
    ruleset = read_ruleset(RULESET)
    for subjects in ("services", "agencies"):
        found = domains(ruleset, subjects)
        text = body.replace("agencies", subjects)
        for name, domain in found.items():
            kind = domain.field.type
            test = {"number": "> 1", "boolean": "", "text": "is missing", "date": "is missing"}
            read_ruleset(RULESET + text.replace("zzz > 1", f"{name} {test[kind]}"))
    assert len(found) > 20


def test_a_count_is_missing_only_where_every_service_is_unknown():
    """As the engine computes it: no services count 0; services of unknown values, nothing."""
    from egovrules.dataset import Dataset
    from egovrules.evaluation import evaluate

    ruleset = read_ruleset(RULESET)
    agencies = pl.DataFrame(
        {"code": ["1", "2"], "name": ["A", "B"], "staff": [1.0, 2.0], "kind2": ["red", "blue"]}
    )
    services = pl.DataFrame(
        {
            "code": ["s"],
            "agency": ["1"],
            "name": ["S"],
            "links": pl.Series([None], dtype=pl.Float64),
            "cases": [3.0],
            "free": [1.0],
            "remark": ["r"],
            "opened": pl.Series([None], dtype=pl.Date),
            "online_now": [True],
        }
    )
    dataset = Dataset.of(agencies=agencies, services=services)
    found = evaluate(ruleset, dataset).agencies.sort("agency")
    assert found["number"].to_list() == [None, 0.0]
    assert found["known_number"].to_list() == [0.0, 0.0]
    assert found["all_links"].to_list() == [None, 0.0]
    assert found["mean_links"].to_list() == [None, None]
    assert found["part"].to_list() == [None, None]
    assert found["some"].to_list() == [True, False]
