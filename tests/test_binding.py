"""From ids to criteria: levels, pooling, columns, plugins and caps, and what is said of faults."""

import pytest

import egovrules as eg
from egovrules import builtin
from egovrules.errors import RulesetError
from egovrules.plugins import Plugin, Registry
from egovrules.ruleset import read_ruleset


class Trips(eg.Criterion):
    """A criterion of services."""

    id = "walk.trips"
    level = "service"
    trips: eg.Column = eg.reads("trips", direction="down")
    worst: float = 3.0

    def score(self):
        return 100 * (1 - eg.col(self.trips) / self.worst)


class Ramps(eg.Criterion):
    """A criterion of agencies, with a ratio and several columns."""

    id = "walk.ramps"
    level = "agency"
    parts: eg.Columns = eg.reads(["ramps", "lifts"], type="boolean")

    def score(self):
        return eg.lit(1.0)


def registry(*broken, version="1.2"):
    core = Plugin(
        "core",
        "egovrules",
        "0.1",
        criteria=(builtin.Value, builtin.Ratio, builtin.Yes),
        aggregations=tuple(builtin.egovrules_aggregations()),
    )
    walk = Plugin("walk", "egovrules-walk", version, criteria=(Trips, Ramps))
    return Registry.collect([core, walk, *broken])


HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"


def read(body, plugins=None):
    return read_ruleset(HEAD + body, source="r.yaml", registry=plugins or registry())


def problems(body, plugins=None):
    with pytest.raises(RulesetError) as caught:
        read(body, plugins)
    return caught.value.problems


def facts(body, plugins=None):
    """Return the places that are pointed at, and the whole of what is said."""
    found = problems(body, plugins)
    says = " ".join(f"{one.message} {one.hint}" for one in found)
    return [one.where for one in found], says


def walk(criteria, rest=""):
    return f"axes: {{walk: {{criteria: {{{criteria}}}}}}}\n{rest}"


def marked(problem):
    """Return the characters above the carets."""
    line, carets = problem.excerpt.split("\n")
    return line[carets.index("^") : carets.rindex("^") + 1]


# --- criteria and their parameters


def test_a_key_is_a_criterion_of_the_axis_unless_use_says_otherwise():
    ruleset = read(walk("trips: {}, again: {use: walk.trips, with: {trips: steps}}"))
    nodes = {node.id: node.criterion for node in ruleset.root.criteria()}
    assert nodes == {"walk.trips": Trips(), "walk.again": Trips(trips="steps")}


@pytest.mark.parametrize(
    ("given", "where", "says"),
    [
        ("{worst: '3'}", "with.worst", "remove the quotes"),
        ("{worst: true}", "with.worst", "a number is needed"),
        ("{worst: }", "with.worst", "a number is needed"),
        ("{trips: 3}", "with.trips", "put it in quotes"),
        ("{trips: ''}", "with.trips", "this text is empty"),
        ("{worst: 1, wurst: 2}", "with.wurst", "did you mean 'worst'?"),
        ("{id: other}", "with.id", "unknown key"),
        ("[3]", "with", "a mapping"),
    ],
)
def test_parameters_are_strict(given, where, says):
    wheres, told = facts(walk(f"trips: {{with: {given}}}"))
    assert wheres == [f"axes.walk.criteria.trips.{where}"]
    assert says in told


def test_a_list_of_columns_needs_one():
    wheres, told = facts(walk("ramps: {with: {parts: []}}"))
    assert (wheres, "at least one column" in told) == (
        ["axes.walk.criteria.ramps.with.parts"],
        True,
    )


def test_a_wrong_parameter_does_not_hide_its_columns_from_conditions():
    wheres, _ = facts(walk("trips: {with: {worst: x}}", "scope: {services: trips > 3}\n"))
    assert wheres == ["axes.walk.criteria.trips.with.worst"]


def test_a_lost_criterion_is_told_once():
    """What is derived from it, and what names that, is not reported too."""
    wheres, _ = facts(
        walk("trps: {}, trips: {}")
        + "derive: {x: walk.trps, y: x > 3}\nlists: {l: {of: services, when: y or x > 3}}\n"
    )
    assert wheres == ["axes.walk.criteria.trps"]


# --- levels and pooling


def test_any_means_agencies_unless_the_ruleset_says_services():
    ruleset = read(walk("a: {use: core.value}, b: {use: core.value, level: service}"))
    assert [node.level for node in ruleset.root.criteria()] == ["agency", "service"]


@pytest.mark.parametrize(("key", "level"), [("trips", "agency"), ("ramps", "service")])
def test_a_level_cannot_be_changed(key, level):
    wheres, told = facts(walk(f"{key}: {{level: {level}}}"))
    assert wheres == [f"axes.walk.criteria.{key}.level"]
    assert "remove `level:`" in told


@pytest.mark.parametrize(
    ("criterion", "rest", "says"),
    [
        ("trips: {rollup: pooled}", "", "is no ratio"),
        ("ramps: {rollup: pooled}", "", "scores agencies"),
        ("r: {use: core.ratio, rollup: pooled}", "", "scores agencies"),
        ("r: {use: core.ratio, level: service, rollup: pooled}", "rollup: {after: axis}", "after"),
    ],
)
def test_pooling_where_it_is_impossible(criterion, rest, says):
    wheres, told = facts(walk(criterion, rest))
    assert [where.endswith("rollup") for where in wheres] == [True]
    assert says in told


def test_pooling_for_all_applies_to_ratios_only():
    ruleset = read(
        walk("trips: {}, r: {use: core.ratio, level: service}", "rollup: {method: pooled}")
    )
    assert [node.pooled for node in ruleset.root.criteria()] == [False, True]


def test_a_pooled_criterion_cannot_be_capped():
    cap = "caps: [{at: 3, when: numerator > 3}]"
    wheres, told = facts(walk(f"r: {{use: core.ratio, level: service, rollup: pooled, {cap}}}"))
    assert wheres == ["axes.walk.criteria.r.caps"]
    assert "put the cap on the axis" in told


# --- columns that several read


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            walk("a: {use: core.yes, with: {column: q}}, b: {use: core.value, with: {column: q}}"),
            "'walk.b' reads column 'q' as a number, and 'walk.a' as true or false",
        ),
        (walk("b: {use: core.value, with: {column: kind}}"), "every table of agencies has it as t"),
        (
            walk("trips: {}", "indicators: {services: {trips: {type: text}}}\n"),
            "`indicators:` declares it as text",
        ),
    ],
)
def test_readers_must_agree_on_a_column(body, says):
    _, told = facts(body)
    assert says in told


def test_the_same_column_name_may_differ_between_tables():
    column = "with: {column: q}"
    ruleset = read(
        walk(f"a: {{use: core.yes, {column}}}, b: {{use: core.value, level: service, {column}}}")
    )
    assert {s: known["q"].type for s, known in ruleset.indicators.items()} == {
        "services": "number",
        "agencies": "boolean",
    }


def test_an_axis_cannot_be_called_as_an_indicator_of_agencies():
    inner = "lifts: {criteria: {y: {use: walk.trips}}}"
    body = f"axes: {{a: {{criteria: {{x: {{use: walk.ramps}}}}, axes: {{{inner}}}}}}}"
    wheres, _ = facts(body)
    assert wheres == ["axes.a.axes.lifts"]


# --- weights, axes, names


def test_zero_weights_are_judged_before_anything_is_lost():
    """The only criterion with a weight is unknown: that is the one fault."""
    wheres, _ = facts(walk("trps: {weight: 1}, ramps: {weight: 0}"))
    assert wheres == ["axes.walk.criteria.trps"]


@pytest.mark.parametrize(
    "weight", ["-0.5", "1000000001", "1/0", "-1/3", "1/3/3", "x", "'1'", "[1]"]
)
def test_weights_that_are_none(weight):
    wheres, _ = facts(walk(f"trips: {{weight: {weight}}}"))
    assert wheres == ["axes.walk.criteria.trips.weight"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("axes: {}\n", "axes"),
        ("axes: {walk: {}}\n", "axes.walk"),
        ("axes: {walk: {weight: 0, criteria: {trips: {}}}}\n", "axes"),
        ("axes: {walk: {criteria: {trips: {}}, axes: {}, aggregate: x}}\n", "axes.walk.aggregate"),
        ("axes: {band_x: {criteria: {t: {use: walk.trips}}}}\n", "axes.band_x"),
        (walk("services: {use: walk.trips}"), "axes.walk.criteria.services"),
        (walk("agency: {use: walk.trips}"), "axes.walk.criteria.agency"),
        (walk("Trips: {use: walk.trips}"), "axes.walk.criteria.Trips"),
    ],
)
def test_axes_and_names(body, where):
    assert facts(body)[0] == [where]


@pytest.mark.parametrize(
    "name", ["total", "rank", "coverage", "growth", "services", "agency", "name_fa", "subject"]
)
def test_reserved_names(name):
    assert facts(f"axes: {{{name}: {{criteria: {{t: {{use: walk.trips}}}}}}}}")[0] == [
        f"axes.{name}"
    ]
    assert facts(walk("trips: {}", f"derive: {{{name}: walk.trips}}"))[0] == [f"derive.{name}"]


# --- plugins


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("egovrules-walk: '>=2'", "is 1.2, and this ruleset accepts >=2"),
        ("egovrules-walk: '<1'", "pip install 'egovrules-walk<1'"),
        ("egovrules-walk: newest", "no range of versions"),
        ("egovrules-wlk: '>=1'", "did you mean 'egovrules-walk'?"),
        ("something-else: '>=1'", "pip install 'something-else'"),
    ],
)
def test_plugins_that_do_not_fit(wanted, says):
    wheres, told = facts(walk("trips: {}", f"plugins: {{{wanted}}}"))
    assert wheres == [f"plugins.{wanted.split(':')[0]}"]
    assert says in told


@pytest.mark.parametrize("name", ["egovrules-walk", "egovrules_walk", "Egovrules.Walk"])
def test_plugins_that_fit_in_any_spelling(name):
    assert read(walk("trips: {}", f"plugins: {{{name}: '>=1,<2'}}")).warnings == ()


def test_a_prerelease_of_an_accepted_version_is_accepted():
    assert read(walk("trips: {}", "plugins: {egovrules-walk: '>=1'}"), registry(version="2.0rc1"))


def test_a_criterion_of_a_missing_plugin():
    _, told = facts("axes: {swim: {criteria: {pools: {}}}}")
    assert "no installed plugin brings criteria of an axis 'swim'" in told
    assert "name each criterion by `use:`" in told


def test_a_criterion_of_a_broken_plugin():
    fault = eg.Problem("it cannot be imported")
    broken = Plugin("swim", "egovrules-swim", "0.1", problems=(fault,))
    _, told = facts("axes: {swim: {criteria: {pools: {}}}}", registry(broken))
    assert "plugin egovrules-swim 0.1 is broken: see `egovrules plugins`" in told


def test_versions_are_of_the_plugins_that_are_used():
    assert dict(read(walk("trips: {}")).versions) == {"egovrules": "0.1", "egovrules-walk": "1.2"}
    assert dict(read("axes: {a: {criteria: {x: {use: core.yes}}}}").versions) == {
        "egovrules": "0.1"
    }


# --- caps

CAPPED = "derive: {far: walk.trips, many: count of trips > 2 over services}\n" + walk(
    "trips: {caps: [%s]}, ramps: {caps: [%s]}", "caps: [%s]\n"
).replace("walk: {", "walk: {caps: [%s], ")
FINE = "{at: 1, when: %s}"


def capped(service="trips > 1", agency="ramps", axis="is_main", total="is_main"):
    return CAPPED % (FINE % axis, FINE % service, FINE % agency, FINE % total)


def test_what_each_cap_may_name():
    ruleset = read(capped(axis="ramps and many > 1", total="walk > 3 and far > 1"))
    wheres = [cap.where for node in ruleset.root.walk() for cap in node.caps]
    assert wheres == [
        "caps.0",
        "axes.walk.caps.0",
        "axes.walk.criteria.trips.caps.0",
        "axes.walk.criteria.ramps.caps.0",
    ]


@pytest.mark.parametrize(
    ("given", "name", "says"),
    [
        ({"service": "far > 1"}, "far", "values are derived after this cap"),
        ({"service": "is_main"}, "is_main", "belongs to agencies"),
        ({"service": "growth > 1"}, "growth", "use a finding"),
        ({"agency": "many > 1"}, "many", "values are derived after this cap"),
        ({"agency": "trips > 1"}, "trips", "mean of trips over services"),
        ({"axis": "walk > 1"}, "walk", "only a cap of the total can name an axis"),
        ({"axis": "rank > 1"}, "rank", "caps bound scores before this is known"),
        ({"total": "total > 1"}, "total", "caps bound scores before this is known"),
        ({"total": "rank_growth > 1"}, "rank_growth", "use a finding"),
        ({"total": "trips > 1"}, "trips", "mean of trips over services"),
        ({"total": "rmps"}, "rmps", "did you mean 'ramps'?"),
    ],
)
def test_what_a_cap_may_not_name(given, name, says):
    (found,) = problems(capped(**given))
    assert found.message == f"unknown field '{name}'"
    assert says in found.hint
    assert marked(found) == name


@pytest.mark.parametrize(("at", "fine"), [(-1, False), (0, True), (10, True), (10.5, False)])
def test_a_cap_lies_on_the_scale(at, fine):
    body = walk("trips: {}", f"scale: {{high: 10}}\ncaps: [{{at: {at}, when: is_main}}]")
    if fine:
        assert read(body).root.caps[0].at == at
    else:
        assert facts(body)[0] == ["caps.0.at"]


def test_an_axis_cannot_be_capped_after_the_total():
    axis = "axes: {walk: {caps: [{at: 3, when: is_main}], criteria: {trips: {}}}}"
    wheres, told = facts(f"{axis}\nrollup: {{after: total}}")
    assert wheres == ["axes.walk.caps"]
    assert "put the cap on the total" in told


# --- columns of the rollup


def test_the_rollup_weighs_by_a_number_of_services():
    assert facts(walk("trips: {}", "rollup: {weight: trps}"))[0] == ["rollup.weight"]
    assert facts(walk("ramps: {}", "rollup: {weight: ramps}"))[0] == ["rollup.weight"]
    assert read(walk("trips: {}", "rollup: {weight: trips}"))
    assert read(walk("ramps: {}", "rollup: {weight: size}\nindicators: {services: {size: {}}}"))


def test_a_mapping_of_aggregations_is_offered():
    _, told = facts(walk("trips: {}", "aggregate: typical"))
    for name in ("arithmetic", "geometric", "harmonic", "minimum"):
        assert name in told
