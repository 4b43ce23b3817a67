"""The page's script against the engine: numbers, names, totals and ranks made by Python.

The script's own tests are ``tests/script/*.test.mjs``, for node's runner. They are run from here,
with vectors that they compare themselves with.
"""

import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.html.payload import payload
from egovrules.ruleset import read_ruleset
from egovrules.text import format_number, name_key

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "src" / "egovrules" / "html" / "script"
AXES = ["a", "b", "c", "d"]
LEAST_NODE = 20
TYPES = ["--noEmit", "--allowJs", "--checkJs", "--strict", "--noUnusedLocals"]
TYPES += ["--target", "es2022", "--module", "es2022", "--lib", "es2022,dom,dom.iterable"]
TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
TOP_NAME = r"^(?:export )?(?:async )?(?:function|const|let) (\w+)"
UNSAFE = r"\beval\b|new Function|innerHTML|export default|(?:=|await|return|\() ?import\("


def tool(name, package):
    """Find a program that checks the script; CI must have it."""
    found = shutil.which(name)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"no {name} on this machine (Debian: apt install {package})")
    assert found, f"CI needs {name} (Debian: apt install {package})"
    return found


@pytest.fixture(scope="session")
def node():
    """The node that runs the script's tests."""
    found = tool("node", "nodejs")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.strip("v").split(".")[0]) < LEAST_NODE:
        pytest.skip(f"node {version.stdout.strip()} is older than {LEAST_NODE}")
    return found


# --- what Python makes of numbers and names -----------------------------------------------------


def numbers():
    """Ties, what lies beside them, and all sizes; with a few that are no number's neighbour."""
    draw = random.Random(5)  # noqa: S311 - the same draws each time
    found = [0.0, 0.125, 2.5, 2.675, 1.005, 0.5, 1.5, -0.5, -0.04, 1e15 + 0.5, 2.0**60]
    while len(found) < 10_000:
        whole, places = draw.randrange(-100_000, 100_000), draw.randrange(7)
        found += [
            whole / 2**places,
            whole / 10**places,
            whole / 10**places + 5 / 10 ** (places + 1),
        ]
        found.append(draw.uniform(-100, 100) * 10.0 ** draw.randrange(-4, 8))
    return [[one, draw.randrange(7)] for one in found]


def rounded():
    return [[v, d, format_number(v, "en", d).replace(",", ""), round(v, d)] for v, d in numbers()]


def printed():
    few = numbers()[::50]
    return [
        [value, language, decimals, signed, format_number(value, language, decimals, signed=signed)]
        for value, decimals in [*few, [None, 1]]
        for language in ("en", "fa")
        for signed in (False, True)
    ]


def names():
    """Every letter that a name of the region or a western one can hold, and odd neighbours."""
    blocks = [(1, 0x590), (0x5D0, 0x700), (0x750, 0x780), (0x8A0, 0x900), (0x1E00, 0x2100)]
    blocks += [(0xFB00, 0xFE00), (0xFE70, 0xFF00)]
    letters = [chr(code) for start, stop in blocks for code in range(start, stop)]
    draw = random.Random(6)  # noqa: S311 - the same draws each time
    odd = list("يىكۀةۂأإآ\u200c\u200d\u064b\u0654\u0640\u200f\u202b\ufeff \t\x1c\x85٣۳ßςİıſŉ\u0345")
    mixed = ["".join(draw.choices([*odd, *letters], k=draw.randrange(12))) for _ in range(3000)]
    return [[name, name_key(name)] for name in [*(f"a{one}b" for one in letters), *odd, *mixed]]


# --- what the engine makes of weights ------------------------------------------------------------


def ruleset(weights, more):
    """Axes of two criteria each; JSON is YAML too."""
    policies = more.get("of_axes", {})
    axes = {
        axis: {
            "weight": weight,
            "criteria": {
                f"{axis}{number}": {
                    "use": "core.value",
                    "with": {"column": f"{axis}{number}"},
                    **({"when": "small = 0"} if axis == "d" else {}),
                }
                for number in (1, 2)
            },
            **({"missing": policies[axis]} if axis in policies else {}),
        }
        for axis, weight in zip(AXES, weights, strict=True)
    }
    if "of_whole" in more:  # an index: what are axes elsewhere are the criteria of its one axis
        parts = {
            axis: entry["criteria"][f"{axis}1"]
            | {key: value for key, value in entry.items() if key != "criteria"}
            for axis, entry in axes.items()
        }
        axes = {"whole": {"criteria": parts, **more["of_whole"]}}
    own = {key: value for key, value in more.items() if key not in ("of_axes", "of_whole")}
    flags = {"small": {"low": 0}, "member": {"type": "boolean"}}
    file = {"schema": "egovrules/1", "id": "t", "title": "T", "indicators": {"agencies": flags}}
    return read_ruleset(json.dumps({**file, "axes": axes, **own}), source="t.yaml")


def bodies(seed, *, low=0.0):
    """Forty bodies; scores tie, are 0, and are missing, some axes wholly."""
    draw = random.Random(seed)  # noqa: S311 - the same draws each time
    size = 40
    columns = {"code": [f"{number:03}" for number in draw.sample(range(999), size)]}
    for axis in AXES:
        bare = [draw.random() < 0.15 for _ in range(size)]
        for number in (1, 2):
            columns[f"{axis}{number}"] = [
                None
                if gone or draw.random() < 0.1
                else draw.choice([low, 50.0, 100.0, round(draw.uniform(low, 100), 1)])
                for gone in bare
            ]
    columns["small"] = [draw.choice([0.0, 0.0, 1.0]) for _ in range(size)]
    columns["member"] = [draw.choice([True, True, True, False, None]) for _ in range(size)]
    return Dataset.of(agencies=pl.DataFrame(columns))


CAPS = {
    "caps": [
        {"at": 60, "when": "small = 1"},
        {"at": 45, "when": "a < 20"},
        {"at": 80, "when": "b >= 50"},
    ]
}
MIXED = {"of_axes": {"a": "zero", "b": "exclude"}}
WAYS = {
    "arithmetic": {},
    "geometric": {"aggregate": "geometric"},
    "harmonic": {"aggregate": "harmonic"},
    "power of a half": {"aggregate": {"by": "power", "exponent": 0.5}},
    "power of 3": {"aggregate": {"by": "power", "exponent": 3}},
    "power of -2": {"aggregate": {"by": "power", "exponent": -2}},
    "minimum": {"aggregate": "minimum"},
    "median": {"aggregate": "median"},
    "weighted median": {"aggregate": "weighted_median"},
    "policies": MIXED,
    "policies of a geometric mean": {**MIXED, "aggregate": "geometric"},
    "zero everywhere, on another scale": {
        "scale": {"low": -10, "high": 100},
        "of_axes": dict.fromkeys(AXES, "zero"),
    },
    "negative scores": {"scale": {"low": -50, "high": 100}, "aggregate": "geometric"},
    "negative powers": {
        "scale": {"low": -50, "high": 100},
        "aggregate": {"by": "power", "exponent": 2},
    },
    "least share": {"min_share": 0.75},
    "caps": CAPS,
    "coverage and members": {"missing": {"min_coverage": 0.8}, "rank": {"among": "member"}},
    "shared ranks": {"rank": {"decimals": 0, "tied": "="}},
    **{f"ties: {ties}": {"rank": {"decimals": 0, "ties": ties}} for ties in ("max", "dense")},
    "ties: average": {"rank": {"decimals": 0, "ties": "average", "tied": "T"}},
    "ties: ordinal": {"rank": {"decimals": 0, "ties": "ordinal"}},
    "exact": {"rank": {"exact": True}},
    "all at once": {**MIXED, **CAPS, "min_share": 0.5, "missing": {"min_coverage": 0.5}},
    "an index": {"of_whole": {}, "rank": {"decimals": 1, "tied": "="}},
    "an index of a geometric mean": {"of_whole": {"aggregate": "geometric"}},
    "an index with policies": {"of_whole": {"min_share": 0.75}, **MIXED},
    "an index with caps": {
        "of_whole": {"caps": [{"at": 60, "when": "small = 1"}]},
        "caps": [{"at": 100, "when": "member"}],
        "missing": {"min_coverage": 0.7},
    },
}
OFFICIAL = [40.0, 30.0, 20.0, 10.0]


def anew(way, seed):
    """One official result as the page has it, and what the engine says under other weights."""
    more = WAYS[way]
    data = bodies(seed, low=float(more.get("scale", {}).get("low", 0)))
    official = evaluate(ruleset(OFFICIAL, more), data)
    order = official.agencies.get_column("agency").to_list()
    draw = random.Random(seed)  # noqa: S311 - the same draws each time
    chosen = [draw.choice([[0.0, 0.0, 5.0, 0.0], [0.0, 12.5, 0.0, 87.5]])]
    chosen += [[float(draw.randrange(101)) for _ in AXES] for _ in range(TIMES)]
    cases = []
    for weights in chosen:
        made = evaluate(ruleset(weights, more), data).agencies
        rows = {row["agency"]: row for row in made.iter_rows(named=True)}
        label = "rank_label" if "rank_label" in made.columns else "rank"
        cases.append(
            {
                "weights": weights,
                "totals": [rows[code]["total"] for code in order],
                "ranks": [rows[code]["rank"] for code in order],
                "labels": [written(rows[code][label]) for code in order],
                "order": made.get_column("agency").to_list(),
            }
        )
    return {"way": way, "payload": payload(official), "cases": cases}


def written(rank):
    return "" if rank is None else str(rank).removesuffix(".0")


# --- the tests -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def weighed():
    """Every way, weighed anew."""
    return [anew(way, seed) for seed, way in enumerate(WAYS)]


def test_the_script_passes_its_own_tests_and_equals_python(node, weighed, tmp_path):
    vectors = {"rounded": rounded(), "printed": printed(), "names": names(), "anew": weighed}
    file = tmp_path / "vectors.json"
    file.write_text(json.dumps(vectors, allow_nan=False), encoding="utf-8")
    tests = sorted(str(one) for one in (ROOT / "tests" / "script").glob("*.test.mjs"))
    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", *tests],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "EGOVRULES_VECTORS": str(file)},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# skipped 0" in run.stdout
    assert int(re.search(r"# pass (\d+)", run.stdout)[1]) >= len(tests)


def test_the_types_that_the_script_declares_hold():
    modules = sorted(str(path) for path in [*SCRIPT.glob("*.js"), SCRIPT / "types.d.ts"])
    run = subprocess.run(
        [tool("tsc", "node-typescript"), *TYPES, *modules],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_what_is_compared_has_totals_that_are_null_bounded_and_shared(weighed):
    """Else equal nulls would prove nothing."""
    totals = [one for way in weighed for case in way["cases"] for one in case["totals"]]
    assert sum(one is not None for one in totals) > len(totals) / 2
    assert {None, 0.0, -10.0, 45.0, 60.0} <= set(totals)
    labels = {label for way in weighed for case in way["cases"] for label in case["labels"]}
    assert {"", "1"} <= labels
    assert any(label.startswith("=") for label in labels)
    assert any(label.startswith("T") and label.endswith(".5") for label in labels)


def test_the_script_is_small_and_its_modules_can_be_joined():
    """Modules are joined by taking off imports and exports: top names must differ."""
    modules = {path.name: path.read_text(encoding="utf-8") for path in SCRIPT.glob("*.js")}
    assert sum(text.count("\n") for text in modules.values()) <= 1500
    top = [name for text in modules.values() for name in re.findall(TOP_NAME, text, re.MULTILINE)]
    assert sorted(top) == sorted(set(top))
    for name, text in modules.items():
        assert not re.search(UNSAFE, text), name
        assert max(map(len, text.splitlines())) <= 100, name
