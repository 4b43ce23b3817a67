"""What differs between two rulesets: each difference once, at its path, and nothing else."""

import copy
from pathlib import Path

import pytest

from egovrules import _yaml
from egovrules.changes import ABSENT, Change, changes, told
from egovrules.errors import RulesetError
from egovrules.ruleset import load_ruleset

RULESETS = Path(__file__).parents[1] / "rulesets"
BASE = """
schema: egovrules/1
id: base
title: {en: Base, fa: پایه}
period: 1400-autumn
missing: {status: {refused: zero}}
derive: {far: sum of links_live over services}
axes:
  a:
    weight: 1/4
    title: A
    caps:
      - {at: 50, when: far = 0}
      - {at: 70, when: far = 1}
    criteria:
      x: {weight: 2, use: core.value, with: {column: x, points: [1, 2]}}
      y: {use: core.value}
  b:
    axes:
      title: {criteria: {z: {use: core.value, title: Z}}}
caps: [{at: 90, when: far = 2, because: too few}]
bands:
  size:
    of: agencies
    by: total
    labels: [{low: "< 30"}, {mid: "< 60", when: far > 1, title: Middle}, {high: ">= 60"}]
    otherwise: none_of_these
lists: {best: {of: agencies, by: total, top: 3}}
findings: {poor: {of: agencies, when: total < 10, message: "{name} is poor"}}
reconcile: {all: {total: 3, parts: [bands.size.low, bands.size.mid]}}
"""


def read(text):
    return _yaml.parse(text, "test").data


def differences(old, new):
    """The changes from the base with a text replaced, or laid over by a function."""
    assert BASE.count(old) == 1, old
    return changes(read(BASE), read(BASE.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "loc", "values", "kind"),
    [
        ("weight: 2", "weight: 3", "axes.a.criteria.x.weight", (2, 3), "method"),
        ("weight: 2, ", "", "axes.a.criteria.x.weight", (2, 1.0), "method"),
        ("1/4", "1/3", "axes.a.weight", ("1/4", "1/3"), "method"),
        ("{column: x,", "{column: w,", "axes.a.criteria.x.with.column", ("x", "w"), "method"),
        ("[1, 2]", "[1, 3]", "axes.a.criteria.x.with.points", ([1, 2], [1, 3]), "method"),
        ("column: x, ", "", "axes.a.criteria.x.with.column", ("x", ABSENT), "method"),
        (
            "weight: 2,",
            "weight: 2, when: y > 1,",
            "axes.a.criteria.x.when",
            (ABSENT, "y > 1"),
            "method",
        ),
        (
            "      y: {use: core.value}\n",
            "",
            "axes.a.criteria.y",
            ({"use": "core.value"}, ABSENT),
            "method",
        ),
        ("at: 50", "at: 40", "axes.a.caps.0.at", (50, 40), "method"),
        ("far = 0", "far < 1", "axes.a.caps.0.when", ("far = 0", "far < 1"), "method"),
        (
            "      - {at: 50, when: far = 0}\n",
            "",
            "axes.a.caps.0",
            ({"at": 50, "when": "far = 0"}, ABSENT),
            "method",
        ),
        (
            "    caps:\n",
            "    caps:\n      - {at: 20, when: far = 9}\n",
            "axes.a.caps.0",
            (ABSENT, {"at": 20, "when": "far = 9"}),
            "method",
        ),
        ("because: too few", "because: few", "caps.0.because", ("too few", "few"), "words"),
        ("refused: zero", "refused: skip", "missing.status.refused", ("zero", "skip"), "method"),
        ("missing: {", "missing: {policy: zero, ", "missing.policy", ("skip", "zero"), "method"),
        ("caps: [{", "scale: {high: 10}\ncaps: [{", "scale.high", (100.0, 10), "method"),
        ("caps: [{", "scope: {services: x}\ncaps: [{", "scope.services", (ABSENT, "x"), "method"),
        (
            "caps: [{",
            "aggregate: geometric\ncaps: [{",
            "aggregate",
            ("arithmetic", "geometric"),
            "method",
        ),
        ("caps: [{", "rank: {decimals: 1}\ncaps: [{", "rank.decimals", (ABSENT, 1), "outcome"),
        ('"< 30"', '"< 40"', "bands.size.labels.0.low", ("< 30", "< 40"), "outcome"),
        ('{low: "< 30"}, ', "", "bands.size.labels.0", ({"low": "< 30"}, ABSENT), "outcome"),
        (
            "title: Middle",
            "title: Centre",
            "bands.size.labels.1.title",
            ("Middle", "Centre"),
            "words",
        ),
        ("top: 3", "top: 4", "lists.best.top", (3, 4), "outcome"),
        ("total < 10", "total < 9", "findings.poor.when", ("total < 10", "total < 9"), "outcome"),
        ("is poor", "fails", "findings.poor.message", ("{name} is poor", "{name} fails"), "words"),
        ("total: 3", "total: 4", "reconcile.all.total", (3, 4), "outcome"),
        ("{en: Base, fa: پایه}", "Bass", "title", ({"en": "Base", "fa": "پایه"}, "Bass"), "words"),
        ("1400-autumn", "1400-spring", "period", ("1400-autumn", "1400-spring"), "words"),
        ("id: base", "id: other", "id", ("base", "other"), "words"),
        ("title: Z", "title: W", "axes.b.axes.title.criteria.z.title", ("Z", "W"), "words"),
        ("{z: {", "{z: {weight: 5, ", "axes.b.axes.title.criteria.z.weight", (1.0, 5), "method"),
        (
            "title: A\n",
            "title: A\n    axes: {c: {criteria: {v: {}}}}\n",
            "axes.a.axes.c",
            (ABSENT, {"criteria": {"v": {}}}),
            "method",
        ),
        (
            "caps: [{",
            "bridge: {from: past, because: so}\ncaps: [{",
            "bridge",
            (ABSENT, {"from": "past", "because": "so"}),
            "outcome",
        ),
        ("caps: [{", 'plugins: {p: ">=1"}\ncaps: [{', "plugins.p", (ABSENT, ">=1"), "words"),
    ],
)  # fmt: skip
def test_one_edit_is_one_change_at_its_path(old, new, loc, values, kind):
    (found,) = differences(old, new)
    assert (".".join(map(str, found.loc)), (found.old, found.new), found.kind) == (
        loc,
        values,
        kind,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("schema:", "# a comment\nschema:"),
        ("1/4", "0.25"),
        ("weight: 2", "weight: 2.0"),
        ("y: {use: core.value}", "y: {weight: 1, use: core.value, caps: [], with: {}}"),
        ("missing: {", "missing: {policy: skip, min_coverage: 0, "),
        ("caps: [{", "scale: {low: 0, high: 100}\nrollup: {after: criterion}\ncaps: [{"),
        ("top: 3", "top: 3, order: descending"),
        ("when: total < 10,", "when: total < 10, severity: warning,"),
        ("1400-autumn", "{calendar: jalali, year: 1400, season: autumn}"),
        ("{column: x, points: [1, 2]}", "{points: [1, 2], column: x}"),
        ("{at: 50, when: far = 0}", "{at: 50, when: ' far=0 '}"),
        ("when: far > 1,", "when: far>1,"),
        ('"< 30"', '"<30"'),
        ("sum of links_live over services", "sum  of links_live  over services"),
        ("when: total < 10,", "when: total  <10,"),
        ("caps: [{", "scope: {services: null}\nbridge: null\ncaps: [{"),
    ],
)
def test_layout_order_of_keys_and_written_out_defaults_are_no_change(old, new):
    assert differences(old, new) == ()


def test_leaving_any_one_key_out_is_told_there_and_nowhere_else():
    data = read(BASE)
    tried = 0
    for loc, value in leaves(data):
        fewer = copy.deepcopy(data)
        holder = fewer
        for part in loc[:-1]:
            holder = holder[part]
        del holder[loc[-1]]
        try:
            found = changes(data, fewer)
        except RulesetError:
            continue  # a key that a ruleset cannot lack
        tried += 1
        assert found, loc
        for change in found:
            common = min(len(loc), len(change.loc))
            assert change.loc[:common] == loc[:common]
        if not isinstance(value, dict | list):
            assert [change.loc for change in found] == [loc[: len(found[0].loc)]]
    assert tried > 20


def leaves(value, loc=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield (*loc, key), inner
        if isinstance(inner, dict | list):
            yield from leaves(inner, (*loc, key))


def test_the_order_of_labels_is_a_change_and_that_of_keys_is_none():
    old = '[{low: "< 30"}, {mid: "< 60", when: far > 1, title: Middle}, {high: ">= 60"}]'
    new = '[{high: ">= 60"}, {low: "< 30"}, {mid: "< 60", when: far > 1, title: Middle}]'
    (found,) = differences(old, new)
    assert found.loc == ("bands", "size", "labels")
    assert [next(iter(label)) for label in found.new] == ["high", "low", "mid"]


def test_a_null_in_the_old_is_as_if_left_out():
    data = read(BASE)
    old = {**data, "bridge": None, "scope": {"services": None}}
    new = {**data, "bridge": {"from": "past", "because": "so"}, "scope": {"services": "x"}}
    assert [one.old for one in changes(old, new)] == [ABSENT, ABSENT]


def test_caps_are_found_again_by_condition_then_by_bound():
    old = "{at: 50, when: far = 0}\n      - {at: 70, when: far = 1}"
    new = (
        "{at: 10, when: far = 5}\n      - {at: 60, when: far = 1}\n      - {at: 50, when: far < 1}"
    )
    *found, order = differences(old, new)
    assert [told(one) for one in found] == [
        "axes.a.caps.0: added",
        "axes.a.caps.1.at: 70 → 60",
        "axes.a.caps.2.when: far = 0 → far < 1",
    ]
    assert order.loc == ("axes", "a", "caps")


def test_changes_come_in_the_order_of_the_new_ruleset_dropped_ones_at_their_old_place():
    old = {"schema": "egovrules/1", "id": "a", "title": "T"}
    axis = {"criteria": {"x": {}}}
    first = {**old, "axes": {"a": axis, "b": axis, "c": axis, "d": axis}}
    second = {**old, "axes": {"d": axis, "e": axis, "a": axis, "f": axis}}
    assert [(one.loc[1], one.new is ABSENT) for one in changes(first, second)] == [
        ("e", False),
        ("b", True),
        ("c", True),
        ("f", False),
    ]


def test_there_and_back_mirror_each_other():
    names = ("ir-1400-spring", "ir-1400-autumn", "ca-2024", "ca-maf-2024")
    data = {name: load_ruleset(RULESETS / f"{name}.yaml").effective for name in names}
    for first in names:
        assert changes(data[first], data[first]) == ()
        for second in names:
            there = changes(data[first], data[second])
            back = changes(data[second], data[first])
            plain = {one.loc: (one.old, one.new, one.kind) for one in there}
            assert plain == {one.loc: (one.new, one.old, one.kind) for one in back}


def test_the_sample_rounds_differ_in_one_weight_a_list_and_a_bridge():
    old, new = (load_ruleset(RULESETS / f"ir-1400-{one}.yaml") for one in ("spring", "autumn"))
    found = changes(old.effective, new.effective)
    assert [told(one) for one in found if one.kind != "words"] == [
        "axes.user_centric.criteria.online_steps.weight: 2 → 3",
        "lists.highest_growth: added",
        "bridge: added",
    ]
    assert [one.loc for one in found if one.kind == "words"] == [("id",), ("title",), ("period",)]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (2, 3.0, "a.b: 2 → 3"),
        (ABSENT, 3, "a.b: added, 3"),
        ("zero", ABSENT, "a.b: dropped, zero"),
        (True, False, "a.b: true → false"),
        (["x", 1], [], "a.b: [x, 1] → []"),
        ("x" * 80 + "a", "x" * 80 + "b", "a.b: differs"),
        ("two\nlines", "one", "a.b: two lines → one"),
    ],
)
def test_a_change_is_told_in_one_line(old, new, line):
    assert told(Change(("a", "b"), old, new, "method")) == line


def test_what_is_no_ruleset_is_refused_by_name():
    with pytest.raises(RulesetError, match="odd has not the form of a ruleset"):
        changes({"id": "odd"}, read(BASE))
