"""Explanations prove themselves: every node adds up from what is printed, fresh or from disk."""

import operator
from functools import reduce
from math import exp, log

import narwhals as nw
import polars as pl
import pytest

import egovrules as eg
from egovrules import builtin, store
from egovrules._yaml import parse
from egovrules.aggregation import Aggregation
from egovrules.dataset import Dataset
from egovrules.errors import EvaluationError
from egovrules.evaluation import evaluate
from egovrules.explanation import explain, find_agency
from egovrules.plugins import Registry
from egovrules.recomputing import recompute
from egovrules.ruleset import read_ruleset

HEAD = """
schema: egovrules/1
id: t
title: T
indicators:
  agencies: {{flag: {{type: boolean, optional: true}}}}
  services: {{visits: {{optional: true}}}}
scale: {{low: {low}, high: 100}}
rollup: {{after: {after}, weight: {weight}}}
missing: {{policy: {policy}, status: {{refused: zero, exempt: skip}}}}
aggregate: {aggregate}
lists: {{l: {{of: services, when: annual_volume > 0}}}}
caps: [{{at: 60, when: flag, because: {{en: shares no data}}}}]
"""
AXES = """
axes:
  a:
    weight: 2
    criteria:
      v: {use: core.value, level: service, with: {column: v}, caps: [{at: 70, when: visits > 1}]}
      r: {use: core.ratio, level: service, with: {numerator: part, denominator: whole}}
      x: {use: core.value, with: {column: own}}
    axes:
      n:
        aggregate: geometric
        criteria: {w: {use: core.yes, level: service, with: {column: done}}}
  b: {weight: 3, criteria: {m: {use: core.value, normalise: min_max, with: {column: other}}}}
"""
POOLED = AXES.replace("level: service, with: {num", "level: service, rollup: pooled, with: {num")
CAPPED = POOLED.replace("    weight: 2", "    weight: 2\n    caps: [{at: 55, when: flag}]")
AGENCIES = pl.DataFrame(
    {
        "code": ["A", "B", "C", "D"],
        "name_en": ["Post", "Roads", "Water", "Parks"],
        "own": ["80", "refused", "55.5", None],
        "other": ["10", "20", "exempt", "40"],
        "flag": [True, None, False, True],
    }
)
SERVICES = pl.DataFrame(
    {
        "code": ["1", "2", "3", "4", "5", "6", "7"],
        "agency": ["A", "A", "A", "B", "B", "C", "C"],
        "v": ["90", "40", "refused", "not_applicable", "30", None, "exempt"],
        "visits": [2.0, 2.0, None, 0.0, 0.0, 0.0, 3.0],
        "part": ["3", "0", None, "1", "refused", "0", "2"],
        "whole": ["4", "0", "5", "8", "9", "0", "7"],
        "done": ["yes", "no", None, "yes", "yes", "refused", "no"],
        "annual_volume": [10.0, None, 5.0, 0.0, 2.5, None, 0.0],
    }
)


def make(axes=AXES, registry=None, engine="polars", **changes):
    facts = {"after": "criterion", "weight": "null", "policy": "zero", "low": 0}
    text = HEAD.format(**{**facts, "aggregate": "arithmetic", **changes}) + axes
    if changes.get("after") == "total":
        text = text.replace("    caps: [{at: 55, when: flag}]\n", "")
    dataset = Dataset.of(agencies=AGENCIES, services=SERVICES, engine=engine)
    return evaluate(read_ruleset(text, registry=registry), dataset)


def combined(kind, parts):
    """Aggregate (score, weight) pairs with plain arithmetic."""
    known = [(score, weight) for score, weight in parts if score is not None]
    whole = sum(weight for _, weight in known)
    if kind == "geometric":
        if any(score == 0 for score, _ in known):
            return 0.0
        return exp(sum(weight * log(score) for score, weight in known) / whole)
    return sum(score * weight for score, weight in known) / whole


def prove(node):
    """Check a node against what is printed beneath it, by plain arithmetic."""
    if node.score is None:
        assert recompute(node) is None
        return
    assert recompute(node) == pytest.approx(node.score, abs=1e-9)
    if node.cap:
        assert node.score == node.cap.at < node.uncapped
    outside = [child for child in node.children if not child.info.inside]
    if node.services is not None and node.services["share"].sum():
        table = node.services.filter(pl.col("share") > 0)
        assert table["share"].sum() == pytest.approx(1)
        gained = sum(share * score for share, score in table.select("share", "score").rows())
        assert gained == pytest.approx(node.score, abs=1e-9)
        assert table["contribution"].sum() == pytest.approx(node.score, abs=1e-9)
    elif outside and node.raw is not None:
        parts = [(child.score, child.info.weight) for child in outside]
        assert combined(node.info.aggregation, parts) == pytest.approx(node.uncapped, abs=1e-9)
        if node.info.aggregation == "arithmetic":
            shares = [child.share for child in outside if child.share is not None]
            assert sum(shares) == pytest.approx(1)
            points = [child.contribution for child in outside if child.contribution is not None]
            assert sum(points) == pytest.approx(node.uncapped, abs=1e-9)
        else:
            assert {child.contribution for child in outside} == {None}


CASES = [
    {},
    {"axes": CAPPED},
    {"axes": POOLED, "weight": "annual_volume"},
    {"axes": CAPPED, "weight": "annual_volume", "low": 1, "policy": "skip"},
    {"axes": CAPPED, "policy": "exclude"},
    {"axes": CAPPED, "aggregate": "geometric", "low": 1},
    {"after": "axis", "weight": "annual_volume"},
    {"after": "axis", "axes": CAPPED.replace("rollup: pooled, ", ""), "policy": "skip", "low": 1},
    {"after": "total"},
    {"after": "total", "weight": "annual_volume", "policy": "skip"},
    {"after": "axis", "aggregate": "geometric", "low": 1, "policy": "exclude"},
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, case)) or "plain")
def test_every_node_adds_up_from_what_is_printed(case, tmp_path):
    fresh = make(**case)
    loaded = store.load(store.save(fresh, tmp_path / "out"))
    totals = dict(fresh.agencies.select("agency", "total").iter_rows())
    assert any(total is not None for total in totals.values())
    for evaluation in (fresh, loaded):
        for code, total in totals.items():
            root = explain(evaluation, code).root
            assert root.score == total
            for node in root.walk():
                if not node.info.inside:
                    prove(node)


def test_population_numbers_and_caps_are_those_of_the_ruleset():
    evaluation = make(axes=CAPPED)
    document = parse(evaluation.ruleset_text, "r").data
    nodes = {node.info.id: node for node in explain(evaluation, "A").root.walk()}
    assert nodes["b.m"].normalised == {"lowest": 10.0, "highest": 40.0}
    assert nodes["a.x"].population == {}
    cap = nodes["a"].cap
    assert (cap.at, cap.when, cap.because) == (55.0, "flag", None)
    place = [int(step) if step.isdigit() else step for step in cap.where.split(".")]
    assert reduce(operator.getitem, place, document) == {"at": 55, "when": "flag"}
    assert not any(node.cap for node in explain(evaluation, "C").root.walk())


def test_services_show_their_states_and_their_caps():
    for engine in ("polars", "duckdb"):
        explanation = explain(make(engine=engine), "A", criterion="a.v")
        assert [node.info.id for node in explanation.root.walk()] == ["total", "a", "a.v"]
        table = explanation.root.children[0].children[0].services
        path = "axes.a.criteria.v.caps.0"
        assert table.select("service", "score", "state", "cap", "share").rows() == [
            ("1", 70.0, "scored", path, 1 / 3),
            ("2", 40.0, "scored", None, 1 / 3),
            ("3", 0.0, "missing", None, 1 / 3),  # refused counts as zero
        ]
        assert table["contribution"].sum() == pytest.approx(110 / 3)


def test_one_service_is_shown_with_what_was_read_of_it(tmp_path):
    evaluation = store.load(store.save(make(after="axis"), tmp_path / "out"))
    explanation = explain(evaluation, "Roads", criterion="a.services", service="5")
    assert explanation.service["a.v"] == 30.0
    assert explanation.service["a.r.state"] == "missing"
    assert explanation.inputs["part__status"] == "refused"
    assert explanation.inputs["whole"] == 9.0
    (axis,) = explanation.root.children
    (services,) = axis.children
    assert services.services["service"].to_list() == ["5"]
    assert {node.info.id for node in services.children} == {"a.v", "a.r"}
    assert explain(evaluation, "B").inputs["other"] == 20.0


def test_an_aggregation_of_a_plugin_is_asked_for_by_name():
    class Largest(Aggregation):
        id = "largest"

        def combine(self, children):
            return nw.max_horizontal(*[child.score for child in children])

    class Plugin:
        @staticmethod
        @eg.hookimpl
        def egovrules_aggregations():
            return [Largest]

    registry = Registry.of({"core": builtin, "demo": Plugin})
    evaluation = make(aggregate="largest", registry=registry)
    for code in evaluation.agencies["agency"]:
        root = explain(evaluation, code).root
        assert recompute(root, registry=registry) == pytest.approx(root.score, abs=1e-9)
    with pytest.raises(EvaluationError, match="no installed plugin brings the aggregation 'larg"):
        recompute(explain(evaluation, "A").root, registry=Registry.of({"core": builtin}))


# --- finding an agency --------------------------------------------------------------------------

NAMES = {
    "012": ("سازمان ثبت احوال كشور", "Civil Registration", None),
    "013": ("سازمان ثبت اسناد", "Deeds Registration", None),
    "Post": ("شرکت ملی پست", "Company", None),
    "C1": ("Post", "Mail", None),
    "C2": ("دانشگاه", "University", None),
    "C3": ("دانشگاه", "University", None),
    "C4": (None, None, None),
    "X-۱": ("هواشناسی", None, None),
}


@pytest.fixture(scope="module")
def bodies():
    table = pl.DataFrame(
        {
            "code": list(NAMES),
            "name_fa": [fa for fa, *_ in NAMES.values()],
            "name_en": [en for _, en, _ in NAMES.values()],
            "value": [1.0] * len(NAMES),
        }
    )
    text = "schema: egovrules/1\nid: t\ntitle: T\naxes: {a: {criteria: {x: {use: core.value}}}}"
    return evaluate(read_ruleset(text), Dataset.of(agencies=table))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("012", "012"),
        ("۰۱۲", "012"),  # the digits of a Persian keyboard
        (" c4 ", "C4"),
        ("x-1", "X-۱"),
        ("Post", "Post"),  # a code goes before a name
        ("mail", "C1"),
        ("سازمان ثبت احوال کشور", "012"),  # Persian kaf for the Arabic one
        ("سازمان‌ثبت‌احوال كشور", "012"),
        ("شركت ملي پست", "Post"),
        ("اسناد", "013"),
        ("CIVIL", "012"),
    ],
)
def test_a_body_is_found_by_code_or_name_however_spelt(bodies, text, code):
    assert find_agency(bodies, text)["agency"] == code


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "University",
            r"several agencies are called 'University': University \(C2\), University \(C3\)",
        ),
        ("registration", r"\(012\), .* \(013\)"),
        ("سازمان", r"several agencies .*\n  hint: give the code"),
        ("Civl Registration", "there is no agency.*\n  hint: did you mean 'Civil Registration'"),
        ("", "there is no agency ''"),
        ("\u200c", "there is no agency"),
    ],
)
def test_what_does_not_name_one_body_is_told(bodies, text, says):
    with pytest.raises(EvaluationError, match=says):
        find_agency(bodies, text)


def test_of_many_that_fit_five_are_named():
    agencies = pl.DataFrame({"code": list("ABCDEFG"), "name": ["Office"] * 7, "value": [1.0] * 7})
    text = "schema: egovrules/1\nid: t\ntitle: T\naxes: {a: {criteria: {x: {use: core.value}}}}"
    evaluation = evaluate(read_ruleset(text), Dataset.of(agencies=agencies))
    with pytest.raises(EvaluationError, match=r"Office \(E\) and 2 more"):
        find_agency(evaluation, "office")
