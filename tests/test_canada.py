"""Canada's inventory: the five published indicators of every department, and growth over years."""

import csv
from pathlib import Path

import pytest

from egovrules.comparison import compare
from egovrules.dataset import load_dataset
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.recomputing import recompute
from egovrules.ruleset import load_ruleset

RULESETS = Path(__file__).parents[1] / "rulesets"
YEARS = ("", "-2019-2020", "-2020-2021", "-2021-2022", "-2022-2023", "-2023-2024", "-2024-2025")

pytestmark = pytest.mark.published


def published(shared):
    """maf_all.csv: rows by (fiscal year, department); the last row is a time stamp."""
    with (shared / "ca" / "maf_all.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["org_id"]]
    return {(row["fiscal_yr"], row["org_id"]): row for row in rows}


def near(got, text):
    if text == "":
        assert got is None
    else:
        assert got == pytest.approx(float(text), abs=1e-9)


def test_all_departments_of_2024_have_the_published_indicators_and_blanks(shared):
    dataset = load_dataset(shared / "ca", RULESETS / "ca-2024.source.yaml")
    evaluation = evaluate(load_ruleset(RULESETS / "ca-maf-2024.yaml"), dataset)
    scores = {
        (row["agency"], row["node"]): row["score"]
        for row in evaluation.criteria.iter_rows(named=True)
    }
    rows = {key: row for key, row in published(shared).items() if key[0] == "2023-2024"}
    assert evaluation.agencies.height == len(rows) == 78
    blanks = 0
    for (_, department), row in rows.items():
        for name in ("maf1", "maf2", "maf5", "maf6", "maf8"):
            near(scores[department, f"maf.{name}"], row[f"{name}_score"])
            blanks += row[f"{name}_score"] == ""
    assert blanks == 21 + 5


def test_online_indicators_of_all_department_years_and_their_growth(shared):
    ruleset = load_ruleset(RULESETS / "ca-maf-2024.yaml")
    online = load_ruleset(RULESETS / "ca-oip.yaml")
    assert ruleset.method_digest != online.method_digest
    rows, seen, before = published(shared), 0, None
    for suffix in YEARS:
        dataset = load_dataset(shared / "ca", RULESETS / f"ca-oip{suffix}.source.yaml")
        year = suffix[1:] or "2018-2019"
        evaluation = evaluate(online, dataset, previous=before)
        scores = {
            (row["agency"], row["node"]): row["score"]
            for row in evaluation.criteria.iter_rows(named=True)
        }
        for department in evaluation.agencies["agency"]:
            for name in ("maf5", "maf6"):
                near(scores[department, f"maf.{name}"], rows[year, department][f"{name}_score"])
            seen += 1
        if before is not None:
            last = f"{int(year[:4]) - 1}-{year[:4]}"
            changed = compare(evaluation, before).criteria
            for row in changed.filter(changed["node"] == "maf.maf5").iter_rows(named=True):
                now = rows[year, row["agency"]]["maf5_score"]
                then = rows[last, row["agency"]]["maf5_score"]
                near(row["growth"], repr(float(now) - float(then)) if now and then else "")
        before = evaluation
    assert seen == len(rows) == 458


def test_the_four_axes_run_through_and_explain_every_department(shared):
    dataset = load_dataset(shared / "ca", RULESETS / "ca-2024.source.yaml")
    evaluation = evaluate(load_ruleset(RULESETS / "ca-2024.yaml"), dataset)
    assert evaluation.agencies.height == 78
    assert evaluation.manifest.counts["services"] == 1681
    assert not evaluation.failed
    for department in evaluation.agencies["agency"]:
        root = explain(evaluation, department).root
        assert recompute(root) == pytest.approx(root.score, abs=1e-9)
