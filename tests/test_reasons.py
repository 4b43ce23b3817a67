"""Why a node has no score, or another one than the mean of its children: said, and rightly."""

import polars as pl
import pytest
import yaml

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.report.blocks import Line, Table
from egovrules.report.scorecard import scorecard
from egovrules.report.summary import national_summary
from egovrules.report.treated import figures
from egovrules.ruleset import read_ruleset

CODES = ["A", "B", "C", "D"]


def value(column, **more):
    return {"use": "core.value", "with": {"column": column}, **more}


def rules(axis, **more):
    """Make a ruleset of one axis, whose title is Axis."""
    whole = {"schema": "egovrules/1", "id": "t", "title": "T"}
    whole |= {"axes": {"a": {"title": "Axis", **axis}}, **more}
    return read_ruleset(yaml.safe_dump(whole, sort_keys=False))


def made(axis, services=None, columns=None, **more):
    columns = columns or {"p": [10.0, 20.0, 30.0, 40.0], "q": [90.0, 80.0, 70.0, 60.0]}
    tables = {"agencies": pl.DataFrame({"code": CODES, **columns})}
    if services is not None:
        tables["services"] = pl.DataFrame(services)
    return evaluate(rules(axis, **more), Dataset.of(**tables))


def two(**axis):
    return {"criteria": {"p": value("p", title="Pay"), "q": value("q", title="Quiet")}, **axis}


def lines(blocks):
    return [one.text for one in blocks if isinstance(one, Line)]


def unranked(evaluation, language="en"):
    """Return what the summary says of those who are not ranked."""
    found = lines(national_summary(evaluation, language))
    return [line for line in found if line.startswith("Not ranked")]


def said(evaluation, agency, language="en"):
    """Return what an explanation says of nodes without a score, and of rounding."""
    found = lines(scorecard(explain(evaluation, agency), language))
    return [line for line in found if "no score" in line or "rounded" in line]


def warned(evaluation):
    return [problem.message for problem in evaluation.warnings]


GAPS = {"p": [10.0, 20.0, None, None], "q": [90.0, None, None, 70.0]}


def test_too_few_children_are_the_reason():
    found = made(two(min_share=0.65), columns=GAPS)
    assert unranked(found) == [
        "Not ranked, fewer than 65% of the children scored: 2",
        "Not ranked, nothing is known: 1",
    ]
    told = "has no score: fewer than 65% of its children have one"
    assert said(found, "B") == [f"Axis {told}"]
    assert said(found, "A") == said(found, "C") == []


def test_a_needed_child_is_the_reason():
    axis = {"criteria": {"p": value("p"), "q": value("q", title="Quiet", missing="exclude")}}
    found = made(axis, columns=GAPS)
    assert unranked(found) == [
        "Not ranked, a child that must have a score has none: 1",
        "Not ranked, nothing is known: 1",
    ]
    assert said(found, "B") == ["Axis has no score: it must have one of Quiet"]
    assert said(found, "D") == []


def test_a_status_that_forbids_is_the_reason():
    columns = {**GAPS, "q__status": [None, "refused", None, None]}
    found = made(
        two(), columns=columns, missing={"policy": "skip", "status": {"refused": "exclude"}}
    )
    assert said(found, "B") == ["Axis has no score: it must have one of Quiet"]


def test_where_each_child_has_a_reason_of_its_own_no_single_one_is_given():
    few = {"criteria": {"p": value("p"), "q": value("q")}, "min_share": 0.9}
    needed = {"criteria": {"r": value("r"), "s": value("s", missing="exclude")}}
    columns = {"p": [1.0], "q": [None], "r": [1.0], "s": [None]}
    table = pl.DataFrame({"code": ["A"], **columns}, schema_overrides={"q": float, "s": float})
    found = evaluate(rules(few, axes={"a": few, "b": needed}), Dataset.of(agencies=table))
    assert unranked(found) == ["Not ranked, no child has a score: 1"]


@pytest.mark.parametrize(
    ("aggregate", "way"),
    [
        ("geometric", "Geometric mean"),
        ("harmonic", "Harmonic mean"),
        ({"by": "power", "exponent": 2}, "Power mean"),
    ],
)
def test_a_score_below_zero_is_warned_of_and_is_the_reason(aggregate, way):
    columns = {"p": [-1.0, 20.0, -3.0, None], "q": [90.0, 80.0, 70.0, None]}
    found = made(two(aggregate=aggregate), columns=columns, scale={"low": -10, "high": 100})
    method = way.split()[0].lower()
    (told,) = warned(found)
    assert told.startswith(f"a has no score for 2 agencies: the {method} mean has none where a")
    assert unranked(found) == [
        f"Not ranked, a score below 0 ({way}): 2",
        "Not ranked, nothing is known: 1",
    ]
    assert said(found, "A") == [f"Axis has no score: below 0 there is no {way}, and there is Pay"]


def test_a_constant_column_is_the_reason():
    axis = {"criteria": {"p": value("p", title="Pay", normalise="z_score")}}
    found = made(axis, columns={"p": [5.0, 5.0, 5.0, None]}, scale={"low": -5, "high": 5})
    assert unranked(found) == [
        "Not ranked, the values give no score (z-score): 3",
        "Not ranked, nothing is known: 1",
    ]
    assert said(found, "A")[-1] == "Pay has no score: its values give none (z-score)"


def test_coverage_is_named_only_where_it_decided():
    found = made(two(), columns=GAPS, missing={"policy": "skip", "min_coverage": 0.6})
    assert unranked(found) == ["Not ranked, coverage under 60%: 3"]
    assert unranked(made(two())) == []


def test_an_excluded_service_is_the_reason():
    axis = {"criteria": {"p": value("v", title="Pay", level="service", missing="exclude")}}
    services = {"code": ["s1", "s2"], "agency": ["A", "A"], "v": [50.0, None]}
    found = made(axis, services=services)
    assert "Not ranked, a service that must have a score has none: 1" in unranked(found)
    assert "Pay has no score: a service that must have one has none" in said(found, "A")


@pytest.mark.parametrize(
    ("aggregate", "zeros"),
    [("geometric", 2), ("harmonic", 2), ({"by": "power", "exponent": -2}, 2), ("arithmetic", 0)],
)
def test_a_mean_that_is_0_for_one_child_is_warned_of(aggregate, zeros):
    columns = {"p": [0.0, 20.0, 0.0, 0.0], "q": [90.0, 80.0, 70.0, 0.0]}
    told = [line for line in warned(made(two(aggregate=aggregate), columns=columns)) if "0" in line]
    assert [line.split(", whatever")[0] for line in told] == [f"a is 0 for {zeros} agencies"] * (
        zeros > 0
    )


def test_rounding_is_told_with_what_it_rounded():
    columns = {"p": [0.65, 0.5, None, None], "q": [1.0, 0.5, None, 0.13]}
    found = made(two(round={"decimals": 2}), columns=columns, scale={"low": 0, "high": 1})
    assert said(found, "A") == ["Axis is rounded from 0.825 to 0.82, a half to the even one"]
    assert [said(found, one) for one in "BCD"] == [[], [], []]


# --- columns without a value -----------------------------------------------------------------


def test_a_column_without_any_value_is_warned_of_once_for_all_such():
    columns = {f"v{i}": [None, None, None, None] for i in range(7)} | {"p": [1.0, None, 3.0, 4.0]}
    columns = pl.DataFrame({"code": CODES, **columns}, schema_overrides={"p": pl.Float64})
    criteria = {name: value(name) for name in columns.columns[1:]}
    found = evaluate(rules({"criteria": criteria}), Dataset.of(agencies=columns))
    assert warned(found) == [
        "no agency has a value in the columns 'v0', 'v1', 'v2', 'v3', 'v4' and 2 more"
    ]


def test_a_column_whose_cells_all_say_why_is_not_warned_of():
    columns = {"p": [1.0, 2.0, 3.0, 4.0], "q": pl.Series([None] * 4, dtype=pl.Float64)}
    assert warned(made(two(), columns=columns)) == ["no agency has a value in the column 'q'"]
    assert warned(made(two(), columns={**columns, "q__status": ["not_applicable"] * 4})) == []


def test_criteria_that_score_no_service_are_warned_of():
    axis = {
        "criteria": {
            "p": value("v", level="service"),
            "q": value("w", level="service"),
        }
    }
    services = {"code": ["s1", "s2"], "agency": ["A", "B"], "v": [50.0, None]}
    empty = pl.Series([None, None], dtype=pl.Float64)
    found = made(axis, services={**services, "w": empty})
    assert warned(found) == ["no service has a score of 'a.q'"]
    assert warned(made(axis, services={**services, "w": [None, 1.0]})) == []


# --- titles, shares and figures --------------------------------------------------------------


@pytest.mark.parametrize("after", ["axis", "total"])
def test_what_services_are_scored_on_has_a_title_and_its_share_of_the_weight(after):
    axis = {
        "criteria": {
            "p": value("v", title="Pay", level="service", weight=6),
            "q": value("w", title="Quiet", level="service", weight=3),
        }
    }
    services = {"code": ["s1", "s2"], "agency": ["A", "B"], "v": [50.0, None], "w": [1.0, 2.0]}
    found = made(axis, services=services, rollup={"after": after})
    (tree,) = [one for one in scorecard(explain(found, "A")) if isinstance(one, Table)][:1]
    named = {row[0].strip(): row[1] for row in tree.rows}
    split = {"axis": "Axis: its services", "total": "Total: its services"}[after]
    assert named[split] == "100.0%"
    assert (named["Pay"], named["Quiet"]) == ("66.7%", "33.3%")
    assert not {"a", "total", "a.services", "total.services"} & set(named)


def test_figures_are_told_in_words_with_few_digits():
    told = {
        "skewness": 2.4142135623730951,
        "skewness_after": None,
        "top": 3,
        "logged": False,
        "passed": True,
        "means": {"Asia": 6.426666666666666, "Europe": 1234567.891},
        "periods": [2019.0],
        "of_a_plugin": 0.1 + 0.2,
    }
    assert figures(told, "en") == (
        "Skewness before 2.41 · Skewness after – · Values drawn in at the top 3 · "
        "Logarithm taken no · Within the limits yes · "
        "Mean of each group Asia 6.42667; Europe 1,234,570 · Periods used 2019 · of a plugin 0.3"
    )
    assert "2.41" not in figures(told, "fa")
    assert "۲۰۱۹" in figures(told, "fa")


def test_the_formula_of_a_normalised_value_does_not_call_it_the_score():
    axis = {"criteria": {"p": value("p", normalise={"by": "min_max", "low": 0, "high": 40})}}
    found = made(axis)
    told = lines(scorecard(explain(found, "A", criterion="a.p"), criterion="a.p"))
    assert [one for one in told if "is the score" in one] == [
        "The value of one column. Without `normalise:` it is the score, on the ruleset's own scale."
    ]
