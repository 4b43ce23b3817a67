"""In Persian: an author's names stay as written, punctuation is Persian, parameters can be copied.

The texts that are looked for are written out here, not read from the catalogue.
"""

import re

import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.cli import cli
from egovrules.comparison import compare
from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.export.press import press_summary
from egovrules.export.spoken import spoken
from egovrules.report.blocks import Table, enumerated, pairs, parameters, titled
from egovrules.report.changes import changes
from egovrules.report.ruleset_changes import ruleset_changes
from egovrules.report.scorecard import scorecard
from egovrules.report.summary import growth, national_summary
from egovrules.report.wording import Wording
from egovrules.ruleset import read_ruleset

# Names that the catalogue knows as words of the program's, where they mean something else.
RULES = """\
schema: egovrules/1
id: t
title: T
scale: {low: 0, high: 1}
normalise: {by: min_max, low: 0, high: 1250}
derive: {exact: "90 - a"}
indicators: {agencies: {kind_of: {type: text}}}
axes:
  median: {criteria: {log: {use: core.value, with: {column: a}}}}
  minimum: {criteria: {cap: {use: core.value, with: {column: b}}}}
rank: {within: [kind_of]}
bands:
  high:
    of: agencies
    by: total
    labels: [{top: "> 0.5"}, {low: "> 0.2"}, {round: "<= 0.2"}]
    otherwise: none
  known: {of: agencies, by: total, labels: [{mid: ">= 0"}], otherwise: not_assessed}
lists:
  growth: {of: agencies, by: median, top: 2}
  missing: {of: agencies, by: exact, top: 2}
findings:
  error: {of: agencies, when: total > 0.5, severity: warning, message: "{name}"}
"""
AGENCIES = {
    "code": ["A", "B", "C"],
    "a": [100, 900, None],
    "b": [50, 950, 400],
    "kind_of": list("xyx"),
}
NAMES = {"median", "minimum", "log", "cap", "high", "top", "low", "round", "growth", "missing"}
# What the catalogue makes of these names: the program's words in Persian.
WORDS = {"میانه", "کمینه", "لگاریتم", "بیشینه", "شمار نخست‌ها", "گرد کردن", "هیچ", "دقیق", "رشد"}


def run(body=RULES, previous=None, **more):
    agencies = pl.DataFrame({**AGENCIES, **more})
    return evaluate(read_ruleset(body), Dataset.of(agencies=agencies), previous=previous)


@pytest.fixture(scope="module")
def evaluation():
    return run()


def cells(blocks):
    for block in blocks:
        if isinstance(block, Table):
            yield block.title
            yield from (column.heading for column in block.columns)
            yield from (cell for row in block.rows for cell in row)
        else:
            yield block.text


def test_a_name_without_a_title_is_no_word_of_the_program():
    assert titled(None, "high", "fa") == titled("high", "high", "fa") == "high"
    assert titled(None, "over_90", "fa") == titled("over_90", "over_90", "fa") == "over 90"
    assert titled({"en": "High", "fa": "بلند"}, "high", "fa") == "بلند"
    assert titled(None, "not_assessed", "fa") == "ارزیابی‌نشده"
    assert titled(None, "not_assessed", "en") == "not assessed"


def test_the_summary_and_the_scorecard_leave_an_authors_names_alone(evaluation):
    texts = [
        *(text.strip() for text in cells(national_summary(evaluation, "fa"))),
        *(text.strip() for text in cells(scorecard(explain(evaluation, "A"), "fa"))),
        *(
            text.strip()
            for text in cells(scorecard(explain(evaluation, "A"), "fa", criterion="median"))
        ),
    ]
    assert {"median", "minimum", "high", "top", "low", "round", "none", "Exact"} <= set(texts)
    assert not WORDS & set(texts)
    assert "ارزیابی‌نشده" in texts
    assert "error" in {text.removesuffix(":") for text in texts}


def test_the_press_leaves_an_authors_names_alone(evaluation):
    text = press_summary(evaluation, "fa")
    assert "- growth: " in text
    assert not re.search("میانه|بیشینه|شمار نخست‌ها", text)


def test_exported_tables_leave_an_authors_names_alone(evaluation):
    tables = spoken(evaluation, "fa")
    agencies = {one.name: one.title for one in tables["agencies"].columns}
    assert agencies["median"] == "median"
    assert agencies["exact"] == "Exact"
    assert agencies["band_high"] == "high"
    assert agencies["total"] == "امتیاز کل"
    assert agencies["rank_in_kind_of"] == "رتبه در kind of"
    assert set(tables["agencies"].table["band_high"]) <= {"top", "low", "round", "none"}
    assert set(tables["bands"].table["label"]) == {
        "top",
        "low",
        "round",
        "none",
        "mid",
        "ارزیابی‌نشده",
    }
    assert set(tables["criteria"].table["state"]) == {"امتیازدهی‌شده", "فاقد داده"}


def test_a_diff_leaves_an_authors_names_alone():
    after = RULES.replace("{round:", "{exact:").replace('top: "> 0.5"', 'top: "> 0.6"')
    told = [*cells(ruleset_changes(Wording(read_ruleset(RULES), read_ruleset(after), "fa")))]
    page = "\n".join(told)
    assert "high" in page
    assert "top" in page
    assert not any(word in page for word in WORDS)


def test_punctuation_is_persian_in_persian(evaluation):
    card = [*cells(scorecard(explain(evaluation, "A"), "fa", criterion="median.log"))]
    assert any("Min-max" in text or "low = 0، high = 1250" in text for text in card)
    assert enumerated(["a", "b", "c"], "fa") == "a، b، c"
    assert enumerated([], "fa") == ""
    assert pairs({"n": 1250, "of": [1, 2]}, "fa") == "n = ۱٬۲۵۰، of = ۱، ۲"


def test_parameters_can_be_copied_into_a_ruleset():
    values = {"low": 0.0, "high": 1250.5, "at": [25, 75], "up": True, "of": None, "by": {"x": 1.0}}
    told = "low = 0{0} high = 1250.5{0} at = [25, 75]{0} up = true{0} of = null{0} by = {{x: 1}}"
    assert parameters(values, "fa") == told.format("،")
    assert parameters(values, "en") == told.format(",")


def test_growth_on_a_small_scale_has_the_decimals_of_scores():
    before = run()
    grown = run(previous=before, a=[110, 910, None])
    # the totals of A and B grow by half of 10 / 1250
    (line, *_) = [text for text in cells(growth(grown, "en")) if text.startswith("Average")]
    assert line == "Average growth: +0.0027"
    assert "+0.0027" in [*cells(changes(compare(grown, before), "en"))]


def test_the_list_of_plugins_speaks_persian():
    found = CliRunner(env={"COLUMNS": "100"}).invoke(cli, ["plugins", "--lang", "fa"])
    assert found.exit_code == 0
    assert found.stdout.split()[:2] == ["افزونه", "نسخه"]
    assert "core.value، core.ratio" in found.stdout
    assert "تجمیع‌ها: arithmetic، geometric" in " ".join(found.stdout.split())
