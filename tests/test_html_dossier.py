"""The dossier against the ruleset's text and the evaluation's tables."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import polars as pl
import pytest

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.html import page
from egovrules.html.dossier import dossier, telling
from egovrules.model import LinkStatus
from egovrules.ruleset import read_ruleset
from egovrules.text import LANGUAGES, translate

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
    assert [text.split(":")[0] for _, text in links.lines] == [
        "Which links these are is not recorded"
    ]
    assert part(made, "refused-links") is None
    assert part(made, "overdue-links") is None


def test_refused_answers_are_counted_of_the_body_and_of_its_services_and_listed(made):
    assert part(made, "refused").rows == [("<b>Roads", "B", "1", "1")]
    told = part(made, "refused-answers")
    assert told.rows == [("<b>Roads", "–", "B", "own"), ("<b>Roads", "three", "3", "v")]
    assert [one.heading for one in told.columns] == ["Agency", "Service", "Code", "Indicator"]


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
    empty = "No ", "There are no", "Everything"
    told = [text for one in dossier(made, "en") if one.rows for _, text in one.lines]
    assert [text for text in told if text.startswith(empty)] == []


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


# --- links, one by one --------------------------------------------------------------------------

PERIOD = RULESET.replace("title: T", "title: T\nperiod: {calendar: jalali, year: 1400}", 1)
END = date(2022, 3, 20)  # 29 Esfand 1400
DAYS = [None, date(2019, 3, 21), END - timedelta(1), END, END + timedelta(1)]
LINKS = [
    {
        "consumer": consumer,
        "provider": "B" if consumer in "12" else "A",
        "provider_service": "4" if status == "test" else None,
        "dataset": None if status == "agreed" else "deeds",
        "kind": "enabler" if consumer == "2" else "data",
        "status": status,
        "due_on": due,
        "requested_on": None if due is None else due - timedelta(90),
        "blocking": consumer == "3",
    }
    for consumer, status, due in product("123", [one.value for one in LinkStatus], DAYS)
]
OWNERS = {"1": "A", "2": "A", "3": "B", "4": "B"}
NAMES = {"A": "Post", "B": "<b>Roads", "1": "one", "2": "two", "3": "three", "4": "four"}


def linked(rules=PERIOD, links=LINKS, **tables):
    agencies = pl.DataFrame({"code": ["A", "B"], "name_en": ["Post", "<b>Roads"], "own": [1.0, 2]})
    services = pl.DataFrame(
        {
            "code": list(OWNERS),
            "agency": list(OWNERS.values()),
            "name_en": [NAMES[code] for code in OWNERS],
            "v": [50.0] * 4,
        }
    )
    links = pl.DataFrame(links, infer_schema_length=None)
    data = Dataset.of(agencies=agencies, services=services, links=links, **tables)
    return evaluate(read_ruleset(rules), data)


def listed(links):
    """List links as a person would: by the due date, and those without one at the end."""
    rows = []
    for link in links:
        needed = [NAMES["4"]] if link["provider_service"] else []
        needed += [link["dataset"]] if link["dataset"] else []
        row = {
            "Service": NAMES[link["consumer"]],
            "Code": link["consumer"],
            "Agency": NAMES[OWNERS[link["consumer"]]],
            "Provider": NAMES[link["provider"]],
            "What is needed": ", ".join(needed) or "–",
            "Kind": link["kind"],
            "Status": link["status"],
            "Requested on": str(link["requested_on"] or "–"),
            "Due on": str(link["due_on"] or "–"),
            "Days overdue": f"{(END - link['due_on']).days:,}" if link["due_on"] else "–",
            "Blocking": "yes" if link["blocking"] else "no",
        }
        rows.append(((link["due_on"] or date.max, OWNERS[link["consumer"]]), row))
    return [row for _, row in sorted(rows, key=lambda one: one[0])]


def as_told(part):
    heads = [one.heading for one in part.columns]
    return [dict(zip(heads, row, strict=True)) for row in part.rows]


def alike(told, expected):
    """Tell whether rows are the same, in the same order of due dates and agencies."""
    order = [(row["Due on"], row["Agency"]) for row in told]
    assert order == [(row["Due on"], row["Agency"]) for row in expected]
    rows = [sorted(tuple(row[key] for key in told[0]) for row in some) for some in (told, expected)]
    return rows[0] == rows[1]


def test_refused_links_are_listed_by_their_due_dates():
    told = part(linked(), "refused-links")
    refused = [one for one in LINKS if one["status"] == "refused"]
    assert alike(as_told(told), listed(refused))
    assert told.title == f"Links refused ({len(refused)})"
    assert [text for _, text in told.lines] == ["3 of them have no due date, and stand at the end."]


def test_overdue_links_are_those_owed_and_due_before_the_last_day_of_the_period():
    told = part(linked(), "overdue-links")
    owed = [one for one in LINKS if one["status"] not in ("live", "refused", "degraded")]
    overdue = [one for one in owed if one["due_on"] and one["due_on"] < END]
    assert len(overdue) == 3 * 4 * 2  # services, statuses, days
    assert alike(as_told(told), listed(overdue))
    assert {row["Days overdue"] for row in as_told(told)} == {"1,095", "1"}
    lines = [text for _, text in told.lines]
    assert lines[0].startswith("As of 2022-03-20, the last day of the period.")
    assert lines[1:] == ["12 more links have not come about, and have no due date."]


def test_refused_and_overdue_links_are_counted_by_agency():
    told = part(linked(), "links")
    assert [one.heading for one in told.columns[2:]] == [
        *("Links required", "Links live", "Not live", "Refused", "Overdue")
    ]
    # Each service has 7 × 5 links: 5 of each status, 2 of each day that is past.
    assert told.rows == [
        ("Post", "A", "70", "10", "60", "10", "16"),
        ("<b>Roads", "B", "35", "5", "30", "5", "8"),
    ]


def test_links_are_counted_where_the_ruleset_reads_no_counts():
    start, rest = PERIOD.split("indicators:")
    made = linked(start + rest[rest.index("axes:") :])
    assert "links_live" not in made.inputs["services"].columns
    assert part(made, "links").rows == part(linked(), "links").rows


def test_dates_are_jalali_in_persian():
    told = part(linked(), "overdue-links", "fa")
    dues = {row[8] for row in told.rows}
    assert dues == {"۱۳۹۸/۰۱/۰۱", "۱۴۰۰/۱۲/۲۸"}
    assert "۱۴۰۰/۱۲/۲۹" in told.lines[0][1]
    assert {row[9] for row in told.rows} == {"۱٬۰۹۵", "۱"}
    assert {row[5] for row in told.rows} == {translate(one, "fa") for one in ("data", "enabler")}


def test_a_date_before_the_jalali_calendar_is_no_crash():
    links = [LINKS[0] | {"status": "requested", "due_on": date(1, 1, 1)}]
    assert part(linked(links=links), "overdue-links", "fa").rows[0][8] == "0001-01-01"


def test_without_a_period_no_link_is_said_to_be_overdue():
    made = linked(RULESET)
    told = part(made, "overdue-links")
    assert told.rows == ()
    assert [text for _, text in told.lines] == [
        "The ruleset has no period, so nobody can tell which links are overdue."
    ]
    assert [one.heading for one in part(made, "links").columns][-1] == "Refused"
    assert len(part(made, "refused-links").rows) == 15


def test_where_no_link_is_refused_or_overdue_it_says_so():
    made = linked(links=[one for one in LINKS if one["status"] == "live"])
    assert part(made, "refused-links").lines == [("quiet", "No link is recorded as refused.")]
    assert part(made, "overdue-links").lines[0] == ("quiet", "No link is overdue.")


def test_of_very_many_links_the_first_are_shown_and_it_is_said_where_the_others_are(monkeypatch):
    whole = part(linked(), "overdue-links").rows
    monkeypatch.setattr(telling, "MOST", 5)
    told = part(linked(), "overdue-links")
    assert told.rows == whole[:5]
    assert told.lines[-1][1] == (
        "The first 5 of 24 are listed; all are in inputs/links.parquet of the saved evaluation."
    )


def test_an_evaluation_of_an_earlier_version_has_counts_and_says_what_it_lacks():
    made = linked()
    inputs = {name: table for name, table in made.inputs.items() if name != "links"}
    old = replace(made, _inputs=lambda: inputs)
    assert part(old, "links").rows == [
        ("Post", "A", "70", "10", "60"),
        ("<b>Roads", "B", "35", "5", "30"),
    ]
    assert part(old, "links").lines[0][1].startswith("Which links these are is not recorded")
    assert part(old, "overdue-links") is None


def test_what_the_ledger_says_of_a_refused_answer_stands_beside_it():
    answers = pl.DataFrame(
        {
            "subject": ["B", "3", "2", "1"],
            "indicator": ["own", "v", "v", "v"],
            "value": [None, None, None, "4"],
            "status": ["refused", "refused", "exempt", "valid"],
            "source": ["declared", "audited", "declared", "declared"],
            "date": [None, date(2021, 3, 21), None, None],
            "evidence": ["<script>", "", "x", "y"],
        }
    )
    rules = PERIOD.replace("refused: zero", "refused: zero, exempt: skip")
    made = linked(rules, answers=answers)
    told = part(made, "refused-answers")
    heads = ["Agency", "Service", "Code", "Indicator", "Source", "Date", "Evidence"]
    assert [one.heading for one in told.columns] == heads
    assert told.rows == [
        ("<b>Roads", "–", "B", "own", "declared", "–", "<script>"),
        ("<b>Roads", "three", "3", "v", "audited", "2021-03-21", "–"),
    ]
    assert told.title == "Answers refused, one by one (2)"
    assert part(made, "refused-answers", "fa").rows[1][5] == "۱۴۰۰/۰۱/۰۱"
    shown = page.write(made, "en", with_dossier=True).decode()
    assert "&lt;script&gt;" in shown
    assert "<bdi><script>" not in shown
