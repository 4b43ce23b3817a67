"""Rulesets: what an analyst is told, inheritance, choice by period, digests, immutability."""

import copy
import dataclasses
import itertools
import json
import operator
import pickle
from pathlib import Path

import polars as pl
import pydantic
import pytest

from egovrules.dataset import Dataset
from egovrules.errors import DatasetError, EgovrulesError, RulesetError
from egovrules.evaluation import evaluate
from egovrules.plugins import Registry
from egovrules.ruleset import load_ruleset, read_ruleset

ROOT = Path(__file__).parents[1]
REGISTRY = Registry.installed()

HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"
AXES = """\
axes:
  user_centric:
    criteria:
      visits: {weight: 1}
      help: {weight: 1}
"""


def read(body, head=HEAD):
    return read_ruleset(head + body, source="r.yaml", registry=REGISTRY)


def problems(body, head=HEAD):
    with pytest.raises(RulesetError) as caught:
        read(body, head)
    return caught.value.problems


def test_all_problems_at_once():
    """Faults of form, names, parameters, conditions and plugins come together, in order."""
    found = problems(
        """\
axes:
  user_centric:
    criteria:
      visits: {wieght: 1, with: {worst: 0}}
      help: {weight: -1}
      visit: {}
caps:
  - {at: 500, when: totl > 3}
aggregate: aritmetic
rank: {ties: mni}
bands:
  trips: {of: services, by: vists, labels: [{none: "= 0"}], otherwise: unknown}
plugins: {egovrules-nowhere: ">=1"}
"""
    )
    assert [(one.line, one.where.rsplit(".", 1)[-1]) for one in found] == [
        (7, "wieght"),
        (7, "worst"),
        (8, "weight"),
        (9, "visit"),
        (11, "at"),
        (11, "when"),
        (12, "aggregate"),
        (13, "ties"),
        (15, "by"),
        (16, "egovrules-nowhere"),
    ]
    assert all(one.source == "r.yaml" and one.column and one.excerpt for one in found)


def test_a_fault_of_form_is_not_told_twice_by_what_refers_to_it():
    found = problems(
        AXES + "derrive: {x: user_centric.visits}\nlists: {l: {of: services, when: x > 1}}"
    )
    assert [one.hint for one in found] == ["did you mean 'derive'?"]


def test_a_dropped_detail_has_no_followers():
    """``rounded`` needs ``decimals``; a wrong one is told, and not also called absent."""
    found = problems(
        AXES
        + "rank: {decimals: x}\nbands: {b: {of: agencies, by: total, rounded: true, "
        + 'labels: [{top: "> 1"}], otherwise: low}}'
    )
    assert [one.where for one in found] == ["rank.decimals"]


@pytest.mark.parametrize(
    ("body", "where", "says"),
    [
        ("missing: {policy: zer}", "missing.policy", "zero"),
        ("missing: {min_coverage: 80}", "missing.min_coverage", "at most 1"),
        ("missing: {status: {refusd: zero}}", "missing.status.refusd", "'refused'"),
        ("missing: {status: {refused: nought}}", "missing.status.refused", "zero"),
        ("rank: {ties: mni}", "rank.ties", "'min'"),
        ("rank: {decimals: 2.5}", "rank.decimals", "whole number"),
        ("scale: {low: 100, high: 0}", "scale", "below"),
        ("rollup: {after: axes}", "rollup.after", "'axis'"),
        ("rollup: {weight: eligible}", "rollup.weight", "true or false"),
        ("rollup: {after: axis, method: pooled}", "rollup.method", "after: criterion"),
        ("indicators: {agencies: {staff: {type: txt}}}", "indicators.agencies.staff.type", "text"),
        (
            "indicators: {agencies: {staff: {low: 2, high: 1}}}",
            "indicators.agencies.staff",
            "above",
        ),
        ("indicators: {agencies: {a: {type: text, low: 2}}}", "indicators.agencies.a", "number"),
        ("indicators: {agencies: {a: {values: [x]}}}", "indicators.agencies.a", "only text"),
        ("indicators: {agencies: {kind: {}}}", "indicators.agencies.kind", "remove it"),
        ("indicators: {agencies: {total: {}}}", "indicators.agencies.total", "rename"),
        ("plugins: {egovrules-user-centric: abc}", "plugins.egovrules-user-centric", ">=0.1,<1"),
        ("bridge: {from: 'Ir 1400', because: x}", "bridge.from", "id of a ruleset"),
        ("period: {calendar: jalali, year: 2024}", "period.year", "year"),
        ("title: {en: T}", "title", "twice"),
        ("with: {worst: 3}", "with", "known:"),
    ],
)
def test_wrong_settings(body, where, says):
    (found,) = problems(f"{AXES}{body}\n")
    assert found.where == where
    assert says in f"{found.message} {found.hint}"


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "empty"), ("- 1\n", "mapping"), ("schema: egovrules/2\n", "missing"), ("a: [", "")],
)
def test_no_ruleset_at_all(text, says):
    assert any(says in one.message for one in problems(text, head=""))


def test_weights_may_be_fractions_of_any_unit():
    ruleset = read(AXES.replace("visits: {weight: 1}", "visits: {weight: 1/3}"))
    assert [node.weight for node in ruleset.root.criteria()] == [1 / 3, 1.0]


def test_a_single_zero_weight_is_allowed():
    ruleset = read(AXES.replace("visits: {weight: 1}", "visits: {weight: 0}"))
    assert [node.weight for node in ruleset.root.criteria()] == [0.0, 1.0]


# --- warnings


def test_unused_declarations_are_warned_of():
    ruleset = read(
        AXES
        + "indicators:\n  agencies:\n    staff: {low: 0}\n    budget: {low: 0}\n"
        + "plugins: {egovrules-transparent: '>=0.1'}\n"
        + "lists: {rich: {of: agencies, when: budget > 3}}\n"
    )
    assert [(one.severity, one.line, one.where) for one in ruleset.warnings] == [
        ("warning", 11, "indicators.agencies.staff"),
        ("warning", 13, "plugins.egovrules-transparent"),
    ]


@pytest.mark.parametrize(
    "use",
    [
        "scope: {services: extra > 1}",
        "derive: {more: extra + 1}",
        "rollup: {weight: extra}",
        "lists: {l: {of: services, by: extra, top: 3}}",
        "findings: {f: {of: services, when: visits > 3, message: 'has {extra}'}}",
        "bands: {b: {of: services, by: extra, labels: [{a: '= 0'}], otherwise: c}}",
    ],
)
def test_any_use_of_an_indicator_counts(use):
    assert read(f"{AXES}indicators: {{services: {{extra: {{}}}}}}\n{use}\n").warnings == ()


SHIPPED = [one for one in sorted(ROOT.glob("rulesets/**/*.yaml")) if one.name.count(".") == 1]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_rulesets_have_no_problems(path):
    assert load_ruleset(path, registry=REGISTRY).warnings == ()


# --- extends


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def child(body, extends="parent.yaml"):
    return f"schema: egovrules/1\nid: c\nextends: {extends}\n{body}"


def load(folder, name="child"):
    return load_ruleset(folder / f"{name}.yaml", registry=REGISTRY)


def weights(ruleset):
    return {node.id: node.weight for node in ruleset.root.criteria()}


def test_a_child_overrides_adds_and_removes(tmp_path):
    write(
        tmp_path,
        parent=HEAD + AXES + "rank: {decimals: 2, ties: max}\n",
        child=child(
            "axes:\n  user_centric:\n    criteria:\n      visits: null\n      help: {weight: 3}\n"
            "      on_time: {}\nrank: {decimals: 1}\n"
        ),
    )
    ruleset = load(tmp_path)
    assert ruleset.id == "c"
    assert ruleset.title == "T"
    assert weights(ruleset) == {"user_centric.help": 3.0, "user_centric.on_time": 1.0}
    assert (ruleset.file.rank.decimals, ruleset.file.rank.ties) == (1, "max")
    assert "extends" not in ruleset.effective


def test_lists_are_replaced(tmp_path):
    cap = "caps: [{{at: {}, when: is_main}}]\n"
    write(tmp_path, parent=HEAD + AXES + cap.format(50), child=child(cap.format(60)))
    assert [bound.at for bound in load(tmp_path).root.caps] == [60]


@pytest.mark.parametrize("body", ["axes: {}", "axes: {user_centric: {criteria: {visits: {}}}}"])
def test_an_empty_change_is_refused(tmp_path, body):
    write(tmp_path, parent=HEAD + AXES, child=child(body))
    (found,) = told(tmp_path)
    assert "is empty, and changes nothing" in found.message
    assert found.hint == "write null to remove it, or leave it out"


def test_several_generations(tmp_path):
    write(
        tmp_path,
        a=HEAD + AXES,
        b=child("axes: {user_centric: {criteria: {visits: {weight: 2}}}}", "a.yaml"),
        c=child("axes: {user_centric: {criteria: {help: {weight: 5}}}}", "b.yaml"),
    )
    assert weights(load(tmp_path, "c")) == {"user_centric.visits": 2.0, "user_centric.help": 5.0}


def told(folder, name="child"):
    with pytest.raises(RulesetError) as caught:
        load(folder, name)
    return caught.value.problems


def test_removing_nothing(tmp_path):
    write(
        tmp_path,
        parent=HEAD + AXES,
        child=child("axes: {user_centric: {criteria: {visit: null}}}\ncaps: null\n"),
    )
    found = told(tmp_path)
    assert (found[0].line, found[0].hint) == (4, "did you mean 'visits'?")
    assert "removes nothing" in found[1].message


def test_problems_stand_in_the_file_that_they_are_in(tmp_path):
    write(
        tmp_path,
        parent=HEAD + AXES + "lists: {far: {of: services, when: vists > 2}}\n",
        child=child("caps: [{at: 500, when: is_main}]\n"),
    )
    found = told(tmp_path)
    assert [(Path(one.source).name, one.line) for one in found] == [
        ("child.yaml", 4),
        ("parent.yaml", 9),
    ]


def test_an_override_that_matches_nothing(tmp_path):
    write(
        tmp_path,
        parent=HEAD + AXES,
        child=child("axes: {user_centrc: {criteria: {visits: {weight: 2}}}}"),
    )
    (found,) = told(tmp_path)
    assert Path(found.source).name == "child.yaml"
    assert (
        found.hint == "'user_centrc' changes nothing of parent.yaml: did you mean 'user_centric'?"
    )


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        ("axes: {user_centrc: {weight: 2}}", "user_centric"),
        ("axes: {user_centric: {criteria: {visit: {weight: 2}}}}", "visits"),
        ("lists: {fars: {title: Far}}", "far"),
        ("indicators: {services: {wat: {low: 0}}}", "wait"),
    ],
)
def test_an_entry_that_was_to_be_changed_is_named(tmp_path, body, meant):
    own = "lists: {far: {of: services, when: wait > 2}}\nindicators: {services: {wait: {}}}\n"
    write(tmp_path, parent=HEAD + AXES + own, child=child(body))
    try:
        found = load(tmp_path).warnings
    except RulesetError as error:
        found = error.problems
    assert any(f"parent.yaml: did you mean '{meant}'?" in one.hint for one in found)


def test_an_addition_with_a_name_of_its_own_is_suspected_of_nothing(tmp_path):
    write(
        tmp_path,
        parent=HEAD + AXES + "lists: {far: {of: services, when: visits > 2}}\n",
        child=child("lists: {near: {of: services, when: visit < 1}}"),
    )
    (found,) = told(tmp_path)
    assert found.hint == "did you mean 'visits'?"


@pytest.mark.parametrize("loop", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_ruleset_cannot_extend_itself(tmp_path, loop):
    for name, parent in itertools.pairwise(loop):
        write(tmp_path, **{name: child("", f"{parent}.yaml")})
    (found,) = told(tmp_path, "a")
    assert "cannot extend itself" in found.message
    assert found.line == 3


@pytest.mark.parametrize(
    ("extends", "says"),
    [
        ("parnt.yaml", "did you mean 'parent.yaml'?"),
        ("parent.txt", "names a file such as"),
        ("[parent.yaml]", "names a file such as"),
        ("x" * 5000 + ".yaml", "too long"),
        ("nowhere/parent.yaml", "there is no file"),
    ],
)
def test_no_such_parent(tmp_path, extends, says):
    write(tmp_path, parent=HEAD + AXES, child=child("", extends))
    (found,) = told(tmp_path)
    assert says in f"{found.message} {found.hint}"
    assert found.line == 3


def test_too_many_generations(tmp_path):
    write(tmp_path, g0=HEAD + AXES)
    for number in range(1, 20):
        write(tmp_path, **{f"g{number}": child("", f"g{number - 1}.yaml")})
    assert load(tmp_path, "g16").id == "c"
    assert "generations" in told(tmp_path, "g19")[0].message


def test_text_cannot_extend_a_file():
    (found,) = problems(AXES + "extends: parent.yaml\n")
    assert "file" in found.message


# --- choice by period

SPRING = "period: {calendar: jalali, year: 1400, season: spring}\n"
AUTUMN = "period: {calendar: jalali, year: 1400, season: autumn}\n"


def chosen(folder, period):
    return load_ruleset(folder, period=period, registry=REGISTRY).id


@pytest.fixture
def folder(tmp_path):
    write(
        tmp_path,
        spring=HEAD.replace("id: t", "id: spring") + AXES + SPRING,
        autumn=child(AUTUMN, "spring.yaml").replace("id: c", "id: autumn"),
        timeless=HEAD + AXES,
        other="theme: dark\nperiod: weekly\n",
    )
    return tmp_path


def test_a_folder_and_a_period(folder):
    assert chosen(folder, "1400-autumn") == "autumn"
    assert chosen(folder, "۱۴۰۰-بهار") == "spring"


@pytest.mark.parametrize(
    ("period", "says"),
    [
        (None, "one of: 1400-autumn, 1400-spring"),
        ("1399-autumn", "did you mean '1400-autumn'?"),
        ("tomorrow", "is not a period"),
    ],
)
def test_no_ruleset_for_the_period(folder, period, says):
    with pytest.raises(EgovrulesError, match=says.replace("?", r"\?")):
        chosen(folder, period)


def test_several_rulesets_for_the_period(folder):
    write(folder, again=HEAD + AXES + AUTUMN)
    with pytest.raises(RulesetError, match=r"several .*: again.yaml, autumn.yaml"):
        chosen(folder, "1400-autumn")


def test_a_broken_ruleset_stops_only_its_own_period(folder):
    write(folder, winter=HEAD + "period: {calendar: jalali, year: 1400, season: winter}\naxes: 3\n")
    assert chosen(folder, "1400-autumn") == "autumn"
    with pytest.raises(RulesetError, match="a mapping"):
        chosen(folder, "1400-winter")


def test_a_file_and_another_period(folder):
    with pytest.raises(RulesetError, match="this ruleset is for 1400-spring, and 1400-autumn"):
        chosen(folder / "spring.yaml", "1400-autumn")


# --- digests

FULL = {
    "schema": "egovrules/1",
    "id": "t",
    "title": "T",
    "missing": {"policy": "skip", "min_coverage": 0.5},
    "scope": {"services": "eligible"},
    "derive": {"far": "visits > 2"},
    "rollup": {"weight": "annual_volume"},
    "rank": {"decimals": 2},
    "period": {"calendar": "jalali", "year": 1400},
    "axes": {
        "title": {
            "weight": 2,
            "caps": [{"at": 50, "when": "is_main", "because": "b"}],
            "criteria": {
                "visits": {"use": "user_centric.visits", "with": {"worst": 4}, "weight": 2},
                "description": {"use": "core.value", "with": {"column": "heading"}, "weight": 3},
            },
        },
        "transparent": {"criteria": {"open_data": {"missing": "zero"}, "tracking": {}}},
    },
    "bands": {"b": {"of": "services", "by": "visits", "labels": [{"a": "= 0"}], "otherwise": "c"}},
    "lists": {"l": {"of": "agencies", "by": "total", "top": 3}},
    "findings": {"f": {"of": "agencies", "when": "total < 3", "message": "m"}},
}


def digests(data):
    ruleset = read(json.dumps(data), head="")
    return ruleset.digest, ruleset.method_digest


def changed(path, value):
    data = json.loads(json.dumps(FULL))
    holder = data
    *parents, last = path.split("/")
    for part in parents:
        holder = holder[int(part) if isinstance(holder, list) else part]
    holder[last] = value
    return data


def in_order(value, backwards):
    """Sort the keys of all mappings, not the entries of lists."""
    if not isinstance(value, dict):
        return value
    return {key: in_order(value[key], backwards) for key in sorted(value, reverse=backwards)}


def test_digests_do_not_depend_on_the_order_of_keys():
    want = digests(FULL)
    for backwards in (True, False):
        assert digests(in_order(FULL, backwards)) == want


def test_digests_do_not_depend_on_layout_or_comments():
    block = HEAD + AXES + "rank: {decimals: 2}\n"
    flow = (
        "# a comment\nrank:\n  decimals: 2 # two\ntitle: 'T'\nid: \"t\"\nschema: egovrules/1\n"
        "axes: {user_centric: {criteria: {help: {weight: 1}, visits: {weight: 1}}}}\n"
    )
    one, other = read(block, head=""), read(flow, head="")
    assert (one.digest, one.method_digest) == (other.digest, other.method_digest)


def test_digests_do_not_depend_on_inheritance(tmp_path):
    write(
        tmp_path,
        parent=HEAD + AXES + "caps: [{at: 50, when: is_main}]\n",
        child=child("caps: null\naxes: {user_centric: {criteria: {visits: {weight: 2}}}}"),
    )
    flat = (
        (HEAD + AXES).replace("id: t", "id: c").replace("visits: {weight: 1", "visits: {weight: 2")
    )
    one, other = load(tmp_path), read(flat, head="")
    assert (one.digest, one.method_digest) == (other.digest, other.method_digest)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", "u"),
        ("title", "U"),
        ("description", "D"),
        ("period", {"calendar": "jalali", "year": 1401}),
        ("rank", {"decimals": 1}),
        ("bands/b/labels", [{"a": "= 1"}]),
        ("lists/l/top", 4),
        ("findings/f/message", "n"),
        ("axes/title/title", "A title"),
        ("axes/title/caps/0/because", "another"),
        ("axes/title/criteria/visits/description", "D"),
        ("axes/title/criteria/description/level", "agency"),  # the default, written out
        ("axes/transparent/weight", 1.0),
        ("axes/transparent/criteria/tracking", {"use": "transparent.tracking"}),
        ("reconcile", {"r": {"total": "count of services", "parts": "bands.b"}}),
        ("bridge", {"from": "s", "because": "b"}),
    ],
)
def test_the_method_is_the_same(path, value):
    before, after = digests(FULL), digests(changed(path, value))
    assert before[0] != after[0]
    assert before[1] == after[1]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("axes/title/weight", 3),
        ("axes/title/aggregate", "geometric"),
        ("axes/title/missing", "zero"),
        ("axes/title/caps/0/at", 40),
        ("axes/title/caps/0/when", "not is_main"),
        ("axes/title/criteria/visits/with/worst", 5),
        ("axes/title/criteria/visits/missing", "exclude"),
        ("axes/title/criteria/visits/when", "eligible"),
        ("axes/title/criteria/description/weight", 1),  # a key that is also a word for prose
        ("axes/title/criteria/description/with/column", "other"),
        ("axes/transparent/criteria/on_time", {"use": "user_centric.on_time"}),
        ("caps", [{"at": 90, "when": "is_main"}]),
        ("missing/policy", "zero"),
        ("missing/status", {"refused": "exclude"}),
        ("missing/min_coverage", 0.6),
        ("scope/services", "eligible and visits > 0"),
        ("scope/agencies", "is_main"),
        ("derive/far", "visits > 1"),
        ("rollup/weight", "visits"),
        ("rollup/after", "total"),
        ("rollup", {"method": "pooled"}),
        ("aggregate", "harmonic"),
        ("scale", {"low": 0, "high": 10}),
    ],
)
def test_the_method_is_another(path, value):
    data = changed(path, value)
    if path in {"scale", "rollup/after"}:  # caps must lie on the scale, and axes must have scores
        del data["axes"]["title"]["caps"]
        data["axes"]["title"]["caps"] = []
        base = changed("axes/title/caps", [])
    else:
        base = FULL
    assert digests(base)[1] != digests(data)[1]


def test_a_default_that_is_written_out_is_the_same_method():
    plain = changed("axes/title/criteria/visits/with", {})
    written = changed("axes/title/criteria/visits/with", {"worst": 3, "visits": "visits"})
    assert digests(plain)[1] == digests(written)[1]


def test_the_effective_ruleset_is_the_ruleset():
    ruleset = load_ruleset(ROOT / "rulesets" / "ir-1400-autumn.yaml", registry=REGISTRY)
    again = read(json.dumps(ruleset.effective, ensure_ascii=False), head="")
    assert (again.digest, again.method_digest) == (ruleset.digest, ruleset.method_digest)


# --- nothing changes once it is loaded


def test_declared_bounds_hold_beside_those_of_a_criterion():
    """An optional column that a criterion reads once lost what the ruleset says of it."""
    ruleset = read(
        AXES
        + "indicators: {services: {visits: {high: 9, optional: true}}}\n"
        + "lists: {far: {of: services, when: visits > 2}}\n"
    )
    visits = ruleset.indicators["services"]["visits"]
    assert (visits.high, visits.optional) == (9, False)
    services = pl.DataFrame({"code": ["s"], "agency": ["a"], "name": ["S"], "visits": [10]})
    help_by = [f"help_{name}" for name in ("phone", "chat", "guide", "faq", "video")]
    agencies = pl.DataFrame({"code": ["a"], "name": ["A"]} | {key: [True] for key in help_by})
    with pytest.raises(DatasetError, match="10 is above 9"):
        evaluate(ruleset, Dataset.of(agencies=agencies, services=services))


def test_a_loaded_ruleset_is_frozen():
    ruleset = read(AXES)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ruleset.file = None
    with pytest.raises(dataclasses.FrozenInstanceError):
        ruleset.root.weight = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        ruleset.rules.lists = {}
    with pytest.raises(pydantic.ValidationError):
        ruleset.file.id = "u"
    with pytest.raises(pydantic.ValidationError):
        ruleset.root.criteria()[0].criterion.worst = 1
    with pytest.raises(TypeError):
        ruleset.indicators["services"] = {}
    with pytest.raises(TypeError):
        ruleset.versions["x"] = "1"
    with pytest.raises(TypeError):
        ruleset.rules.bands["x"] = ()
    with pytest.raises(TypeError):
        ruleset.indicators["services"]["x"] = None
    axes = ruleset.file.axes
    for change in (
        axes.clear,
        axes.popitem,
        lambda: axes.pop("user_centric"),
        lambda: axes.update(x=1),
        lambda: axes.setdefault("x", 1),
        axes["user_centric"].criteria.clear,
        lambda: ruleset.file.missing.status.update(exempt="zero"),
        lambda: operator.setitem(axes, "x", 1),
        lambda: operator.delitem(axes, "user_centric"),
        lambda: operator.ior(axes, {}),
    ):
        with pytest.raises(TypeError, match="does not change"):
            change()
    assert copy.deepcopy(axes) == pickle.loads(pickle.dumps(axes)) == axes  # noqa: S301


def test_what_is_done_to_the_effective_data_changes_no_ruleset():
    ruleset = read(AXES)
    ruleset.effective["axes"]["user_centric"]["criteria"].clear()
    assert ruleset.effective == read(AXES).effective
    assert ruleset.digest == read(AXES).digest
