"""Who leads: what the charts and tables are drawn from, against numbers by hand."""

import importlib.util
from pathlib import Path

from egovrules.html import leaders
from egovrules.html.words import Words

_spec = importlib.util.spec_from_file_location(
    "html_pages", Path(__file__).with_name("html_pages.py")
)
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

GEOMETRIC = pages.INDEX + "aggregate: geometric\n"
MEASURED = """
schema: egovrules/1
id: measured
title: Measured
axes:
  a: {weight: 3, criteria: {x: {use: core.value, with: {column: one}}}}
  b: {criteria: {x: {use: core.value, with: {column: two}}}}
missing: {min_coverage: 0.7}
"""
ONE = """
schema: egovrules/1
id: one
title: One
axes:
  whole:
    criteria:
      x: {use: core.value, weight: 3, with: {column: one}}
      y: {use: core.value, with: {column: two}}
"""


def panels(evaluation):
    section = leaders.leaders_section(evaluation, Words.of(evaluation, "en"))
    return {panel.id: panel for panel in section.panels}


def drawn(evaluation, monkeypatch):
    """Return what the chart of the first ten is drawn from: its caption, and parts by name."""
    seen = {}

    def chart(caption, standings, titles, **options):
        parts = {one.name: [part.raw for part in one.parts] for one in standings}
        seen.update(caption=caption, parts=parts, titles=list(titles), **options)
        return real(caption, standings, titles, **options)

    real = leaders.top_by_axis
    monkeypatch.setattr(leaders, "top_by_axis", chart)
    found = panels(evaluation)["top"]
    return seen, found.notes


def test_parts_are_what_each_axis_brings_where_these_add_up(monkeypatch):
    seen, notes = drawn(pages.small_round(), monkeypatch)
    assert (seen["caption"], seen["adds_up"]) == ("Points that each axis brings to the total", True)
    assert seen["parts"] == {"Post": [67.5, 15.0], "Roads": [67.5, 15.0], "Water": [22.5, 5.0]}
    assert len(notes) == 1


def test_parts_are_scores_where_they_do_not_add_up(monkeypatch):
    columns = {"code": ["A", "B"], "one": [4.0, 1.0], "two": [9.0, 4.0]}
    seen, notes = drawn(pages.evaluated(GEOMETRIC, columns), monkeypatch)
    assert (seen["caption"], seen["adds_up"]) == ("Scores by axis", False)
    assert seen["parts"] == {"A": [4.0, 9.0], "B": [1.0, 4.0]}
    assert notes == ()


def test_of_an_index_the_parts_are_those_of_its_one_axis(monkeypatch):
    columns = {"code": ["A", "B"], "one": [8.0, 4.0], "two": [4.0, 8.0]}
    seen, _ = drawn(pages.evaluated(ONE, columns), monkeypatch)
    assert seen["adds_up"]
    assert seen["parts"] == {"A": [6.0, 1.0], "B": [3.0, 2.0]}


def test_kinds_are_averaged_over_who_has_a_score_and_the_largest_comes_first():
    kind = ["company", "ministry", "ministry", "ministry", None]
    columns = {"code": list("ABCDE"), "kind": kind, "one": [10.0, 20.0, 40.0, None, 90.0]}
    made = pages.evaluated(MEASURED, columns | {"two": [1.0, 3.0, None, 9.0, 90.0]})
    rows = panels(made)["kinds"].chart.table.rows
    assert [row[1:] for row in rows] == [("3", "30.00", "6.00"), ("1", "10.00", "1.00")]
    alike = pages.evaluated(MEASURED, columns | {"kind": ["ministry"] * 5, "two": [1.0] * 5})
    assert "kinds" not in panels(alike)


def test_totals_of_five_have_a_spread_and_an_axis_without_scores_no_average():
    columns = {"code": list("ABCDE"), "one": [10.0, 20.0, 40.0, 50.0, 60.0]}
    nothing = pages.pl.Series([None] * 5, dtype=pages.pl.Float64)
    made = panels(pages.evaluated(MEASURED, columns | {"two": nothing}))
    assert made["axes"].table.rows == (("a", "75.0%", "36.00"), ("b", "25.0%", "–"))
    assert "spread" in made
    four = {name: values[:4] for name, values in columns.items()}
    assert "spread" not in panels(pages.evaluated(MEASURED, four | {"two": [1.0] * 4}))
