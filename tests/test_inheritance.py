"""Settings on top of a ruleset (``--set``), and the effective ruleset as it is shown."""

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import egovrules as eg
from egovrules import _yaml
from egovrules._yaml_writing import written
from egovrules.cli import cli
from egovrules.inheritance import inherit, with_settings
from egovrules.report.effective import effective_text, origins

RULESETS = Path(__file__).parents[1] / "rulesets"
SHIPPED = sorted(
    path
    for path in RULESETS.rglob("*.yaml")
    if not path.name.endswith((".source.yaml", ".test.yaml"))
)
AUTUMN = RULESETS / "ir-1400-autumn.yaml"

BASE = """\
schema: egovrules/1
axes:
  a: {weight: 25, caps: [{at: 50, when: live = 0}, {at: 70, when: live = 1}]}
rank: {decimals: 2, tied: "="}
normalise: min_max
"""


def changed(*texts, base=BASE):
    return with_settings(_yaml.parse(base, "base.yaml"), texts).data


def refused(*texts):
    with pytest.raises(eg.RulesetError) as caught:
        changed(*texts)
    return caught.value.problems


def test_a_setting_changes_one_value_and_nothing_else():
    data = changed("axes.a.weight=40")
    assert data == changed() | {"axes": {"a": changed()["axes"]["a"] | {"weight": 40}}}


def test_settings_reach_into_lists_add_defaults_and_remove():
    data = changed("axes.a.caps.1.at=60", "missing.policy=zero", "rank=null", "axes.a.weight=1/3")
    assert [cap["at"] for cap in data["axes"]["a"]["caps"]] == [50, 60]
    assert data["missing"] == {"policy": "zero"}
    assert "rank" not in data
    assert data["axes"]["a"]["weight"] == "1/3"


def test_the_later_setting_holds_and_a_value_may_hold_equal_signs():
    assert changed("rank.decimals=1", "rank.decimals=3")["rank"] == {"decimals": 3, "tied": "="}
    assert changed("axes.a.caps.0.when=live = 2")["axes"]["a"]["caps"][0]["when"] == "live = 2"


def test_an_entry_of_a_list_is_removed_and_those_behind_it_move_up():
    document = _yaml.parse(BASE, "base.yaml")
    assert changed("axes.a.caps.0=null")["axes"]["a"]["caps"] == [{"at": 70, "when": "live = 1"}]
    less = with_settings(document, ["axes.a.caps.0=null", "axes.a.caps.0.at=65"])
    assert less.data["axes"]["a"]["caps"] == [{"at": 65, "when": "live = 1"}]
    caps = ("axes", "a", "caps")
    assert less.places[(*caps, 0, "at")].source == "--set"
    assert less.places[(*caps, 0, "when")] == document.places[(*caps, 1, "when")]
    assert (*caps, 1) not in less.places
    assert changed("axes.a.caps.1=null", "axes.a.caps.0=null")["axes"]["a"]["caps"] == []


def test_a_step_is_removed_for_a_what_if(tmp_path):
    steps = "treatment: [{do: log, of: [v]}, {do: winsorise, of: [v]}]\n"
    axes = "axes: {a: {criteria: {v: {use: core.value, with: {column: v}}}}}\n"
    path = tmp_path / "t.yaml"
    path.write_text(f"schema: egovrules/1\nid: t\ntitle: t\nnormalise: min_max\n{steps}{axes}")
    ruleset = eg.load_ruleset(path, settings=["treatment.0=null"])
    assert [step.treatment.id for step in ruleset.treatment] == ["winsorise"]


def test_the_document_stays_as_it_is():
    document = _yaml.parse(BASE, "base.yaml")
    before = json.dumps(document.data)
    with_settings(document, ["axes.a.caps.0.at=1", "rank=null"])
    assert json.dumps(document.data) == before


@pytest.mark.parametrize(
    ("setting", "message", "hint"),
    [
        ("axes.a.weight", "a setting is path=value", "such as axes.integrated.weight=40"),
        ("=3", "a setting is path=value", "such as axes.integrated.weight=40"),
        ("axes..weight=3", "a setting is path=value", "such as axes.integrated.weight=40"),
        ("axes.a.weight= ", "a setting is path=value", "such as axes.integrated.weight=40"),
        ("axes.aa.weight=3", "axes has no 'aa' to change", "did you mean 'a'?"),
        ("axes.a.caps.2.at=3", "caps is a list of 2, and has no entry '2'", "count its entries"),
        ("axes.a.caps.at=3", "caps is a list of 2, and has no entry 'at'", "count its entries"),
        ("rank.decimals.x=3", "decimals is a single value, and has nothing below it", "end there"),
        ("axes.a.caps.0.att=null", "0 has no 'att' to change", "did you mean 'at'?"),
        ("rank.decimals=[1", "the list that opens here", "closing ']'"),
        ("rank.decimals=on", "on", "quotes"),
        ("extends=a.yaml", "'extends' is settled before anything is set", "the file itself"),
        ("schema=egovrules/1", "'schema' is settled before anything is set", "the file itself"),
        ("axes.a.caps[0].at=4", "'caps[0]' is no key", "axes.integrated.caps.0.at=40"),
        ("caps.0.at=4", "caps has no '0' to change", "there are none"),
        ("rank.tied.x=3", "tied is a single value", "end there"),
        ("normalise.by=z_score", "normalise is a single value", "the whole: normalise={by: …}"),
        (
            "normalise.to=[1, 100]",
            "normalise is a single value",
            "the whole: normalise={by: min_max, to: …}",
        ),
        ("axes.a.title=a # b", "what follows '#' would be lost", "in quotes"),
    ],
)
def test_a_setting_that_changes_nothing_is_refused(setting, message, hint):
    (found,) = refused(setting)
    assert message in found.message
    assert hint in found.hint
    assert (found.source, found.line) == ("--set", 1)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("axes.user_centric.criteria.visits.with.wrst=5", "unknown key 'wrst'"),
        ("axes.user_centric.criteria.visits.with.worst=-1", "this must be more than 0, not -1"),
        ("axes.user_centric.criteria.visits.with={worst: 5, wrst: 3}", "unknown key 'wrst'"),
        ("axes=null", "the key 'axes' is missing"),
        ("title=null", "the key 'title' is missing"),
        ("scale.lo=5", "unknown key 'lo'"),
        ("rollup.aftr=total", "unknown key 'aftr'"),
        ("indicators.service.x={type: number}", "unknown key 'service'"),
        ("findings.undesirable.severity=bad", "the text 'bad' is not allowed here"),
    ],
)
def test_a_fault_in_what_is_new_is_told_of_the_setting(setting, message):
    with pytest.raises(eg.RulesetError) as caught:
        eg.load_ruleset(AUTUMN, settings=[setting])
    found = caught.value.problems[0]
    assert (found.source, found.line, found.message) == ("--set", 1, message)


def test_any_value_at_any_path_of_a_shipped_ruleset_is_set_or_refused():
    document = inherit(AUTUMN)
    registry = eg.Registry.installed()
    paths = [one["path"] for one in origins(document)]
    paths += [path.rpartition(".")[0] for path in paths] + [f"{path}.x" for path in paths[::5]]
    for number, path in enumerate(dict.fromkeys(filter(None, paths))):
        value = ("null", "-1", "x", "[]", "{}", "{a: [1, {b: 2}]}", "1e3", "true")[number % 8]
        with contextlib.suppress(eg.RulesetError):
            eg.load_ruleset(AUTUMN, settings=[f"{path}={value}"], registry=registry)


def test_all_settings_are_answered_at_once():
    assert [one.line for one in refused("x", "rank.decimals=1", "axes.b.weight=1")] == [1, 3]


def test_what_is_wrong_with_a_value_is_said_of_the_setting():
    with pytest.raises(eg.RulesetError) as caught:
        eg.load_ruleset(AUTUMN, settings=["axes.integrated.weight=-1", "rank.ties=mim"])
    assert [(one.source, one.line) for one in caught.value.problems] == [("--set", 1), ("--set", 2)]
    assert caught.value.problems[1].hint == "did you mean 'min'?"


@given(st.text(max_size=60))
@settings(max_examples=500, derandomize=True, deadline=None)
def test_any_text_is_a_setting_or_refused(text):
    for setting in (text, f"axes.a.weight={text}"):
        with contextlib.suppress(eg.RulesetError):
            assert changed(setting) != changed("axes.a.weight=-1")


def test_a_what_if_has_another_digest_and_says_what_was_changed():
    official = eg.load_ruleset(AUTUMN)
    same, other = (
        eg.load_ruleset(AUTUMN, settings=[f"axes.integrated.weight={weight}"])
        for weight in (25, 40)
    )
    assert official.settings == ()
    assert other.settings == ("axes.integrated.weight=40",)
    assert same.digest == official.digest != other.digest
    assert official.method_digest != other.method_digest


# --- shown


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shown_is_the_same_ruleset(path):
    ruleset = eg.load_ruleset(path)
    shown = eg.read_ruleset(effective_text(ruleset.document))
    assert shown.effective == ruleset.effective
    assert (shown.digest, shown.method_digest) == (ruleset.digest, ruleset.method_digest)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_value_stands_in_the_line_that_is_named(path):
    document = inherit(path)
    files = {
        place.source: Path(place.source).read_text("utf-8") for place in document.places.values()
    }
    found = list(origins(document))
    for one in found:
        line = files[one["file"]].splitlines()[one["line"] - 1]
        value = one["value"]
        if isinstance(value, str) and "\n" not in value and line[one["column"] - 1] not in "'\">|":
            assert line[one["column"] - 1 :].startswith(value.split(" ")[0])
        elif isinstance(value, int):
            assert line[one["column"] - 1 :].startswith(json.dumps(value))
    assert len(found) > 10


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.floats(-5, 5) | st.text(max_size=80),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1), VALUES, min_size=1, max_size=4))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_document_is_shown_as_itself(data):
    data.pop("extends", None)
    try:
        document = _yaml.parse(written(data), "a.yaml")
    except eg.RulesetError:  # characters, words or numbers that no file may hold
        return
    assert _yaml.parse(effective_text(document), "").data == (document.data if data else {})


def test_files_of_one_name_are_told_apart(tmp_path):
    (tmp_path / "old").mkdir()
    parent, child = tmp_path / "old" / "r.yaml", tmp_path / "r.yaml"
    parent.write_text("a: 1\nb: 2\n", "utf-8")
    child.write_text("extends: old/r.yaml\nb: 3\n", "utf-8")
    assert effective_text(inherit(child)) == f"a: 1  # {parent}:1\nb: 3  # {child}:2\n"


# --- on the command line


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def test_show_prints_each_value_with_its_line():
    done = run("show", AUTUMN)
    assert done.exit_code == 0
    lines = {
        line.partition("#")[0].strip(): line.partition("#")[2].strip()
        for line in done.stdout.splitlines()
    }
    assert lines["weight: 3"] == "ir-1400-autumn.yaml:14"
    assert lines["policy: zero"].startswith("ir-1400-spring.yaml:")


def test_show_as_json_and_with_a_setting():
    done = run("show", AUTUMN, "--set", "axes.integrated.weight=40", "--format", "json")
    document = json.loads(done.stdout)
    (one,) = [value for value in document["values"] if value["path"] == "axes.integrated.weight"]
    assert (one["value"], one["file"], one["line"]) == (40, "--set", 1)
    assert document["ruleset"] == "ir-1400-autumn"


def test_show_refuses_what_check_refuses(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text("schema: egovrules/1\nid: r\n", "utf-8")
    done = run("show", path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the key 'axes' is missing" in done.stderr


def test_a_what_if_is_marked_in_the_result(tmp_path):
    eg.write_sample(tmp_path)
    data, ruleset = tmp_path / "ir-1400-autumn", tmp_path / "rulesets" / "ir-1400-autumn.yaml"
    what_if = ("--set", "axes.integrated.weight=40")
    done = run("evaluate", ruleset, data, *what_if, "--out", tmp_path / "out")
    assert "WHAT-IF" in done.stdout
    assert "axes.integrated.weight=40" in done.stdout
    assert eg.load(tmp_path / "out").manifest.ruleset.settings == ["axes.integrated.weight=40"]
    assert "WHAT-IF" in run("explain", tmp_path / "out", "0001").stdout
    table = run("evaluate", ruleset, data, *what_if, "--format", "csv")
    assert "WHAT-IF" in table.stderr
    first = next(csv.DictReader(io.StringIO(table.stdout)))
    assert float(first["total"]) > 0
    official = run("evaluate", ruleset, data, "--format", "csv")
    assert "WHAT-IF" not in official.stderr
    assert official.stdout != table.stdout
