"""Known indices from YAML alone: scores are as their publishers printed them, and so are ranks."""

import csv
from pathlib import Path

import pytest

from egovrules.dataset import load_dataset
from egovrules.evaluation import evaluate
from egovrules.ruleset import load_ruleset

RULESETS = Path(__file__).parents[1] / "rulesets" / "published"

pytestmark = pytest.mark.published


@pytest.fixture
def evaluated(shared):
    """Evaluate an index by its ruleset, from the published file by its source."""

    def run(name, settings=()):
        ruleset = load_ruleset(RULESETS / f"{name}.yaml", settings=settings)
        dataset = load_dataset(shared / name.split("-")[0], RULESETS / f"{name}.source.yaml")
        return evaluate(ruleset, dataset)

    return run


def printed(path):
    with path.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def by_code(evaluation):
    return {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}


def number(text):
    return None if text == "" else float(text)


def groups(evaluation):
    return evaluation.bands.filter(evaluation.bands["label"] != "not_assessed")["count"].to_list()


# --- EGDI


def misranked(evaluation, rows):
    found = by_code(evaluation)
    assert len(rows) == len(found) == 193
    return {
        row["country-code"]
        for row in rows
        if found[row["country-code"]]["rank"] != number(row["e-gov-rank"])
    }


@pytest.mark.parametrize("year", [2010, 2012, 2014, 2016, 2018])
def test_egdi_of_every_country_is_as_printed_and_so_is_its_rank(shared, evaluated, year):
    rows = printed(shared / "egdi" / f"egdi-{year}.csv")
    evaluation = evaluated(f"egdi-{year}")
    assert misranked(evaluation, rows) == set()
    found = by_code(evaluation)
    for row in rows:
        index = number(row["e-gov-index"])
        got = found[row["country-code"]]
        assert got["total"] == got["egdi"]
        assert got["name"] == row["country-name"]
        if index is None:
            assert got["total"] is None
        else:
            assert got["total"] == pytest.approx(index, rel=0, abs=1e-4)


def test_in_2010_a_missing_component_makes_0_and_three_make_nothing(evaluated):
    found = by_code(evaluated("egdi-2010"))
    at_0 = {code for code, row in found.items() if row["total"] == 0}
    assert at_0 == {"KIR", "MHL", "FSM", "MCO", "NRU", "PRK", "SOM", "TUV", "SMR"}
    assert {found[code]["rank"] for code in at_0} == {184}
    assert (found["SSD"]["total"], found["SSD"]["rank"]) == (None, None)
    assert found["CAF"]["total"] > 0  # without any online service
    assert found["SWZ"]["total"] > 0


def test_in_2012_no_online_service_makes_0_and_from_2014_on_it_does_not(evaluated):
    found = by_code(evaluated("egdi-2012"))
    assert {code for code, row in found.items() if row["total"] == 0} == {"LBY", "CAF", "GIN"}
    assert {found[code]["rank"] for code in ("LBY", "CAF", "GIN")} == {191}
    for year, codes in ((2014, ("ERI", "GIN")), (2016, ("CAF",)), (2018, ("PRK",))):
        later = by_code(evaluated(f"egdi-{year}"))
        assert all(later[code]["total"] > 0 for code in codes)


def test_only_2018_is_ranked_as_printed(shared, evaluated):
    rows = {year: printed(shared / "egdi" / f"egdi-{year}.csv") for year in (2012, 2018)}
    assert misranked(evaluated("egdi-2018", ["rank=null", "bands=null"]), rows[2018]) == {
        "IRQ",
        "SRB",
    }
    assert misranked(evaluated("egdi-2012", ["rank.decimals=4"]), rows[2012]) == {"DOM", "ECU"}


@pytest.mark.parametrize("year", [2014, 2016, 2018])
def test_the_group_of_every_country_is_that_of_its_printed_index(shared, evaluated, year):
    """The data name no groups: the index is printed, and the limits are those of the method."""
    found = by_code(evaluated(f"egdi-{year}"))
    for row in printed(shared / "egdi" / f"egdi-{year}.csv"):
        index = number(row["e-gov-index"])
        low = "middle" if index >= 0.25 else "low"
        high = "very_high" if index > 0.75 else "high"
        group = high if index >= 0.5 else low
        assert found[row["country-code"]]["band_egdi_group"] == group, row["country-name"]


def test_the_ends_of_egdi_are_as_large_as_was_told_when_2018_came_out(evaluated):
    """40 very high, in 2016 they were 29; 16 low, in 2016 they were 32. The rest was not told."""
    ends = {year: groups(evaluated(f"egdi-{year}"))[::3] for year in (2016, 2018)}
    assert ends == {2016: [29, 32], 2018: [40, 16]}


# --- GTMI and DGI


def test_gtmi_of_every_economy_and_its_group_are_as_published(shared, evaluated):
    rows = printed(shared / "gtmi" / "gtmi-2020.csv")
    evaluation = evaluated("gtmi-2020")
    found = by_code(evaluation)
    assert len(rows) == len(found) == 198
    for row in rows:
        got = found[row["country_code"]]
        assert got["total"] == pytest.approx(float(row["gtmi"]), rel=0, abs=1e-12)
        assert got["band_gtmi_group"].upper() == row["grp"]
    assert groups(evaluation) == [43, 59, 63, 33]


def test_dgi_of_every_country_is_as_printed_and_only_members_are_ranked(shared, evaluated):
    rows = printed(shared / "dgi" / "dgi-2023.csv")
    found = by_code(evaluated("dgi-2023"))
    assert len(rows) == len(found) == 38
    for row in rows:
        got = found[row["cc_iso3c"]]
        # The noise of floats on top, because five composites lie on a half.
        assert abs(got["total"] - float(row["composite_index"])) <= 0.0005 + 1e-9
        assert got["rank"] == number(row["composite_rank"])
    ranks = {row["rank"] for row in found.values()}
    assert ranks == {None, *range(1, 34)}
    everyone = by_code(evaluated("dgi-2023", ["rank=null"]))
    assert {row["rank"] for row in everyone.values()} == set(range(1, 39))


# --- BIPA


@pytest.fixture
def cells(shared):
    """The published cells of BIPA by country and node, and each node's level."""
    rows = printed(shared / "bipa" / "bipa2024_data_structure.csv")
    names = {row["structure_id"]: row["name"] for row in rows} | {"0": "total"}
    levels = {names[row["structure_id"]]: row["level"] for row in rows}
    published = {
        (row["cc_iso3c"], names[row["structure_id"]]): row
        for row in printed(shared / "bipa" / "bipa2024_all_data.csv")
    }
    return published, levels


def scores(evaluation):
    """Every score with its rank, by country and node; criteria without their axis."""
    return {
        (row["agency"], row["node"].rsplit(".", 1)[-1]): (row["score"], row["rank"])
        for row in evaluation.criteria.iter_rows(named=True)
        if row["score"] is not None
    }


def test_every_cell_of_bipa_is_as_published_and_so_is_its_rank(evaluated, cells):
    published, levels = cells
    evaluation = evaluated("bipa-2024")
    found = scores(evaluation)
    assert len(published) == 14_411
    assert found.keys() == published.keys()  # the same blanks at every level
    for key, row in published.items():
        assert found[key] == (float(row["value"]), int(row["rank"])), key
    counted = [levels[node] for _, node in found]
    assert len(found) - counted.count("metric") == 6_098
    assert [counted.count(one) for one in ("index", "domain", "theme", "indicator")] == [
        120,
        480,
        1860,
        3638,
    ]
    for code, row in by_code(evaluation).items():
        assert row["rank_label"] == published[code, "total"]["rank_label"]


@pytest.mark.parametrize("rule", ["half_up", "exact"])
def test_another_rule_of_rounding_misses_cells_of_bipa(evaluated, cells, rule):
    published, levels = cells
    found = scores(evaluated("bipa-2024", [f"round.rule={rule}"]))
    missed = [key for key, row in published.items() if found[key][0] != float(row["value"])]
    assert {levels[node] for _, node in missed} == {"index", "domain", "theme", "indicator"}
    assert len(missed) > 300


def test_without_rounding_on_the_way_46_ranks_of_bipa_move(evaluated, cells):
    published, _ = cells
    found = by_code(evaluated("bipa-2024", ["round=null"]))
    moved = [code for code in found if found[code]["rank"] != int(published[code, "total"]["rank"])]
    assert len(moved) == 46
