"""The registry: what plugins bring, and a clear word about each that is broken."""

import subprocess
import sys
from types import SimpleNamespace

import polars as pl
import pytest

import egovrules as eg
from egovrules import builtin
from egovrules.errors import PluginError, RulesetError


def criterion(name):
    """Make a criterion class with this id."""

    class Made(eg.Criterion):
        """Is there."""

        id = name
        level = "service"
        x: eg.Column = eg.reads("x")

    return Made


def plugin(axis, *names):
    """Make a plugin that brings one axis with criteria of these ids."""

    @eg.hookimpl
    def egovrules_axes():
        return [eg.Axis(axis, criteria=[criterion(name) for name in names])]

    return SimpleNamespace(egovrules_axes=egovrules_axes)


class First(eg.Aggregation):
    """The first child, times a number."""

    id = "first"
    times: float = 1.0

    def combine(self, children):
        """Leave out all the others."""
        return children[0].score * self.times


def aggregating(kind):
    """Make a plugin that brings this aggregation."""

    @eg.hookimpl
    def egovrules_aggregations():
        return [kind]

    return SimpleNamespace(egovrules_aggregations=egovrules_aggregations)


def only_problem(registry):
    (problem,) = registry.problems
    return problem


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Install distributions into an empty folder on the path: name, version, entry, source."""

    def install(distribution, version, entry, source):
        module = entry.partition(" = ")[2]
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        info = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (info / "METADATA").write_text(metadata, encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[egovrules]\n{entry}\n", encoding="utf-8")
        monkeypatch.delitem(sys.modules, module, raising=False)

    monkeypatch.syspath_prepend(str(tmp_path))
    return install


SOUND = """
import egovrules as eg

class Doors(eg.Criterion):
    '''Doors that are open.'''
    id = "{axis}.doors"
    level = "service"
    x: eg.Column = eg.reads("x")

@eg.hookimpl
def egovrules_axes():
    return [eg.Axis("{axis}", criteria=[Doors])]
"""


def test_installed_finds_the_core_and_the_four_axes():
    registry = eg.Registry.installed()
    assert registry.problems == ()
    assert {"user_centric", "transparent", "integrated", "participatory"} <= set(registry.axes)
    four = [registry.axes[axis].criteria for axis in registry.axes]
    assert sum(map(len, four)) == 26
    assert registry.owners["user_centric.visits"].distribution == "egovrules-user-centric"
    assert registry.owners["core.ratio"].distribution == "egovrules"
    assert registry.owners["aggregation geometric"].distribution == "egovrules"
    assert {"arithmetic", "geometric", "harmonic", "minimum"} <= set(registry.aggregations)


def test_importing_the_package_loads_no_plugin_and_no_polars():
    heavy = ("polars", "pluggy", "pydantic", "egovrules_integrated")
    code = f"import egovrules, sys; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_a_stranger_has_every_right_of_the_four(site):
    site("ministry-doors", "2.1", "doors = ministry_doors", SOUND.format(axis="doors"))
    registry = eg.Registry.installed()
    assert registry.problems == ()
    assert str(registry.owners["doors.doors"]) == "ministry-doors 2.1"


def test_two_distributions_with_one_entry_point_name_are_both_loaded(site):
    site("first-doors", "1.0", "doors = first_doors", SOUND.format(axis="first"))
    site("second-doors", "1.0", "doors = second_doors", SOUND.format(axis="second"))
    assert {"first.doors", "second.doors"} <= set(eg.Registry.installed().criteria)


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import no_such_library_at_all\n", "No module named 'no_such_library_at_all'"),
        ("raise RuntimeError('half written')\n", "half written"),
        ("def f(:\n", "invalid syntax"),
    ],
)
def test_a_plugin_that_cannot_be_imported_is_named_and_stops_no_other(site, source, cause):
    site("ministry-gates", "0.3", "gates = ministry_gates", source)
    registry = eg.Registry.installed()
    problem = only_problem(registry)
    assert problem.message.startswith("plugin ministry-gates 0.3 cannot be imported")
    assert cause in problem.message
    assert problem.hint == "repair or uninstall ministry-gates"
    assert "user_centric.visits" in registry.criteria


def test_a_misspelt_hook_is_named_with_the_right_one(site):
    source = SOUND.format(axis="gates").replace("egovrules_axes", "egovrules_axis")
    site("ministry-gates", "0.3", "gates = ministry_gates", source)
    registry = eg.Registry.installed()
    problem = only_problem(registry)
    assert "plugin ministry-gates 0.3" in problem.message
    assert "'egovrules_axis'" in problem.message
    assert problem.hint == "did you mean 'egovrules_axes'?"
    assert "gates.doors" not in registry.criteria


def test_a_hook_with_an_argument_that_does_not_exist_is_named():
    @eg.hookimpl
    def egovrules_axes(ruleset):
        return [ruleset]

    with pytest.raises(PluginError) as failure:
        eg.Registry.of({"gates": SimpleNamespace(egovrules_axes=egovrules_axes)})
    (problem,) = failure.value.problems
    assert problem.message == (
        "plugin gates implements the hook 'egovrules_axes' with arguments that it does not take"
    )
    assert problem.hint == "write `def egovrules_axes():`"


@pytest.mark.parametrize("answer", [["not an axis"], [object()], 5])
def test_a_hook_that_returns_something_else_is_named(answer):
    @eg.hookimpl
    def egovrules_axes():
        return answer

    with pytest.raises(PluginError, match=r"plugin gates failed when asked what it brings"):
        eg.Registry.of({"gates": SimpleNamespace(egovrules_axes=egovrules_axes)})


def test_a_criterion_must_be_one_and_have_an_id():
    class Nameless(eg.Criterion):
        """Has no id."""

    for wrong in (Nameless, dict):

        @eg.hookimpl
        def egovrules_criteria(wrong=wrong):
            return [wrong]

        with pytest.raises(PluginError, match=r"plugin gates .* is not a criterion with an id"):
            eg.Registry.of({"gates": SimpleNamespace(egovrules_criteria=egovrules_criteria)})


def test_a_duplicate_criterion_names_both_and_belongs_to_neither():
    first, second = plugin("a", "shared.visits", "a.only"), plugin("b", "shared.visits")
    with pytest.raises(PluginError) as failure:
        eg.Registry.of({"first-plugin": first, "second-plugin": second})
    (problem,) = failure.value.problems
    assert "'shared.visits' is declared by both first-plugin and second-plugin" in problem.message
    assert problem.hint.startswith("an id has one owner")


def test_duplicates_of_installed_distributions_leave_the_rest_usable(site):
    site("first-doors", "1.0", "one = first_doors", SOUND.format(axis="doors"))
    site("second-doors", "2.0", "two = second_doors", SOUND.format(axis="doors"))
    registry = eg.Registry.installed()
    messages = sorted(problem.message for problem in registry.problems)
    assert messages == [
        "axis 'doors' is declared by both first-doors 1.0 and second-doors 2.0",
        "criterion 'doors.doors' is declared by both first-doors 1.0 and second-doors 2.0",
    ]
    assert "doors" not in registry.axes
    assert "doors.doors" not in registry.criteria
    assert "user_centric.visits" in registry.criteria


def test_the_same_class_brought_twice_by_one_plugin_is_a_clash():
    with pytest.raises(PluginError, match=r"declared by both gates and gates"):
        eg.Registry.of({"gates": plugin("gates", "gates.one", "gates.one")})


def test_a_duplicate_aggregation_names_both():
    with pytest.raises(PluginError, match=r"aggregation 'first' is declared by both one and two"):
        eg.Registry.of({"one": aggregating(First), "two": aggregating(First)})


def test_what_is_brought_as_an_aggregation_must_be_one_with_an_id():
    class Nameless(eg.Aggregation):
        """Has no id."""

    for wrong in (Nameless, dict, builtin.Value):
        with pytest.raises(PluginError, match=r"is not an aggregation with an id"):
            eg.Registry.of({"one": aggregating(wrong)})
    with pytest.raises(PluginError, match=r"which is not of the kind it must return"):
        eg.Registry.of({"one": aggregating(First())})


def test_an_aggregation_with_a_parameter_is_used_by_a_ruleset():
    registry = eg.Registry.of({"core": builtin, "one": aggregating(First)})
    assert str(registry.owners["aggregation first"]) == "one"
    text = """
schema: egovrules/1
id: t
title: T
aggregate: {by: first, times: 3}
axes: {a: {criteria: {x: {use: core.value}}}}
"""
    evaluation = eg.evaluate(
        eg.read_ruleset(text, registry=registry),
        eg.Dataset.of(agencies=pl.DataFrame({"code": ["A"], "value": [2.0]})),
    )
    assert evaluation.agencies["total"].to_list() == [18.0]  # 2 × 3 in the axis, × 3 in the total
    assert evaluation.manifest.tree[0].aggregation_parameters == {"times": 3.0}
    with pytest.raises(RulesetError, match=r"unknown key 'tims'"):
        eg.read_ruleset(text.replace("times", "tims"), registry=registry)


def test_all_problems_are_told_at_once():
    wrong = SimpleNamespace(egovrules_axes=eg.hookimpl(lambda: ["no axis"]))
    twice = {"a": plugin("a", "x.one"), "b": plugin("b", "x.one"), "c": wrong}
    with pytest.raises(PluginError) as failure:
        eg.Registry.of(twice)
    assert len(failure.value.problems) == 2


def test_the_order_of_plugins_does_not_change_what_is_found():
    plugins = {"a": plugin("a", "a.one"), "b": plugin("b", "b.one")}
    one, other = eg.Registry.of(plugins), eg.Registry.of(dict(reversed(plugins.items())))
    assert set(one.criteria) == set(other.criteria) == {"a.one", "b.one"}


def test_hint_for_a_misspelt_criterion():
    registry = eg.Registry.of({"gates": plugin("gates", "gates.open", "gates.wide")})
    assert registry.hint_for("gates.opne") == "did you mean 'gates.open'?"


def test_hint_for_a_plugin_that_is_not_installed():
    registry = eg.Registry.of({"gates": plugin("gates", "gates.open")})
    hint = registry.hint_for("inclusion.rural")
    assert hint.startswith("no installed plugin brings 'inclusion' criteria")


def test_hint_for_a_plugin_that_is_broken(site):
    site("egovrules-gates", "0.3", "gates = egovrules_gates", "import no_such_library_at_all\n")
    hint = eg.Registry.installed().hint_for("gates.open")
    assert hint == "plugin egovrules-gates 0.3 is broken: see `egovrules plugins`"


def test_hint_for_a_criterion_that_two_claim(site):
    site("first-doors", "1.0", "one = first_doors", SOUND.format(axis="doors"))
    site("second-doors", "2.0", "two = second_doors", SOUND.format(axis="doors"))
    hint = eg.Registry.installed().hint_for("doors.doors")
    assert "declared by both first-doors 1.0 and second-doors 2.0" in hint
