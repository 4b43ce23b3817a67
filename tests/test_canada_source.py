"""The Canadian sources against the counts that the publisher computed from the same files."""

import csv
import shutil
from pathlib import Path

import polars as pl
import pytest

from egovrules.contract import Need, prepare
from egovrules.dataset import load_dataset

pytestmark = pytest.mark.published

RULESETS = Path(__file__).parents[1] / "rulesets"
YEARS = ["2018-2019", "2019-2020", "2020-2021", "2021-2022", "2022-2023", "2023-2024"]
STRAY = "2024-2025"
YEARS.append(STRAY)
COUNTS = ["points_online", "points_offline", "points_na", "standards_met", "standards_reported"]
FLAGS = ["end_to_end", "has_standard", "improved_recently"]


def published(shared, year):
    """Read the publisher's counts by department with the plainest reader there is."""
    with (shared / "ca" / "maf_all.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    return {row["org_id"]: row for row in rows if row["fiscal_yr"] == year}


def sums(dataset, counts, flags):
    needs = [Need(name, "number", "this test") for name in counts]
    needs += [Need(name, "boolean", "this test") for name in flags]
    prepared = prepare(dataset, {"services": needs})
    services = prepared.services.collect("polars").to_native()
    frame = services.group_by("agency").agg(
        pl.len().alias("services"),
        *(pl.col(name).cast(pl.Float64).sum() for name in counts + flags),
    )
    return prepared, {row["agency"]: row for row in frame.rows(named=True)}


def test_every_count_of_2024_is_as_published(shared):
    dataset = load_dataset(shared / "ca", RULESETS / "ca-2024.source.yaml")
    prepared, found = sums(dataset, COUNTS, FLAGS)
    expected = published(shared, "2023-2024")
    assert len(expected) == 78
    assert found.keys() == expected.keys() == set(prepared.agencies["code"].to_list())
    for code, row in expected.items():
        ours = found[code]
        assert ours["services"] == float(row["service_count_maf1"]), code
        assert ours["services"] == float(row["service_count_maf5"]), code
        assert ours["services"] == float(row["service_count_maf8"]), code
        assert ours["has_standard"] == float(row["service_with_std_count"]), code
        assert ours["end_to_end"] == float(row["online_e2e_count"]), code
        assert ours["improved_recently"] == float(row["improved_services_count"]), code
        assert ours["points_online"] == float(row["activated_point_count"] or 0), code
        points = ours["points_online"] + ours["points_offline"]
        assert points == float(row["point_count"] or 0), code
        assert ours["standards_met"] == float(row["service_standard_met"] or 0), code
        assert ours["standards_reported"] == float(row["service_standard_count"] or 0), code
    assert sum(row["services"] for row in found.values()) == 1681
    assert dataset.warnings == ()


def test_departments_are_named_in_both_languages(shared):
    dataset = load_dataset(shared / "ca", RULESETS / "ca-2024.source.yaml")
    agencies = prepare(dataset, {}).agencies.to_native()
    expected = published(shared, "2023-2024")
    names = {
        code: (en, fr) for code, en, fr in agencies.select("code", "name_en", "name_fr").rows()
    }
    assert names["139"] == ("Veterans Affairs Canada", "Anciens Combattants Canada")
    # The inventory calls six of the 78 by another name than the publisher's results do.
    same = [code for code, row in expected.items() if names[code][0] == row["department_en"]]
    assert len(same) == 72


@pytest.mark.parametrize("year", YEARS)
def test_points_of_every_year_are_as_published(shared, year, tmp_path):
    names = {"2018-2019": "ca-oip.source.yaml", STRAY: f"ca-oip-{STRAY}.source.yaml"}
    path = RULESETS / names.get(year, f"ca-oip-{year}.source.yaml")
    if year == STRAY:  # one service of one department, for which no file is shipped
        path = tmp_path / names[STRAY]
        thin = (RULESETS / "ca-oip-2023-2024.source.yaml").read_text(encoding="utf-8")
        path.write_text(thin.replace("2023-2024", STRAY), encoding="utf-8")
        shutil.copy(RULESETS / "ca-oip.source.yaml", tmp_path)
    dataset = load_dataset(shared / "ca", path)
    _, found = sums(dataset, COUNTS[:2], FLAGS[:1])
    expected = published(shared, year)
    assert found.keys() == expected.keys()
    for code, row in expected.items():
        ours = found[code]
        assert ours["services"] == float(row["service_count_maf5"]), code
        assert ours["end_to_end"] == float(row["online_e2e_count"]), code
        assert ours["points_online"] == float(row["activated_point_count"] or 0), code
        points = ours["points_online"] + ours["points_offline"]
        assert points == float(row["point_count"] or 0), code


def test_the_years_together_are_all_department_years(shared):
    assert sum(len(published(shared, year)) for year in YEARS) == 458


def test_a_new_year_that_extends_another_names_all_its_files(shared):
    dataset = load_dataset(shared / "ca", RULESETS / "ca-oip-2020-2021.source.yaml")
    assert set(dataset.files) == {
        "si_oip.csv",
        "maf_all.csv",
        "ca-oip.source.yaml",
        "ca-oip-2020-2021.source.yaml",
    }
