"""The JSON Schemas for editors: they accept what the loader accepts, and catch slips."""

import ast
import json
import os
import random
import re
import sys
import types
from copy import deepcopy
from enum import Enum
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import egovrules as eg
from egovrules import _yaml, json_schema
from egovrules.cli import cli
from egovrules.errors import EgovrulesError, RulesetError
from egovrules.json_schema import ruleset_schema
from egovrules.plugins import Registry
from egovrules.ruleset import load_ruleset, read_ruleset
from egovrules.schema import RulesetFile

ROOT = Path(__file__).parents[1]
RULESETS = ROOT / "rulesets"
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
FILES = {
    "ruleset": "egovrules.schema.json",
    "source": "egovrules-source.schema.json",
    "tests": "egovrules-tests.schema.json",
}
REGISTRY = Registry.installed()
SCHEMAS = {
    "ruleset": ruleset_schema(REGISTRY),
    "source": json_schema.source_schema(),
    "tests": json_schema.tests_schema(),
}
VALID = {kind: Draft202012Validator(schema) for kind, schema in SCHEMAS.items()}


def kind_of(path):
    return "source" if ".source." in path.name else "tests" if ".test." in path.name else "ruleset"


def faults(data, kind="ruleset"):
    """Return the paths at which a schema finds fault, outermost of alternatives."""
    return [".".join(map(str, error.absolute_path)) for error in VALID[kind].iter_errors(data)]


def data(text):
    return _yaml.parse(text, "x").data


# --- the schemas themselves ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", FILES)
def test_they_are_json_schemas(kind):
    Draft202012Validator.check_schema(SCHEMAS[kind])
    text = json.dumps(SCHEMAS[kind])
    assert "$id" not in text
    assert not re.search(r"Entry|File\b|``|Attributes:|\bpydantic", text)


@pytest.mark.parametrize(("kind", "name"), FILES.items())
def test_the_shipped_ones_are_those_that_the_command_writes(kind, name, tmp_path):
    shipped = (RULESETS / name).read_bytes()
    told = "write it anew: egovrules schema KIND --out rulesets/…"
    assert CliRunner().invoke(cli, ["schema", kind]).stdout_bytes == shipped, told
    done = CliRunner().invoke(cli, ["schema", kind, "--out", str(tmp_path / name)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / name).read_bytes() == shipped
    assert json.loads(shipped) == SCHEMAS[kind]


def test_rulesets_are_meant_where_no_kind_is_given():
    assert json.loads(CliRunner().invoke(cli, ["schema"]).stdout) == SCHEMAS["ruleset"]


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    done = CliRunner().invoke(cli, ["schema", "--out", str(tmp_path / "no" / "x.json")])
    assert done.exit_code == 2
    assert "the file cannot be written: No such file or directory" in done.stderr


def test_the_order_of_the_plugins_makes_no_difference():
    turned = Registry.collect(reversed(REGISTRY.plugins))
    assert json.dumps(ruleset_schema(turned), sort_keys=True) == json.dumps(
        SCHEMAS["ruleset"], sort_keys=True
    )


# --- they accept what the loader accepts --------------------------------------------------------


@pytest.mark.parametrize("path", sorted(RULESETS.rglob("*.yaml")), ids=lambda path: path.name)
def test_the_shipped_files_fit_and_name_their_schema(path):
    kind = kind_of(path)
    text = path.read_text(encoding="utf-8")
    way = "../" * (len(path.relative_to(RULESETS).parts) - 1) + FILES[kind]
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={way}"
    assert (path.parent / way).is_file()
    assert faults(data(text), kind) == []


def written_elsewhere():
    """Yield the rulesets in the documentation and in the tests."""
    for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        for text in FENCE.findall(page.read_text(encoding="utf-8")):
            yield page.name, text
    for path in ROOT.glob("tests/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path.name, node.value


def test_rulesets_of_the_documentation_and_of_other_tests_fit():
    found = []
    for name, text in written_elsewhere():
        if "schema: egovrules/1" in text and read(text) is not None:
            assert faults(data(text)) == [], f"{name}:\n{text}"
            found.append(name)
    assert {"README.md", "rulesets.md"} <= set(found)
    assert len(found) > 12


def read(text):
    try:
        return read_ruleset(text, registry=REGISTRY)
    except EgovrulesError:
        return None


WAYS = """\
schema: egovrules/1
id: x
title: x
normalise: {by: min_max, to: [1, 100]}
aggregate: {by: power, exponent: 0.5}
min_share: 0.65
round: {decimals: 2, rule: half_up}
treatment:
  - {do: winsorise, of: [fees], skewness: 2}
  - {do: impute_mean}
axes:
  a:
    normalise: distance_to_target
    aggregate: weighted_median
    min_share: 0.5
    round: {decimals: 1}
    criteria:
      fees: {use: core.value, with: {column: fees}, direction: down, normalise: {target: 20}}
      goods: {use: core.value, with: {column: goods}, normalise: none}
      calls:
        use: core.value
        with: {column: calls}
        normalise: {by: categories, at: [1, 2], scores: [0, 50, 100], closed: below}
  b:
    criteria:
      staff: {use: core.value, with: {column: staff}, normalise: {low: 0, high: 8, target: [2, 4]}}
"""
WHOLE = [
    data(WAYS),
    *(data((RULESETS / f"{name}.yaml").read_text("utf-8")) for name in ("ca-2024", "ca-maf-2024")),
    data((RULESETS / "ir-1400-spring.yaml").read_text(encoding="utf-8")),
    data(next(text for name, text in written_elsewhere() if name == "rulesets.md")),
]
ODD = [None, True, 0, 1, 2.5, -1, "", "x", "1/3", [], {}, ["x"], {"en": "x"}, "total", "visits = 0"]


class Slips:
    """Changes a ruleset at random, by what stands in it and in others."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 - no secret

    def changed(self, base, times):
        new = deepcopy(base)
        for _ in range(times):
            holder = self.chance.choice(list(containers(new)))
            other = self.chance.choice(list(containers(deepcopy(self.chance.choice(WHOLE)))))
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            act = self.chance.random()
            if act < 0.3 and keys:
                del holder[self.chance.choice(keys)]
            elif act < 0.6 and keys:
                values = list(other.values() if isinstance(other, dict) else other)
                holder[self.chance.choice(keys)] = self.chance.choice([*deepcopy(ODD), *values])
            elif isinstance(holder, dict) and isinstance(other, dict) and other:
                key = self.chance.choice(list(other))
                holder[key] = other[key]
        return new


def containers(value):
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


def test_whatever_the_loader_accepts_fits_and_most_of_what_it_refuses_does_not():
    accepted = refused = caught = 0
    for seed in range(400 * FUZZ):
        slips = Slips(seed)
        new = slips.changed(slips.chance.choice(WHOLE), slips.chance.choice([1, 1, 2]))
        text = json.dumps(new, ensure_ascii=False)
        if read(text) is not None:
            assert faults(new) == [], f"seed {seed}:\n{text}"
            accepted += 1
        elif not has_the_right_form(text):
            refused += 1
            caught += bool(faults(new))
    assert accepted > 60 * FUZZ
    assert caught > 0.9 * refused > 90 * FUZZ


def has_the_right_form(text):
    try:
        RulesetFile.model_validate_json(json.dumps(data(text)), strict=True)
    except ValueError:
        return False
    return True


def test_whatever_the_loader_accepts_of_a_file_that_extends_fits(tmp_path):
    parent = tmp_path / "parent.yaml"
    accepted = 0
    for seed in range(250 * FUZZ):
        slips = Slips(-1 - seed)
        base = slips.chance.choice(WHOLE)
        parent.write_text(json.dumps(base), encoding="utf-8")
        child = slips.changed(part(base, slips.chance), slips.chance.choice([0, 1]))
        child["extends"] = "parent.yaml"
        path = tmp_path / "child.yaml"
        path.write_text(json.dumps(child), encoding="utf-8")
        try:
            load_ruleset(path, registry=REGISTRY)
        except RulesetError:
            continue
        assert faults(child) == [], f"seed {seed}:\n{path.read_text(encoding='utf-8')}"
        accepted += 1
    assert accepted > 100 * FUZZ


def part(value, chance):
    """Return a part of a ruleset, with some of it removed."""
    if not isinstance(value, dict):
        return value
    kept = [key for key in value if chance.random() < 0.5]
    parts = {key: None if chance.random() < 0.02 else part(value[key], chance) for key in kept}
    return {key: one for key, one in parts.items() if one != {}}  # which would change nothing


@pytest.mark.parametrize(
    "child",
    [
        "axes: {user_centric: {criteria: {visits: {with: {worst: 5}}}}}",
        "axes: {user_centric: {criteria: {visits: null}}}",
        "axes: {user_centric: null}",
        "axes: {user_centric: {criteria: {visits: {with: {worst: null}, weight: null}}}}",
        "axes: {integrated: {caps: null, title: {en: null}}}",
        # The other file may say `use: core.value` here.
        "axes: {user_centric: {criteria: {visits: {with: {column: other}}}}}",
        "axes: {own: {criteria: {mine: {use: core.yes, with: {numerator: null, column: x}}}}}",
        "axes: {own: {criteria: {mine: {weight: 2}}}}",
        "period: {season: autumn}",
        "plugins: {egovrules-integrated: null}",
        "missing: {status: {refused: null}}",
    ],
)
def test_a_file_that_extends_holds_only_what_changes(child):
    assert faults(data(f"schema: egovrules/1\nextends: x.yaml\n{child}\n")) == []
    assert faults(data(f"schema: egovrules/1\n{child}\n")) != []


@pytest.mark.parametrize(
    ("child", "where"),
    [
        ("axes: {user_centric: {wieght: 3}}", "axes.user_centric"),
        (
            "axes: {user_centric: {criteria: {visits: {wieght: 3}}}}",
            "axes.user_centric.criteria.visits",
        ),
        (
            "axes: {own: {criteria: {mine: {use: core.yes, with: {colum: x}}}}}",
            "axes.own.criteria.mine.with.colum",
        ),
        ("missing: {policy: zerro}", "missing.policy"),
        ("bands: {how: {labels: [{low: 5}]}}", "bands.how.labels.0.low"),
        ("axess: {}", ""),
    ],
)
def test_slips_are_caught_in_what_changes(child, where):
    assert all_faults(data(f"schema: egovrules/1\nextends: x.yaml\n{child}\n")) >= {where}


def all_faults(data):
    """Return the paths of all faults, those within alternatives too."""
    todo, found = list(VALID["ruleset"].iter_errors(data)), set()
    while todo:
        error = todo.pop()
        found.add(".".join(map(str, error.absolute_path)))
        todo += error.context
    return found


# --- they catch slips ---------------------------------------------------------------------------

SOUND = """\
schema: egovrules/1
id: x
title: x
period: 1400-autumn
axes:
  user_centric:
    weight: 1/3
    criteria:
      visits: {weight: 2, with: {worst: 3}}
      on_time: {rollup: pooled}
  own:
    aggregate: geometric
    criteria:
      mine: {use: core.checklist, with: {columns: [a, b]}}
    axes:
      transparent: {criteria: {tracking: {missing: zero}}}
bands:
  how:
    of: agencies
    by: total
    labels: [{low: "< 50", title: x}, {high: ">= 50"}]
    otherwise: none
"""


def test_the_sound_one_fits():
    assert read(SOUND) is not None
    assert faults(data(SOUND)) == []


def test_ways_with_their_parameters_fit():
    assert read(WAYS) is not None
    assert faults(data(WAYS)) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("{by: min_max, to: [1, 100]}", "minmax", "normalise"),
        ("{by: min_max, to: [1, 100]}", "{by: minmax}", "normalise.by"),
        ("to: [1, 100]", "too: [1, 100]", "normalise"),
        ("to: [1, 100]", "to: [1]", "normalise.to"),
        ("to: [1, 100]", "sd: 3", "normalise"),
        ("{by: power, exponent: 0.5}", "power", "aggregate"),
        ("power, exponent: 0.5", "power", "aggregate"),
        ("by: power, exponent", "exponent", "aggregate"),
        ("exponent: 0.5", "exponent: 101", "aggregate.exponent"),
        ("weighted_median", "weighted", "axes.a.aggregate"),
        ("min_share: 0.65", "min_share: 65", "min_share"),
        ("half_up", "half_down", "round.rule"),
        ("direction: down", "direction: lower", "axes.a.criteria.fees.direction"),
        ("{target: 20}", "{targt: 20}", "axes.a.criteria.fees.normalise"),
        ("closed: below", "closed: under", "axes.a.criteria.calls.normalise.closed"),
        ("do: winsorise", "do: winsorize", "treatment.0.do"),
        ("skewness: 2", "skewnes: 2", "treatment.0"),
        ("do: impute_mean", "of: [fees]", "treatment.1"),
    ],
)
def test_slips_in_ways_are_caught_where_they_are(old, new, where):
    assert WAYS.count(old) == 1
    assert where in all_faults(data(WAYS.replace(old, new)))


@pytest.mark.parametrize(
    "child",
    [
        "normalise: {to: [0, 1]}",
        "normalise: {by: z_score}",
        "normalise: {by: min_max, to: null}",
        "normalise: null",
        "normalise: {low: null}",
        "aggregate: {exponent: 3}",
        "aggregate: {by: power}",
        "aggregate: geometric",
        "axes: {a: {aggregate: null, normalise: {target: 5}, round: {decimals: 3}}}",
        "treatment: [{do: impute_median}]",
    ],
)
def test_what_changes_of_a_way_fits(child):
    assert faults(data(f"schema: egovrules/1\nextends: x.yaml\n{child}\n")) == []


def test_every_way_and_each_of_its_parameters_is_explained():
    known = SCHEMAS["ruleset"]["$defs"]
    kinds = {
        "aggregation": REGISTRY.aggregations,
        "normalisation": REGISTRY.normalisations,
        "treatment": REGISTRY.treatments,
    }
    for kind, classes in kinds.items():
        for name in classes:
            form = known[f"{kind}.{name}"]
            assert form["title"], name
            assert form["description"], name
            assert form["additionalProperties"] is False, name
            assert all(part["description"] for part in form["properties"].values()), name


def test_criteria_of_no_axis_can_be_one():
    text = "schema: egovrules/1\nid: x\ntitle: x\naxes: {core: {criteria: {yes: {}}}}\n"
    assert read(text) is not None
    assert faults(data(text)) == []
    assert faults(data(text.replace("yes", "yess"))) == ["axes.core.criteria.yess"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("id: x", "idd: x", ""),
        ("schema: egovrules/1", "schema: egovrules/2", "schema"),
        ("id: x", "id: X Y", "id"),
        ("title: x\nperiod", "title: 5\nperiod", "title"),
        ("title: x\nperiod", "title: {english: x}\nperiod", "title"),
        ("period: 1400-autumn", "period: {yeer: 1400}", "period"),
        ("weight: 1/3", "weight: a third", "axes.user_centric.weight"),
        ("weight: 1/3", "weight: -1", "axes.user_centric.weight"),
        ("worst: 3", "wrost: 3", "axes.user_centric.criteria.visits.with"),
        ("worst: 3", "worst: three", "axes.user_centric.criteria.visits.with.worst"),
        ("worst: 3", "worst: 0", "axes.user_centric.criteria.visits.with.worst"),
        ("visits: {weight", "vists: {weight", "axes.user_centric.criteria.vists"),
        (
            "visits: {weight",
            "visits: {level: agency, weight",
            "axes.user_centric.criteria.visits.level",
        ),
        ("pooled", "pool", "axes.user_centric.criteria.on_time.rollup"),
        ("geometric", "geometrical", "axes.own.aggregate"),
        ("core.checklist", "core.checklists", "axes.own.criteria.mine.use"),
        ("[a, b]", "a", "axes.own.criteria.mine.with.columns"),
        ("[a, b]", "[]", "axes.own.criteria.mine.with.columns"),
        (", with: {columns: [a, b]}", "", "axes.own.criteria.mine"),
        ("missing: zero", "missing: zerro", "axes.own.axes.transparent.criteria.tracking.missing"),
        ("tracking: {", "trackings: {", "axes.own.axes.transparent.criteria.trackings"),
        ("  own:", "  total:", "axes"),
        ("of: agencies", "of: agency", "bands.how.of"),
        ('{high: ">= 50"}', '{high: ">= 50", low: "< 50"}', "bands.how.labels.1"),
        ('{high: ">= 50"}', "{when: total > 3}", "bands.how.labels.1"),
        ('{high: ">= 50"}', "{high: 50}", "bands.how.labels.1.high"),
        ('{high: ">= 50"}', '{High: ">= 50"}', "bands.how.labels.1"),
        ("    otherwise: none\n", "", "bands.how"),
    ],
)
def test_slips_are_caught_where_they_are(old, new, where):
    assert SOUND.count(old) == 1
    assert where in faults(data(SOUND.replace(old, new)))


@pytest.mark.parametrize(
    ("kind", "name", "old", "new"),
    [
        ("source", "ca-2024.source.yaml", "type: number", "type: numbers"),
        ("source", "ca-2024.source.yaml", "where:", "were:"),
        ("source", "ca-oip-2019-2020.source.yaml", "extends:", "extend:"),
        ("source", "ca-oip-2019-2020.source.yaml", "where:", "were:"),
        ("tests", "ca-2024.test.yaml", "expect:", "expected:"),
        ("tests", "ca-2024.test.yaml", "egovrules-tests/1", "egovrules/1"),
    ],
)
def test_slips_in_other_files_are_caught(kind, name, old, new):
    text = (RULESETS / name).read_text(encoding="utf-8")
    assert old in text
    assert faults(data(text), kind) == []
    assert faults(data(text.replace(old, new, 1)), kind) != []


# --- what plugins bring -------------------------------------------------------------------------


class Shade(Enum):
    """Of grey."""

    LIGHT = "light"


class Measured(eg.Criterion):
    """A family of criteria."""

    unit: str = "hours"
    """The unit, for people."""


class Opaque:
    """A type that no schema can describe."""


class Waiting(Measured):
    """Less waiting is better.

    100 · (1 − minutes / worst).
    """

    id = "reachable.waiting"
    level = "service"
    title = {"en": "Waiting", "fa": "انتظار"}

    minutes: eg.Column = eg.reads("minutes", unit="minutes", low=0, high=90, direction="down")
    kinds: eg.Columns = eg.reads((), type="text", values=("a", "b"), optional=True)
    most: eg.Column = eg.reads("most", high=5, at_most="minutes")
    worst: eg.PositiveInt = 60
    """So many minutes
    or more score 0."""
    shade: Shade = Shade.LIGHT

    def score(self):
        """Give nothing."""
        return eg.lit(None)


class Strange(eg.Criterion):
    """Has a parameter of its own type."""

    id = "reachable.strange"
    level = "any"
    model_config = {"arbitrary_types_allowed": True}

    of: Opaque = Opaque()


def registry_of(*criteria):
    plugin = types.SimpleNamespace()
    axis = eg.Axis("reachable", title="Reachable", criteria=criteria)
    plugin.egovrules_axes = eg.hookimpl(lambda: [axis], specname="egovrules_axes")
    core = sys.modules["egovrules.builtin"]
    return Registry.of({"core": core, "reachable": plugin})


def test_parameters_are_explained():
    schema = ruleset_schema(registry_of(Waiting))
    form = schema["$defs"]["with.reachable.waiting"]
    told = {key: part.get("description") for key, part in form["properties"].items()}
    assert told == {
        "unit": "The unit, for people.",
        "minutes": "A column: a number of minutes; from 0 to 90; less is better.",
        "kinds": "Columns, each: one of a, b; may be empty.",
        "most": "A column: a number; at most 5; at most that of `minutes`.",
        "worst": "So many minutes\nor more score 0.",
        "shade": None,
    }
    assert form["properties"]["worst"]["default"] == 60
    assert form["required"] == ["kinds"]
    entry = schema["$defs"]["axis.reachable"]["properties"]["criteria"]["properties"]["waiting"]
    assert entry["title"] == "Waiting · انتظار"
    assert entry["description"] == "Less waiting is better.\n\n100 · (1 − minutes / worst)."
    assert "indicator" not in json.dumps(form)
    valid = Draft202012Validator(schema)
    sound = (
        "schema: egovrules/1\nid: x\ntitle: x\naxes: {reachable: {criteria: {waiting: {with: X}}}}"
    )
    assert valid.is_valid(data(sound.replace("X", "{kinds: [k], shade: light, minutes: m}")))
    assert not valid.is_valid(data(sound.replace("X", "{kinds: [k], shade: dark}")))
    assert not valid.is_valid(data(sound.replace("X", "{shade: light}")))
    assert not valid.is_valid(data(sound.replace("reachable", "user_centric")))


def test_a_parameter_of_an_unknown_type_is_left_open():
    schema = ruleset_schema(registry_of(Strange))
    Draft202012Validator.check_schema(schema)
    assert schema["$defs"]["with.reachable.strange"]["type"] == "object"
    assert "properties" not in schema["$defs"]["with.reachable.strange"]


def test_every_parameter_of_ours_is_explained():
    forms = {k: v for k, v in SCHEMAS["ruleset"]["$defs"].items() if k.startswith("with.")}
    assert len(forms) == len(REGISTRY.criteria)
    for name, form in forms.items():
        assert form["description"], name
        for key, parameter in form["properties"].items():
            assert parameter["description"], f"{name}: {key}"
            assert "default" in parameter or key in form["required"], f"{name}: {key}"


def test_every_key_of_a_ruleset_is_explained():
    for name, form in SCHEMAS["ruleset"]["$defs"].items():
        for key, part in form.get("properties", {}).items():
            if not name.startswith(("with.", "using.", "changed.with.", "changed.using.")):
                assert part.get("description") or part.get("title"), f"{name}: {key}"
