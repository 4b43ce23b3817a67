"""What a change of the rules does, against exact fractions, all orders, and plain loops."""

import copy
import json
import random
from collections import Counter
from fractions import Fraction
from itertools import permutations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovrules.dataset import Dataset
from egovrules.impact import apportion, impact
from egovrules.ruleset import read_ruleset

UNITS = 10**9
AGENCIES = {
    "code": list("ABCDEF"),
    "p": [10.0, 80.0, None, 55.0, None, 33.0],
    "q": [90.0, 20.0, 40.0, None, None, 33.0],
    "r": [70.0, 60.0, 5.0, 100.0, None, 33.0],
    "late": [True, False, True, False, True, None],
}
OLD = {
    "schema": "egovrules/1",
    "id": "old",
    "title": "Old",
    "missing": {"policy": "zero"},
    "indicators": {"agencies": {"late": {"type": "boolean"}}},
    "axes": {
        "a": {
            "weight": 2,
            "criteria": {
                "x": {"use": "core.value", "with": {"column": "p"}},
                "y": {"use": "core.value", "with": {"column": "q"}},
            },
        },
        "b": {
            "caps": [{"at": 45, "when": "late"}],
            "criteria": {"u": {"use": "core.value", "with": {"column": "r"}}},
        },
    },
}


def put(*path):
    """Make an edit that sets what stands at a path, or takes it away."""
    *path, value = path

    def edit(data):
        for key in path[:-1]:
            data = data.setdefault(key, {})
        if value is None:
            data.pop(path[-1])
        else:
            data[path[-1]] = value

    return edit


# Single rules of OLD, by the id under which they must be told, each with its edit.
EDITS = {
    "axes.a.criteria.x": put("axes", "a", "criteria", "x", "weight", 3),
    "axes.a.criteria.y": put("axes", "a", "criteria", "y", None),
    "axes.b.criteria.v": put(
        "axes", "b", "criteria", "v", {"use": "core.value", "with": {"column": "q"}, "weight": 4}
    ),
    "axes.b.criteria.u": put("axes", "b", "criteria", "u", "with", "column", "p"),
    "axes.a.criteria.x.caps": put(
        "axes", "a", "criteria", "x", "caps", [{"at": 20, "when": "late"}]
    ),
    "axes.a.weight": put("axes", "a", "weight", 5),
    "axes.b.caps": put("axes", "b", "caps", [{"at": 20, "when": "late"}]),
    "caps": put("caps", [{"at": 30, "when": "not late"}]),
    "missing": put("missing", "policy", "skip"),
    "axes.b.missing": put("axes", "b", "missing", "skip"),
}


def changed(names):
    data = copy.deepcopy(OLD)
    for name in names:
        EDITS[name](data)
    return data


def ruleset(data):
    return read_ruleset(json.dumps(data))


def run(old, new, agencies=AGENCIES, services=None, engine="polars"):
    tables = {"agencies": pl.DataFrame(agencies)}
    if services is not None:
        tables["services"] = pl.DataFrame(services)
    return impact(ruleset(old), ruleset(new), Dataset.of(**tables, engine=engine))


def total(data, row):
    """Score one agency by the words of the docs, in fractions."""
    scores = []
    for axis in data["axes"].values():
        policy = axis.get("missing", data["missing"]["policy"])
        parts = []
        for criterion in axis["criteria"].values():
            value = row[criterion["with"]["column"]]
            if value is not None:
                value = capped(Fraction(value), criterion, row)
            elif policy == "zero":
                value = Fraction(0)
            if value is not None:
                parts.append((value, criterion.get("weight", 1)))
        if parts:
            scores.append((capped(mean(parts), axis, row), axis.get("weight", 1)))
    return capped(mean(scores), data, row) if scores else None


def mean(parts):
    return sum(value * weight for value, weight in parts) / sum(weight for _, weight in parts)


def capped(score, node, row):
    for cap in node.get("caps", ()):
        wanted = {"late": True, "not late": False}[cap["when"]]
        if row["late"] is wanted:
            score = min(score, Fraction(cap["at"]))
    return score


def shared(names, orders, row):
    """Average what each edit adds over the orders, as the definition says; None where unknown."""
    parts = dict.fromkeys(names, Fraction(0))
    for order in orders:
        for place, name in enumerate(order):
            before, after = (total(changed(order[:end]), row) for end in (place, place + 1))
            if before is None or after is None:
                return None
            parts[name] += (after - before) / len(orders)
    return parts


def rows(table):
    names = list(table)
    return [dict(zip(names, row, strict=True)) for row in zip(*table.values(), strict=True)]


def points(result, column="points"):
    """Return what is told of each agency: {agency: {rule: points}}."""
    found = {}
    for row in result.attribution.table.iter_rows(named=True):
        found.setdefault(row["agency"], {})[row["rule"]] = row[column]
    return found


def check_against_all_orders(names, result, orders):
    got = points(result)
    for row in rows(AGENCIES):
        expected = shared(names, orders, row)
        if expected is None:
            assert set(got[row["code"]].values()) == {None}
            continue
        assert got[row["code"]].keys() == expected.keys()
        for name, value in expected.items():
            assert abs(Fraction(got[row["code"]][name]) - value) < Fraction(2, UNITS), name


@pytest.mark.parametrize("seed", range(6))
def test_the_parts_are_those_of_all_orders_in_fractions(seed):
    names = random.Random(seed).sample(sorted(EDITS), 2 + seed % 3)  # noqa: S311 - not a secret
    result = run(OLD, changed(names))
    assert result.attribution.exact
    check_against_all_orders(names, result, list(permutations(names)))


def test_more_than_five_rules_take_the_order_of_the_file_and_its_reverse():
    result = run(OLD, changed(EDITS))
    assert not result.attribution.exact
    order = [part.id for part in result.attribution.parts]
    assert sorted(order) == sorted(EDITS)
    check_against_all_orders(order, result, [order, order[::-1]])


def test_parts_add_up_to_the_shift_and_to_the_places_won_to_the_last_unit():
    result = run(OLD, changed(["axes.a.criteria.x", "axes.b.criteria.u", "caps"]))
    for column, whole in (("points", "shift"), ("places", "places")):
        parts = points(result, column)
        for row in result.agencies.iter_rows(named=True):
            units = [round(part * UNITS) for part in parts[row["agency"]].values()]
            assert sum(units) == round(row[whole] * UNITS)
    assert any(row["shift"] for row in result.agencies.iter_rows(named=True))


def test_totals_ranks_and_places_are_those_of_either_ruleset():
    new = changed(["axes.a.weight", "axes.b.caps"])
    result = run(OLD, new)
    totals = {
        row["code"]: [float(total(data, row)) for data in (OLD, new)] for row in rows(AGENCIES)
    }
    ranks = [Counter(), Counter()]
    for code, pair in totals.items():
        for which in (0, 1):
            ranks[which][code] = 1 + sum(t[which] > pair[which] + 1e-9 for t in totals.values())
    for row in result.agencies.iter_rows(named=True):
        code = row["agency"]
        assert (row["old_total"], row["total"]) == pytest.approx(totals[code])
        assert (row["old_rank"], row["rank"]) == (ranks[0][code], ranks[1][code])
        assert row["places"] == ranks[0][code] - ranks[1][code]
    assert result.agencies["rank"].is_sorted()


def test_there_and_back_have_opposite_signs():
    names = ["axes.a.criteria.x", "axes.a.criteria.y", "axes.b.caps", "missing"]
    there, back = points(run(OLD, changed(names))), points(run(changed(names), OLD))
    for agency, parts in there.items():
        for name, value in parts.items():
            if value is None:
                assert back[agency][name] is None
            else:
                assert value == pytest.approx(-back[agency][name], abs=2 / UNITS)


def test_a_rule_that_changes_nothing_gets_nothing_and_a_single_one_the_whole_move():
    new = changed(["axes.a.criteria.x"])
    new["caps"] = [{"at": 1, "when": "late and not late"}]
    parts = points(run(OLD, new))
    alone = points(run(OLD, changed(["axes.a.criteria.x"])))
    for agency, found in parts.items():
        assert found["caps"] == 0.0
        assert found["axes.a.criteria.x"] == alone[agency]["axes.a.criteria.x"]


def test_a_policy_that_was_inherited_and_is_written_out_stays_on_the_way():
    """Between the two, `x` counts as zero as it does in both, whatever the file says by then."""
    new = changed(["missing", "axes.a.weight"])
    new["axes"]["a"]["criteria"]["x"]["missing"] = "zero"
    result = run(OLD, new)
    assert [part.id for part in result.attribution.parts] == ["missing", "axes.a.weight"]
    written = copy.deepcopy(OLD)
    written["axes"]["a"]["criteria"]["x"]["missing"] = "zero"
    reweighted = copy.deepcopy(new)
    EDITS["axes.a.weight"](written)
    again = points(run(written, reweighted))  # the same, were only `missing` changed
    first = copy.deepcopy(new)
    first["axes"]["a"]["weight"] = 2
    then = points(run(OLD, first))
    for agency, parts in points(result).items():
        halves = (again[agency]["missing"], then[agency]["missing"])
        assert parts["missing"] == pytest.approx(sum(halves) / 2, abs=2 / UNITS)
    assert any(parts["missing"] for parts in points(result).values())


def test_an_axis_that_says_skip_where_it_would_inherit_zero_is_a_rule():
    new = copy.deepcopy(OLD)
    new["axes"]["a"]["missing"] = "skip"
    result = run(OLD, new)
    assert [part.id for part in result.attribution.parts] == ["axes.a.missing"]
    assert any(row["shift"] for row in result.agencies.to_dicts())


def test_who_comes_into_scope_and_who_leaves_is_counted():
    services = {
        "code": [f"{agency}{n}" for agency in "ABC" for n in range(3)],
        "agency": [agency for agency in "ABC" for _ in range(3)],
        "n": [1.0, 2.0, 3.0] * 3,
    }
    indicators = {**OLD["indicators"], "services": {"n": {"type": "number"}}}
    old = {**OLD, "indicators": indicators, "scope": {"agencies": "code != 'A'"}}
    new = {**old, "scope": {"agencies": "code not in ('B', 'C')", "services": "n > 1"}}
    result = run(old, new, services=services)
    found = {row["of"]: (row["enters"], row["leaves"]) for row in result.scope.to_dicts()}
    assert found == {"agencies": (1, 2), "services": (2, 6)}


def test_rules_that_decide_no_score_leave_everything_where_it_is():
    new = {**OLD, "id": "new", "title": "New", "bands": {}, "period": "1400-autumn"}
    new["findings"] = {"f": {"of": "agencies", "when": "total > 1", "message": "m"}}
    result = run(OLD, new)
    assert result.attribution.parts == ()
    assert result.attribution.table.is_empty()
    assert set(result.agencies["shift"]) == {0.0}


def test_a_cap_on_a_new_value_is_one_rule_with_what_the_value_needs():
    new = changed(["axes.b.criteria.v"])
    new["derive"] = {"level": "b.v"}
    new["axes"]["a"]["caps"] = [{"at": 30, "when": "level < 50"}]
    result = run(OLD, new)
    joint, lone = "axes.a.caps + axes.b.criteria.v", "derive.level"
    assert {part.id for part in result.attribution.parts} == {joint, lone}
    for agency, parts in points(result).items():
        (row,) = result.agencies.filter(pl.col("agency") == agency).to_dicts()
        assert parts == {joint: row["shift"], lone: 0.0}


def test_another_tree_altogether_is_one_rule_that_causes_everything():
    only = {"criteria": {"x": {"use": "core.value", "with": {"column": "q"}}}}
    result = run({**OLD, "axes": {"a": OLD["axes"]["a"]}}, {**OLD, "axes": {"c": only}})
    assert [part.id for part in result.attribution.parts] == ["axes.a + axes.c"]
    shifts = dict(result.agencies.select("agency", "shift").iter_rows())
    assert {agency: sum(parts.values()) for agency, parts in points(result).items()} == shifts


def test_an_agency_without_a_total_on_the_way_is_told_apart():
    """Under the new policy alone, E has nothing to be scored on."""
    new = changed(["missing", "axes.b.missing"])
    for name in ("n", "m"):
        criterion = {"use": "core.value", "with": {"column": name}}
        new["axes"][f"axis_{name}"] = {"criteria": {"x": criterion}}
    agencies = {**AGENCIES, "n": [10.0] * 6, "m": [20.0] * 6}
    result = run(OLD, new, agencies)
    shifts = dict(result.agencies.select("agency", "shift").iter_rows())
    assert shifts["E"] is not None
    unknown = {agency for agency, parts in points(result).items() if None in parts.values()}
    assert unknown == {"E"}
    assert set(points(result)["E"].values()) == {None}


def test_a_value_of_the_same_name_and_another_meaning_is_a_rule_of_its_own():
    derive = {"level": "a.x", "twice": "2 * level"}
    old = {**OLD, "derive": derive, "caps": [{"at": 30, "when": "twice < 100"}]}
    new = {**old, "derive": {**derive, "level": "a.y"}, "aggregate": "geometric"}
    result = run(old, new)
    assert [part.id for part in result.attribution.parts] == ["derive.level", "aggregate"]
    assert all(
        any(parts[name] for parts in points(result).values())
        for name in ("derive.level", "aggregate")
    )
    result = run(old, {**new, "aggregate": "arithmetic"})
    moved = {row["agency"] for row in result.agencies.to_dicts() if row["shift"]}
    below = {  # unknown is not below
        which: {row["code"] for row in rows(AGENCIES) if (row[which] or 50) < 50}
        for which in ("p", "q")
    }
    assert moved
    assert moved <= below["p"] ^ below["q"]


def test_how_totals_are_ranked_is_a_rule_that_moves_places_only():
    agencies = {**AGENCIES, "p": [50.1, 50.2, 50.3, 50.4, 1.0, 2.0]}
    only = {"x": {"use": "core.value", "with": {"column": "p"}}}
    old = {**OLD, "axes": {"a": {"criteria": only}}}
    result = run(old, {**old, "rank": {"decimals": 0}}, agencies)
    assert points(result)["A"] == {"rank": 0.0}
    places = {agency: parts["rank"] for agency, parts in points(result, "places").items()}
    assert places == {"A": 3.0, "B": 2.0, "C": 1.0, "D": 0.0, "E": 0.0, "F": 0.0}


def test_agencies_that_only_one_ruleset_has_or_ranks_have_no_shift():
    old = {**OLD, "scope": {"agencies": "code != 'A'"}}
    new = {**OLD, "missing": {"policy": "zero", "min_coverage": 0.9}}
    new["missing"] = {"policy": "skip", "min_coverage": 0.9}
    found = {row["agency"]: row for row in run(old, new).agencies.to_dicts()}
    assert found["A"]["old_total"] is None
    assert found["A"]["shift"] is None
    assert found["A"]["rank"] is not None
    assert (found["E"]["total"], found["E"]["old_rank"]) == (None, 5)
    assert found["C"]["rank"] is None  # two thirds of the weight are known
    assert found["C"]["places"] is None


@pytest.mark.parametrize("count", [1, 3, 10, 23])
@pytest.mark.parametrize("step", [1, 7, 40])
def test_tenths_keep_equal_totals_together(count, step):
    """With *step* above 1, totals come in groups of equal ones."""
    totals = [float(n // step) for n in range(count)]
    table = {"code": [f"{n:02}" for n in range(count)], "p": totals, "q": [1.0] * count}
    axes = {"a": {"criteria": {"x": {"use": "core.value", "with": {"column": "p"}}}}}
    old = {**OLD, "indicators": {}, "axes": axes}
    new = copy.deepcopy(old)
    new["axes"]["a"]["criteria"]["y"] = {"use": "core.value", "with": {"column": "q"}}
    got = run(old, new, table).deciles.to_dicts()
    assert [row["decile"] for row in got] == list(range(1, 11))
    groups = {}
    for value in totals:
        below = sum(other < value for other in totals)
        groups.setdefault(10 * below // count + 1, []).append(value)
    for row in got:
        values = groups.get(row["decile"], [])
        assert row["agencies"] == len(values)
        if values:
            shifts = [(value + 1) / 2 - value for value in values]
            assert (row["low"], row["high"]) == pytest.approx((min(values), max(values)))
            assert row["mean"] == pytest.approx(sum(shifts) / len(shifts))
            assert (row["least"], row["most"]) == pytest.approx((min(shifts), max(shifts)))
        else:
            assert row["mean"] is None


def test_who_crosses_lists_bands_and_findings():
    rules = {
        "bands": {
            "grade": {
                "of": "agencies",
                "by": "total",
                "labels": [{"low": "< 40"}, {"high": ">= 40"}],
                "otherwise": "none_of_these",
            }
        },
        "lists": {
            "best": {"of": "agencies", "by": "total", "top": 2},
            "gone": {"of": "agencies", "when": "late"},
        },
        "findings": {
            "poor": {"of": "agencies", "when": "total < 40", "message": "{name} is poor"},
            "fine": {"of": "agencies", "when": "total > 50", "message": "{name} is fine"},
        },
    }
    names = ["axes.a.weight", "axes.a.criteria.y", "missing"]
    new = {**changed(names), **rules}
    new["lists"] = {"best": rules["lists"]["best"]}
    result = run({**OLD, **rules}, new)
    pairs = {row["code"]: (total(OLD, row), total(changed(names), row)) for row in rows(AGENCIES)}
    first, second = (
        {code for code, pair in pairs.items() if pair[which] is not None and pair[which] < 40}
        for which in (0, 1)
    )
    labels = {"low": first, "high": {c for c in pairs if pairs[c][0] >= 40}}
    crossed = {(row["agency"], row["old"], row["new"]) for row in result.bands.to_dicts()}
    assert {code for code, old, now in crossed if (old, now) == ("high", "low")} == second - first
    assert {code for code, old, _ in crossed if old == "low"} <= labels["low"]
    assert crossed
    found = result.findings.filter(pl.col("finding") == "poor")
    events = {event: set() for event in ("fires", "ends")}
    for row in found.to_dicts():
        events[row["event"]].add(row["agency"])
    assert events == {"fires": second - first, "ends": first - second}
    tops = [
        {c for c in pairs if pairs[c][which] is not None and beats(pairs, c, which) < 2}
        for which in (0, 1)
    ]
    moved = {(row["list"], row["agency"], row["event"]) for row in result.lists.to_dicts()}
    assert moved == {("best", code, "enters") for code in tops[1] - tops[0]} | {
        ("best", code, "leaves") for code in tops[0] - tops[1]
    }


def beats(pairs, code, which):
    mine = pairs[code][which]
    return sum(pair[which] is not None and pair[which] > mine for pair in pairs.values())


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_services_that_cross_a_band_or_the_scope_are_counted(engine):
    services = {"code": list("stuvw"), "agency": list("AABBC"), "v": [0.0, 30.0, 60.0, 90.0, None]}
    band = {"of": "services", "by": "level", "otherwise": "unknown"}
    old = {
        **{key: OLD[key] for key in ("schema", "id", "title")},
        "derive": {"level": "a.x"},
        "axes": {
            "a": {
                "criteria": {
                    "x": {"use": "core.value", "level": "service", "with": {"column": "v"}}
                }
            }
        },
        "bands": {"b": {**band, "labels": [{"low": "< 50"}, {"high": ">= 50"}]}},
    }
    new = {
        **old,
        "scope": {"services": "code != 'w'"},
        "bands": {"b": {**band, "labels": [{"low": "< 20"}, {"mid": "< 70"}, {"high": ">= 70"}]}},
    }
    agencies = {"code": ["A", "B", "C"]}
    result = run(old, new, agencies, services, engine)
    assert result.services.rows() == [
        ("b", "low", "mid", 1),
        ("b", "high", "mid", 1),
        ("b", "unknown", None, 1),
    ]


@given(
    st.lists(st.just(0) | st.integers(-(10**12), 10**12), min_size=1, max_size=9),
    st.integers(1, 720),
    st.integers(-1, 1),
)
def test_apportioned_parts_add_up_stay_near_and_are_nothing_of_nothing(parts, divisor, slip):
    whole = round(Fraction(sum(parts), divisor)) + slip  # as two rounded totals may differ
    got = apportion(parts, divisor, whole)
    zero = [place for place, part in enumerate(parts) if not part]
    if len(zero) == len(parts):
        assert set(got) == {0}
        return
    assert sum(got) == whole
    assert all(got[place] == 0 for place in zero)
    for value, part in zip(got, parts, strict=True):
        assert abs(value - Fraction(part, divisor)) <= (2 if slip else 1)
