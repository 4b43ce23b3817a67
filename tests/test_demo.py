"""The eighth round end to end, through the command line, as `make demo` runs it."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.cli import cli
from egovrules.explanation import explain
from egovrules.recomputing import recompute
from egovrules.store import load

STRICT = """\
schema: egovrules/1
id: ir-1400-autumn-strict
extends: ir-1400-autumn.yaml
title: {en: Eighth evaluation reconciled strictly, fa: هشتمین ارزیابی با تطبیق سخت‌گیرانه}
reconcile:
  bands_cover_services: {when_not: error}
"""


@pytest.fixture(scope="module")
def rounds(tmp_path_factory):
    """Both rounds, evaluated and saved."""
    folder = tmp_path_factory.mktemp("demo")
    assert run("sample", folder).exit_code == 0
    spring = run(
        "evaluate",
        folder / "rulesets",
        folder / "ir-1400-spring",
        "--period",
        "1400-spring",
        "--out",
        folder / "spring",
    )
    assert spring.exit_code == 0, spring.output
    autumn = run(
        "evaluate",
        folder / "rulesets",
        folder / "ir-1400-autumn",
        "--period",
        "1400-autumn",
        "--previous",
        folder / "spring",
        "--out",
        folder / "autumn",
    )
    assert autumn.exit_code == 0, autumn.output
    return folder, autumn.stdout


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def test_the_summary_prints_the_published_figures(rounds):
    _, shown = rounds
    for figure in (
        "168",
        "5,989",
        "161",
        "2,238",
        "2,309",
        "260",
        "1,021",
        "4,968",
        "2.7%",
        "3.2%",
    ):
        assert figure in shown
    assert "SYNTHETIC" in shown
    assert "missing 1,021" in shown


def test_the_saved_tables_hold_the_published_figures(rounds):
    folder, _ = rounds
    autumn = load(folder / "autumn")
    bands = dict(autumn.bands.select("label", "count").iter_rows())
    assert bands == {
        "not_started": 260,
        "under_50": 2309,
        "mid": 2238,
        "full": 0,
        "over_90": 161,
        "not_assessed": 1021,
    }
    gap = autumn.reconciliations.row(0, named=True)
    assert (gap["total"], gap["parts"], gap["gap"], gap["holds"]) == (5989, 4968, 1021, False)
    agencies = pl.read_csv(folder / "autumn" / "agencies.csv", infer_schema_length=None)
    expected = {
        "agency",
        "name",
        "rank",
        "total",
        "coverage",
        "growth",
        "user_centric",
        "transparent",
        "integrated",
        "participatory",
    }
    assert expected <= set(agencies.columns)
    assert agencies.height == 168
    assert agencies["rank"].null_count() == 0


def test_the_named_bodies_stand_where_the_news_says(rounds):
    folder, _ = rounds
    autumn = load(folder / "autumn")
    lists = {
        name: set(autumn.lists.filter(pl.col("list") == name)["name"])
        for name in ("top_10", "highest_growth", "smart_ready")
    }
    assert {
        "Foundation of Martyrs and Veterans Affairs",
        "National Standards Organization",
        "Ministry of Economic Affairs and Finance",
        "Communications and Information Technology Research Institute",
    } <= lists["top_10"]
    assert lists["highest_growth"] == {
        "National Productivity Organization",
        "Iran Veterinary Organization",
        "Road, Housing and Urban Development Research Center",
        "National Iranian Oil Refining and Distribution Company",
        "Consumers and Producers Protection Organization",
    }
    assert autumn.lists.filter(pl.col("list") == "smart_ready").height == 161
    undesirable = autumn.findings.filter(pl.col("finding") == "undesirable")
    names = " ".join(undesirable["message_en"])
    assert undesirable.height == 12
    for ministry in ("Justice", "Science", "Foreign Affairs", "Education", "Energy", "Agriculture"):
        assert ministry in names
    assert autumn.agencies["is_main"].sum() == 20


def test_every_agency_of_both_rounds_recomputes_from_the_saved_evaluation(rounds):
    folder, _ = rounds
    for name in ("spring", "autumn"):
        evaluation = load(folder / name)
        for agency in evaluation.agencies["agency"]:
            root = explain(evaluation, agency).root
            assert recompute(root) == pytest.approx(root.score, abs=1e-9)


def test_a_strict_ruleset_makes_the_gap_an_error_and_still_writes(rounds):
    folder, _ = rounds
    strict = folder / "rulesets" / "strict.yaml"
    strict.write_text(STRICT, encoding="utf-8")
    result = run("evaluate", strict, folder / "ir-1400-autumn", "--out", folder / "strict")
    strict.unlink()
    assert result.exit_code == 1
    assert load(folder / "strict").failed


def test_duckdb_gives_the_same_round(rounds):
    folder, _ = rounds
    result = run(
        "evaluate",
        folder / "rulesets" / "ir-1400-autumn.yaml",
        folder / "ir-1400-autumn",
        "--engine",
        "duckdb",
        "--format",
        "json",
    )
    assert result.exit_code == 0, result.output
    found = {row["agency"]: row["total"] for row in json.loads(result.stdout)["tables"]["agencies"]}
    totals = dict(load(folder / "autumn").agencies.select("agency", "total").iter_rows())
    assert found == pytest.approx(totals, abs=1e-9)


def test_growth_is_refused_without_the_bridge(rounds):
    folder, _ = rounds
    ruleset = (folder / "rulesets" / "ir-1400-autumn.yaml").read_text(encoding="utf-8")
    other = folder / "rulesets" / "unbridged.yaml"
    other.write_text(ruleset.split("bridge:")[0], encoding="utf-8")
    result = run("evaluate", other, folder / "ir-1400-autumn", "--previous", folder / "spring")
    other.unlink()
    assert result.exit_code == 2
    assert "different methods" in result.stderr
    assert "bridge" in result.stderr
