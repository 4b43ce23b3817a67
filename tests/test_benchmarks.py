"""The benchmarks start, and what they race against is given the same and gives the same."""

import importlib
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import egovrules as eg

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("rounds", "by_hand", "equality", "measure", "prototype", "report", "__main__")
    yield {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def test_by_hand_equals_the_engine(benchmarks):
    services, agencies = benchmarks["rounds"].make_round(400, 12)
    ruleset = eg.load_ruleset(ROOT / "rulesets" / "ir-1400-spring.yaml")
    evaluation = eg.evaluate(ruleset, eg.Dataset.of(agencies=agencies, services=services))
    tables = benchmarks["by_hand"].evaluate(services, agencies)
    benchmarks["equality"].assert_same(evaluation, tables)


def test_the_prototype_is_given_the_round_of_the_report(benchmarks):
    earlier, evaluation = benchmarks["report"]._national()
    data = benchmarks["prototype"]._data(earlier, evaluation)
    codes = [one["id"] for one in data["ag"]]
    totals = dict(evaluation.agencies.select("agency", "total").iter_rows())
    capped = set(evaluation.criteria.filter(pl.col("cap").is_not_null())["agency"])
    for code, row in zip(codes, data["cur"], strict=True):
        if code not in capped:
            assert _total(data, row) == pytest.approx(totals[code], abs=0.06), code
    counted = Counter(codes[service[0]] for service in data["sv"])
    assert counted == dict(evaluation.agencies.select("agency", "services").iter_rows())


def _total(data, row):
    """Weigh an agency's scores as the prototype's script does."""
    axes = []
    for number, _ in enumerate(data["axes"]):
        found = [
            (criterion["w"], score)
            for criterion, score in zip(data["crit"], row, strict=True)
            if criterion["ax"] == number and score is not None
        ]
        axes.append(sum(w * s for w, s in found) / sum(w for w, _ in found))
    weights = [axis["w"] for axis in data["axes"]]
    return sum(w * s for w, s in zip(weights, axes, strict=True)) / sum(weights)
