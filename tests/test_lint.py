"""Warnings of ``check``: what is told, where, and what is not told."""

import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from egovrules.cli import cli
from egovrules.dataset import Dataset
from egovrules.errors import RulesetError
from egovrules.evaluation import evaluate
from egovrules.lint import lint
from egovrules.ruleset import load_ruleset, read_ruleset
from egovrules.source import load_source
from egovrules.source.unused import unused_columns, unused_tables

ROOT = Path(__file__).parents[1]
RULESETS = ROOT / "rulesets"
HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"
INDICATORS = """\
indicators:
  services:
    visits: {low: 0}
    share: {low: 0, high: 100}
    kind: {type: text, values: [fee, free]}
    remark: {type: text}
    opened: {type: date}
  agencies: {staff: {low: 0}}
"""
AXES = "axes: {a: {criteria: {yes: {use: core.yes, level: agency, with: {column: b}}}}}\n"


def told(body, *, axes=AXES, today=None):
    """Return the warnings of a ruleset, path and message."""
    ruleset = read_ruleset(HEAD + INDICATORS + axes + body, source="r.yaml")
    found = lint(ruleset, today=today)
    assert all(one.severity == "warning" and one.hint and one.excerpt for one in found)
    return [(one.where, one.message) for one in found]


def marked(problem):
    """Return the characters above the carets."""
    line, carets = problem.excerpt.split("\n")
    return line[carets.index("^") : carets.rindex("^") + 1]


def test_a_plain_ruleset_has_no_warnings():
    assert told("") == []


def test_warnings_come_in_the_order_of_the_file():
    body = """\
findings:
  late: {of: services, when: visits < 0, message: m}
lists:
  early: {of: services, when: share > 100}
"""
    assert [where for where, _ in told(body)] == ["findings.late.when", "lists.early.when"]


# --- what titles claim


def axes(*titles, weights=(25, 25, 25, 25)):
    """Write four axes, of which the first ones have these titles."""
    lines = ["axes:"]
    for number, weight in enumerate(weights):
        title = f"title: {titles[number]}, " if number < len(titles) else ""
        lines.append(
            f"  x{number}: {{{title}weight: {weight}, criteria: "
            f"{{yes: {{use: core.yes, level: agency, with: {{column: b{number}}}}}}}}}"
        )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "title",
    [
        "User (20 %)",
        "User (20%)",
        "User [20 per cent]",
        "User 20 Percent",
        "User, 20 %",
        "20 %: user",
        "20%",
        "{fa: کاربر (۲۰٪)}",
        "{fa: کاربر ۲۰ درصد}",
        "{fa: کاربر (٪۲۰)}",
        "User (24.9 %)",
        "User (24,4 %)",
    ],
)
def test_titles_that_claim_another_weight(title):
    written = title if title.startswith("{") else f'"{title}"'
    ((where, message),) = told("", axes=axes(written))
    assert where == "axes.x0.title" + (".fa" if title.startswith("{") else "")
    assert message.startswith("the title claims 2")
    assert message.endswith(" %, and the weight is 25.0 % of the total")


@pytest.mark.parametrize(
    "title",
    [
        "User (25 %)",
        "User (25.0 %)",
        "{fa: کاربر (۲۵٪)}",
        "{fa: کاربر (۲۵٫۰۰ درصد)}",
        "Services of which 90 % are online",
        "90 % of services online in time",
        "User (2025)",
        "Under 3 points",
        "User",
    ],
)
def test_titles_that_claim_the_weight_or_nothing(title):
    written = title if title.startswith("{") else f'"{title}"'
    assert told("", axes=axes(written)) == []


def test_each_language_makes_its_own_claim():
    found = told("", axes=axes("{en: User (25 %), fa: کاربر (۲۰٪)}"))
    assert [where for where, message in found if "claims" in message] == ["axes.x0.title.fa"]


def test_a_claim_is_rounded_as_it_is_written():
    weights = (1, 2)  # a third is 33.333… %
    assert told("", axes=axes('"U (33 %)"', '"V (66.67 %)"', weights=weights)) == []
    ((where, message),) = told("", axes=axes('"U (33.4 %)"', '"V (67 %)"', weights=weights))
    assert (where, message) == (
        "axes.x0.title",
        "the title claims 33.4 %, and the weight is 33.3 % of the total",
    )


NESTED = """\
axes:
  a:
    weight: 3
    criteria:
      one: {use: core.yes, level: agency, weight: 1, title: "One (TITLE)", with: {column: b}}
      two: {use: core.yes, level: agency, weight: 1, with: {column: c}}
  z: {weight: 1, criteria: {yes: {use: core.yes, level: agency, with: {column: d}}}}
"""


@pytest.mark.parametrize("share", ["50 %", "37.5 %"])
def test_a_share_of_the_axis_or_of_the_total_will_do(share):
    assert told("", axes=NESTED.replace("TITLE", share)) == []


def test_both_shares_are_told():
    assert told("", axes=NESTED.replace("TITLE", "40 %")) == [
        (
            "axes.a.criteria.one.title",
            "the title claims 40 %, and the weight is 50.0 % of its axis, 37.5 % of the total",
        )
    ]


# --- odd sums


@pytest.mark.parametrize(
    ("weights", "total", "meant"),
    [
        ((25, 25, 25, 20), "95", "100"),
        ((25, 25, 25, 26), "101", "100"),
        ((40, 30, 20), "90", "100"),
        ((33.5, 33.5, 34), "101", "100"),
        ((0.5, 0.3, 0.1), "0.9", "1"),
        ((0.3, 0.3, 0.3), "0.9", "1"),
        ((0.25, 0.25, 0.25, 0.2), "0.95", "1"),
        ((0.35, 0.35, 0.32), "1.02", "1"),
        ((60, 40, 5, 0), "105", "100"),
    ],
)
def test_sums_that_look_meant_and_are_not(weights, total, meant):
    assert told("", axes=axes(weights=weights)) == [
        ("axes", f"the weights here add up to {total}, and look meant to add up to {meant}")
    ]


@pytest.mark.parametrize(
    "weights",
    [
        (25, 25, 25, 25),
        (40, 30, 30),
        (100,),
        (95,),
        (30, 30, 30),  # equal, and no more than that
        (30, 30, 30, 0),
        (2, 1, 1),
        (3, 3, 2),
        (1, 1.5, 2),
        (20, 20, 10),  # far from any sum
        (0.5, 0.25, 0.25),
        (0.33, 0.33, 0.33),  # rounded thirds
        (0.17, 0.17, 0.67),
        (16.7, 16.7, 66.7),
        (0.1, 0.2),
        ("1/3", "1/3", "1/4"),
        ("1/2", 0.3, 0.1),
        (60, 40, 0),
        (0.1, 0.2, 0.3, 0.4),  # 1.0000000000000002 as floats
    ],
)
def test_sums_that_are_meant(weights):
    assert told("", axes=axes(weights=weights)) == []


def test_a_sum_is_told_of_the_axis_that_it_is_in_unless_a_weight_is_a_default():
    body = NESTED.replace("(TITLE)", "").replace("weight: 1, title", "weight: 60, title")
    odd = body.replace("weight: 1, with: {column: c}", "weight: 39, with: {column: c}")
    assert [where for where, _ in told("", axes=odd)] == ["axes.a"]
    assert told("", axes=body.replace("weight: 1, with: {column: c}", "with: {column: c}")) == []


# --- conditions


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("visits < 0", "this is never true: 'visits' cannot be below 0"),
        ("visits >= 0", "this is true wherever it is known: 'visits' cannot be below 0"),
        ("share > 100", "this is never true: 'share' cannot be above 100"),
        ("share > 100 or visits < 0", "this is never true: 'visits' cannot be below 0"),
        (
            "share between 0 and 100",
            "this is true wherever it is known: 'share' cannot be above 100",
        ),
        ("visits > 3 and visits < 2", "this is never true: its parts contradict"),
        (
            "visits > 3 or visits <= 3 or visits is missing",
            "this is always true: it holds for every value",
        ),
        ("eligible is missing", "this is never true: 'eligible' is never missing"),
        ("eligible is not missing", "this is always true: 'eligible' is never missing"),
        (
            "kind in ('fee', 'free')",
            "this is true wherever it is known: 'kind' has no other values",
        ),
        ("kind = 'fee' and kind = 'free'", "this is never true: its parts contradict"),
        ("remark = ''", "this is never true: 'remark' is missing where it is empty"),
    ],
)
def test_conditions_that_decide_nothing(when, message):
    body = f'lists: {{l: {{of: services, when: "{when}"}}}}\n'
    assert told(body) == [("lists.l.when", message)]


def test_two_bounds_that_only_together_make_a_condition_impossible():
    body = 'lists: {l: {of: services, when: "visits < 0 and share > 100"}}\n'
    ((_, message),) = told(body)
    assert (
        message == "this is never true: 'share' cannot be above 100 and 'visits' cannot be below 0"
    )


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("total > 100", "this is never true: 'total' cannot be above 100"),
        ("a < 0", "this is never true: 'a' cannot be below 0"),
        ("rank < 1", "this is never true: 'rank' cannot be below 1"),
        ("rank > 1 and rank < 2", "this is never true: 'rank' is a whole number"),
        ("coverage > 1", "this is never true: 'coverage' cannot be above 1"),
        ("growth > 100", "this is never true: 'growth' cannot be above 100"),
        ("fees < 0", "this is never true: 'fees' cannot be below 0"),
        ("part > 1", "this is never true: 'part' cannot be above 1"),
        ("seen is missing", "this is never true: 'seen' is never missing"),
    ],
)
def test_what_is_known_of_results_and_derived_values(when, message):
    body = f"""\
derive:
  fees: "count of kind = 'fee' over services"
  part: "share of kind = 'fee' over services"
  seen: count of kind is not missing over services
findings: {{f: {{of: agencies, when: "{when}", message: m}}}}
"""
    assert told(body) == [("findings.f.when", message)]


@pytest.mark.parametrize(
    "when",
    [
        "visits > 0",
        "visits = 0",
        "share = 100",
        "visits is missing",
        "visits < 0 or eligible",
        "share < visits",
        "kind = 'fee'",
        "remark != 'x'",
        "opened < '2021-01-01'",
        "true",  # names no field, so it is meant
        "1 = 2",
        "visits * 0 > 1",  # calculates, so that nothing is claimed
        "visits / share < 0",
    ],
)
def test_conditions_of_which_nothing_is_claimed(when):
    assert told(f'lists: {{l: {{of: services, when: "{when}"}}}}\n') == []


def test_every_kind_of_condition_is_looked_at():
    body = """\
scope: {services: visits < 0}
derive: {odd: visits < 0, part: share of visits < 0 over services}
caps: [{at: 50, when: staff < 0}]
lists: {l: {of: services, when: visits < 0}}
findings: {f: {of: services, when: visits < 0, message: m}}
bands:
  b:
    of: services
    by: visits
    labels: [{some: "> 0", when: visits >= 0}]
    otherwise: other
"""
    axes = AXES.replace("{column: b}", "{column: b}, when: staff < 0")
    assert [where for where, _ in told(body, axes=axes)] == [
        "axes.a.criteria.yes.when",
        "scope.services",
        "derive.odd",
        "derive.part",
        "caps.0.when",
        "lists.l.when",
        "findings.f.when",
        "bands.b.labels.0.when",
    ]


# --- bands


def band(labels, of="services", by="visits"):
    return f"bands: {{b: {{of: {of}, by: {by}, labels: [{labels}], otherwise: other}}}}\n"


@pytest.mark.parametrize(
    ("labels", "where", "message"),
    [
        (
            '{low: "< 5"}, {none: "= 0"}',
            "1.none",
            "nothing can be 'none': 'low' before it takes all it fits",
        ),
        (
            '{low: "<= 5"}, {high: ">= 5"}, {mid: "between 3 and 8"}',
            "2.mid",
            "nothing can be 'mid': 'low' and 'high' before it take all it fits",
        ),
        (
            '{less: "< 0"}, {more: ">= 0"}',
            "0.less",
            "nothing can be 'less': its test is never true",
        ),
        (
            "{some: \"> 0\"}, {odd: \"= 0\", when: kind = 'fee' and kind = 'free'}",
            "1.odd",
            "nothing can be 'odd': its test is never true",
        ),
        (
            '{low: "< 5"}, {mid: "between 3 and 8"}, {high: "> 8"}',
            "1.mid",
            "'low' and 'mid' both fit visits = 3, so their order decides",
        ),
        (
            '{fee: "> 0", when: kind = \'fee\'}, {many: "> 9"}, {few: "> 0"}',
            "1.many",
            "'fee' and 'many' both fit kind = 'fee' and visits = 10, so their order decides",
        ),
    ],
)
def test_labels_that_are_odd(labels, where, message):
    found = told(band(labels))
    assert (f"bands.b.labels.{where}", message) in found
    assert len(found) == 1 or "'low' and 'high'" in message  # which overlap at 5


@pytest.mark.parametrize(
    "labels",
    [
        '{none: "= 0"}, {low: "< 50"}, {all: "= 100", when: share = 0}, {top: ">= 50"}',
        '{none: "= 0"}, {some: "> 0"}',
        '{unknown: is missing}, {none: "= 0"}, {rest: ">= 0"}',
        '{half: "= 1 / 2"}, {rest: ">= 0"}',
        '{many: "> 4"}, {few: "between 2 and 4"}, {one: "= 1"}',  # whole numbers: no gap
        # nothing that is tried lands on the first, which proves nothing
        '{rare: "> 0", when: visits * visits * visits = 1001}, {rest: ">= 0"}',
    ],
)
def test_labels_as_they_are_usually_written(labels):
    assert told(band(labels)) == []


@pytest.mark.parametrize(
    ("labels", "by", "gap"),
    [
        ('{high: "> 75"}, {mid: "between 50 and 55"}, {low: "< 50"}', "share", "share = 56"),
        ('{low: "< 25"}, {high: "> 25"}', "share", "share = 25"),
        ('{some: "> 5"}, {none: "= 0"}, {few: "between 1 and 4"}', "visits", "visits = 5"),
        ('{low: "<= 0.4"}, {high: ">= 0.6"}', "share", "share = 0.5"),
        ('{low: "<= 49"}, {high: ">= 50"}', "total", "total = 49.5"),
    ],
)
def test_a_gap_between_labels(labels, by, gap):
    message = f"'other' takes values between the labels, as {gap}, too"
    of = "agencies" if by == "total" else "services"
    assert told(band(labels, of, by)) == [("bands.b.otherwise", message)]


def test_a_label_points_at_its_name():
    body = band('{low: "< 5"}, {none: "= 0"}')
    (found,) = lint(read_ruleset(HEAD + INDICATORS + AXES + body))
    assert marked(found) == "none"


# --- periods, languages


def test_a_period_that_has_ended_is_told_only_with_a_day():
    body = "period: {calendar: jalali, year: 1400, season: spring}\n"
    assert told(body) == []
    assert told(body, today=date(2021, 6, 21)) == []  # its last day
    assert told(body, today=date(2021, 6, 22)) == [
        ("period", "the period ended on 2021-06-21"),
    ]
    assert told("", today=date(2021, 6, 22)) == []


def test_texts_that_lack_a_language():
    body = """\
description: {en: Described, fa: توصیف}
caps: [{at: 50, when: staff > 3, because: {fa: چون}}]
lists: {l: {of: services, when: visits > 0, title: Plain}}
findings: {f: {of: services, when: visits > 1, message: {en: Only English}}}
bands:
  b:
    of: services
    by: visits
    title: {en: Both, fa: هر دو}
    labels: [{none: "= 0", title: {en: None}}]
    otherwise: other
"""
    assert told(body) == [
        ("title", "this title is one text for en and fa"),
        ("caps.0.because", "this because is not written in en"),
        ("lists.l.title", "this title is one text for en and fa"),
        ("findings.f.message", "this message is not written in fa"),
        ("bands.b.labels.0.title", "this title is not written in fa"),
    ]


@pytest.mark.parametrize("text", ["Plain", "{en: English}", "{fa: فارسی}"])
def test_one_language_needs_no_other(text):
    assert told(f"lists: {{l: {{of: services, when: visits > 0, title: {text}}}}}\n") == []


def test_an_axis_may_be_called_title():
    body = AXES.replace("{a:", "{title:") + "description: {en: x, fa: w}\n"
    body = body.replace("criteria:", "title: {en: x, fa: z}, criteria:")
    assert [where for where, _ in told("", axes=body)] == ["title"]


# --- rounding


def scores(own):
    codes = [chr(ord("A") + number) for number in range(len(own))]
    return Dataset.of(agencies=pl.DataFrame({"code": codes, "name": codes, "own": own}))


VALUE = "axes: {v: {criteria: {own: {use: core.value, level: agency, with: {column: own}}}}}\n"


@pytest.mark.parametrize(
    ("body", "where", "says"),
    [
        (
            "findings: {f: {of: agencies, when: is_main and total < 50, message: m}}",
            "findings.f.when",
            "'total' is printed with 2 decimals, and compared unrounded: 49.996 shows as 50.00",
        ),
        ("lists: {l: {of: agencies, when: a > 0.5}}", "lists.l.when", "0.496 shows as 0.50"),
        (
            "lists: {l: {of: agencies, when: growth > 1 / 3}}",
            "lists.l.when",
            "'growth' is printed with 2 decimals, and compared unrounded",
        ),
        ("lists: {l: {of: agencies, when: 50 <= total}}", "lists.l.when", "49.996 shows as 50.00"),
        ("lists: {l: {of: agencies, when: total - 5 > 45}}", "lists.l.when", "44.996"),
        ("lists: {l: {of: agencies, when: 'total in (50, 60)'}}", "lists.l.when", "49.996"),
        ("lists: {l: {of: agencies, when: total between 1 and 2}}", "lists.l.when", "0.996"),
        ("lists: {l: {of: agencies, when: yes_score > 3}}", "lists.l.when", "'yes_score'"),
        ("lists: {l: {of: agencies, when: again > 3}}", "lists.l.when", "'again'"),
        (
            'bands: {b: {of: agencies, by: total, labels: [{x: "< 5"}, {y: "< 6"}], otherwise: z}}',
            "bands.b.labels.0.x",
            "4.996 shows as 5.00",
        ),
        (
            'bands: {b: {of: agencies, by: staff, otherwise: o, labels: [{s: "= 5", when: a<7}]}}',
            "bands.b.labels.0.when",
            "6.996 shows as 7.00",
        ),
    ],
)
def test_thresholds_on_scores_that_are_printed_rounded(body, where, says):
    body += "\nrank: {decimals: 2}\nderive: {yes_score: a.yes, again: yes_score}\n"
    ((place, message),) = told(body)
    assert place == where
    assert message.endswith(says) or f"{says} shows" in message or message.startswith(says)
    for rounded in ("true", "false"):
        assert told(body.replace("{of: agencies", f"{{rounded: {rounded}, of: agencies")) == []
    assert told(body.replace("rank: {decimals: 2}\n", "")) == []


def test_no_decimals_and_one():
    body = "findings: {f: {of: agencies, when: total < 50, message: m}}\nrank: {decimals: 1}\n"
    ((_, message),) = told(body)
    assert (
        message == "'total' is printed with 1 decimal, and compared unrounded: 49.96 shows as 50.0"
    )
    ((_, message),) = told(body.replace("50", "50.55"))
    assert message == "'total' is printed with 1 decimal, and compared unrounded"


def test_what_the_levels_round_already_is_compared_as_printed():
    body = "findings: {f: {of: agencies, when: total < 50, message: m}}\nrank: {decimals: 1}\n"
    assert told(body + "round: {decimals: 1}\n") == []
    assert told(body + "round: {decimals: 0}\n") == []
    assert len(told(body + "round: {decimals: 2}\n")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "lists: {l: {of: agencies, by: total, top: 10}}",
        "lists: {l: {of: agencies, when: total is missing}}",
        "lists: {l: {of: agencies, when: rank <= 10}}",
        "lists: {l: {of: agencies, when: coverage < 0.5}}",
        "lists: {l: {of: agencies, when: staff > 5}}",
        "lists: {l: {of: agencies, when: a > total}}",
        "lists: {l: {of: services, when: visits > 5}}",
        "lists: {l: {of: agencies, when: number > 5}}",
        "lists: {l: {of: agencies, when: part > 0.5}}",
        "caps: [{at: 50, when: a < 20}]",
    ],
)
def test_thresholds_on_what_is_not_printed_so(body):
    body += "\nrank: {decimals: 2}\nderive:\n  number: count of visits > 1 over services\n"
    assert told(body + "  part: share of visits > 1 over services\n") == []


def test_rounded_lists_and_findings_compare_what_prints():
    """By hand: 49.995 is a little below 49.995 as a float, 49.996 prints as 50.00."""
    body = """\
rank: {decimals: 2}
lists:
  exact: {of: agencies, when: total < 50, rounded: false, by: total}
  shown: {of: agencies, when: total < 50, rounded: true, by: total}
findings:
  exact: {of: agencies, when: v < 50, rounded: false, message: "{name} {v}"}
  shown: {of: agencies, when: v < 50, rounded: true, message: "{name} {v}"}
"""
    ruleset = read_ruleset(HEAD + VALUE + body)
    found = evaluate(ruleset, scores([49.996, 49.994, 50.0, 30.0]))

    def subjects(table, name, column):
        return table.filter(pl.col(column) == name)["subject"].to_list()

    assert subjects(found.lists, "exact", "list") == ["A", "B", "D"]
    assert subjects(found.lists, "shown", "list") == ["B", "D"]
    values = found.lists.filter(pl.col("list") == "shown")["value"].to_list()
    assert values == [49.994, 30.0]  # the list keeps them as they are
    assert subjects(found.findings, "exact", "finding") == ["A", "B", "D"]
    assert subjects(found.findings, "shown", "finding") == ["B", "D"]


def test_a_message_prints_what_was_compared():
    body = """\
rank: {decimals: 0}
findings: {f: {of: agencies, when: v >= 50, rounded: true, message: "{v}"}}
"""
    found = evaluate(read_ruleset(HEAD + VALUE + body), scores([49.6, 49.4]))
    assert found.findings["message_en"].to_list() == ["50"]


def test_rounding_reaches_growth_axes_and_derived_values_and_nothing_else():
    body = """\
rank: {decimals: 0}
indicators: {agencies: {staff: {}}}
derive: {derived: v.own, half: staff / 2}
lists:
  axis: {of: agencies, when: v = 50, rounded: true}
  derived: {of: agencies, when: derived = 50, rounded: true}
  calculated: {of: agencies, when: half = 1, rounded: true}
  growth: {of: agencies, when: growth = 1, rounded: true}
  indicator: {of: agencies, when: staff = 2, rounded: true}
bands:
  of_growth: {of: agencies, by: growth, rounded: true, labels: [{one: "= 1"}], otherwise: other}
"""
    ruleset = read_ruleset(HEAD + VALUE + body)

    def round_(own):
        table = pl.DataFrame({"code": ["A"], "name": ["A"], "own": [own], "staff": [2.4]})
        return Dataset.of(agencies=table)

    found = evaluate(ruleset, round_(49.6), previous=evaluate(ruleset, round_(49.0)))
    assert set(found.lists["list"]) == {"axis", "derived", "calculated", "growth"}
    assert found.agencies["band_of_growth"].to_list() == ["one"]


ROUNDED_BAND = """\
bands:
  l: {of: services, by: visits, rounded: ROUNDED, labels: [{some: "> 1"}], otherwise: other}
"""


@pytest.mark.parametrize(
    ("body", "where", "says"),
    [
        ("lists: {l: {of: services, when: visits > 1, rounded: ROUNDED}}", "lists.l", "lists of"),
        (
            "findings: {l: {of: services, when: visits > 1, rounded: ROUNDED, message: m}}",
            "findings.l",
            "findings of",
        ),
        (
            ROUNDED_BAND,
            "bands.l",
            "bands of",
        ),
    ],
)
@pytest.mark.parametrize("rounded", ["true", "false"])
def test_rounded_is_for_agencies_and_needs_decimals(body, where, says, rounded):
    body = body.replace("ROUNDED", rounded) + "\n"
    with pytest.raises(RulesetError) as caught:
        told(body + "rank: {decimals: 2}\n")
    (found,) = caught.value.problems
    assert found.where == f"{where}.rounded"
    assert found.message == f"only {says} agencies can be on rounded values"
    with pytest.raises(RulesetError) as caught:
        told(body.replace("services", "agencies").replace("visits", "total"))
    (found,) = caught.value.problems
    assert (found.where, found.message) == (
        f"{where}.rounded",
        "nothing says to how many decimals",
    )


def test_rounded_without_a_condition_is_refused():
    body = "rank: {decimals: 2}\nlists: {l: {of: agencies, by: total, top: 3, rounded: true}}\n"
    with pytest.raises(RulesetError) as caught:
        told(body)
    (found,) = caught.value.problems
    assert found.where == "lists.l.rounded"
    assert "there is no `when:`" in found.message


@pytest.mark.parametrize(
    "body",
    [
        "findings: {f: {of: agencies, when: 1 = 1, message: m}}",
        "lists: {f: {of: agencies, when: 'true'}}",
        "scope: {agencies: 'true'}",
    ],
)
def test_a_condition_without_fields_is_carried_out(body):
    found = evaluate(read_ruleset(HEAD + VALUE + body), scores([10.0, 20.0]))
    assert found.agencies.height == 2
    assert {found.lists.height, found.findings.height} <= {0, 2}
    nobody = body.replace("1 = 1", "1 = 2").replace("true", "false")
    found = evaluate(read_ruleset(HEAD + VALUE + nobody), scores([10.0, 20.0]))
    assert found.lists.height == found.findings.height == 0
    assert found.agencies.height == (0 if "scope" in body else 2)


# --- sources and documentation

SOURCE = """\
schema: egovrules-source/1
tables:
  standards: {file: s.csv, columns: {service: service, met: met}}
  leftovers: {file: x.csv}
  servces: {file: y.csv}
  services:
    file: services.csv
    where: in_scope and year = '2024'
    distinct: [key]
    columns:
      code: id
      agency: org
      name_fr: name
      key: id
      in_scope: {from: scope, any_of: [X]}
      visits: {from: visits, type: number}
      half: {value: visits / 2}
      free: {when: free = 'Y'}
      unread: {from: unread, type: number}
      staff_hours: {from: hours, type: number}
  agencies: {file: a.csv, columns: {code: id, name: name, phone: phone}}
folds:
  services:
    met: {table: standards, by: service, any: true}
    unmet: {table: standards, by: service, count: true}
  agencies:
    hours: {table: services, by: agency, sum: staff_hours, when: met}
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "x.source.yaml"
    path.write_text(SOURCE, encoding="utf-8")
    return load_source(path)


def test_tables_that_nothing_reads(source):
    found = list(unused_tables(source))
    assert [(one.where, one.hint) for one in found] == [
        ("tables.leftovers", "fold it under `folds:`, or remove it"),
        ("tables.servces", "did you mean 'services'?"),
    ]
    assert all(one.severity == "warning" for one in found)


def test_columns_that_nothing_reads(source):
    found = list(unused_columns(source, {"services": {"half"}, "agencies": {"hours", "unmet"}}))
    assert [(one.where, marked(one)) for one in found] == [
        ("tables.agencies.columns.phone", "phone"),
        ("tables.services.columns.free", "free"),
        ("tables.services.columns.unread", "unread"),
        ("folds.services.unmet", "unmet"),
    ]


def test_the_page_quotes_warnings_as_they_are(source):
    claim = axes('"User (25 %)"', weights=(5, 4, 5, 5))
    bodies = (
        told("", axes=claim),
        told("", axes=axes(weights=(25, 25, 25, 20))),
        told(band('{under_50: "< 50"}, {mid: "< 30"}')),
        told(band('{low: "< 5"}, {mid: "between 3 and 8"}')),
        told(band('{high: "> 75"}, {mid: "between 50 and 55"}, {low: "< 50"}', by="share")),
        told("lists: {l: {of: services, when: visits < 0}}\n"),
        told("description: {fa: z}\nlists: {l: {of: agencies, when: is_main, title: {en: x}}}\n"),
        told("rank: {decimals: 2}\nlists: {l: {of: agencies, when: total < 50}}\n"),
        told("period: 1400-spring\n", today=date(2022, 1, 1)),
    )
    messages = {message for found in bodies for _, message in found}
    messages |= {one.message for one in unused_columns(source, {})}
    page = (ROOT / "docs/reference/lint.md").read_text(encoding="utf-8")
    quotes = {line.removeprefix("> ") for line in page.split("\n") if line.startswith("> ")}
    assert len(quotes) == 10
    assert quotes <= messages


# --- the command


def run(*arguments):
    return CliRunner().invoke(cli, ["check", *map(str, arguments)])


def test_the_shipped_rulesets_have_no_warnings():
    shown = run(RULESETS, "--strict")
    assert (shown.exit_code, shown.stderr) == (0, "")


def test_periods_are_told_on_a_day():
    shown = run(RULESETS / "ir-1400-spring.yaml", "--today", "2021-06-22")
    assert shown.exit_code == 0
    assert "warning: the period ended on 2021-06-21" in shown.stderr
    assert run(RULESETS / "ir-1400-spring.yaml", "--today", "2021-06-22", "--strict").exit_code == 2
    assert run(RULESETS / "ir-1400-spring.yaml", "--today", "2021-06-21", "--strict").exit_code == 0
    wrong = run(RULESETS / "ir-1400-spring.yaml", "--today", "1400-13-01")
    assert wrong.exit_code == 2
    assert "--today" in wrong.stderr


@pytest.mark.parametrize(
    ("day", "advice"),
    [
        ("1401-01-01", "dates are Gregorian here: write '2022-03-21'"),
        ("1400-13-01", "the Jalali calendar has no such day"),
        ("1799-12-31", "write a Gregorian date from 1800 on as 'YYYY-MM-DD'"),
        ("21.6.2021", "write a Gregorian date from 1800 on as 'YYYY-MM-DD'"),
        ("20210621", "write a Gregorian date from 1800 on as 'YYYY-MM-DD'"),
    ],
)
def test_a_day_that_is_none_comes_with_advice(day, advice):
    shown = run(RULESETS / "ir-1400-spring.yaml", "--today", day)
    assert shown.exit_code == 2
    assert advice in " ".join(shown.stderr.split())
    assert "%" not in shown.stderr


def test_columns_are_told_where_sources_and_rulesets_are_checked_together(tmp_path):
    rules = tmp_path / "r.yaml"
    body = HEAD + AXES.replace(
        "level: agency, with: {column: b}", "level: service, with: {column: met}"
    )
    rules.write_text(body, encoding="utf-8")
    source = tmp_path / "x.source.yaml"
    source.write_text(SOURCE, encoding="utf-8")
    alone = run(source)
    assert alone.stderr.count("warning: nothing reads the table") == 2
    assert "no ruleset" not in alone.stderr
    both = run(tmp_path)
    assert both.exit_code == 0
    assert both.stderr.count("warning: no ruleset that is checked reads") == 6
    assert "reads 'met'" not in both.stderr
    assert run(tmp_path, "--strict").exit_code == 2
    rules.write_text(body.replace("core.yes", "core.yess"), encoding="utf-8")
    (tmp_path / "sound.yaml").write_text(HEAD + AXES, encoding="utf-8")
    broken = run(tmp_path)
    assert broken.exit_code == 2
    assert "there is no criterion 'core.yess'" in broken.stderr
    assert "no ruleset that is checked" not in broken.stderr


def test_warnings_of_a_parent_point_into_it(tmp_path):
    body = HEAD + INDICATORS + AXES + "lists: {l: {of: services, when: visits < 0}}\n"
    (tmp_path / "parent.yaml").write_text(body, encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text("schema: egovrules/1\nid: c\nextends: parent.yaml\n", encoding="utf-8")
    (found,) = lint(load_ruleset(child))
    assert os.path.basename(found.source) == "parent.yaml"  # noqa: PTH119
    assert found.line == body[: body.index("lists:")].count("\n") + 1
