"""Derived values, scope, bands, lists, findings, reconciliations: what binds and what does not."""

import pytest

from egovrules.errors import RulesetError
from egovrules.plugins import Registry
from egovrules.ruleset import read_ruleset

REGISTRY = Registry.installed()
AXES = """\
schema: egovrules/1
id: t
title: T
axes:
  user_centric:
    criteria:
      visits: {weight: 1}
      help: {weight: 1}
indicators:
  services: {opened: {type: date}, remark: {type: text}}
  agencies: {staff: {low: 0}, Budget: {}}
"""


def read(body):
    return read_ruleset(AXES + body, source="r.yaml", registry=REGISTRY)


def problems(body):
    with pytest.raises(RulesetError) as caught:
        read(body)
    return caught.value.problems


def only(body):
    (found,) = problems(body)
    return found


def marked(problem):
    """Return the characters above the carets."""
    line, carets = problem.excerpt.split("\n")
    return line[carets.index("^") : carets.rindex("^") + 1]


# --- derived values


@pytest.mark.parametrize(
    ("text", "levels", "kind"),
    [
        ("user_centric.visits", {"service", "agency"}, "number"),
        ("user_centric.help", {"agency"}, "number"),
        ("visits + 1", {"service"}, "number"),
        ("visits > 1 and eligible", {"service"}, "boolean"),
        ("remark", {"service"}, "text"),
        ("staff / 2", {"agency"}, "number"),
        ("is_main and help_chat", {"agency"}, "boolean"),
        ("sum of visits over services", {"agency"}, "number"),
        ("mean of visits * 2 over services", {"agency"}, "number"),
        ("count of visits > 2 or not eligible over services", {"agency"}, "number"),
        ("share of eligible over services", {"agency"}, "number"),
        ("any of opened > '2020-01-01' over services", {"agency"}, "boolean"),
    ],
)
def test_what_can_be_derived(text, levels, kind):
    """A second value, which is bound only where the first one is known, tells its type."""
    test = {"number": "x > 1", "boolean": "x", "text": "x = 'a'"}[kind]
    for level in ("service", "agency"):
        of = {"service": "services", "agency": "agencies"}[level]
        body = f'derive: {{x: "{text}"}}\nlists: {{l: {{of: {of}, when: "{test}"}}}}\n'
        if level in levels:
            (derived,) = read(body).rules.derive
            assert derived.levels == levels
        else:
            assert only(body).message == "unknown field 'x'"


def test_values_may_use_those_above():
    ruleset = read("derive:\n  a: user_centric.visits\n  b: a + 1\n  c: mean of b over services\n")
    assert [one.name for one in ruleset.rules.derive] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("body", "name", "says"),
    [
        ("{a: b + 1, b: user_centric.visits}", "b", "put 'b' before 'a'"),
        ("{a: a + 1}", "a", "put 'a' before 'a'"),
        ("{a: visits > 0 and elligible}", "elligible", "did you mean 'eligible'?"),
        ("{a: staff > 0 and is_man}", "is_man", "did you mean 'is_main'?"),
        ("{a: user_centric}", "user_centric", "known only once agencies are scored"),
        ("{a: total * 2}", "total", "known only once agencies are scored"),
        ("{a: mean of staff over services}", "staff", "belongs to agencies"),
        ("{a: visits + staff}", "staff", "belongs to agencies"),
    ],
)
def test_values_that_cannot_be_derived(body, name, says):
    found = only(f"derive: {body}\n")
    assert (found.message, marked(found)) == (f"unknown field '{name}'", name)
    assert says in found.hint


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("user_centric.visit", "did you mean 'user_centric.visits'?"),
        ("visits >", "not the end"),
        ("sum of eligible over services", "a number is expected"),
        ("share of visits over services", "true or false is expected"),
        ("median of visits over services", "write `mean of visits over services`"),
    ],
)
def test_texts_that_derive_nothing(text, says):
    found = only(f"derive: {{a: {text}}}\n")
    assert found.where == "derive.a"
    assert says in f"{found.message} {found.hint}"


@pytest.mark.parametrize("name", ["visits", "staff", "user_centric", "eligible"])
def test_a_derived_name_is_nobody_elses(name):
    found = only(f"derive: {{{name}: user_centric.help}}\n")
    assert (found.where, marked(found)) == (f"derive.{name}", name)
    assert "already" in found.message


# --- scope


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        ("{services: electronic}", "known"),
        ("{services: visits}", "true or false is expected"),
        ("{services: is_main}", "belongs to agencies"),
        ("{agencies: visits > 1}", "belongs to services"),
        ("{agencies: total > 50}", "before anything is derived or scored"),
        ("{services: far > 50}", "before anything is derived or scored"),
        ("{agencies: kind = 'ministri'}", "did you mean 'ministry'?"),
    ],
)
def test_scope(scope, says):
    found = only(f"scope: {scope}\nderive: {{far: user_centric.visits}}\n")
    assert found.where.startswith("scope.")
    assert says in f"{found.message} {found.hint}"


# --- bands


def band(**changes):
    given = {"of": "services", "by": "visits", "labels": "[{none: '= 0'}]", "otherwise": "other"}
    given |= changes
    return "bands: {b: {" + ", ".join(f"{key}: {value}" for key, value in given.items()) + "}}\n"


@pytest.mark.parametrize(
    ("changes", "where", "points_at"),
    [
        ({"by": "vists"}, "by", "vists"),
        ({"by": "remark"}, "by", "remark"),
        ({"by": "total"}, "by", "total"),
        ({"of": "agencies"}, "by", "visits"),
        ({"labels": "[{none: '= 0 and vists > 3'}]"}, "labels.0.none", "vists"),
        ({"labels": "[{none: '>> 0'}]"}, "labels.0.none", ">"),
        ({"labels": "[{none: '= 0', when: vists > 3}]"}, "labels.0.when", "vists"),
        ({"labels": "[{none: '= 0', when: remark}]"}, "labels.0.when", "remark"),
        ({"labels": "[{none: '= 0'}, {none: '> 0'}]"}, "labels.1.none", "none"),
        ({"otherwise": "none"}, "labels.0.none", "none"),
        ({"rounded": "true"}, "rounded", "true"),
        ({"of": "agencies", "by": "total", "rounded": "true"}, "rounded", "true"),
        ({"labels": "[{none: 0}]"}, "labels.0.none", "0"),
        ({"labels": "[{none: '= 0', some: '> 0'}]"}, "labels.0", "{"),
        ({"labels": "[{when: visits > 0}]"}, "labels.0", "{"),
        ({"labels": "[none]"}, "labels.0", "none"),
        ({"labels": "[]"}, "labels", "["),
        ({"labels": "[{None: '= 0'}]"}, "labels.0", "{"),
        ({"otherwise": "Other"}, "otherwise", "Other"),
    ],
)
def test_wrong_bands(changes, where, points_at):
    found = only(band(**changes))
    assert (found.where, marked(found)) == (f"bands.b.{where}", points_at)


def test_all_labels_are_looked_at():
    labels = "[{a: '= vist'}, {b: '> vist', when: kind}]"
    assert [one.where for one in problems(band(labels=labels))] == [
        "bands.b.labels.0.a",
        "bands.b.labels.1.b",
        "bands.b.labels.1.when",
    ]


def test_a_band_may_catch_what_is_missing():
    ruleset = read(band(labels="[{unknown: is missing}, {none: '= 0'}]"))
    assert [one.tests[0].text for one in ruleset.rules.bands["b"]] == [
        "visits is missing",
        "visits = 0",
    ]


def test_bands_may_be_by_a_column_of_any_spelling():
    (label,) = read(band(of="agencies", by="Budget")).rules.bands["b"]
    assert label.tests[0].text == "Budget = 0"


# --- lists and findings


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ("{of: agencies}", "lists.l"),
        ("{of: agencies, by: total}", "lists.l"),
        ("{of: agencies, top: 3}", "lists.l"),
        ("{of: agencies, by: total, top: 0}", "lists.l.top"),
        ("{of: agencies, by: totl, top: 3}", "lists.l.by"),
        ("{of: agencies, by: kind, top: 3}", "lists.l.by"),
        ("{of: agencies, by: visits, top: 3}", "lists.l.by"),
        ("{of: services, by: growth, top: 3}", "lists.l.by"),
        ("{of: services, when: growth > 3}", "lists.l.when"),
        ("{of: agencies, when: total}", "lists.l.when"),
        ("{of: bodies, when: total > 3}", "lists.l.of"),
        ("{of: agencies, by: total, top: 3, order: down}", "lists.l.order"),
    ],
)
def test_wrong_lists(entry, where):
    assert only(f"lists: {{l: {entry}}}\n").where == where


@pytest.mark.parametrize(
    "entry",
    [
        "{of: agencies, by: growth, top: 5}",
        "{of: agencies, by: rank_growth, top: 5, order: ascending}",
        "{of: agencies, when: rank <= 10 and user_centric > 50 and coverage = 1}",
        "{of: services, by: visits, top: 5}",
        "{of: agencies, by: Budget, top: 5}",
    ],
)
def test_lists_that_are_fine(entry):
    assert read(f"lists: {{l: {entry}}}\n").rules.lists


@pytest.mark.parametrize(
    ("entry", "where", "says"),
    [
        ("{of: agencies, when: totl > 3, message: m}", "when", "did you mean 'total'?"),
        ("{of: agencies, when: total > 3}", "message", "missing"),
        ("{of: agencies, when: total > 3, message: m, severity: bad}", "severity", "error"),
        ("{of: agencies, when: total > 3, message: '{totl}'}", "message", "did you mean 'total'?"),
        ("{of: services, when: visits > 3, message: '{total}'}", "message", "belongs to agencies"),
        (
            "{of: agencies, when: total > 3, message: {en: '{total}', fa: '{visits}'}}",
            "message.fa",
            "belongs to services",
        ),
    ],
)
def test_wrong_findings(entry, where, says):
    found = only(f"findings: {{f: {entry}}}\n")
    assert found.where == f"findings.f.{where}"
    assert says in f"{found.message} {found.hint}"


def test_a_message_may_print_what_is_known():
    text = "{name} ({agency}): {total}, rank {rank}, {user_centric}, {far}"
    derive = "derive: {far: mean of visits over services}\n"
    assert read(f"{derive}findings: {{f: {{of: agencies, when: total < 3, message: '{text}'}}}}\n")


# --- reconciliations


@pytest.mark.parametrize(
    ("entry", "where", "says"),
    [
        ("{total: count of bodies, parts: bands.b}", "total", "count of services"),
        ("{total: many, parts: bands.b}", "total", "nothing that can be counted"),
        ("{total: 3, parts: bands.c}", "parts", "known: b"),
        ("{total: 3, parts: [bands.b.none, bands.b.non]}", "parts.1", "did you mean 'none'?"),
        ("{total: 3, parts: []}", "parts", "at least one"),
        ("{total: 3, parts: bands.b, without: [othr]}", "without.0", "did you mean 'other'?"),
        ("{total: 3, parts: bands.b, when_not: bad}", "when_not", "error"),
        ("{parts: bands.b}", "total", "missing"),
    ],
)
def test_wrong_reconciliations(entry, where, says):
    found = only(f"{band()}reconcile: {{r: {entry}}}\n")
    assert found.where == f"reconcile.r.{where}"
    assert says in f"{found.message} {found.hint}"


def test_reconciliations_that_are_fine():
    rules = read(
        band()
        + "reconcile:\n  all: {total: count of services, parts: bands.b, without: [other]}\n"
        + "  some: {total: 4968, parts: [bands.b.none, bands.b.other]}\n"
    ).rules.reconcile
    assert rules["all"].total.name == "services"
    assert (rules["some"].total.value, [one.label for one in rules["some"].parts]) == (
        4968.0,
        ["none", "other"],
    )
