"""Every condition of a ruleset is found, at the place where it is written."""

from egovrules.needs import needs
from egovrules.placed import placed_conditions, placed_nodes
from egovrules.ruleset import read_ruleset

RULESET = """\
schema: egovrules/1
id: t
title: T
scope: {services: eligible, agencies: staff > 1}
indicators:
  services: {visits: {}, both: {}, open: {type: boolean}}
  agencies: {staff: {}, both: {}}
derive:
  score: outer.steps
  twice: visits * 2
  often: visits > 2
  big: staff > 100
  part: share of visits > 3 over services
  mean_visits: mean of visits over services
axes:
  outer:
    caps: [{at: 50, when: part > 0.5}]
    criteria:
      steps:
        {use: core.yes, level: service, with: {column: open}, caps: [{at: 10, when: visits > 4}]}
    axes:
      inner:
        caps: [{at: 60, when: big}, {at: 40, when: staff > 5}]
        criteria:
          value:
            use: core.value
            level: agency
            with: {column: staff}
            when: staff > 7
            caps: [{at: 20, when: staff > 6}]
caps: [{at: 90, when: outer > 95}]
bands:
  of_services:
    of: services
    by: visits
    labels: [{none: "= 0"}, {few: "< 7", when: open}]
    otherwise: other
  of_agencies: {of: agencies, by: total, labels: [{low: "< 8"}], otherwise: other}
lists:
  first: {of: agencies, by: total, top: 3}
  chosen: {of: services, when: visits > 9}
findings:
  wrong: {of: agencies, when: total < 10, message: m}
"""
# kind, name, label, subjects, path, text
EXPECTED = {
    ("scope", "services", "", "services", "scope.services", "eligible"),
    ("scope", "agencies", "", "agencies", "scope.agencies", "staff > 1"),
    ("derive", "often", "", "services", "derive.often", "visits > 2"),
    ("derive", "big", "", "agencies", "derive.big", "staff > 100"),
    ("derive", "part", "", "services", "derive.part", "visits > 3"),
    (
        "criterion",
        "inner.value",
        "",
        "agencies",
        "axes.outer.axes.inner.criteria.value.when",
        "staff > 7",
    ),
    ("cap", "outer", "", "agencies", "axes.outer.caps.0.when", "part > 0.5"),
    (
        "cap",
        "outer.steps",
        "",
        "services",
        "axes.outer.criteria.steps.caps.0.when",
        "visits > 4",
    ),
    ("cap", "inner", "", "agencies", "axes.outer.axes.inner.caps.0.when", "big"),
    ("cap", "inner", "", "agencies", "axes.outer.axes.inner.caps.1.when", "staff > 5"),
    (
        "cap",
        "inner.value",
        "",
        "agencies",
        "axes.outer.axes.inner.criteria.value.caps.0.when",
        "staff > 6",
    ),
    ("cap", "total", "", "agencies", "caps.0.when", "outer > 95"),
    ("band", "of_services", "none", "services", "bands.of_services.labels.0.none", "visits = 0"),
    ("band", "of_services", "few", "services", "bands.of_services.labels.1.few", "visits < 7"),
    ("band", "of_services", "few", "services", "bands.of_services.labels.1.when", "open"),
    ("band", "of_agencies", "low", "agencies", "bands.of_agencies.labels.0.low", "total < 8"),
    ("list", "chosen", "", "services", "lists.chosen.when", "visits > 9"),
    ("finding", "wrong", "", "agencies", "findings.wrong.when", "total < 10"),
}


def test_all_conditions_with_their_places():
    found = placed_conditions(read_ruleset(RULESET))
    assert {
        (
            one.kind,
            one.name,
            one.label,
            one.subjects,
            ".".join(map(str, one.loc)),
            one.condition.text,
        )
        for one in found
    } == EXPECTED
    assert len(found) == len(EXPECTED)


def test_a_place_holds_the_text_of_its_condition():
    ruleset = read_ruleset(RULESET)
    for one in placed_conditions(ruleset):
        value = ruleset.document.data
        for part in one.loc:
            value = value[part]
        assert one.loc in ruleset.document.places
        assert one.condition.text.strip() in value or one.condition.text.endswith(value)


def test_nodes_with_their_places():
    found = {
        ".".join(map(str, loc)): node.id for loc, node in placed_nodes(read_ruleset(RULESET).root)
    }
    assert found == {
        "": "total",
        "axes.outer": "outer",
        "axes.outer.criteria.steps": "outer.steps",
        "axes.outer.axes.inner": "inner",
        "axes.outer.axes.inner.criteria.value": "inner.value",
    }


def test_a_column_of_both_tables_is_needed_only_of_the_one_that_is_meant():
    def columns(body):
        found = needs(read_ruleset(RULESET + body))
        return {table: {need.column for need in wanted} for table, wanted in found.items()}

    none = columns("")
    assert "both" not in none["services"] | none["agencies"]
    cap = RULESET.replace("when: staff > 5", "when: both > 5")
    found = needs(read_ruleset(cap))
    assert "both" in {need.column for need in found["agencies"]}
    assert "both" not in {need.column for need in found["services"]}
    over = needs(read_ruleset(RULESET.replace("mean of visits", "mean of both")))
    assert "both" in {need.column for need in over["services"]}
    assert "both" not in {need.column for need in over["agencies"]}


def test_who_needs_a_column_is_named():
    found = needs(read_ruleset(RULESET))
    readers = {need.by for need in found["agencies"] if need.column == "staff"}
    assert readers == {
        "criterion inner.value",
        "scope of agencies",
        "derived value big",
        "axes.outer.axes.inner.caps.1",
        "axes.outer.axes.inner.criteria.value.caps.0",
    }
