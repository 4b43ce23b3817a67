"""A normalised criterion in an explanation: its value, the way, and what it was compared with."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.cli import cli
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.report.blocks import Line
from egovrules.report.scorecard import scorecard
from egovrules.ruleset import read_ruleset
from egovrules.store import load, save

RULES = """\
schema: egovrules/1
id: t
title: T
normalise: min_max
axes:
  a:
    criteria:
      fees: {use: core.value, with: {column: fees}, direction: down, title: Fees}
      posts: {use: core.value, with: {column: fees}, direction: down, normalise: {low: 0, high: 20}}
      ratio:
        use: core.ratio
        with: {numerator: fees, denominator: staff}
        normalise: {by: categories, at: [25, 75], scores: [0, 50, 100], percentiles: true}
      z: {use: core.value, with: {column: staff}, normalise: {by: z_score, sd: 10}, title: Staff}
      raw: {use: core.value, with: {column: staff}, normalise: none, title: Raw}
      far:
        use: core.value
        with: {column: fees}
        direction: down
        normalise: {by: distance_to_reference, code: A}
  s: {criteria: {v: {use: core.value, level: service, with: {column: visits}, title: Visits}}}
"""
DATA = {
    "agencies": pl.DataFrame(
        {"code": ["A", "B", "C"], "fees": [2.0, 12.0, None], "staff": [4, 16, 100]}
    ),
    "services": pl.DataFrame({"code": ["1", "2"], "agency": ["A", "B"], "visits": [1, 3]}),
}


@pytest.fixture(scope="module")
def evaluation():
    return evaluate(read_ruleset(RULES), Dataset.of(**DATA))


def lines(explanation, language="en", **more):
    return [one.text for one in scorecard(explanation, language, **more) if isinstance(one, Line)]


def test_values_are_kept_as_they_were_before_normalisation(evaluation):
    values = evaluation.criteria.filter(pl.col("agency") == "B").select("node", "value")
    assert dict(values.iter_rows()) == {
        "a.fees": 12,
        "a.posts": 12,
        "a.ratio": 75,
        "a.z": 16,
        "a.far": 12,
        "a.raw": None,
        "s.v": None,
        "a": None,
        "s": None,
        "total": None,
    }
    assert evaluation.criteria["value"].dtype == pl.Float64


def test_a_scorecard_tells_the_way_in_the_unit_of_the_indicator(evaluation):
    told = lines(explain(evaluation, "B"))
    start = told.index("Normalisation")
    assert [line.split(" · ") for line in told[start + 1 : start + 7]] == [
        ["Fees: Value 12", "Min-max", "less is better", "Worst 12", "Best 2"],
        ["Value (a.posts): Value 12", "Min-max (low = 0, high = 20)", "less is better"],
        [
            "Ratio: Value 75",
            "Categories (at = [25, 75], scores = [0, 50, 100], percentiles = true)",
            *["Worst 50", "Best 75", "percentile 25 at 56.25", "percentile 75 at 68.75"],
        ],
        [
            "Staff: Value 16",
            "z-score (sd = 10)",
            *["Worst 4", "Best 100", "Mean 40", "Standard deviation 52.3068"],
        ],
        [
            "Value (a.far): Value 12",
            "Distance to a reference body (code = A)",
            *["less is better", "Worst 12", "Best 2", "Reference 2"],
        ],
        ["Visits: Min-max", "Worst 1", "Best 3"],
    ]


def test_the_same_in_persian(evaluation):
    told = lines(explain(evaluation, "B"), "fa")
    assert "Fees: مقدار ۱۲ · کمینه–بیشینه · کمتر بهتر است · بدترین ۱۲ · بهترین ۲" in told
    assert any(line.endswith("صدک ۲۵ در ۵۶٫۲۵ · صدک ۷۵ در ۶۸٫۷۵") for line in told)


def test_one_criterion_in_full(evaluation):
    told = lines(explain(evaluation, "C", criterion="a.fees"), criterion="a.fees")
    assert "Normalisation: Value – · Min-max · less is better · Worst 12 · Best 2" in told


def test_what_is_saved_explains_itself_as_well(evaluation, tmp_path):
    save(evaluation, tmp_path / "out")
    again = load(tmp_path / "out")
    assert lines(explain(again, "B")) == lines(explain(evaluation, "B"))
    document = CliRunner().invoke(
        cli, ["explain", str(tmp_path / "out"), "B", "--criterion", "a.fees", "--format", "json"]
    )
    (axis,) = json.loads(document.stdout)["tree"]["children"]
    (node,) = axis["children"]
    assert (node["value"], node["normalised"]) == (12, {"lowest": -12, "highest": -2})
