"""The rulesets under rulesets/published against published figures, and the page that tells of it.

The comparisons are those of ``agreement.py``; the page is that of ``docs/make_agreement.py``.
"""

import csv
import importlib.util
import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import egovrules as eg
from egovrules.cli import cli

ROOT = Path(__file__).parents[1]
PUBLISHED = ROOT / "rulesets" / "published"
published = pytest.mark.published

_spec = importlib.util.spec_from_file_location("make_agreement", ROOT / "docs/make_agreement.py")
make_agreement = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_agreement)
agreement = make_agreement.load_comparisons()


@pytest.fixture(scope="module")
def found(shared):
    return [one for compare in agreement.COMPARISONS for one in compare(shared)]


@published
def test_every_published_figure_is_reproduced_with_the_same_blanks(found):
    for one in found:
        assert one.residual <= one.allowed, one
        assert one.one_sided == 0, one


@published
def test_every_published_rank_and_group_is_reproduced(found):
    assert not [(one.edition, text) for one in found for text in one.unequal]


@published
def test_nothing_that_can_be_compared_is_left_out(found):
    figures, ranks = Counter(), Counter()
    for one in found:
        figures[one.index] += one.cells
        ranks[one.index] += one.ranks + one.bands
    assert figures == {
        "UN EGDI": 4 * 193 + 192,
        "OECD DGI": 38,
        "World Bank GTMI": 198,
        "BIPA": 6098,
        "EU eGovernment Benchmark": 315 * 5 + 35 * 5 + 315 * 6 - 31,
        # 14 files of 51 · 49, 63 of them blank; 5 of 51 · 60, of which 63, 69 and 158; 51 · 60
        "ASEM (COINr)": 14 * (2499 - 63) + 3 * (3060 - 63) + 2991 + 2902 + 3060,
    }
    assert ranks == {
        "UN EGDI": 4 * 193 + 192,
        "OECD DGI": 33,
        "World Bank GTMI": 198,
        "BIPA": 14411,
        "EU eGovernment Benchmark": 35,
        "ASEM (COINr)": 51 * 60,
    }


@published
def test_the_page_is_what_the_command_writes(found):
    page = make_agreement.PAGE.read_text(encoding="utf-8")
    assert make_agreement.page(found) == page, "run `make agreement`"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{sum(one.cells for one in found):,} figures" in readme


# The one file that each needs, and the columns of it in which the publisher's results stand. In
# the two long files, values of what has no dot in its code, and averages, are results.
INPUTS = {
    **{f"egdi-{year}": (f"egdi-{year}.csv", "e-gov-rank e-gov-index e-pat-index")
       for year in agreement.EDITIONS},
    "dgi-2023": ("dgi-2023.csv", "composite_index composite_rank"),
    "gtmi-2020": ("gtmi-2020.csv", "gtmi grp"),
    "bipa-2024": ("bipa2024_all_data.csv", "rank rank_n rank_label"),
    "eu-egov-2023": ("indicators-2021-2022.csv", ""),
    "eu-egov-2023-life-events": ("services-2021-2022.csv", ""),
    "asem/asem-full": ("00_iData.csv", ""),
}  # fmt: skip


def withheld(row, columns):
    code = row.get("structure_id") or row.get("indicator") or "."
    is_result = "." not in code or row.get("column", "").startswith(("Average", "Biennial"))
    columns = [*columns.split(), *(["value"] if is_result else [])]
    return row | dict.fromkeys(columns, "withheld")


@published
@pytest.mark.parametrize("name", INPUTS)
def test_no_result_of_a_publisher_is_read(shared, tmp_path, name):
    """Without any of them, the same comes out."""
    file, columns = INPUTS[name]
    folder, source = name.split("-")[0].split("/")[0], "asem/asem" if "asem" in name else ""
    rows = [withheld(row, columns) for row in agreement.rows_of(shared / folder / file)]
    with (tmp_path / file).open("w", encoding="utf-8", newline="") as written:
        table = csv.DictWriter(written, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    found = [agreement.evaluated(one, name, source) for one in (shared / folder, tmp_path)]
    assert found[0].criteria.height > 100
    assert found[0].criteria.equals(found[1].criteria)


ONLINE = "axes.user_centricity.axes.online_availability.criteria"
MOBILE = "axes.user_centricity.criteria.mobile_friendliness"


@published
@pytest.mark.parametrize(
    ("ruleset", "setting"),
    [
        ("eu-egov-2023", "axes.cross_border.axes.cross_border_enablers.weight=1/2"),
        ("eu-egov-2023", "axes.user_centricity.criteria.user_support.weight=1/9"),
        ("eu-egov-2023", "missing.policy=zero"),
        ("eu-egov-2023-life-events", f"{ONLINE}.informational.weight=0.5"),
        ("eu-egov-2023-life-events", f"{MOBILE}.when=type = 'Transactional'"),
        ("asem-full", "treatment=null"),
        ("asem-full", "treatment.4={do: impute_mean}"),
        ("asem-full", "treatment.5.at_most=2"),
        ("asem-full", "axes.sust.axes.environ.criteria.co2.direction=up"),
    ],
)
def test_another_method_does_not_agree(shared, monkeypatch, ruleset, setting):
    load, changed = eg.load_ruleset, []

    def load_changed(path):
        changed.extend([path] * (path.stem == ruleset))
        return load(path, settings=[setting] if path.stem == ruleset else [])

    monkeypatch.setattr(eg, "load_ruleset", load_changed)
    monkeypatch.setattr(agreement, "NORMALISED", {})
    monkeypatch.setattr(agreement, "AGGREGATED", {})
    compare = agreement.compare_asem if ruleset == "asem-full" else agreement.compare_eu
    assert max(one.residual for one in compare(shared)) > 1e-3
    assert len(changed) == 1


@published
def test_indicators_before_life_events_would_move_eight_ranks(shared):
    dataset = eg.load_dataset(shared / "eu", PUBLISHED / "eu-egov-2023.source.yaml")
    path, other = PUBLISHED / "eu-egov-2023.yaml", ["rollup.after=criterion"]
    ranks = [
        dict(eg.evaluate(ruleset, dataset).agencies.select("agency", "rank").rows())
        for ruleset in (eg.load_ruleset(path), eg.load_ruleset(path, settings=other))
    ]
    assert sum(ranks[0][code] != ranks[1][code] for code in ranks[0]) == 8


STEMS = sorted(path.stem for path in (PUBLISHED / "asem").glob("*.yaml"))
ASEM = [f"asem/{stem}" for stem in STEMS if "." not in stem]
LAOS = "treatment step 3 (divide) leaves {} of LAO without a value"  # its energy is not known


@published
@pytest.mark.parametrize("name", ["eu-egov-2023", "eu-egov-2023-life-events", *ASEM])
def test_nothing_is_warned_of_but_what_is_odd_in_the_data(shared, name):
    folder, source = ("asem", "asem/asem") if name.startswith("asem") else ("eu", "")
    warnings = agreement.evaluated(shared / folder, name, source).warnings
    expected = [LAOS.format("Elec"), LAOS.format("Gas")] if name == "asem/asem-full" else []
    assert [one.message for one in warnings] == expected


# --- without data ---------------------------------------------------------------------------------


def test_all_published_rulesets_and_sources_are_fine():
    done = CliRunner().invoke(cli, ["check", "--strict", str(PUBLISHED)])
    assert done.exit_code == 0, done.output
    done = CliRunner().invoke(cli, ["fmt", "--check", str(PUBLISHED)])
    assert done.exit_code == 0, done.output


def test_the_cases_of_all_published_rulesets_pass_and_reach_all_of_them():
    command = ["test", "--min", "100", "--format", "json", str(PUBLISHED)]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0, done.output
    told = {one["ruleset"] for one in json.loads(done.stdout)["files"]}
    names = {path.stem for path in PUBLISHED.rglob("*.yaml") if path.name.count(".") == 1}
    assert told == names


def test_a_ruleset_is_called_like_its_file():
    for path in PUBLISHED.rglob("*.yaml"):
        if path.name.count(".") == 1:
            assert eg.load_ruleset(path).id == path.stem
