"""Evaluations computed anew: the same to the last bit, and every planted difference named."""

import itertools
import json
import os
import statistics
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import egovrules as eg
from egovrules import _yaml, evaluation, store, verification
from egovrules._yaml_writing import written
from egovrules.cli import cli
from egovrules.dataset import Dataset, load_dataset
from egovrules.errors import EvaluationError, RulesetError
from egovrules.evaluation import evaluate
from egovrules.growth import Previous
from egovrules.plugins import Registry
from egovrules.report.verification import verdict
from egovrules.ruleset import load_ruleset, read_ruleset
from egovrules.sample import write_sample
from egovrules.verification import KEYS, verify
from egovrules.verification.differences import compare_tables

RULESETS = Path(__file__).parents[1] / "rulesets"
FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
TABLES = (*KEYS, "evaluation.json")


def differences(verified):
    return verified.differences.rows()


def same(evaluated, *, exact=True, registry=None):
    verified = verify(evaluated, registry=registry)
    assert differences(verified) == []
    assert (verified.same, verified.exact, verified.versions) == (True, exact, {})
    assert tuple(verified.cells) == TABLES
    return verified


# --- what shipped rulesets and made-up rounds give ----------------------------------------------


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "sample"
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def spring(sample):
    name = "ir-1400-spring"
    return evaluate(load_ruleset(RULESETS / f"{name}.yaml"), load_dataset(sample / name))


@pytest.fixture(scope="module")
def autumn(sample, spring):
    return again(sample, spring)


@pytest.fixture(scope="module")
def saved(autumn, tmp_path_factory):
    return store.save(autumn, tmp_path_factory.mktemp("saved") / "autumn")


def test_the_sample_rounds_are_the_same_from_memory_and_from_their_own_folder(
    spring, autumn, saved, tmp_path
):
    assert {"growth", "continuity"} <= set(autumn.agencies.columns)
    assert autumn.vanished.height
    for fresh in (spring, autumn):
        same(fresh)
    same(store.load(store.save(spring, tmp_path / "spring")))
    verified = same(store.load(saved))
    tables = {name: getattr(autumn, name) for name in KEYS}
    assert verified.cells["services"] == tables["services"].height * tables["services"].width
    assert sum(n for name, n in verified.cells.items() if name in KEYS) == sum(
        len(row) for table in tables.values() for row in table.iter_rows()
    )


def test_a_round_on_duckdb_is_the_same_within_the_tolerance(sample):
    dataset = load_dataset(sample / "ir-1400-spring", engine="duckdb")
    duck = evaluate(load_ruleset(RULESETS / "ir-1400-spring.yaml"), dataset)
    assert duck.manifest.engine["duckdb"] == version("duckdb")
    same(duck, exact=False)


def test_a_round_beyond_what_is_added_in_order_is_the_same_within_the_tolerance(
    sample, monkeypatch
):
    for module in (evaluation, verification):
        monkeypatch.setattr(module, "IN_ORDER", 1000)
    dataset = load_dataset(sample / "ir-1400-spring")
    same(evaluate(load_ruleset(RULESETS / "ir-1400-spring.yaml"), dataset), exact=False)


@pytest.mark.published
@pytest.mark.parametrize("name", ["ca-2024", "ca-maf-2024"])
def test_canadas_published_inventory_is_the_same(shared, name, tmp_path):
    dataset = load_dataset(shared / "ca", RULESETS / "ca-2024.source.yaml")
    fresh = evaluate(load_ruleset(RULESETS / f"{name}.yaml"), dataset)
    same(store.load(store.save(fresh, tmp_path / name)))


def test_no_bit_depends_on_the_number_of_threads(sample):
    """Polars adds up in an order of its own choice, unless it is asked for another."""
    program = """
import sys
from egovrules import evaluate, load_dataset, load_ruleset
made = evaluate(load_ruleset(sys.argv[1]), load_dataset(sys.argv[2]))
print([getattr(made, name).rows() for name in ("agencies", "criteria", "services", "lists")])
"""
    arguments = [str(RULESETS / "ir-1400-autumn.yaml"), str(sample / "ir-1400-autumn")]
    printed = [
        subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            check=True,
            capture_output=True,
        ).stdout
        for threads in ("1", "3")
    ]
    assert len(printed[0]) > 1_000_000
    assert printed[0] == printed[1]


def test_a_what_if_and_a_bridge_from_another_method_are_the_same(sample, spring, tmp_path):
    path, data = RULESETS / "ir-1400-autumn.yaml", load_dataset(sample / "ir-1400-autumn")
    settings = ["axes.integrated.weight=40", "bridge.from=ir-1400-spring", "bridge.because=why"]
    fresh = evaluate(load_ruleset(path, settings=settings), data, previous=spring)
    assert fresh.manifest.ruleset.method_digest != spring.manifest.ruleset.method_digest
    assert fresh.manifest.ruleset.settings == settings
    same(store.load(store.save(fresh, tmp_path / "out")))


# --- made-up rulesets of every kind -------------------------------------------------------------

STATUS = st.sampled_from(["", "refused", "exempt", "not_applicable"])
CODES = ["A", "B", "C", "D"]


class Spread(eg.Criterion):
    """Distance from the mean of the whole population, in its deviations."""

    id = "walk.spread"
    level = "any"
    top = None
    column: eg.Column = eg.reads("v")

    def population(self):
        column = nw.col(self.column)
        return {"mean": column.mean(), "deviation": column.std()}

    def score(self, mean, deviation):
        if mean is None or not deviation:
            return nw.lit(None, nw.Float64)
        return 50 + (nw.col(self.column) - mean) / deviation


class Walk:
    @eg.hookimpl
    def egovrules_criteria(self):
        return [Spread]


def registry(*, walk="1.0", name="egovrules-walk"):
    """Build a registry of the core and of one plugin; without a version, of the core only."""
    core = Registry.installed().owners["core.value"]
    (plugin,) = Registry.of({name: Walk()}).plugins
    return Registry.collect([core, *([replace(plugin, version=walk)] if walk else [])])


@st.composite
def rules(draw):
    """Write a ruleset that uses, by chance, whatever may make computing anew go wrong."""
    after = draw(st.sampled_from(["criterion", "axis", "total"]))
    policy = st.sampled_from(["zero", "skip", "exclude"])
    cap = st.lists(st.just({"at": 40, "when": "annual_volume > 1"}), max_size=1)
    served = {
        "value": {"use": "core.value", "with": {"column": "v"}, "caps": draw(cap)},
        "ratio": {"use": "core.ratio", "with": {"numerator": "n", "denominator": "d"}},
        "spread": {"use": "walk.spread", "with": {"column": "v"}},
        "place": {"use": "core.value", "normalise": "min_max", "with": {"column": "w"}},
        "list": {"use": "core.checklist", "with": {"columns": ["p", "q"]}},
    }
    for entry in served.values():
        entry |= {"level": "service", "missing": draw(policy), "weight": draw(st.integers(1, 3))}
    if after == "criterion" and draw(st.booleans()):
        served["ratio"]["rollup"] = "pooled"
    axes = {"a": {"missing": draw(policy), "criteria": served}}
    if after != "total":
        own = {"use": "core.value", "with": {"column": "own"}, "missing": draw(policy)}
        axes["b"] = {"criteria": {"own": own, "flag": {"use": "core.yes", "with": {"column": "f"}}}}
        axes["b"]["caps"] = draw(st.lists(st.just({"at": 50, "when": "is_main"}), max_size=1))
    ways = [
        "arithmetic",
        "geometric",
        "harmonic",
        "weighted_median",
        {"by": "power", "exponent": 2},
    ]
    aggregate = draw(st.sampled_from(ways if after != "criterion" else [*ways, "copeland"]))
    levels = {"round": {"decimals": draw(st.integers(0, 3))}, "min_share": 0.5}
    rollup = {"after": after} | draw(st.sampled_from([{}, {"weight": "annual_volume"}]))
    status = {"exempt": "skip", "refused": draw(policy)}
    return {
        "schema": "egovrules/1",
        "id": "t",
        "title": {"en": "T", "fa": "ت"},
        "aggregate": aggregate,
        **{key: value for key, value in levels.items() if draw(st.booleans())},
        "missing": {"policy": draw(policy), "status": status, "min_coverage": 0.2},
        "scope": draw(st.sampled_from([{}, {"services": "eligible"}, {"agencies": "is_main"}])),
        "rollup": rollup,
        "rank": draw(st.sampled_from([{}, {"decimals": 1}, {"ties": "average"}])),
        "axes": axes,
        "derive": {"level": "a.value", "many": "sum of annual_volume over services"},
        "bands": {
            "s": {"of": "services", "by": "level", "labels": [{"l": "< 50"}], "otherwise": "o"},
            "a": {"of": "agencies", "by": "total", "labels": [{"l": "< 50"}], "otherwise": "o"},
        },
        "lists": {
            "top": {"of": "agencies", "by": "total", "top": 2},
            "all": {"of": "services", "by": "level", "top": 3},
            "grown": {"of": "agencies", "when": "growth > 0"},
        },
        "findings": {
            "low": {"of": "services", "when": "level < 50", "message": "{name}: {level}"},
            "own": {"of": "agencies", "when": "many > 3", "message": "{name_fa}: {many}"},
        },
        "reconcile": {"r": {"total": "count of services", "parts": "bands.s"}},
    }


@st.composite
def datasets(draw):
    """Make tables as they come in files: text cells, some with a status in place of a value."""
    number = st.one_of(st.integers(0, 100).map(str), st.sampled_from(["33.3", "0.1"]), STATUS)
    flag = st.sampled_from(["yes", "no", "", "بله"])
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, unique=True))
    agencies = [
        {
            "code": code,
            "name_fa": f"دستگاه {code}",
            "is_main": draw(flag),
            "own": draw(number),
            "f": draw(st.one_of(flag, STATUS)),
            "predecessors": draw(st.sampled_from(["", "A", "B;C", "D"])),
            "synthetic": "true",
        }
        for code in codes
    ]
    services = [
        {
            "code": f"{i:02}",
            "agency": draw(st.sampled_from(codes)),
            "name": f"s{i}",
            "eligible": draw(flag),
            "annual_volume": draw(st.sampled_from(["", "0", "1", "2.5"])),
            **{column: draw(number) for column in ("v", "w")},
            "d": draw(st.one_of(st.sampled_from(["0", "3", "7"]), STATUS)),
            "n": draw(st.one_of(st.just("0"), STATUS)),
            **{column: draw(flag) for column in ("p", "q")},
        }
        for i in range(draw(st.integers(1, 9)))
    ]
    return Dataset.of(agencies=agencies, services=services)


@settings(
    max_examples=25 * FUZZ,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],  # shrinking whole rulesets takes minutes
)
@given(data=st.data())
def test_every_kind_of_ruleset_is_the_same(tmp_path, data):
    plugins = registry()
    ruleset = read_ruleset(json.dumps(data.draw(rules())), registry=plugins)
    old = evaluate(ruleset, data.draw(datasets())) if data.draw(st.booleans()) else None
    fresh = evaluate(ruleset, data.draw(datasets()), previous=old)
    assert fresh.manifest.synthetic
    same(fresh, registry=plugins)
    same(store.load(store.save(fresh, tmp_path / "out")), registry=plugins)


TRAPS = ["n", "on", "1e3", "010", "12:30", "1400-07-01", "null", "~", "!x", "&a", "'", '"', "", "#"]
words = st.one_of(st.sampled_from(TRAPS), st.text("ab: #-ک\u200c\n", max_size=5))
numbers = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)


@settings(max_examples=150 * FUZZ, deadline=None, derandomize=True, database=None)
@given(
    st.recursive(
        st.one_of(words, numbers, st.none()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(words.filter(bool), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_whatever_a_ruleset_says_is_recorded_so_that_it_reads_back(value):
    data = {"key": value, "small": 1e-9}
    again = _yaml.parse(written(data), "ruleset.yaml").data
    assert json.dumps(again) == json.dumps(data)


def test_numbers_of_the_population_do_not_depend_on_how_its_table_is_held():
    count = 80_000
    values = [i * 2_654_435_761 % 2**32 / 2**32 * 100 for i in range(count)]  # well mixed
    table = pl.DataFrame({"code": [f"{i}" for i in range(count)], "agency": "A", "v": values})
    rules = "axes: {a: {criteria: {x: {use: walk.spread, level: service, with: {column: v}}}}}"
    ruleset = read_ruleset(f"schema: egovrules/1\nid: t\ntitle: T\n{rules}", registry=registry())
    found = set()
    for cuts in ([], [7], [count // 3, count // 2], list(range(999, count, 999))):
        ends = [0, *cuts, count]
        pieces = [table[a:b] for a, b in itertools.pairwise(ends)]
        made = evaluate(ruleset, Dataset.of(services=pl.concat(pieces, rechunk=False)))
        found.add(repr(made.manifest.population))
    assert len(found) == 1
    mean, deviation = made.manifest.population["a.x"].values()
    assert mean == pytest.approx(statistics.fmean(values))
    assert deviation == pytest.approx(statistics.stdev(values))


def test_cells_with_a_status_are_recorded_with_it():
    rows = [
        {"code": "A", "own": "refused"},
        {"code": "B", "own": "exempt"},
        {"code": "C", "own": ""},
        {"code": "D", "own": "5"},
    ]
    text = """
schema: egovrules/1
id: t
title: T
missing: {policy: exclude, status: {refused: zero, exempt: skip}}
axes: {a: {criteria: {x: {use: core.value, with: {column: own}}}}}
"""
    fresh = evaluate(read_ruleset(text), Dataset.of(agencies=rows))
    assert dict(fresh.agencies.select("agency", "total").rows()) == {
        "A": 0.0,
        "B": None,
        "C": None,
        "D": 5.0,
    }
    assert fresh.inputs["agencies"]["own__status"].to_list() == ["refused", "exempt", None, None]
    same(fresh)


def test_agencies_that_only_services_name_and_folded_links_and_answers_are_recorded(tmp_path):
    (tmp_path / "services.csv").write_text("code,agency,synthetic\n1,A,true\n2,B,true\n")
    (tmp_path / "links.csv").write_text(
        "consumer,provider,kind,status\n1,B,data,live\n1,B,data,needed\n"
    )
    (tmp_path / "answers.csv").write_text(
        "subject,indicator,value,status\n1,score,40,\n2,score,,refused\n"
    )
    text = """
schema: egovrules/1
id: t
title: T
missing: {policy: skip, status: {refused: zero}}
axes:
  a:
    criteria:
      x: {use: core.value, level: service, with: {column: score}}
      y:
        use: core.ratio
        level: service
        with: {numerator: links_live, denominator: links_required}
"""
    fresh = evaluate(read_ruleset(text), load_dataset(tmp_path))
    assert dict(fresh.agencies.select("agency", "total").rows()) == {"A": 45.0, "B": 0.0}
    assert fresh.manifest.synthetic
    for one in (fresh, store.load(store.save(fresh, tmp_path / "out"))):
        same(one)
        assert verify(one, dataset=load_dataset(tmp_path)).same


# --- planted differences ------------------------------------------------------------------------


def planted(made, table, row, column, value):
    """Change one cell of an evaluation."""
    frame = getattr(made, table)
    cells = frame[column].to_list()
    cells[row] = value
    changed = frame.with_columns(pl.Series(column, cells, dtype=frame.schema[column]))
    if table == "services":
        return replace(made, _services=lambda: changed)
    return replace(made, **{table: changed})


def another(value, dtype):
    if dtype == pl.Boolean:
        return not value
    if dtype.is_numeric():
        return dtype.to_python()(77) if value is None else value + 1
    return "planted" if value is None else f"{value}!"


def text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


@pytest.fixture(scope="module")
def small():
    """Make an evaluation that has rows in every table, with growth."""
    ruleset = """
schema: egovrules/1
id: t
title: T
axes:
  a:
    caps: [{at: 90, when: is_main}]
    criteria:
      x: {use: core.value, normalise: min_max, level: service, with: {column: v}}
      y: {use: core.value, with: {column: own}}
derive: {score: a.x}
treatment: [{do: divide, of: [own], by: staff}]
bands: {b: {of: services, by: score, labels: [{low: "< 50"}], otherwise: rest}}
lists: {l: {of: agencies, by: total, top: 2}, s: {of: services, by: score, top: 3}}
findings: {f: {of: services, when: score < 50, message: "{name}: {score}"}}
reconcile: {r: {total: 3, parts: bands.b}}
"""
    services = pl.DataFrame(
        {"code": ["1", "2", "3"], "agency": ["A", "A", "B"], "v": [10.0, 20.0, 30.0]}
    )

    def make(codes, own, previous=None):
        agencies = pl.DataFrame({"code": codes, "own": own}).with_columns(staff=2.0)
        agencies = agencies.with_columns(pl.col("own") * 2)
        dataset = Dataset.of(agencies=agencies, services=services)
        return evaluate(read_ruleset(ruleset), dataset, previous=previous)

    return make(["A", "B"], [50.0, 80.0], make(["A", "B", "Z"], [10.0, 20.0, 30.0]))


def key_of(made, table, row):
    return " · ".join(map(str, getattr(made, table).select(KEYS[table]).row(row)))


@pytest.mark.parametrize("table", KEYS)
def test_every_planted_cell_is_named_exactly(small, table):
    frame = getattr(small, table)
    assert frame.height, "nothing to plant in"
    for column in set(frame.columns) - set(KEYS[table]):
        row = frame.height - 1
        old = frame[column][row]
        new = another(old, frame.schema[column])
        verified = verify(planted(small, table, row, column, new))
        # An evaluation in memory has the digest of the scores that it holds.
        found = [one for one in differences(verified) if one[1] != "digests.scores"]
        assert found == [(table, key_of(small, table, row), column, text(new), text(old))]
        scores = table == "agencies" and column in {"rank", "total", "a"}
        assert (len(differences(verified)) == 2) is scores
        assert not verified.same


@pytest.mark.parametrize("table", KEYS)
def test_rows_and_columns_that_only_one_side_has_are_named(small, table):
    frame = getattr(small, table)
    key, last = key_of(small, table, 0), frame.columns[-1]
    kind = str(frame.schema[last])
    cases = [
        (frame[1:], [(table, key, None, None, "row")]),
        (pl.concat([frame, frame[:1]]), [(table, key, None, "row", None)]),
        (frame.drop(last), [(table, None, last, None, kind)]),
        (frame.with_columns(more=1.5), [(table, None, "more", "Float64", None)]),
        (frame.cast({last: pl.Binary}), [(table, None, last, "Binary", kind)])
        if kind == "String"
        else (frame.cast({last: pl.Float32}), [(table, None, last, "Float32", kind)]),
    ]
    if frame.height > 1:
        turned = key_of(small, table, frame.height - 1)
        moved = (table, turned, "(place)", "1", str(frame.height))
        cases.append((frame.reverse(), [moved]))
    for changed, expected in cases:
        made = (
            replace(small, _services=lambda changed=changed: changed)
            if table == "services"
            else replace(small, **{table: changed})
        )
        found = [one for one in differences(verify(made)) if one[1] != "digests.scores"]
        assert found == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("synthetic", True),
        ("counts.services", 4),
        ("normalised.a.x.lowest", 9.0),
        ("tree.2.weight", 2.0),
        ("tree.1.title", "B"),
        ("bands.b.of", "agencies"),
        ("findings.f.title", "G"),
        ("ruleset.title", "U"),
        ("ruleset.digest", "0" * 64),
        ("ruleset.method_digest", "0" * 64),
        ("unassessed.b.missing", 1),
    ],
)
def test_a_manifest_that_was_changed_is_named_exactly(small, path, value):
    document = small.manifest.model_dump(mode="json")
    holder, *parts = document, *path.replace("a.x", "a/x").split(".")
    for part in (one.replace("/", ".") for one in parts[:-1]):
        holder = holder[int(part) if isinstance(holder, list) else part]
    old, holder[parts[-1]] = holder[parts[-1]], value
    made = replace(small, manifest=type(small.manifest).model_validate(document))
    expected = ("evaluation.json", path, None, json.dumps(value), json.dumps(old))
    assert differences(verify(made)) == [expected]


def test_another_ruleset_is_told_by_its_digests_and_by_what_it_does(small):
    made = replace(small, ruleset_text=small.ruleset_text.replace("at: 90", "at: 60"))
    found = {(table, key) for table, key, *_ in differences(verify(made))}
    assert {("evaluation.json", f"ruleset.{name}") for name in ("digest", "method_digest")} <= found
    commented = replace(small, ruleset_text="# a comment\n" + small.ruleset_text)
    assert verify(commented).same


def test_the_last_bit_counts_on_the_same_versions_and_not_on_others(small):
    total = small.agencies["total"][0]
    for value in (total * (1 + 2**-52), total + 2e-9):
        assert value != total
        near = planted(small, "agencies", 0, "total", value)
        found = [one for one in differences(verify(near)) if one[1] != "digests.scores"]
        assert found == [("agencies", "B", "total", repr(value), repr(total))]
        engine = {**near.manifest.engine, "polars": "1.0.0"}
        manifest = near.manifest.model_copy(update={"engine": engine})
        verified = verify(replace(near, manifest=manifest))
        assert (verified.exact, verified.versions) == (False, {"polars": ("1.0.0", pl.__version__)})
        assert verified.same is (abs(value - total) < 1e-9)
    zero = planted(small, "criteria", 0, "contribution", 0.0)
    minus = planted(small, "criteria", 0, "contribution", -0.0)
    assert compare_tables(
        "t", zero.criteria, minus.criteria, KEYS["criteria"], exact=True
    ).rows() == [("t", key_of(small, "criteria", 0), "contribution", "0.0", "-0.0")]
    assert not compare_tables(
        "t", zero.criteria, minus.criteria, KEYS["criteria"], exact=False
    ).height


rows = st.lists(
    st.tuples(
        st.sampled_from("xyz"),
        st.one_of(st.none(), st.sampled_from([0.0, 1.0, 1.0 + 1e-12, 5.0, 1e12, 1e12 + 1])),
        st.sampled_from([None, "", "p"]),
    ),
    max_size=5,
)


@settings(max_examples=200 * FUZZ, deadline=None, derandomize=True, database=None)
@given(rows, rows, st.booleans())
def test_differences_are_those_of_plain_loops(old, new, exact):
    schema = {"key": pl.String, "number": pl.Float64, "text": pl.String}
    frames = [pl.DataFrame(one, schema=schema, orient="row") for one in (old, new)]

    def numbered(table):
        seen, found = {}, {}
        for key, *cells in table:
            seen[key] = seen.get(key, -1) + 1
            found[key, seen[key]] = cells
        return found

    def close(a, b):
        if a == b or exact or None in (a, b) or isinstance(a, str):
            return a == b
        return abs(a - b) <= max(1e-9, 1e-12 * abs(b))

    before, after = numbered(old), numbered(new)
    expected = [
        (
            key,
            None,
            text("row" if (key, n) in before else None),
            "row" if (key, n) in after else None,
        )
        for key, n in before.keys() ^ after.keys()
    ]
    both = [one for one in before if one in after]
    expected += [
        (key, column, text(a), text(b))
        for key, n in both
        for column, a, b in zip(("number", "text"), before[key, n], after[key, n], strict=True)
        if not close(a, b)
    ]
    compared = compare_tables("t", *frames, ("key",), exact=exact)
    found = [row[1:] for row in compared.rows()]
    moved = [row for row in found if row[1] == "(place)"]
    assert sorted(map(repr, found)) == sorted(map(repr, [*expected, *moved]))
    assert bool(moved) is (exact and [one for one in after if one in before] != both)


# --- folders of strangers -----------------------------------------------------------------------


def copied(folder, to):
    for path in folder.rglob("*"):
        if path.is_file():
            place = to / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    return to


def forge(folder, change=dict):
    """Adjust the manifest so that every file's digest fits."""
    manifest = folder / store.MANIFEST
    document = json.loads(manifest.read_text(encoding="utf-8"))
    for name in document["files"]:
        document["files"][name] = sha256((folder / name).read_bytes()).hexdigest()
    change(document)  # by default nothing is changed beyond these
    manifest.write_text(json.dumps(document), encoding="utf-8")


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def test_a_total_that_was_raised_together_with_all_digests_is_found(saved, autumn, tmp_path):
    folder = copied(saved, tmp_path / "forged")
    table = autumn.agencies
    raised = table.with_columns(
        total=pl.when(pl.col("agency") == table["agency"][3]).then(99.5).otherwise("total")
    )
    raised.write_parquet(folder / "agencies.parquet")
    assert run("verify", folder).exit_code == 2
    forge(folder)
    result = run("verify", folder)
    assert result.exit_code == 2
    assert "agencies.csv: this file does not say what agencies.parquet says" in result.output
    raised.write_csv(folder / "agencies.csv")
    forge(folder)
    result = run("verify", folder)
    assert (result.exit_code, "digest of the scores" in result.output) == (2, True)
    scores = replace(autumn, agencies=raised).digests["scores"]
    forge(folder, lambda document: document["digests"].update(scores=scores))
    found = differences(verify(store.load(folder)))
    code, total = table["agency"][3], table["total"][3]
    assert found[0] == ("agencies", code, "total", "99.5", repr(total))
    assert found[1] == (
        "evaluation.json",
        "digests.scores",
        None,
        json.dumps(scores),
        json.dumps(autumn.digests["scores"]),
    )
    assert len(found) == 2
    result = run("verify", folder)
    assert result.exit_code == 1
    assert "99.5" in result.output


def test_a_csv_that_says_something_else_is_refused(saved, tmp_path):
    folder = copied(saved, tmp_path / "forged")
    page = (folder / "services.csv").read_text(encoding="utf-8")
    (folder / "services.csv").write_text(page.replace(",scored,", ",missing,", 1), encoding="utf-8")
    forge(folder)
    result = run("verify", folder)
    assert result.exit_code == 2
    assert "services.csv: this file does not say what services.parquet says" in result.output


def test_inputs_that_were_changed_show_in_what_follows_and_against_the_data(
    saved, sample, tmp_path
):
    folder = copied(saved, tmp_path / "forged")
    path = folder / "inputs" / "services.parquet"
    services = pl.read_parquet(path)
    code = services.filter(pl.col("visits") == 0)["code"][0]
    hit = pl.col("code") == code
    services.with_columns(visits=pl.when(hit).then(3.0).otherwise("visits")).write_parquet(path)
    forge(folder)
    made = store.load(folder)
    data = load_dataset(sample / "ir-1400-autumn")
    found = differences(verify(made, dataset=data))
    assert ("services", code, "user_centric.visits", "100.0", "0.0") in found
    assert [one for one in found if one[0].startswith("inputs/")] == [
        ("inputs/services", code, "visits", "3.0", "0.0")
    ]
    # Evaluated from the changed inputs, all is consistent; only the data can tell.
    read = {name: made.inputs[name] for name in ("agencies", "services", "links")}
    dataset = Dataset.of(**read)
    bound = read_ruleset(made.ruleset_text)
    again = evaluate(bound, dataset, previous=store.load(saved))
    forged = replace(
        again, manifest=again.manifest.model_copy(update={"dataset": made.manifest.dataset})
    )
    forged = replace(forged, _dataset_digest=lambda: data.digest)
    assert verify(forged).same
    assert differences(verify(forged, dataset=data)) == [
        ("inputs/services", code, "visits", "3.0", "0.0")
    ]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("inputs/agencies", lambda t: t.drop("code")),
        ("inputs/agencies", lambda t: t[:0]),
        ("inputs/agencies", lambda t: t.with_columns(is_main=pl.lit("perhaps"))),
        ("inputs/services", lambda t: t.with_columns(agency=pl.lit("nobody"))),
        ("inputs/services", lambda t: t.drop("visits")),
        ("inputs/previous", lambda t: t.drop("total")),
        ("inputs/previous", lambda t: t.with_columns(rank=pl.lit("first"))),
    ],
)
def test_inputs_that_are_none_are_unusable_and_no_crash(saved, tmp_path, name, change):
    folder = copied(saved, tmp_path / "forged")
    path = folder / f"{name}.parquet"
    change(pl.read_parquet(path)).write_parquet(path)
    forge(folder)
    result = run("verify", folder)
    assert result.exit_code == 2, result.output
    assert "bug" not in result.output


@pytest.mark.parametrize("table", ["agencies", "criteria", "services", "lists", "vanished"])
def test_tables_that_are_none_are_told_and_no_crash(saved, tmp_path, table):
    folder = copied(saved, tmp_path / "forged")
    for frame in (pl.DataFrame({"x": [1, 2]}), pl.DataFrame({"agency": [[1]]})):
        frame.write_parquet(folder / f"{table}.parquet")
        (folder / f"{table}.csv").write_text("x\n1\n2\n")
        forge(folder)
        result = run("verify", folder)
        assert result.exit_code in (1, 2), result.output
        assert "bug" not in result.output


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d["engine"].update(engine="abacus"), "an engine that is not known here: abacus"),
        (lambda d: d["files"].pop("inputs/agencies.parquet"), "does not hold the columns"),
        (lambda d: d["files"].pop("inputs/previous.parquet"), "does not hold the earlier"),
        (lambda d: d.update(previous=None), "does not hold the earlier"),
        (lambda d: d["digests"].update(ruleset="0"), "digest of the ruleset"),
        (lambda d: d["digests"].update(method="0"), "digest of the method"),
    ],
)
def test_manifests_that_are_not_enough(saved, tmp_path, change, says):
    folder = copied(saved, tmp_path / "forged")
    forge(folder, change)
    result = run("verify", folder)
    assert result.exit_code == 2
    assert says in result.output


def test_a_folder_from_before_earlier_evaluations_were_recorded_still_loads(saved, tmp_path):
    folder = copied(saved, tmp_path / "old")

    def age(document):
        del document["previous"], document["files"]["inputs/previous.parquet"]
        for name in ("python", "narwhals", "platform"):
            del document["engine"][name]

    forge(folder, age)
    (folder / "inputs" / "previous.parquet").unlink()
    assert store.load(folder).agencies.equals(store.load(saved).agencies)
    with pytest.raises(EvaluationError, match="evaluate anew with this version"):
        verify(store.load(folder))


# --- what-ifs, marked as such -------------------------------------------------------------------

WORST = "axes.user_centric.criteria.visits.with.worst"


@pytest.fixture(scope="module")
def what_if(sample, tmp_path_factory):
    rules = load_ruleset(RULESETS / "ir-1400-spring.yaml", settings=[f"{WORST}=5"])
    made = evaluate(rules, load_dataset(sample / "ir-1400-spring"))
    return store.save(made, tmp_path_factory.mktemp("what_if") / "out")


def rewrite(folder, **changes):
    """Change what a manifest says of its ruleset."""
    forge(folder, lambda document: document["ruleset"].update(changes))


def of_settings(folder):
    found = differences(verify(store.load(folder)))
    assert all(table == "evaluation.json" for table, *_ in found)
    return [(key, recorded, now) for _, key, _, recorded, now in found]


def test_the_mark_of_a_what_if_cannot_be_taken_from_the_manifest(what_if, tmp_path):
    head, _ = (what_if / "ruleset.yaml").read_text(encoding="utf-8").split("\n", 1)
    assert head == f'# what-if: "{WORST}=5"'
    folder = copied(what_if, tmp_path / "forged")
    rewrite(folder, settings=[])
    assert of_settings(folder) == [
        ("ruleset.settings", "[]", None),
        ("ruleset.settings.0", None, json.dumps(f"{WORST}=5")),
    ]
    assert run("verify", folder).exit_code == 1
    rewrite(folder, settings=[f"{WORST}=4"])
    texts = (json.dumps(f"{WORST}={n}") for n in (4, 5))
    assert of_settings(folder) == [("ruleset.settings.0", *texts)]


def test_false_settings_cannot_be_stamped_on_an_evaluation(saved, tmp_path):
    folder = copied(saved, tmp_path / "forged")
    rewrite(folder, settings=[f"{WORST}=5"])
    assert of_settings(folder) == [
        ("ruleset.settings.0", json.dumps(f"{WORST}=5"), None),
        ("ruleset.settings", None, "[]"),
    ]
    page = folder / "ruleset.yaml"
    page.write_text(f"# what-if: {WORST}=5\n{page.read_text(encoding='utf-8')}", encoding="utf-8")
    rewrite(folder, settings=[f"{WORST}=5"])
    assert of_settings(folder) == [
        ("ruleset.settings", f"{WORST}=5", "ruleset.yaml has another value there")
    ]


@pytest.mark.parametrize("line", ['"\\ud800"', "", "[" * 10_000, '["a=1"]', "a.b", "=", "x=["])
def test_marks_that_are_no_settings_are_told_and_no_crash(saved, tmp_path, line):
    folder = copied(saved, tmp_path / "forged")
    page = folder / "ruleset.yaml"
    page.write_text(f"# what-if: {line}\n{page.read_text(encoding='utf-8')}", encoding="utf-8")
    forge(folder)
    for more in ([], ["--ruleset", RULESETS / "ir-1400-autumn.yaml"]):
        result = run("verify", folder, *more)
        assert result.exit_code == 1, result.output
        assert "ruleset.settings" in result.output


def test_a_mark_removed_everywhere_is_proved_by_the_published_ruleset_only(
    what_if, saved, tmp_path
):
    published, other = (RULESETS / f"ir-1400-{season}.yaml" for season in ("spring", "autumn"))
    result = run("verify", what_if, "--ruleset", published)
    assert result.exit_code == 0, result.output
    assert "The ruleset is the published one, with the changes for this run" in result.output
    assert run("verify", saved, "--ruleset", other).exit_code == 0
    folder = copied(what_if, tmp_path / "forged")
    page = folder / "ruleset.yaml"
    page.write_text(page.read_text(encoding="utf-8").split("\n", 1)[1], encoding="utf-8")
    rewrite(folder, settings=[], published=None)
    verified = verify(store.load(folder))
    assert (verified.same, verified.unchecked) == (True, ("dataset", "ruleset"))
    verified = verify(store.load(folder), published=load_ruleset(published))
    assert differences(verified) == [("ruleset", WORST, None, "5", "3")]
    result = run("verify", folder, "--ruleset", published)
    assert (result.exit_code, "is not the published one" in result.output) == (1, True)
    assert run("verify", folder, "--ruleset", RULESETS).exit_code == 2
    # A setting that is true of the published ruleset as it is, stamped on with its comment.
    weight, folder = "axes.user_centric.weight=25", copied(saved, tmp_path / "stamped")
    page = folder / "ruleset.yaml"
    page.write_text(f"# what-if: {weight}\n{page.read_text(encoding='utf-8')}", encoding="utf-8")
    rewrite(folder, settings=[f"{weight}"])
    assert verify(store.load(folder)).same
    ruleset = load_ruleset(other)
    assert differences(verify(store.load(folder), published=ruleset)) == [
        ("ruleset", "published", None, None, ruleset.digest)
    ]


@pytest.mark.parametrize(
    "settings",
    [
        ["axes.a.weight=4", "axes.a.weight=5"],
        ["axes.a.caps.0.at=60"],
        ["axes.a.caps=[{at: 70, when: is_main}]", "axes.a.caps.0.at=60"],
        ["axes.a.caps.0.at=60", "axes.a.caps=null"],
        ["axes.a.criteria.x.weight=3", "axes.a.criteria.x=null", "rank=null", "aggregate=null"],
        ["title= 'what # if'", "description={en: A, fa: الف\u200cب}"],
        ["axes.a.weight=4", "axes.a={criteria: {y: {use: core.value, with: {column: own}}}}"],
    ],
)
def test_settings_of_every_kind_are_in_force_in_what_is_recorded(settings, tmp_path):
    base = tmp_path / "t.yaml"
    base.write_text(WHAT_IF_BASE, encoding="utf-8")
    ruleset = load_ruleset(base, settings=settings)
    agencies = pl.DataFrame({"code": ["A", "B"], "own": [50.0, 80.0], "is_main": [True, False]})
    services = pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [10.0]})
    made = evaluate(ruleset, Dataset.of(agencies=agencies, services=services))
    made = store.load(store.save(made, tmp_path / "out"))
    assert made.manifest.ruleset.settings == settings
    published = load_ruleset(base)
    assert made.manifest.ruleset.published == published.digest != ruleset.digest
    assert differences(verify(made, published=published)) == []


WHAT_IF_BASE = """
schema: egovrules/1
id: t
title: T
rank: {decimals: 1}
aggregate: geometric
axes:
  a:
    caps: [{at: 90, when: is_main}]
    criteria:
      x: {use: core.value, level: service, with: {column: v}}
      y: {use: core.value, with: {column: own}}
"""


# --- the earlier evaluation ---------------------------------------------------------------------


def test_growth_from_an_earlier_table_that_was_changed_is_named(
    saved, spring, autumn, what_if, sample, tmp_path
):
    table = autumn.inputs["previous"]
    lowered = table.with_columns(pl.col("total") - 10)
    rules = load_ruleset(RULESETS / "ir-1400-autumn.yaml")
    data = load_dataset(sample / "ir-1400-autumn")
    info = autumn.manifest.previous
    forged = evaluate(rules, data, previous=Previous(info, lowered))
    folder = store.save(forged, tmp_path / "forged")
    (row,) = differences(verify(store.load(folder), dataset=data))
    assert row[:2] == ("evaluation.json", "previous.read")
    assert row[3] == json.dumps(info.read)
    # With the digest as well, only the earlier evaluation itself can tell.
    digest = json.loads(row[4])
    forge(folder, lambda document: document["previous"].update(read=digest))
    made = store.load(folder)
    verified = verify(made, dataset=data)
    assert (verified.same, verified.unchecked) == (True, ("ruleset", "previous"))
    verified = verify(made, previous=spring)
    assert "previous" not in verified.unchecked
    found = differences(verified)
    assert found[0] == ("previous", "read", None, row[4], row[3])
    expected = [
        ("previous", agency, "total", repr(total - 10), repr(total))
        for agency, total in table.select("agency", "total").drop_nulls().rows()
    ]
    assert found[1:] == expected
    assert differences(verify(store.load(saved), previous=spring)) == []
    result = run("verify", saved, "--previous", what_if)
    assert result.exit_code == 1
    assert "Growth was not measured against this earlier evaluation" in result.output
    assert run("verify", what_if, "--previous", saved).exit_code == 2


def test_growth_from_a_what_if_is_marked(what_if, sample, tmp_path):
    rules = load_ruleset(RULESETS / "ir-1400-spring.yaml")
    data = load_dataset(sample / "ir-1400-spring")
    settings = ["bridge.from=ir-1400-spring", "bridge.because=why", "id=other"]
    rules = load_ruleset(RULESETS / "ir-1400-spring.yaml", settings=settings)
    made = evaluate(rules, data, previous=store.load(what_if))
    folder = store.save(made, tmp_path / "out")
    code = made.agencies["agency"][0]
    for command in (["verify", folder], ["explain", folder, code]):
        told = " ".join(run(*command).output.split())
        assert "Growth is measured from a WHAT-IF, not from a ruleset as published; " in told
        assert f"changed for that run: {WORST}=5" in told
        persian = " ".join(run(*command, "--lang", "fa").output.split())
        assert "رشد نسبت به یک سناریوی فرضی سنجیده شده است" in persian
    assert "Growth is measured from" not in run("verify", what_if).output


# --- what else a manifest says ------------------------------------------------------------------


def test_warnings_are_compared_as_far_as_they_follow(sample, tmp_path):
    folder = copied(sample / "ir-1400-spring", tmp_path / "data")
    page = (folder / "services.csv").read_text(encoding="utf-8")
    column = page.split("\n", 1)[0].split(",").index("annual_volume")
    lines = [line.split(",") for line in page.splitlines()]
    lines[1][column] = ""
    (folder / "services.csv").write_text("\n".join(map(",".join, lines)), encoding="utf-8")
    rules = tmp_path / "rules.yaml"
    unused = "indicators: {services: {nobody_reads_it: {type: number}}}\n"
    base = (RULESETS / "ir-1400-spring.yaml").read_text(encoding="utf-8")
    rules.write_text(f"{base}\nrollup: {{weight: annual_volume}}\n{unused}", encoding="utf-8")
    data = load_dataset(folder)
    made = evaluate(load_ruleset(rules), data)
    own = [text for text in made.manifest.warnings if text.startswith("warning: ")]
    assert len(own) == 1, made.manifest.warnings
    assert verify(made, dataset=data).same

    def claiming(warnings):
        manifest = made.manifest.model_copy(update={"warnings": warnings})
        return replace(made, manifest=manifest)

    now = [text for text in made.manifest.warnings if text not in own]
    missing = ("evaluation.json", "warnings", None, None, own[0])
    assert differences(verify(claiming(now))) == [missing]
    told = "warning: all is well"
    assert differences(verify(claiming([*now, told]))) == [
        missing,
        ("evaluation.json", "warnings", None, told, None),
    ]
    gone = [text for text in made.manifest.warnings if "nobody_reads_it" not in text]
    ((*place, recorded, told),) = differences(verify(claiming(gone)))
    assert (place, recorded) == (["evaluation.json", "warnings", None], None)
    assert "nobody_reads_it" in told
    assert "rules.yaml" not in told
    placed = "services.csv: warning: all is well"
    assert verify(claiming([*made.manifest.warnings, placed])).same
    assert differences(verify(claiming([*made.manifest.warnings, placed]), dataset=data)) == [
        ("evaluation.json", "warnings", None, "all is well", None)
    ]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda d: d.update(approved=True), "approved"),
        (lambda d: d["ruleset"].update(approved=True), "ruleset.approved"),
        (lambda d: d["tree"][0].update(approved=True), "tree.0.approved"),
        (lambda d: d["dataset"].update(approved=True), "dataset.approved"),
        (lambda d: d["previous"].update(approved=True), "previous.approved"),
        (lambda d: d["previous"]["ruleset"].update(approved=True), "previous.ruleset.approved"),
    ],
)
def test_keys_that_no_manifest_has_are_named(saved, tmp_path, change, key):
    folder = copied(saved, tmp_path / "forged")
    forge(folder, change)
    assert differences(verify(store.load(folder))) == [("evaluation.json", key, None, "true", None)]


def test_what_was_not_checked_is_said(saved, spring, sample):
    whole = run("verify", saved)
    told = " ".join(whole.output.split())
    assert "Not checked, but taken as recorded: the files of the data" in told
    for option in ("--data", "--ruleset", "--previous"):
        assert option in told
    document = json.loads(run("verify", saved, "--format", "json").output)
    assert document["unchecked"] == ["dataset", "ruleset", "previous"]
    assert verify(spring).unchecked == ("dataset", "ruleset")
    verified = verify(
        store.load(saved),
        dataset=load_dataset(sample / "ir-1400-autumn"),
        published=load_ruleset(RULESETS / "ir-1400-autumn.yaml"),
        previous=spring,
    )
    assert (differences(verified), verified.unchecked) == ([], ())
    assert "Not checked" not in str(verdict(verified))


def test_long_cells_are_shortened_in_the_table_and_whole_elsewhere(small):
    long = "x" * 5000
    verified = verify(planted(small, "findings", 0, "message_en", long))
    texts = [cell for table in verdict(verified) if hasattr(table, "rows") for cell in table.rows]
    assert max(len(cell) for row in texts for cell in row) <= 70
    assert differences(verified)[0][3] == long


# --- versions and plugins -----------------------------------------------------------------------

WALKED = """
schema: egovrules/1
id: t
title: T
plugins: {egovrules-walk: ">=1,<2"}
axes: {a: {criteria: {x: {use: walk.spread, with: {column: own}}}}}
"""


def walked():
    agencies = pl.DataFrame({"code": ["A", "B"], "own": [1.0, 2.0]})
    return evaluate(read_ruleset(WALKED, registry=registry()), Dataset.of(agencies=agencies))


def test_everything_that_reckons_is_recorded_with_its_version(autumn):
    engine = dict(autumn.manifest.engine)
    assert engine.pop("platform")
    assert engine == {
        "egovrules": eg.__version__,
        "engine": "polars",
        "python": ".".join(map(str, sys.version_info[:3])),
        "polars": version("polars"),
        "narwhals": version("narwhals"),
    }
    axes = ("user-centric", "transparent", "integrated", "participatory")
    named = [f"egovrules-{axis}" for axis in axes]
    assert {name: version(name) for name in named}.items() <= autumn.manifest.plugins.items()
    assert walked().manifest.plugins == {"egovrules": version("egovrules"), "egovrules-walk": "1.0"}


def test_what_growth_was_measured_against_is_recorded(autumn, spring):
    previous = autumn.manifest.previous
    assert previous.ruleset == spring.manifest.ruleset
    assert previous.scores == spring.digests["scores"]
    assert spring.manifest.previous is None
    names = ["name", "name_en", "name_fa"]
    axes = ["user_centric", "transparent", "integrated", "participatory"]
    expected = spring.agencies.select("agency", *names, "total", "rank", *axes)
    assert autumn.inputs["previous"].equals(expected)


def again(sample, previous):
    """Evaluate the autumn round anew."""
    name = "ir-1400-autumn"
    rules, dataset = load_ruleset(RULESETS / f"{name}.yaml"), load_dataset(sample / name)
    return evaluate(rules, dataset, previous=previous)


def test_an_evaluation_that_recorded_no_axes_of_the_earlier_one_is_the_same(
    autumn, spring, sample, tmp_path
):
    made = again(sample, Previous.of(spring, axes=False))
    made = store.load(store.save(made, tmp_path / "old"))
    names = ["name", "name_en", "name_fa"]
    assert made.inputs["previous"].columns == ["agency", *names, "total", "rank"]
    assert made.digests["scores"] == autumn.digests["scores"]
    verified = verify(made, previous=spring)
    assert (verified.same, verified.exact) == (True, True)
    assert made.manifest.previous.read != autumn.manifest.previous.read


def test_axes_of_the_earlier_evaluation_that_were_changed_are_named(autumn, spring, sample):
    table, info = autumn.inputs["previous"], autumn.manifest.previous
    raised = pl.when(pl.col("agency") == "0024").then(99.0).otherwise("transparent")
    for forged, named in (
        (table.with_columns(transparent=raised), ("0024", "transparent")),
        (table.drop("transparent"), (None, "transparent")),
    ):
        (row,) = differences(verify(again(sample, Previous(info, forged))))
        assert row[:2] == ("evaluation.json", "previous.read")
        read = info.model_copy(update={"read": json.loads(row[4])})
        made = again(sample, Previous(read, forged))
        assert verify(made).same  # only the earlier evaluation itself can tell
        _, row = differences(verify(made, previous=spring))
        assert row[:3] == ("previous", *named)


def test_another_version_of_a_plugin_is_told_and_no_difference_by_itself():
    verified = verify(walked(), registry=registry(walk="1.5"))
    assert verified.versions == {"egovrules-walk": ("1.0", "1.5")}
    assert (verified.same, verified.exact) == (True, False)


@pytest.mark.parametrize(
    ("plugins", "says"),
    [
        (registry(walk="2.0"), "made with egovrules-walk 1.0, and here is 2.0"),
        (registry(walk=""), "made with egovrules-walk 1.0, which is not installed"),
    ],
)
def test_a_ruleset_that_cannot_be_bound_here_says_what_to_install(plugins, says):
    with pytest.raises(EvaluationError) as caught:
        verify(walked(), registry=plugins)
    assert says in str(caught.value)
    assert "pip install 'egovrules-walk==1.0'" in str(caught.value)
    assert "ruleset.yaml:" in str(caught.value)


@pytest.mark.parametrize("form", ["egovrules/2", "egovrules", "''"])
def test_a_ruleset_of_another_form_is_refused_where_it_says_so(form):
    text = WALKED.replace("egovrules/1", form)
    with pytest.raises(RulesetError) as caught:
        read_ruleset(text, registry=registry())
    assert [(one.where, one.line) for one in caught.value.problems] == [("schema", 2)]
    with pytest.raises(EvaluationError, match=r"ruleset\.yaml:2:9: "):
        verify(replace(walked(), ruleset_text=text), registry=registry())


# --- the data -----------------------------------------------------------------------------------


def test_files_that_are_not_the_recorded_ones_are_named(saved, sample, tmp_path):
    made, folder = store.load(saved), copied(sample / "ir-1400-autumn", tmp_path / "data")
    verified = verify(made, dataset=load_dataset(folder))
    assert (verified.same, verified.files) == (True, len(made.manifest.dataset["files"]))
    page = (folder / "agencies.csv").read_text(encoding="utf-8")
    (folder / "agencies.csv").write_text(page + "\n", encoding="utf-8")
    (folder / "links.csv").rename(folder / "links.csv.old")
    (folder / "answers.csv").write_text("subject,indicator,value\n")
    dataset = load_dataset(folder)
    recorded = made.manifest.dataset["files"]
    found = differences(verify(made, dataset=dataset))
    assert [one for one in found if one[0] == "dataset"] == [
        ("dataset", "agencies.csv", None, recorded["agencies.csv"], dataset.files["agencies.csv"]),
        ("dataset", "answers.csv", None, None, dataset.files["answers.csv"]),
        ("dataset", "links.csv", None, recorded["links.csv"], None),
    ]
    told = run("verify", saved, "--data", folder).output
    for name, word in (
        ("agencies", "changed"),
        ("answers", "not recorded"),
        ("links", "not there"),
    ):
        assert f"{name}.csv: {word}" in told
    assert "the same, bit for bit" in told


def test_a_digest_of_the_dataset_that_is_not_that_of_its_files_is_named(saved, sample):
    made = replace(store.load(saved), _dataset_digest=lambda: "0" * 64)
    dataset = load_dataset(sample / "ir-1400-autumn")
    texts = (json.dumps("0" * 64), json.dumps(dataset.digest))
    expected = [("evaluation.json", "digests.dataset", None, *texts)]
    assert differences(verify(made)) == expected
    assert differences(verify(made, dataset=dataset)) == expected


def test_tables_of_a_program_have_no_files_to_compare(small):
    with pytest.raises(EvaluationError, match="made of tables in a program"):
        verify(small, dataset=Dataset.of(agencies=small.inputs["agencies"]))


# --- the command --------------------------------------------------------------------------------


def test_the_command_says_that_all_is_the_same(saved, sample):
    result = run("verify", saved, "--data", sample / "ir-1400-autumn")
    assert result.exit_code == 0, result.output
    assert "the same, bit for bit, in 10 tables (" in result.output
    assert "are those that it was made from: 3, unchanged" in result.output
    assert "SYNTHETIC" in result.output
    document = json.loads(run("verify", saved, "--format", "json").output)
    assert (document["same"], document["exact"], document["differences"]) == (True, True, [])
    assert document["files"] is None
    assert run("verify", saved, "--format", "csv").output == "table,key,column,recorded,now\n"
    persian = run("verify", saved, "--lang", "fa").output
    assert "یکسان" in persian
    assert "same" not in persian


def test_the_command_lists_the_first_differences_and_counts_the_rest(autumn, tmp_path):
    frame = autumn.criteria
    raised = frame.with_columns(weight=pl.col("weight") + 1)
    folder = store.save(replace(autumn, criteria=raised), tmp_path / "out")
    result = run("verify", folder)
    assert result.exit_code == 1
    assert f"not the same; differences: {frame.height:,}" in result.output
    assert f"and {frame.height - 20:,} more" in result.output
    rows = run("verify", folder, "--format", "csv").output.splitlines()
    assert len(rows) == 1 + frame.height
    document = json.loads(run("verify", folder, "--format", "json").output)
    assert document["differences"][0] == {
        "table": "criteria",
        "key": key_of(autumn, "criteria", 0),
        "column": "weight",
        "recorded": text(raised["weight"][0]),
        "now": text(frame["weight"][0]),
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["nowhere"],
        ["."],
        ["{saved}", "--data", "nowhere"],
        ["{saved}", "--source", "x.source.yaml"],
        ["{saved}", "--format", "yaml"],
        [],
    ],
)
def test_what_cannot_be_used_exits_with_2(saved, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    result = run("verify", *[one.format(saved=saved) for one in arguments])
    assert result.exit_code == 2
    assert "bug" not in result.output


def test_versions_and_duckdb_are_explained(small):
    lines = [line.text for line in verdict(verify(small)) if hasattr(line, "text")]
    assert not [line for line in lines if "DuckDB" in line]
    engine = {**small.manifest.engine, "python": "3.9.1"}
    other = replace(small, manifest=small.manifest.model_copy(update={"engine": engine}))
    (table,) = [block for block in verdict(verify(other)) if hasattr(block, "rows")]
    assert (table.title, table.rows[0][:2]) == ("Versions that differ", ("python", "3.9.1"))
