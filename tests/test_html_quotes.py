"""The sentences to be quoted, word for word, against numbers by hand."""

import importlib.util
from pathlib import Path

import pytest

from egovrules.html.quotes import quotes
from egovrules.html.words import Words

_spec = importlib.util.spec_from_file_location(
    "html_pages", Path(__file__).with_name("html_pages.py")
)
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

NUMBERED = """
schema: egovrules/1
id: numbered
title: Numbered
axes: {a: {criteria: {x: {use: core.value, with: {column: own}}}}}
indicators: {services: {online: {}}}
lists: {none: {of: services, when: online > 900}}
findings: {low: {of: agencies, when: total < 50, title: Low, message: m}}
reconcile: {all: {total: 5, parts: count of services}}
"""
UNRANKED = (
    "Without a rank: 1, because too little could be assessed (under 50%) or because they are kept "
    "out."
)


def said(evaluation):
    """Return the texts by the place that they lead to, as they read."""
    found = {}
    for text, place in quotes(evaluation, Words.of(evaluation, "en")):
        found.setdefault(place, []).append(text.striptags())
    return found


def test_every_sentence_says_its_own_numbers():
    """Digital of A, B, C is 90, 90, 30 in both rounds; D has nothing but its openness, now 50."""
    told = said(pages.small_round(earlier=True, openness=[60.0, 60.0, 20.0, 50.0]))
    assert told["ranking"] == [
        "4 agencies were evaluated, with 5 services.",
        UNRANKED,
    ]
    assert told["top"] == ["Post; Roads share the first place with 82.50 points."]
    assert told["axes"] == [
        "On average agencies are strongest in Digital (70.00) and weakest in Open (47.50)."
    ]
    (largest,) = told["band-how"]
    assert largest == (
        "How online: the largest band is “high”, with 2 services, 40.0% of all 5 and 66.7% of the "
        "3 that could be assessed."
    )
    assert told["sums"] == [
        "Sums: the parts sum to 3, the total is 5; 2 (40.0%) are not accounted for."
    ]
    # From 72.5, 87.5, 37.5 and 50 to 82.5, 82.5, 27.5 and 50.
    changed, most = told["rises"]
    assert changed.startswith(
        "Since the last period, of the agencies 1 rose and 2 fell; the average change is −1.25 "
        "points."
    )
    assert most == "Post grew most, by 10.00 points, from 72.50 to 82.50."
    assert told["movement"] == ["Post won the most places: from rank 2 to rank 1."]
    assert told["list-ready"] == ["Ready: 2 of 5 services (40.0%); agencies concerned: 2."]


@pytest.mark.parametrize(
    ("openness", "text"),
    [
        ([60.0, 60.004, 20.0], "Roads; Post share the first place with 82.50 points."),
        (
            [60.0, 40.0, 20.0],
            "Post leads with 82.50 points, before Roads (77.50) and Water (27.50).",
        ),
        ([60.0, 40.0, None], "Post leads with 82.50 points."),  # too little is known of Water
    ],
)
def test_who_leads_is_told_with_those_that_follow_or_share(openness, text):
    assert said(pages.small_round(openness=[*openness, None]))["top"] == [text]


def test_without_services_none_are_counted():
    made = pages.evaluated(pages.INDEX, {"code": ["A", "B"], "one": [9.0, 5.0], "two": [9.0, 5.0]})
    assert said(made)["ranking"] == ["2 agencies were evaluated."]


def test_what_is_not_there_is_not_told_and_more_than_five_are_counted():
    services = {"code": list("12345"), "agency": list("ABCDE"), "online": [1.0] * 5}
    agencies = {"code": list("ABCDEF"), "own": [10.0, 20.0, 30.0, 40.0, 45.0, 48.0]}
    before = pages.evaluated(NUMBERED, agencies, services)
    told = said(pages.evaluated(NUMBERED, agencies, services, previous=before))
    (changed,) = told["rises"]
    assert "0 rose and 0 fell" in changed
    (low,) = told["finding-low"]
    assert low.startswith("Low: 6 (F; E; D; C; B and 1 more)")
    absent = {"axes", "sums", "movement", "list-none"}  # one axis; it adds up; all stayed
    assert not absent & told.keys()
    five = {"code": list("ABCDE"), "own": [10.0] * 5}
    (low,) = said(pages.evaluated(NUMBERED, five, services))["finding-low"]
    assert low == "Low: 5 (A; B; C; D; E)."


def test_who_won_the_most_places_is_not_who_stands_first():
    services = {"code": ["1"], "agency": ["A"], "online": [1.0]}
    codes = list("ABCD")
    before = pages.evaluated(NUMBERED, {"code": codes, "own": [10.0, 20.0, 30.0, 40.0]}, services)
    now = {"code": codes, "own": [35.0, 20.0, 36.0, 5.0]}
    told = said(pages.evaluated(NUMBERED, now, services, previous=before))
    assert told["movement"] == ["A won the most places: from rank 4 to rank 2."]
