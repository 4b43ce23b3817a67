"""The ranking table: a row for every agency, printed as the engine prints, ready for the script."""

import importlib.util
from pathlib import Path

import pytest

from egovrules.html.single import agency_page
from egovrules.report.blocks import rank_of
from egovrules.text import format_number

_spec = importlib.util.spec_from_file_location(
    "html_pages", Path(__file__).with_name("html_pages.py")
)
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

AXES = ("digital", "open")


@pytest.fixture(scope="module")
def evaluation():
    return pages.small_round(earlier=True)


def ranking(evaluation, language="en"):
    return pages.shown(pages.written(evaluation, language)).one("table", data_ranking="")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_agency_has_its_row_in_order(evaluation, language):
    table = ranking(evaluation, language)
    keys = [one["data-sort"] for one in table.one("thead").all("th")]
    shown = table.one("tbody").children
    assert [row["data-agency"] for row in shown] == evaluation.agencies["agency"].to_list()
    for row, known in zip(shown, evaluation.agencies.iter_rows(named=True), strict=True):
        cells = dict(zip(keys, (one.text for one in row.children), strict=True))
        places = known["rank_growth"]
        arrow = "" if not places else f"{'▲' if places > 0 else '▼'} "
        moved = None if places is None else abs(int(places))
        share = None if known["coverage"] is None else 100 * known["coverage"]
        assert cells == {
            "rank": rank_of(known, "=", language),
            "change": arrow + format_number(moved, language),
            "name": known[f"name_{language}"],
            "total": format_number(known["total"], language, 2),
            **{f"axis.{axis}": format_number(known[axis], language, 2) for axis in AXES},
            "band": {
                ("weak", "en"): "weak",
                ("weak", "fa"): "ضعیف",
                ("good", "en"): "good",
                ("good", "fa"): "خوب",
                ("not_assessed", "en"): "not assessed",
                ("not_assessed", "fa"): "ارزیابی‌نشده",
            }[known["band_standing"], language],
            "coverage": format_number(share, language, 1, percent=True),
            "growth": format_number(known["growth"], language, 2, signed=True).replace("-", "−"),
            "services": format_number(known["services"], language),
        }


def test_shared_ranks_bear_their_mark():
    same = pages.evaluated(
        pages.INDEX + 'rank: {tied: "="}\n',
        {"code": ["A", "B", "C"], "one": [5.0, 5.0, 4.0], "two": [5.0, 5.0, 4.0]},
    )
    shared = [row.children[0].text for row in ranking(same).one("tbody").children]
    assert shared == ["=1", "=1", "3"]


def test_headings_can_be_sorted_by_and_rows_are_named(evaluation):
    table = ranking(evaluation)
    heads = table.one("thead").one("tr").children
    keys = [one["data-sort"] for one in heads]
    assert keys == [
        "rank", "change", "name", "total", *[f"axis.{axis}" for axis in AXES], "band", "coverage",
        "growth", "services",
    ]  # fmt: skip
    assert [one.get("aria-sort") for one in heads] == ["ascending", *[None] * (len(keys) - 1)]
    for head in heads:
        assert head["scope"] == "col"
        assert head.one("button")["type"] == "button"
    assert table.one("caption").text
    for row in table.one("tbody").children:
        assert row.one("th", scope="row")["data-cell"] == "name"
        assert len(row.children) == len(keys)


def test_columns_without_anything_in_them_are_left_out():
    index = pages.evaluated(
        pages.INDEX, {"code": ["A", "B"], "one": [5.0, 6.0], "two": [7.0, None]}
    )
    keys = [one["data-sort"] for one in ranking(index).one("thead").one("tr").children]
    assert keys == ["rank", "name", "total", "axis.a", "axis.b", "coverage"]


def test_an_axis_may_be_called_as_a_column_is():
    rules = pages.INDEX.replace("  a:", "  change:").replace("  b:", "  band:")
    table = {"code": ["A", "B"], "one": [5.0, 6.0], "two": [7.0, 1.0]}
    before = pages.evaluated(rules, table)
    keys = [
        one["data-sort"]
        for one in ranking(pages.evaluated(rules, table, previous=before)).all("th", scope="col")
    ]
    assert keys == [
        "rank", "change", "name", "total", "axis.change", "axis.band", "coverage", "growth",
    ]  # fmt: skip


def test_sliders_start_at_the_official_shares(evaluation):
    body = pages.shown(pages.written(evaluation))
    sliders = body.one("form", data_weights="").all("input", type="range")
    assert [(one["data-weight"], float(one["value"])) for one in sliders] == [
        ("digital", 75.0),
        ("open", 25.0),
    ]
    printed = [one.text for one in body.all("output", data_weight_of=True)]
    assert printed == ["75.0%", "25.0%"]


def test_weights_that_cannot_be_changed_are_not_offered_and_it_says_why():
    rules = pages.INDEX.replace("axes:", "aggregate: {by: copeland}\naxes:")
    agencies = {"code": ["A", "B"], "one": [5.0, 6.0], "two": [7.0, 1.0]}
    body = pages.shown(pages.written(pages.evaluated(rules, agencies)))
    assert not body.all("form", data_weights=True)
    assert "only the program itself" in body.one("p", class_="why").text


def test_filters_offer_what_there_is(evaluation):
    body = pages.shown(pages.written(evaluation))
    kinds = [one["value"] for one in body.one("select", data_filter="kind").all("option")]
    bands = [one["value"] for one in body.one("select", data_filter="band").all("option")]
    assert sorted(kinds) == ["", "company", "ministry"]
    assert bands == ["", "weak", "good", "not_assessed"]
    index = pages.evaluated(pages.INDEX, {"code": ["A"], "one": [5.0], "two": [7.0]})
    assert not pages.shown(pages.written(index)).all("select")


def test_the_criteria_of_an_index_stand_for_its_one_axis():
    rules = """
schema: egovrules/1
id: one
title: One
axes:
  whole:
    criteria:
      x: {title: X, use: core.value, weight: 3, with: {column: one}}
      y: {title: Z, use: core.value, with: {column: two}}
"""
    table = {"code": ["A", "B"], "one": [8.0, 4.0], "two": [4.0, 8.0]}
    made = pages.evaluated(rules, table)
    body = pages.shown(pages.written(made))
    shown = body.one("table", data_ranking="")
    heads = [one.text for one in shown.one("thead").one("tr").children]
    assert heads == ["Rank", "Agency", "Total", "X", "Z", "Coverage"]
    rows = [[cell.text for cell in row.children] for row in shown.one("tbody").children]
    assert rows == [
        ["1", "A", "7.00", "8.00", "4.00", "100.0%"],
        ["2", "B", "5.00", "4.00", "8.00", "100.0%"],
    ]
    sorts = [one.get("data-sort") for one in shown.one("thead").one("tr").children]
    assert sorts == ["rank", "name", "total", "axis.whole.x", "axis.whole.y", "coverage"]
    assert all(one.one("button") for one in shown.one("thead").one("tr").children)
    sliders = body.one("form", data_weights="").all("input", type="range")
    assert [(one["data-weight"], float(one["value"])) for one in sliders] == [
        ("whole.x", 75.0),
        ("whole.y", 25.0),
    ]
    named = [row.children[0].text for row in body.one("article", id="axes").one("tbody").children]
    assert named == ["X", "Z"]
    card = agency_page(made, "A", "en").decode()
    assert "Number of services" not in card
    assert "no stated kind" not in card
