"""Scores against plain loops (``oracle.py``), and the properties that any evaluation has."""

import importlib.util
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.recomputing import recompute
from egovrules.ruleset import read_ruleset

_spec = importlib.util.spec_from_file_location("oracle", Path(__file__).with_name("oracle.py"))
assert _spec
assert _spec.loader
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)

AGENCIES = ["A", "B", "C"]
POLICIES = ["zero", "skip", "exclude"]
budget = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # shrinking whole rulesets takes minutes
)


@st.composite
def trees(draw, after="criterion", levels=("service", "agency"), aggregates=None):
    """A tree of two axes (one may hold a nested axis) with up to seven criteria."""
    aggregates = aggregates or ["arithmetic", "geometric", "harmonic"]
    serial = iter(range(100))
    weights = st.sampled_from([0.5, 1.0, 2.0, 3.0])

    def criterion(axis):
        level = draw(st.sampled_from(levels))
        number = next(serial)
        pooled = level == "service" and after == "criterion" and draw(st.booleans())
        return {
            "id": f"{axis}.k{number}",
            "key": f"k{number}",
            "level": level,
            "weight": draw(weights),
            "missing": draw(st.sampled_from(POLICIES)),
            "pooled": pooled,
        }

    def axis(name, depth):
        children = [criterion(name) for _ in range(draw(st.integers(1, 3)))]
        if depth and draw(st.booleans()):
            children.append(axis(name + "n", depth - 1))
        return {
            "id": name,
            "weight": draw(weights),
            "missing": draw(st.sampled_from(POLICIES)),
            "aggregate": draw(st.sampled_from(aggregates)),
            "children": children,
        }

    return {
        "id": "total",
        "weight": 1.0,
        "missing": "skip",
        "aggregate": draw(st.sampled_from(aggregates)),
        "children": [axis("a", 1), axis("b", 0)],
    }


def criteria(node):
    for child in node["children"]:
        if child.get("children"):
            yield from criteria(child)
        else:
            yield child


def as_yaml(tree, after="criterion", weight=None, cap=None):
    """Write the tree as a ruleset of built-in criteria (JSON is YAML)."""

    def axis(node):
        entry = {
            "weight": node["weight"],
            "missing": node["missing"],
            "aggregate": node["aggregate"],
            "criteria": {},
            "axes": {},
        }
        for child in node["children"]:
            if child.get("children"):
                entry["axes"][child["id"]] = axis(child)
                continue
            key = child["key"]
            use = {"use": "core.value", "with": {"column": f"v_{key}"}}
            if child["pooled"]:
                use = {
                    "use": "core.ratio",
                    "rollup": "pooled",
                    "with": {"numerator": f"n_{key}", "denominator": f"d_{key}"},
                }
            entry["criteria"][key] = {
                "level": child["level"],
                "weight": child["weight"],
                "missing": child["missing"],
                **use,
            }
        return entry

    data = {
        "schema": "egovrules/1",
        "id": "t",
        "title": "T",
        "aggregate": tree["aggregate"],
        "missing": {"policy": "skip"},
        "rollup": {"after": after},
        "axes": {child["id"]: axis(child) for child in tree["children"]},
        "indicators": {
            "agencies": {"flag": {"type": "boolean", "optional": True}},
            "services": {"size": {"low": 0, "optional": True}},
        },
    }
    if weight:
        data["rollup"]["weight"] = weight
    if cap is not None:
        data["axes"]["a"]["caps"] = [{"at": cap, "when": "flag"}]
    return json.dumps(data)


@st.composite
def tables(draw, tree, *, missing=True, equal=False):
    """Rows of services and of agencies: values by criterion id; None is missing, OFF is off."""
    value = st.integers(0, 100).map(float)
    value = st.one_of(value, st.none()) if missing else value
    pair = st.tuples(st.integers(1, 9)).flatmap(
        lambda d: st.tuples(st.integers(0, d[0]).map(float), st.just(float(d[0])))
    )
    ratio = st.one_of(pair, st.none(), st.just(oracle.OFF)) if missing else pair
    served = [c for c in criteria(tree) if c["level"] == "service"]
    owned = [c for c in criteria(tree) if c["level"] == "agency"]
    services, agencies = [], []
    for agency in AGENCIES:
        flag = draw(st.sampled_from([True, False, None]))
        agencies.append({"code": agency, "flag": flag} | {c["id"]: draw(value) for c in owned})
        for number in range(draw(st.integers(1 if equal or agency == "A" else 0, 4))):
            row = {"code": f"{agency}{number}", "agency": agency}
            row["size"] = 1.0 if equal else draw(st.sampled_from([None, 0.0, 1.0, 2.5]))
            row |= {c["id"]: draw(ratio if c["pooled"] else value) for c in served}
            services.append(row)
    return services, agencies


def as_dataset(tree, services, agencies, engine="polars"):
    by_id = {c["id"]: c for c in criteria(tree)}

    def columns(rows, level, fixed):
        table = {k: pl.Series(k, [r[k] for r in rows], dtype=t) for k, t in fixed.items()}
        for name, c in by_id.items():
            if c["level"] != level:
                continue
            cells = [r[name] for r in rows]
            if not c["pooled"]:
                table[f"v_{c['key']}"] = pl.Series(cells, dtype=pl.Float64)
                continue
            pairs = [(0.0, 0.0) if v == oracle.OFF else v or (None, None) for v in cells]
            table[f"n_{c['key']}"] = pl.Series([p[0] for p in pairs], dtype=pl.Float64)
            table[f"d_{c['key']}"] = pl.Series([p[1] for p in pairs], dtype=pl.Float64)
        return pl.DataFrame(table)

    own = columns(agencies, "agency", {"code": pl.String, "flag": pl.Boolean})
    served = columns(
        services, "service", {"code": pl.String, "agency": pl.String, "size": pl.Float64}
    )
    return Dataset.of(agencies=own, services=served, engine=engine)


def near(got, expected):
    assert (got is None) == (expected is None), (got, expected)
    if got is not None:
        assert got == pytest.approx(expected, abs=1e-9)


def check(tree, services, agencies, after, weight, cap=None):
    if cap is not None:
        tree["children"][0]["caps"] = [{"at": cap, "true": lambda own: own["flag"]}]
    ruleset = read_ruleset(as_yaml(tree, after, weight, cap))
    evaluation = evaluate(ruleset, as_dataset(tree, services, agencies))
    found = {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}
    for own in agencies:
        rows = [row for row in services if row["agency"] == own["code"]]
        weights = [row["size"] if weight else 1.0 for row in rows]
        if after == "total":
            rolled = (*oracle.roll(tree, rows, weights), 1.0)
            score, coverage, state = oracle.inner(tree, [rolled])
        else:
            score, coverage, state, _ = oracle.agency(tree, rows, weights, own, after)
        near(found[own["code"]]["total"], score)
        near(found[own["code"]]["coverage"], coverage)
        assert found[own["code"]]["state"] == state
        near(recompute(explain(evaluation, own["code"]).root), score)


@pytest.mark.parametrize("weight", [None, "size"])
@pytest.mark.parametrize("after", ["criterion", "axis"])
def test_scores_equal_plain_loops(after, weight):
    @budget
    @given(st.data())
    def run(data):
        tree = data.draw(trees(after))
        services, agencies = data.draw(tables(tree))
        cap = data.draw(st.sampled_from([None, 20.0, 50.0]))
        check(tree, services, agencies, after, weight, cap)

    run()


@pytest.mark.parametrize("weight", [None, "size"])
def test_scores_rolled_up_after_the_total_equal_plain_loops(weight):
    @budget
    @given(st.data())
    def run(data):
        tree = data.draw(trees("total", levels=("service",)))
        services, agencies = data.draw(tables(tree))
        check(tree, services, agencies, "total", weight)

    run()


@budget
@given(st.data())
def test_all_rollups_agree_where_nothing_is_missing_and_means_are_arithmetic(data):
    tree = data.draw(trees("axis", aggregates=["arithmetic"]))
    services, agencies = data.draw(tables(tree, missing=False, equal=True))
    dataset = as_dataset(tree, services, agencies)
    totals = [
        evaluate(read_ruleset(as_yaml(tree, after)), dataset).agencies.sort("agency")["total"]
        for after in ("criterion", "axis", "total")
    ]
    for other in totals[1:]:
        assert other.to_list() == pytest.approx(totals[0].to_list(), abs=1e-9)


@settings(budget, max_examples=25)
@given(st.data())
def test_duckdb_and_the_order_of_rows_change_nothing(data):
    after = data.draw(st.sampled_from(["criterion", "axis"]))
    tree = data.draw(trees(after))
    services, agencies = data.draw(tables(tree))
    ruleset = read_ruleset(as_yaml(tree, after, "size"))
    plain = evaluate(ruleset, as_dataset(tree, services, agencies))
    shuffled = evaluate(ruleset, as_dataset(tree, services[::-1], agencies[::-1]))
    duck = evaluate(ruleset, as_dataset(tree, services, agencies, engine="duckdb"))
    for other in (shuffled, duck):
        for a, b in zip(
            plain.criteria.sort("agency", "node").iter_rows(named=True),
            other.criteria.sort("agency", "node").iter_rows(named=True),
            strict=True,
        ):
            assert (a["agency"], a["node"], a["state"]) == (b["agency"], b["node"], b["state"])
            near(a["score"], b["score"])
            near(a["coverage"], b["coverage"])


def test_rules_of_agencies_may_name_their_own_indicators():
    ruleset = read_ruleset(
        """
schema: egovrules/1
id: t
title: T
period: 1400-autumn
axes: {a: {criteria: {x: {use: core.value, with: {column: size}}}}}
bands: {b: {of: agencies, by: size, labels: [{small: "< 5"}], otherwise: large}}
lists: {l: {of: agencies, when: size > 5}}
findings: {f: {of: agencies, when: size > 5, message: "{code} has {size}, from {valid_from}"}}
"""
    )
    agencies = pl.DataFrame({"code": ["A", "B"], "size": [1.0, 9.0], "valid_from": [None, None]})
    evaluation = evaluate(ruleset, Dataset.of(agencies=agencies))
    assert dict(evaluation.agencies.select("agency", "band_b").iter_rows()) == {
        "A": "small",
        "B": "large",
    }
    assert evaluation.lists["subject"].to_list() == ["B"]
    assert evaluation.findings["message_en"].to_list() == ["B has 9, from –"]
    assert evaluation.manifest.ruleset.period == "1400-autumn"


@pytest.mark.parametrize("after", ["criterion", "axis", "total"])
def test_services_that_weigh_nothing_leave_the_score_to_the_others(after):
    ruleset = read_ruleset(
        f"""
schema: egovrules/1
id: t
title: T
rollup: {{after: {after}}}
axes:
  a:
    criteria:
      x: {{use: core.value, with: {{column: own}}}}
      z: {{use: core.value, level: service, weight: 0, with: {{column: served}}}}
"""
    )
    dataset = Dataset.of(
        agencies=pl.DataFrame({"code": ["A"], "own": [40.0]}),
        services=pl.DataFrame({"code": ["1"], "agency": ["A"], "served": [90.0]}),
    )
    assert evaluate(ruleset, dataset).agencies["total"].to_list() == [40.0]


STATUSES = """
schema: egovrules/1
id: t
title: T
missing: {policy: zero, status: {exempt: skip, refused: zero}}
axes:
  a: {criteria: {x: {use: core.value, with: {column: own}}}}
  b:
    criteria:
      y: {use: core.value, level: service, with: {column: served}}
      r:
        use: core.ratio
        level: service
        rollup: pooled
        with: {numerator: part, denominator: whole}
  c: {criteria: {w: {use: core.value, with: {column: other}}}}
"""


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_what_is_exempt_is_left_out_and_what_is_refused_counts_as_zero(engine):
    cells = {"A": "exempt", "B": "refused"}
    dataset = Dataset.of(
        agencies=pl.DataFrame(
            {"code": ["A", "B"], "own": list(cells.values()), "other": ["50", "50"]}
        ),
        services=pl.DataFrame(
            {"code": ["1", "2"], "agency": ["A", "B"]}
            | {name: list(cells.values()) for name in ("served", "part", "whole")}
        ),
        engine=engine,
    )
    evaluation = evaluate(read_ruleset(STATUSES), dataset)
    found = {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}
    assert (found["A"]["total"], found["A"]["a"], found["A"]["b"]) == (50.0, None, None)
    assert found["A"]["coverage"] == pytest.approx(1 / 3)
    assert (found["B"]["a"], found["B"]["b"], found["B"]["coverage"]) == (0.0, 0.0, 1.0)
    assert found["B"]["total"] == pytest.approx(50 / 3)
