"""What would help most, against evaluations in which just that was done."""

import json
import random
from dataclasses import replace

import polars as pl
import pytest

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.html.advice import advise
from egovrules.html.full_marks import FullMarks
from egovrules.ruleset import read_ruleset

CRITERIA = [f"{axis}{n}" for axis in "abc" for n in (1, 2)]
CAPS = [{"at": 70, "when": "small = 1"}, {"at": 50, "when": "a < 40"}]
WAYS = {
    "plain": {},
    "rounded ranks": {"rank": {"decimals": 0}},
    "dense": {"rank": {"decimals": 0, "ties": "dense"}},
    "max": {"rank": {"decimals": 0, "ties": "max"}},
    "average": {"rank": {"decimals": 0, "ties": "average"}},
    "ordinal": {"rank": {"decimals": 0, "ties": "ordinal"}},
    "exact": {"rank": {"exact": True}},
    "geometric": {"aggregate": "geometric"},
    "minimum": {"aggregate": "minimum"},
    "caps of the total": {"caps": CAPS},
    "a cap on a derived value": {
        "derive": {"got": "t.a1", "more": "got + 1"},
        "caps": [{"at": 30, "when": "more < 60"}],
    },
    "rounding": {"round": {"decimals": 0}},
    "another scale": {"scale": {"low": -10, "high": 100}},
    "least share": {"min_share": 0.6},
    "coverage": {"missing": {"policy": "skip", "min_coverage": 0.8}},
    "members": {"rank": {"among": "small = 0"}},
    "policies": {"missing": {"policy": "exclude"}},
    "axis policies": {"of_axes": {"a": "zero", "b": "exclude"}},
}
MORE = {
    "zero at the low end": {
        "scale": {"low": -10, "high": 100},
        "of_axes": {"a": "zero", "c": "zero"},
        "of_criteria": "skip",
    },
    "a cap of an axis": {"caps_of": {"a": [{"at": 40, "when": "small = 0"}]}},
    "what does not apply forbids nothing": {"missing": {"policy": "exclude"}, "off": ["c1", "a2"]},
    "a share of what applies": {"min_share": 0.6, "off": ["c1", "a2"]},
    "weights of nothing": {"min_share": 0.6, "weights": {"a1": 0, "b2": 0}},
    "an axis of no weight": {"weights": {"c": 0}},
    "an answer that counts as zero": {
        "missing": {"policy": "exclude", "status": {"refused": "zero"}}
    },
}


def ruleset(more):
    here, off = (
        ("of_axes", "of_criteria", "caps_of", "off", "weights"),
        more.get("off", ("c1", "c2")),
    )
    own = {key: value for key, value in more.items() if key not in here}
    if "derive" in own:
        own["derive"] = {**own["derive"], "got": "a.a1"}
    axes = {
        axis: {
            "weight": more.get("weights", {}).get(axis, weight),
            "caps": more.get("caps_of", {}).get(axis, []),
            **({"missing": more["of_axes"][axis]} if axis in more.get("of_axes", {}) else {}),
            "criteria": {
                f"{axis}{n}": {
                    "use": "core.value",
                    "with": {"column": f"{axis}{n}"},
                    "weight": more.get("weights", {}).get(f"{axis}{n}", n),
                    **({"missing": more["of_criteria"]} if "of_criteria" in more else {}),
                    **({"when": "small = 0"} if f"{axis}{n}" in off else {}),
                    **({"caps": [{"at": 90, "when": "small = 1"}]} if axis == "b" else {}),
                }
                for n in (1, 2)
            },
        }
        for axis, weight in (("a", 3), ("b", 2), ("c", 1))
    }
    file = {"schema": "egovrules/1", "id": "t", "title": "T"}
    known = {"indicators": {"agencies": {"small": {"low": 0}}}}
    return read_ruleset(json.dumps({**file, **known, "axes": axes, **own}))


def bodies(seed, low=0.0, size=14):
    draw = random.Random(seed)  # noqa: S311 - the same draws each time
    columns = {"code": [f"{number:03}" for number in draw.sample(range(999), size)]}
    for name in CRITERIA:
        columns[name] = [
            None if draw.random() < 0.15 else draw.choice([low, 50.0, draw.uniform(low, 100)])
            for _ in range(size)
        ]
    columns["small"] = [draw.choice([0.0, 0.0, 1.0]) for _ in range(size)]
    return pl.DataFrame(columns)


@pytest.mark.parametrize("way", WAYS)
def test_gains_and_ranks_are_those_of_an_evaluation_in_which_it_was_done(way):
    rules, table = ruleset(WAYS[way]), bodies(len(way), 20.0 if way == "geometric" else 0.0)
    made = evaluate(rules, Dataset.of(agencies=table))
    told = {
        (row["agency"], row["node"]): row
        for row in advise(made, most=len(CRITERIA)).iter_rows(named=True)
    }
    was = {row["agency"]: row for row in made.agencies.iter_rows(named=True)}
    pairs = [(code, name) for code in table["code"] for name in CRITERIA]
    draw = random.Random(way)  # noqa: S311 - the same draws each time
    checked = 0
    for code, name in draw.sample(pairs, 14):
        changed = pl.when(pl.col("code") == code).then(100.0).otherwise(name).alias(name)
        after = evaluate(rules, Dataset.of(agencies=table.with_columns(changed)))
        now = after.agencies.row(by_predicate=pl.col("agency") == code, named=True)
        before, row = was[code]["total"], told.get((code, f"{name[0]}.{name}"))
        if before is None or now["total"] is None or now["total"] <= before + 1e-9:
            assert row is None, (code, name)
            continue
        checked += 1
        assert row["total"] == pytest.approx(now["total"], abs=1e-9)
        assert row["gain"] == pytest.approx(now["total"] - before, abs=1e-9)
        assert row["rank"] == now["rank"], (code, name)
    assert checked


@pytest.mark.parametrize("way", WAYS | MORE)
def test_every_total_and_coverage_is_that_of_an_evaluation_in_which_all_did_it(way):
    rules = ruleset((WAYS | MORE)[way])
    table = bodies(len(way), 20.0 if way == "geometric" else 0.0)
    if way in MORE:  # of some, nothing is known on one axis
        first = pl.int_range(pl.len()) < 5
        table = table.with_columns(pl.when(~first).then(name).alias(name) for name in ("a1", "a2"))
    if way == "an answer that counts as zero":
        table = table.with_columns(pl.col("a1").cast(pl.String).fill_null("refused"))
    made = evaluate(rules, Dataset.of(agencies=table))
    full = FullMarks(made, None).full()
    got = {(row["agency"], row["leaf"]): row for row in full.iter_rows(named=True)}
    assert len(got) == full.height
    assert got
    states = {
        (a, n): state for a, n, state in made.criteria.select("agency", "node", "state").rows()
    }
    total = dict(made.agencies.select("agency", "total").rows())
    expected = set()
    for name in CRITERIA:
        leaf = f"{name[0]}.{name}"
        everyone = table.with_columns(pl.lit(100.0).alias(name))
        after = evaluate(rules, Dataset.of(agencies=everyone)).agencies
        for code, then, coverage in after.select("agency", "total", "coverage").iter_rows():
            if total[code] is None or states[code, leaf] == "not_applicable":
                continue
            expected.add((code, leaf))
            row = got[code, leaf]
            assert row["now"] == pytest.approx(total[code], abs=1e-9)
            assert (row["then"] is None) == (then is None), (code, leaf)
            assert row["then"] == (then if then is None else pytest.approx(then, abs=1e-9))
            assert row["coverage"] == pytest.approx(coverage, abs=1e-9)
    assert got.keys() == expected


def test_the_largest_gains_come_first_and_only_so_many():
    made = evaluate(ruleset({}), Dataset.of(agencies=bodies(1)))
    for _, rows in advise(made, most=2).group_by("agency"):
        assert rows.height <= 2
        assert rows["gain"].to_list() == sorted(rows["gain"], reverse=True)
    whole = advise(made, most=99)
    best = whole.group_by("agency", maintain_order=True).agg(pl.col("gain").max())["gain"]
    assert advise(made, most=1)["gain"].to_list() == best.to_list()


def test_for_services_full_means_all_of_them_at_the_top():
    criterion = {"use": "core.value", "level": "service", "with": {"column": "v"}}
    axes = {
        "x": {"criteria": {"c": criterion, "d": {**criterion, "with": {"column": "w"}}}},
        "y": {"criteria": {"own": {"use": "core.value", "with": {"column": "own"}}}},
    }
    rules = read_ruleset(
        json.dumps({"schema": "egovrules/1", "id": "t", "title": "T", "axes": axes})
    )
    agencies = pl.DataFrame({"code": ["A", "B"], "own": [10.0, 20.0]})
    services = pl.DataFrame(
        {"code": ["1", "2", "3"], "agency": ["A", "A", "B"], "v": [5.0, None, 9.0], "w": [1.0] * 3}
    )
    told = advise(evaluate(rules, Dataset.of(agencies=agencies, services=services)))
    full = services.with_columns(
        pl.when(pl.col("agency") == "A").then(100.0).otherwise("v").alias("v")
    )
    after = evaluate(rules, Dataset.of(agencies=agencies, services=full)).agencies
    row = told.row(by_predicate=(pl.col("agency") == "A") & (pl.col("node") == "x.c"), named=True)
    now = after.row(by_predicate=pl.col("agency") == "A", named=True)
    assert (row["total"], row["rank"]) == (pytest.approx(now["total"]), now["rank"])


def test_nothing_is_told_of_criteria_of_services_that_have_caps_nor_of_nobody():
    criterion = {"use": "core.value", "level": "service", "with": {"column": "v"}}
    capped = {**criterion, "with": {"column": "w"}, "caps": [{"at": 50, "when": "v > 0"}]}
    axes = {"x": {"criteria": {"c": criterion, "d": capped}}}
    file = {"schema": "egovrules/1", "id": "t", "title": "T", "axes": axes}
    services = pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [5.0], "w": [1.0]})
    tables = {"agencies": pl.DataFrame({"code": ["A"]}), "services": services}
    made = evaluate(read_ruleset(json.dumps(file)), Dataset.of(**tables))
    assert advise(made)["node"].to_list() == ["x.c"]
    nobody = read_ruleset(json.dumps({**file, "scope": {"agencies": "code = 'Z'"}}))
    assert advise(evaluate(nobody, Dataset.of(**tables))).is_empty()


def test_just_the_share_that_is_needed_is_enough():
    """Seven of 25: 0.28 × 25 is 7.000000000000001."""
    names = [f"v{number}" for number in range(25)]
    criteria = {name: {"use": "core.value", "with": {"column": name}} for name in names}
    file = {"schema": "egovrules/1", "id": "t", "title": "T", "min_share": 0.28}
    rules = read_ruleset(json.dumps({**file, "axes": {"x": {"criteria": criteria}}}))
    values = {name: [10.0 if at < 7 else None] for at, name in enumerate(names)}
    table = pl.DataFrame(
        {"code": ["A"], **values}, schema_overrides=dict.fromkeys(names, pl.Float64)
    )
    told = advise(evaluate(rules, Dataset.of(agencies=table)), most=99)
    assert set(told["node"]) == {f"x.{name}" for name in names}


def test_nothing_is_told_where_agencies_are_compared_with_each_other():
    made = evaluate(ruleset({"aggregate": "copeland"}), Dataset.of(agencies=bodies(2)))
    assert advise(made).is_empty()


def test_without_the_plugin_of_an_aggregation_nothing_is_told():
    made = evaluate(ruleset({}), Dataset.of(agencies=bodies(3)))
    tree = [
        node.model_copy(update={"aggregation": "gone"}) if node.id == "a" else node
        for node in made.manifest.tree
    ]
    without = replace(made, manifest=made.manifest.model_copy(update={"tree": tree}))
    told = set(advise(without, most=99)["node"])
    assert told
    assert not any(node.startswith("a.") for node in told)
