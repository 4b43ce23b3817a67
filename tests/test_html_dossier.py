"""The dossier against the ruleset's text and the evaluation's tables."""

import polars as pl
import pytest

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.html import page
from egovrules.html.dossier import dossier
from egovrules.ruleset import read_ruleset
from egovrules.text import LANGUAGES

RULESET = """\
schema: egovrules/1
id: t
title: T
indicators:
  services:
    links_live: {optional: true}
    links_required: {optional: true}
derive:
  live: sum of links_live over services
  required: sum of links_required over services
axes:
  x:
    criteria:
      c: {use: core.value, level: service, with: {column: v}}
      own: {use: core.value, with: {column: own}}
missing: {status: {refused: zero}}
bands:
  level:
    of: services
    by: v
    labels: [{low: < 50}]
    otherwise: other
findings:
  fine:
    of: agencies
    when: total >= 0
    severity: info
    message: "{name}: is scored"
  weak:
    of: services
    when: v < 20
    severity: error
    message: {en: "{name}: is weak", fa: "{name}: ضعیف است"}
reconcile:
  all_are_low:
    total: count of services
    parts: bands.level.low
    when_not: error
  none_is_lost:
    total: count of services
    parts: bands.level
"""


@pytest.fixture(scope="module")
def made():
    agencies = pl.DataFrame(
        {"code": ["A", "B"], "name_en": ["Post", "<b>Roads"], "own": ["10", "refused"]}
    )
    services = pl.DataFrame(
        {
            "code": ["1", "2", "3", "4"],
            "agency": ["A", "A", "B", "B"],
            "name_en": ["one", "two", "three", "four"],
            "v": ["10", "90", "refused", "70"],
            "links_required": ["3", "2", "1", None],
            "links_live": ["1", "2", "1", None],
        }
    )
    return evaluate(read_ruleset(RULESET), Dataset.of(agencies=agencies, services=services))


def part(made, name, language="en"):
    return next((one for one in dossier(made, language) if one.id == name), None)


def test_every_place_is_the_line_of_the_rule_in_the_recorded_ruleset(made):
    lines = made.ruleset_text.splitlines()
    places = [
        (row[0], row[-1]) for name in ("rules", "fired", "gaps") for row in part(made, name).rows
    ]
    assert len(places) == 2 + 3 + 1
    for title, place in places:
        file, line = place.split(":")
        assert file == "ruleset.yaml"
        assert lines[int(line) - 1].strip() == f"{title.replace(' ', '_')}:"


def test_the_gravest_rules_come_first_with_their_condition(made):
    rules = part(made, "rules").rows
    assert [row[:4] for row in rules] == [
        ("weak", "error", "1", "v < 20"),
        ("fine", "info", "2", "total >= 0"),
    ]


def test_every_finding_is_told_in_the_language(made):
    assert [row[:4] for row in part(made, "fired").rows] == [
        ("weak", "Post", "1", "one: is weak"),
        ("fine", "Post", "A", "Post: is scored"),
        ("fine", "<b>Roads", "B", "<b>Roads: is scored"),
    ]
    assert part(made, "fired", "fa").rows[0][3] == "one: ضعیف است"


def test_only_what_does_not_add_up_is_told_with_its_gap(made):
    rows = part(made, "gaps").rows
    assert [row[:6] for row in rows] == [("all are low", "error", "4", "1", "3", "75.0%")]


def test_links_are_counted_by_agency_and_what_is_not_recorded_is_said(made):
    links = part(made, "links")
    assert [tuple(row) for row in links.rows] == [("Post", "A", "5", "3", "2")]
    assert "nor when they are due" in links.notes[0]


def test_refused_answers_are_counted_of_the_body_and_of_its_services(made):
    assert part(made, "refused").rows == [("<b>Roads", "B", "1", "1")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_made_up_where_nothing_fired_and_each_part_says_so(language):
    text = RULESET.replace("v < 20", "v < -1").replace("total >= 0", "total < 0")
    rules = read_ruleset(text.split("reconcile:")[0])
    agencies = pl.DataFrame({"code": ["A"], "own": [1.0]})
    services = pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [50.0]})
    found = dossier(evaluate(rules, Dataset.of(agencies=agencies, services=services)), language)
    assert [one.id for one in found] == ["rules", "fired", "gaps", "links", "refused"]
    assert [list(one.rows) for one in found] == [[]] * 5
    told = [text for one in found for tone, text in one.lines if tone == "quiet"]
    assert len(set(told)) == 5
    assert ("No rule fired." in told) == (language == "en")


def test_what_is_told_needs_no_line_that_says_nothing_is(made):
    assert [one.id for one in dossier(made, "en") if one.lines] == []


def test_the_dossier_of_an_index_is_more_than_the_plain_page():
    rules = """{schema: egovrules/1, id: i, title: I, axes: {
        a: {criteria: {x: {use: core.value, with: {column: one}}}}}}"""
    table = pl.DataFrame({"code": ["A", "B"], "one": [1.0, 2.0]})
    index = evaluate(read_ruleset(rules), Dataset.of(agencies=table))
    plain, told = (page.write(index, "en", with_dossier=one).decode() for one in (False, True))
    assert "No sums are checked." not in plain
    assert 'id="findings"' in told
    for line in ("No rule fired.", "No sums are checked.", "No counts of links are recorded."):
        assert line in told
