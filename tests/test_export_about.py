"""What nobody may overlook about an evaluation, fact by fact, against numbers by hand."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from egovrules.export.about import about
from egovrules.report.summary import marked

_spec = importlib.util.spec_from_file_location(
    "html_pages", Path(__file__).with_name("html_pages.py")
)
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

SUMS = """
schema: egovrules/1
id: sums
title: Sums
axes: {a: {criteria: {x: {use: core.value, with: {column: own}}}}}
reconcile:
  odd: {total: 4.5, parts: count of agencies}
  none: {total: 0, parts: count of agencies}
  even: {total: 2, parts: count of agencies}
"""


def test_every_fact_is_told_with_its_number():
    """Totals are 82.5, 82.5 and 27.5; of D nothing is known, nor of two of the services."""
    told = [fact for fact in about(pages.small_round()) if "SHA-256" not in fact.label]
    assert told[:3] == [
        ("Title", "Small round", None, "text"),
        ("Description", "A test.", None, "text"),
        ("Ruleset", "small", None, "text"),
    ]
    assert told[3:-1] == [
        ("Number of agencies", "4", 4, "count"),
        ("Agencies out of scope", "0", 0, "count"),
        ("Number of services", "5", 5, "count"),
        ("Services out of scope", "0", 0, "count"),
        ("Average total", "64.17", pytest.approx(192.5 / 3), "points"),
        ("Scale", "0 to 100", None, "text"),
        ("Decimals shown", "2", 2, "count"),
        ("Coverage needed for a rank", "50%", 0.5, "share"),
        ("How online: services, all", "5", 5, "count"),
        ("How online: services, assessed", "3", 3, "count"),
        ("Standing: agencies, all", "4", 4, "count"),
        ("Standing: agencies, assessed", "3", 3, "count"),
        ("not accounted for: Sums", "2", 2.0, "count"),
        ("not accounted for: Sums (Share of the total)", "40.0%", 0.4, "share"),
    ]
    assert told[-1].label == "Made with"
    digests = [fact.label for fact in about(pages.small_round()) if "SHA-256" in fact.label]
    assert digests == [
        f"Digest of the {what} (SHA-256)" for what in ("ruleset", "method", "dataset", "scores")
    ]


def test_a_gap_is_shown_as_a_share_of_a_whole_that_there_is():
    made = pages.evaluated(SUMS, {"code": ["A", "B"], "own": [1.0, 2.0]})
    gaps = [fact for fact in about(made) if fact.label.startswith("not accounted for")]
    assert gaps == [
        ("not accounted for: odd", "2.5", 2.5, "number"),
        ("not accounted for: odd (Share of the total)", "55.6%", pytest.approx(2.5 / 4.5), "share"),
        ("not accounted for: none", "-2", -2.0, "count"),
        ("not accounted for: none (Share of the total)", "–", None, "share"),
        ("not accounted for: even", "0", 0.0, "count"),
    ]


def test_made_up_data_and_a_what_if_are_both_marked():
    made = pages.small_round(settings=["axes.open.weight=2"])
    assert marked(made, "en") == "WHAT-IF"
    both = replace(made, manifest=made.manifest.model_copy(update={"synthetic": True}))
    assert marked(both, "en") == "SYNTHETIC DATA · WHAT-IF"
