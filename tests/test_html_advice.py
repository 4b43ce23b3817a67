"""What would help most, against evaluations in which just that was done."""

import json
import random
from dataclasses import replace

import polars as pl
import pytest

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.html.advice import advise
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


def ruleset(more):
    own = {key: value for key, value in more.items() if key != "of_axes"}
    if "derive" in own:
        own["derive"] = {**own["derive"], "got": "a.a1"}
    axes = {
        axis: {
            "weight": weight,
            **({"missing": more["of_axes"][axis]} if axis in more.get("of_axes", {}) else {}),
            "criteria": {
                f"{axis}{n}": {
                    "use": "core.value",
                    "with": {"column": f"{axis}{n}"},
                    "weight": n,
                    **({"when": "small = 0"} if axis == "c" else {}),
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
