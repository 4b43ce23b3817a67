"""Laws of composite indices, through the whole engine: normalise, aggregate, rank."""

import json
import math
import os

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from egovrules.dataset import Dataset
from egovrules.errors import RulesetError
from egovrules.evaluation import evaluate
from egovrules.lint import lint
from egovrules.ruleset import load_ruleset, read_ruleset

budget = settings(
    max_examples=12 * int(os.environ.get("EGOVRULES_FUZZ", "1")),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.generate],  # shrinking whole evaluations takes minutes
)
UNITS = ["A", "B", "C", "D", "E"]
COLUMNS = ["p", "q", "r", "s"]
WIDE = {"low": -1e9, "high": 1e9}
cells = st.one_of(st.none(), st.integers(-5, 5).map(float), st.floats(0.5, 1e4))
tables = st.lists(st.tuples(*[cells] * 4), min_size=5, max_size=5)
weights = st.tuples(*[st.sampled_from([0.5, 1.0, 3.0])] * 4)
turns = st.tuples(*[st.sampled_from(["up", "down"])] * 4)
WAYS = [
    "none",
    "min_max",
    {"by": "min_max", "to": [1, 100], "exponent": 0.5},
    {"by": "min_max", "low": -10, "high": 20000, "clip": True},
    "z_score",
    "percentile_rank",
    "rank",
    {"by": "borda", "ties": "average"},
    "distance_to_maximum",
    {"by": "distance_to_target", "target": 30000, "cap": True},
    "distance_to_median",
    {"by": "distance_to_reference", "code": "B"},
    {"by": "log", "plus": 6000},
]
NAMES = [json.dumps(way) for way in WAYS]


def entry(column, weight=1, turn="up", **more):
    return {
        "use": "core.value",
        "weight": weight,
        "with": {"column": column},
        "direction": turn,
        **more,
    }


def ruleset(criteria, **more):
    """Two criteria under each of two axes, in the order given."""
    found = list(criteria.items())
    axes = {"a": {"criteria": dict(found[:2])}, "b": {"criteria": dict(found[2:])}}
    file = {"schema": "egovrules/1", "id": "t", "title": "T", "scale": WIDE, "axes": axes, **more}
    return read_ruleset(json.dumps(file))


def dataset(table, units=UNITS):
    columns = {name: [row[i] for row in table] for i, name in enumerate(COLUMNS)}
    return Dataset.of(
        agencies=pl.DataFrame(
            {"code": units, **columns},
            schema={"code": pl.String, **dict.fromkeys(COLUMNS, pl.Float64)},
        )
    )


def results(rules, data):
    """Return what each unit has: its scores by node, and its rank."""
    made = evaluate(rules, data)
    found = {(u, n): s for u, n, s in made.criteria.select("agency", "node", "score").iter_rows()}
    ranks = dict(made.agencies.select("agency", "rank").iter_rows())
    return found, ranks


def alike(one, other, tolerance=1e-12):
    assert one.keys() == other.keys()
    for key, value in one.items():
        if value is None or other[key] is None:
            assert value is other[key], key
        else:
            assert math.isclose(value, other[key], rel_tol=tolerance, abs_tol=tolerance), key


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
@given(tables, weights, turns, st.permutations(range(5)))
@budget
def test_the_order_of_units_and_of_indicators_changes_nothing(way, table, sizes, sides, order):
    parts = {c: entry(c, w, t) for c, w, t in zip(COLUMNS, sizes, sides, strict=True)}
    before, ranks = results(ruleset(parts, normalise=way), dataset(table))
    turned = {c: parts[c] for c in ("q", "p", "s", "r")}
    shuffled = dataset([table[i] for i in order], [UNITS[i] for i in order])
    after, later = results(ruleset(turned, normalise=way), shuffled)
    alike(before, after, 1e-9 if way == "z_score" else 1e-12)  # a mean hangs on the order of sums
    assert ranks == later


@given(tables, st.sampled_from([1024.0, 0.001, 60.0]), st.sampled_from([0.0, -32.0, 7.5]), turns)
@budget
def test_scaling_an_indicator_with_its_goalposts_changes_nothing(table, unit, shift, sides):
    def rules(of):
        posts = {"by": "min_max", "low": of(-8), "high": of(2000), "target": [of(3), of(900)]}
        steps = {"by": "categories", "at": [of(-1), of(4)], "scores": [0, 5, 9]}
        aim = {"by": "distance_to_target", "target": of(12000)}
        parts = {"p": posts, "q": steps, "r": aim, "s": "min_max"}
        return ruleset(
            {c: entry(c, 1, t, normalise=w) for (c, w), t in zip(parts.items(), sides, strict=True)}
        )

    # Whole numbers, so that a value on a threshold stays on it.
    table = [tuple(None if v is None else float(round(v)) for v in row) for row in table]
    unit = 1024.0 if unit < 1 else unit
    scaled = [tuple(None if v is None else v * unit + shift for v in row) for row in table]
    before, _ = results(rules(float), dataset(table))
    after, _ = results(rules(lambda v: v * unit + shift), dataset(scaled))
    alike(before, after, 1e-9)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
@given(tables, weights)
@budget
def test_a_weighted_mean_lies_between_its_children(way, table, sizes):
    parts = {c: entry(c, w) for c, w in zip(COLUMNS, sizes, strict=True)}
    found, _ = results(ruleset(parts, normalise=way), dataset(table))
    for unit in UNITS:
        for node, below in (("a", ("a.p", "a.q")), ("b", ("b.r", "b.s")), ("total", ("a", "b"))):
            known = [found[unit, one] for one in below if found[unit, one] is not None]
            score = found[unit, node]
            assert (score is None) == (not known)
            if known:
                noise = 1e-12 * max(map(abs, known))
                assert min(known) - noise <= score <= max(known) + noise


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
@given(tables, turns, st.integers(0, 4), st.integers(0, 3), st.sampled_from([0.25, 3.0, 5000.0]))
@budget
def test_a_unit_that_does_better_never_scores_worse(way, table, sides, unit, column, gain):
    value = table[unit][column]
    assume(value is not None)
    better = [list(row) for row in table]
    better[unit][column] = value + (gain if sides[column] == "up" else -gain)
    parts = {c: entry(c, 1, t) for c, t in zip(COLUMNS, sides, strict=True)}
    rules = ruleset(parts, normalise=way)
    before, _ = results(rules, dataset(table))
    after, _ = results(rules, dataset(better))
    node = ("a.p", "a.q", "b.r", "b.s")[column]
    # Where a column tells no one apart, before or after, the mean is one of fewer.
    assume(before[UNITS[unit], node] is not None and after[UNITS[unit], node] is not None)
    for one in (node, "total"):
        was, now = before[UNITS[unit], one], after[UNITS[unit], one]
        assert now >= was - 1e-9 * max(1, abs(was))


# --- one ruleset, by hand -----------------------------------------------------------------------

TABLE = [
    (1.0, 40.0, 5.0, 3.0),
    (2.0, 30.0, 5.0, None),
    (3.0, 20.0, 5.0, 1.0),
    (4.0, None, 5.0, 1.0),
    (5.0, 0.0, 5.0, 1.0),
]


def column_of(rules, node, table=TABLE, **more):
    made = evaluate(rules, dataset(table), **more)
    return made.criteria.filter(pl.col("node") == node)["score"].to_list(), made


def test_a_constant_indicator_is_left_out_with_one_warning_that_names_it():
    rules = ruleset({c: entry(c) for c in COLUMNS}, normalise="min_max")
    scores, made = column_of(rules, "b.r")
    assert scores == [None] * 5
    (warning,) = [one for one in made.warnings if "scores" in one.message]
    assert warning.message == "all values of b.r are 5, so min_max gives no scores"
    assert warning.severity == "warning"


def test_none_opts_out_of_what_is_inherited():
    parts = {c: entry(c) for c in COLUMNS} | {"q": entry("q", normalise="none")}
    rules = ruleset(parts, normalise="min_max", scale={"low": 0, "high": 100})
    assert column_of(rules, "a.q")[0] == [40, 30, 20, None, 0]
    assert column_of(rules, "a.p")[0] == [0, 25, 50, 75, 100]
    turned = parts | {"q": entry("q", turn="down", normalise="none")}
    assert column_of(ruleset(turned, normalise="min_max"), "a.q")[0] == [-40, -30, -20, None, 0]


def test_parameters_change_those_that_are_inherited():
    parts = {c: entry(c) for c in COLUMNS}
    parts["q"] = entry("q", normalise={"low": 0, "high": 80})
    rules = ruleset(parts, normalise={"by": "min_max", "to": [1, 100]})
    assert column_of(rules, "a.q")[0] == [50.5, 38.125, 25.75, None, 1]
    axis = {"criteria": {"p": parts["p"]}, "normalise": {"to": [0, 8]}}
    file = {"axes": {"a": axis, "b": {"criteria": {"q": parts["q"]}}}, "scale": WIDE}
    file |= {"schema": "egovrules/1", "id": "t", "title": "T"}
    rules = read_ruleset(json.dumps(file | {"normalise": {"by": "min_max", "to": [1, 100]}}))
    assert column_of(rules, "a.p")[0] == [0, 2, 4, 6, 8]


def test_a_share_becomes_points_of_the_scale_and_what_is_final_stays():
    for scale, want in (({"low": 0, "high": 1}, 0.25), ({"low": 1, "high": 5}, 2.0)):
        rules = ruleset({c: entry(c) for c in COLUMNS}, normalise="min_max", scale=scale)
        assert column_of(rules, "a.p")[0][1] == want
        final = {"by": "min_max", "to": [0, 8]}
        rules = ruleset({c: entry(c) for c in COLUMNS}, normalise=final, scale=scale)
        assert column_of(rules, "a.p")[0][1] == 2


def test_only_those_whom_a_criterion_concerns_are_compared():
    table = {"code": UNITS, "p": [1.0, 2.0, 3.0, 4.0, 500.0], "size": ["m", "m", "m", None, "x"]}
    text = """\
schema: egovrules/1
id: t
title: T
normalise: min_max
indicators: {agencies: {size: {type: text}}}
axes: {a: {criteria: {p: {use: core.value, with: {column: p}, when: size = 'm'}}}}
"""
    made = evaluate(read_ruleset(text), Dataset.of(agencies=pl.DataFrame(table)))
    nodes = made.criteria.filter(pl.col("node") == "a.p")
    assert nodes["score"].to_list() == [0, 50, 100, None, None]
    assert nodes["state"].to_list() == ["scored"] * 3 + ["missing", "not_applicable"]
    assert made.manifest.normalised["a.p"] == {"lowest": 1, "highest": 3}


def test_a_status_takes_a_cell_out_of_the_comparison():
    table = {"code": UNITS, "p": ["1", "2", "3", "exempt", "not_applicable"]}
    rules = """\
schema: egovrules/1
id: t
title: T
normalise: min_max
missing: {status: {exempt: zero}}
axes: {a: {criteria: {p: {use: core.value, with: {column: p}}}}}
"""
    made = evaluate(read_ruleset(rules), Dataset.of(agencies=pl.DataFrame(table)))
    assert made.criteria.filter(pl.col("node") == "a.p")["score"].to_list() == [0, 50, 100, 0, None]


def test_caps_and_derived_values_see_the_normalised_score():
    parts = {c: entry(c) for c in COLUMNS}
    parts["p"] |= {"caps": [{"at": 30, "when": "own > 30"}]}
    more = {"indicators": {"agencies": {"own": {}}}, "derive": {"seen": "a.p"}}
    rules = ruleset(parts, normalise="min_max", scale={"low": 0, "high": 100}, **more)
    table = pl.DataFrame(
        {"code": UNITS, **{c: [r[i] for r in TABLE] for i, c in enumerate(COLUMNS)}}
    )
    table = table.with_columns(own=pl.Series([0.0, 0.0, 50.0, 0.0, 50.0]))
    made = evaluate(rules, Dataset.of(agencies=table))
    assert dict(made.agencies.select("agency", "seen").iter_rows()) == {
        "A": 0,
        "B": 25,
        "C": 30,
        "D": 75,
        "E": 30,
    }


def test_a_normalised_score_may_leave_the_scale_and_no_condition_is_called_impossible():
    text = """\
schema: egovrules/1
id: t
title: T
derive: {seen: a.p}
axes: {a: {criteria: {p: {use: core.ratio, level: agency, with: {numerator: p, denominator: q}}}}}
findings: {low: {of: agencies, when: seen < 0, message: "{name}"}}
"""
    assert [one for one in lint(read_ruleset(text)) if "never" in one.message]
    free = read_ruleset(text + "normalise: z_score\n")
    assert [one for one in lint(free) if "never" in one.message] == []


SERVICES = pl.DataFrame(
    {"code": list("123456"), "agency": list("AABBCC"), "p": [1, 2, 3, 4, 5, None]}
)
AT_SERVICES = """\
schema: egovrules/1
id: t
title: T
normalise: WAY
axes: {a: {criteria: {p: {use: core.value, level: service, with: {column: p}, direction: down}}}}
"""


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
@pytest.mark.parametrize(
    ("way", "want"),
    [
        ("min_max", [87.5, 37.5, 0]),
        ("{by: min_max, low: 0, high: 5}", [70, 30, 0]),
        ("{by: distance_to_reference, code: '2'}", [350 / 3, 50, 0]),
        ("{by: categories, at: [2.5], scores: [100, 0]}", [100, 0, 0]),
        ("{by: log}", [-math.log(2) / 2, -(math.log(3) + math.log(4)) / 2, -math.log(5)]),
    ],
)
def test_services_are_compared_with_services(way, want, engine):
    data = Dataset.of(
        agencies=pl.DataFrame({"code": ["A", "B", "C"]}), services=SERVICES, engine=engine
    )
    made = evaluate(read_ruleset(AT_SERVICES.replace("WAY", way)), data)
    totals = dict(made.agencies.select("agency", "total").iter_rows())
    assert [totals[unit] for unit in "ABC"] == pytest.approx(want)


def test_a_pooled_ratio_has_nothing_to_normalise():
    text = """\
schema: egovrules/1
id: t
title: T
normalise: min_max
rollup: {method: pooled}
axes: {a: {criteria: {p: {use: core.ratio, level: service}}}}
"""
    with pytest.raises(RulesetError, match="a pooled ratio has no values of its own"):
        read_ruleset(text)
    out = text.replace("level: service", "level: service, normalise: none")
    assert read_ruleset(out).root.criteria()[0].pooled


# --- generations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("child", "want"),
    [
        ("normalise: z_score", {"by": "z_score", "mean": 0, "sd": 1}),
        ("normalise: {by: z_score, sd: 10}", {"by": "z_score", "mean": 0, "sd": 10}),
        ("normalise: {by: rank}", {"by": "rank", "ties": "min"}),
        (
            "normalise: {high: 50}",
            {"by": "min_max", "low": 1, "high": 50, "clip": True},
        ),
        ("normalise: {by: min_max, low: null}", {"by": "min_max", "low": None, "clip": True}),
        ("normalise: null", None),
    ],
)
def test_a_file_that_extends_swaps_one_way_for_another_or_changes_a_parameter(
    child, want, tmp_path
):
    axes = "axes: {a: {criteria: {p: {use: core.value, with: {column: p}}}}}\n"
    head = "schema: egovrules/1\nid: t\ntitle: T\n"
    posts = "normalise: {by: min_max, low: 1, high: 9, clip: true}\n"
    (tmp_path / "old.yaml").write_text(head + axes + posts, encoding="utf-8")
    new = tmp_path / "new.yaml"
    new.write_text(f"schema: egovrules/1\nextends: old.yaml\nid: u\n{child}\n", encoding="utf-8")
    (node,) = load_ruleset(new).root.criteria()
    if want is None:
        assert node.normalisation is None
        return
    found = {"by": node.normalisation.id, **node.normalisation.model_dump()}
    assert found.items() >= want.items()


def test_what_decides_a_score_is_part_of_the_method_and_a_default_written_out_is_not():
    def digest(way, turn="up"):
        parts = {c: entry(c, 1, turn, normalise=way) for c in COLUMNS}
        return ruleset(parts).method_digest

    assert digest("min_max") == digest({"by": "min_max", "clip": False, "low": None})
    others = ["z_score", "none", {"by": "min_max", "low": 0}, {"by": "min_max", "exponent": 2}]
    found = {digest("min_max"), digest("min_max", "down"), *map(digest, others)}
    assert len(found) == 6
