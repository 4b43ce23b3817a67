"""The benchmarks start, and the evaluation by hand that they race against gives the same."""

import importlib
import sys
from pathlib import Path

import pytest

import egovrules as eg

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("rounds", "by_hand", "equality", "measure", "__main__")
    yield {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def test_by_hand_equals_the_engine(benchmarks):
    services, agencies = benchmarks["rounds"].make_round(400, 12)
    ruleset = eg.load_ruleset(ROOT / "rulesets" / "ir-1400-spring.yaml")
    evaluation = eg.evaluate(ruleset, eg.Dataset.of(agencies=agencies, services=services))
    tables = benchmarks["by_hand"].evaluate(services, agencies)
    benchmarks["equality"].assert_same(evaluation, tables)
