"""``when:`` of a criterion: where false it is not applicable, and where unknown missing."""

import os
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import egovrules as eg
from egovrules import builtin
from egovrules.changes import ABSENT, changes, told
from egovrules.dataset import Dataset
from egovrules.errors import RulesetError
from egovrules.evaluation import evaluate
from egovrules.lint import lint
from egovrules.needs import needs
from egovrules.placed import placed_conditions
from egovrules.plugins import Registry
from egovrules.reached import reached
from egovrules.ruleset import load_ruleset, read_ruleset

HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"
ENGINES = ["polars", "duckdb"]
budget = settings(
    max_examples=30 * int(os.environ.get("EGOVRULES_FUZZ", "1")),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking whole evaluations takes minutes
)

KIND = "indicators: {services: {kind: {type: text}}}\n"
ONLINE = """\
axes:
  a:
    criteria:
      x: {use: core.value, level: service, weight: 3, with: {column: v}, when: kind = 't'}
      y: {use: core.value, level: service, weight: 1, with: {column: w}}
"""
# One agency: a service that is scored on both, one that x does not concern, one whose kind nobody
# knows, one whose value nobody knows.
SERVICES = {
    "code": ["1", "2", "3", "4"],
    "agency": ["A"] * 4,
    "kind": ["t", "i", None, "t"],
    "v": [80.0, 10.0, 20.0, None],
    "w": [40.0, 60.0, 100.0, 0.0],
}


def run(rules, agencies=None, services=None, *, engine="polars", registry=None):
    tables = {"agencies": pl.DataFrame(agencies or {"code": ["A"]})}
    if services is not None:
        tables["services"] = pl.DataFrame(services)
    return evaluate(
        read_ruleset(HEAD + rules, registry=registry), Dataset.of(**tables, engine=engine)
    )


def node(evaluation, name, agency="A"):
    """Return score, coverage and state of a node."""
    rows = evaluation.criteria.filter(node=name, agency=agency)
    return rows.select("score", "coverage", "state").row(0)


def states(evaluation, name):
    return evaluation.services.sort("service")[f"{name}.state"].to_list()


# --- by hand


@pytest.mark.parametrize("engine", ENGINES)
def test_scored_where_true_off_where_false_and_missing_where_unknown(engine):
    found = run(KIND + ONLINE, services=SERVICES, engine=engine)
    assert states(found, "a.x") == ["scored", "not_applicable", "missing", "missing"]
    assert found.services.sort("service")["a.x"].to_list() == [80.0, None, None, None]
    # Three services count, of which one has a score; y is 200 / 4; a is (3 · 80 + 50) / 4.
    assert node(found, "a.x") == (80.0, pytest.approx(1 / 3), "scored")
    counts = found.criteria.filter(node="a.x").select("scored", "missing", "not_applicable").row(0)
    assert counts == (1, 2, 1)
    assert node(found, "a.y") == (50.0, 1.0, "scored")
    assert node(found, "a") == (72.5, pytest.approx((3 / 3 + 1) / 4), "scored")


@pytest.mark.parametrize(
    ("policy", "score", "coverage"),
    [("skip", 80.0, 1 / 3), ("zero", 80 / 3, 1.0), ("exclude", None, 1 / 3)],
)
def test_policies_concern_the_missing_and_not_the_others(policy, score, coverage):
    rules = f"{KIND}missing: {{policy: {policy}}}\n{ONLINE}"
    found = node(run(rules, services=SERVICES), "a.x")
    assert found[:2] == (pytest.approx(score), pytest.approx(coverage))


@pytest.mark.parametrize("policy", ["skip", "zero", "exclude"])
def test_a_criterion_that_concerns_no_service_leaves_its_axis(policy):
    rules = f"{KIND}missing: {{policy: {policy}, min_coverage: 1}}\n{ONLINE}"
    found = run(rules, services=SERVICES | {"kind": ["i"] * 4})
    assert node(found, "a.x") == (None, None, "not_applicable")
    assert node(found, "a") == (50.0, 1.0, "scored")
    assert found.agencies.select("total", "rank").row(0) == (50.0, 1)


def test_unknown_counts_against_the_minimum_coverage_and_false_does_not():
    rules = f"{KIND}missing: {{min_coverage: 0.9}}\n{ONLINE}"
    for kind, rank in (("i", 1), (None, None), ("t", 1)):
        services = {"code": ["1"], "agency": ["A"], "kind": [kind], "v": [80.0], "w": [40.0]}
        services = pl.DataFrame(services, schema_overrides={"kind": pl.String})
        found = run(rules, services=services)
        assert found.agencies["rank"].to_list() == [rank], kind


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_not_applicable_does_not_enter_a_pool(engine):
    rules = f"""{KIND}
axes:
  a:
    criteria:
      r:
        use: core.ratio
        level: service
        rollup: pooled
        with: {{numerator: met, denominator: cases}}
        when: kind = 't'
"""
    services = {
        "code": list("12345"),
        "agency": ["A"] * 5,
        "kind": ["t", "t", "i", None, "i"],
        "met": [5.0, 90.0, 0.0, 1.0, None],
        "cases": [10.0, 90.0, 900.0, 50.0, None],
    }
    found = run(rules, services=services, engine=engine)
    assert node(found, "a.r") == (95.0, pytest.approx(2 / 3), "scored")  # 95 of 100; 4 is missing
    off, unknown = "not_applicable", "missing"
    assert states(found, "a.r") == ["scored", "scored", off, unknown, off]


def test_a_ratio_over_nothing_and_the_condition_combine_as_in_sql():
    rules = f"""{KIND}
axes:
  a:
    criteria:
      r:
        use: core.ratio
        level: service
        with: {{numerator: met, denominator: cases}}
        when: kind = 't'
"""
    pairs = [(kind, d) for kind in ("t", "i", None) for d in (2.0, 0.0, None)]
    services = {
        "code": [f"{n}" for n in range(len(pairs))],
        "agency": ["A"] * len(pairs),
        "kind": [kind for kind, _ in pairs],
        "met": [0.0 if d == 0 else 1.0 for _, d in pairs],
        "cases": [d for _, d in pairs],
    }
    off, unknown = "not_applicable", "missing"
    assert states(run(rules, services=services), "a.r") == [
        *("scored", off, unknown),
        *(off, off, off),
        *(unknown, off, unknown),
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("after", ["axis", "total"])
def test_with_the_rollup_after_axis_or_total_a_service_is_scored_on_what_concerns_it(engine, after):
    rules = f"{KIND}rollup: {{after: {after}}}\n{ONLINE}"
    found = run(rules, services=SERVICES, engine=engine)
    # (3 · 80 + 40) / 4; 60; 100 and 0, on a quarter of their weight: in the mean 57.5.
    assert found.agencies["total"].to_list() == [(70 + 60 + 100 + 0) / 4]
    assert found.agencies["coverage"].to_list() == [(1 + 1 + 0.25 + 0.25) / 4]


def test_on_agencies():
    rules = """
axes:
  a:
    criteria:
      x: {use: core.value, weight: 3, missing: zero, with: {column: v}, when: staff > 9}
      y: {use: core.value, with: {column: w}}
indicators: {agencies: {staff: {}}}
"""
    agencies = {
        "code": ["A", "B", "C"],
        "staff": [10.0, 9.0, None],
        "v": [80.0, 80.0, 80.0],
        "w": [40.0, 40.0, 40.0],
    }
    found = run(rules, agencies)
    assert dict(found.agencies.select("agency", "total").iter_rows()) == {
        "A": 70.0,
        "B": 40.0,
        "C": 10.0,  # unknown is missing, which counts as zero
    }
    shown = [node(found, "a.x", agency)[1:] for agency in "ABC"]
    assert shown == [(1.0, "scored"), (None, "not_applicable"), (1.0, "missing")]


def test_statuses_in_the_cells_of_the_criterion():
    rules = f"{KIND}missing: {{policy: skip, status: {{refused: zero}}}}\n{ONLINE}"
    cells = ["not_applicable", "refused", "80"]
    kinds = ["t", "i", ""]
    pairs = [(cell, kind) for kind in kinds for cell in cells]
    count = len(pairs)
    services = {
        "code": [f"{n}" for n in range(count)],
        "agency": ["A"] * count,
        "kind": [kind for _, kind in pairs],
        "v": [cell for cell, _ in pairs],
        "w": ["50"] * count,
    }
    found = run(rules, services=services)
    off, unknown = "not_applicable", "missing"
    assert states(found, "a.x") == [
        *(off, unknown, "scored"),
        *(off, off, off),
        *(off, unknown, unknown),
    ]
    # Refused counts as zero where x concerns the service, or may: twice. One 80; one left out.
    assert node(found, "a.x") == (pytest.approx(80 / 3), pytest.approx(3 / 4), "scored")


def test_caps_bound_what_is_scored():
    capped = ONLINE.replace("when: kind = 't'", "when: kind = 't', caps: [{at: 30, when: w < 50}]")
    found = run(KIND + capped, services=SERVICES)
    assert node(found, "a.x")[0] == 30.0
    assert found.services.sort("service")["a.x.cap"].is_not_null().to_list() == [True] + [False] * 3


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_not_applicable_sets_no_end_of_a_normalisation(engine):
    normalised = ONLINE.replace("when: kind", "normalise: min_max, when: kind")
    services = SERVICES | {"kind": ["t", "i", None, "t"], "v": [10.0, 1000.0, -50.0, 30.0]}
    found = run(KIND + normalised, services=services, engine=engine)
    assert found.services.sort("service")["a.x"].to_list() == [0.0, None, None, 100.0]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_condition_without_fields_is_meant_as_it_stands(engine):
    for when, state in (("true", "scored"), ("1 = 2", "not_applicable")):
        rules = ONLINE.replace("kind = 't'", f'"{when}"').replace("w}", "v}")
        found = run(rules, services=SERVICES | {"v": [1.0] * 4}, engine=engine)
        assert states(found, "a.x") == [state] * 4


class Slow(eg.Criterion):
    """Twice the amount, worked out row by row; an amount of 7 is no concern of it."""

    id = "demo.slow"
    level = "service"

    amount: eg.Column = eg.reads("amount", low=0, high=50)

    def applies(self):
        return eg.col(self.amount) != 7

    def score_row(self, row):
        return None if row[self.amount] is None else 2.0 * row[self.amount]


@eg.hookimpl
def egovrules_criteria():
    return [Slow]


def test_criteria_in_plain_python_and_their_own_applies():
    registry = Registry.of(
        {"core": builtin, "demo": SimpleNamespace(egovrules_criteria=egovrules_criteria)}
    )
    rules = KIND + "axes: {a: {criteria: {x: {use: demo.slow, when: kind = 't'}}}}\n"
    pairs = [(kind, amount) for kind in ("t", "i", None) for amount in (5.0, 7.0, None)]
    services = {
        "code": [f"{n}" for n in range(len(pairs))],
        "agency": ["A"] * len(pairs),
        "kind": [kind for kind, _ in pairs],
        "amount": [amount for _, amount in pairs],
    }
    found = run(rules, services=services, registry=registry)
    off, unknown = "not_applicable", "missing"
    assert states(found, "a.x") == [
        *("scored", off, unknown),
        *(off, off, off),
        *(unknown, off, unknown),
    ]
    assert node(found, "a.x")[0] == 10.0


# --- against plain loops


def judged(kind, size, value):
    """Say by hand what becomes of a service on ``kind = 't' and size > 2``."""
    first = None if kind is None else kind == "t"
    second = None if size is None else size > 2
    if False in (first, second):
        return "not_applicable"
    if None in (first, second, value):
        return "missing"
    return value


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B"]),
        st.sampled_from(["t", "i", None]),
        st.sampled_from([1.0, 2.0, 3.0, None]),
        st.one_of(st.none(), st.integers(0, 100).map(float)),
    ),
    min_size=1,
    max_size=12,
)


@budget
@given(ROWS, st.sampled_from(["skip", "zero", "exclude"]))
def test_random_services_equal_a_plain_loop_on_both_engines(rows, policy):
    rules = f"""
indicators: {{services: {{kind: {{type: text}}, size: {{}}}}}}
missing: {{policy: {policy}}}
axes:
  a:
    criteria:
      x: {{use: core.value, level: service, with: {{column: v}}, when: kind = 't' and size > 2}}
"""
    names = {"agency": pl.String, "kind": pl.String, "size": pl.Float64, "v": pl.Float64}
    table = pl.DataFrame(rows, schema=names, orient="row")
    table = table.with_columns(code=pl.Series([f"{n:02}" for n in range(len(rows))]))
    for engine in ENGINES:
        found = run(rules, {"code": ["A", "B"]}, table, engine=engine)
        for agency in "AB":
            came = [judged(*row[1:]) for row in rows if row[0] == agency]
            scores = [one for one in came if isinstance(one, float)]
            absent, everyone = came.count("missing"), len(came) - came.count("not_applicable")
            counted = [*scores, *[0.0] * absent] if policy == "zero" else scores
            none = not counted or (policy == "exclude" and absent > 0)
            state = "scored" if scores else "missing" if absent else "not_applicable"
            assert node(found, "a.x", agency) == (
                None if none else pytest.approx(sum(counted) / len(counted)),
                pytest.approx(len(counted) / everyone) if everyone else None,
                state,
            )


# --- what else looks at conditions


def test_who_needs_a_column_and_where_the_condition_stands():
    ruleset = read_ruleset(HEAD + KIND + ONLINE)
    (placed,) = placed_conditions(ruleset)
    assert (placed.kind, placed.name, placed.subjects) == ("criterion", "a.x", "services")
    assert placed.loc == ("axes", "a", "criteria", "x", "when")
    assert [one.by for one in needs(ruleset)["services"] if one.column == "kind"] == [
        "criterion a.x"
    ]
    agencies = ONLINE.replace("level: service", "level: agency").replace("kind = 't'", "is_main")
    assert [one.subjects for one in placed_conditions(read_ruleset(HEAD + agencies))] == [
        "agencies"
    ]


def test_a_column_is_read_by_no_other_rule():
    assert read_ruleset(HEAD + KIND + ONLINE).warnings == ()
    (warning,) = read_ruleset(HEAD + KIND + ONLINE.replace(", when: kind = 't'", "")).warnings
    assert warning.message == "nothing reads 'kind'"


def test_the_method_digest_knows_the_condition_and_not_its_white_space():
    def digest(when):
        return read_ruleset(HEAD + KIND + ONLINE.replace(", when: kind = 't'", when)).method_digest

    one = digest(", when: kind = 't'")
    assert one == digest(", when: \"kind   =  't'\"")
    assert one != digest(", when: kind = 'u'")
    assert one != digest("")
    assert digest("") == digest(", when: null")


def test_differences_name_the_condition():
    def effective(when):
        return read_ruleset(HEAD + KIND + ONLINE.replace("kind = 't'", when)).effective

    old = effective("kind = 't'")
    (change,) = changes(old, effective("kind = 'u'"))
    assert (change.kind, told(change)) == (
        "method",
        "axes.a.criteria.x.when: kind = 't' → kind = 'u'",
    )
    assert changes(old, effective("\"kind  = 't'\"")) == ()
    (change,) = changes(effective("null"), old)
    assert (change.old, change.new) == (ABSENT, "kind = 't'")


def test_a_ruleset_that_extends_another_can_add_change_and_remove_it(tmp_path):
    (tmp_path / "parent.yaml").write_text(HEAD + KIND + ONLINE, encoding="utf-8")
    for when, expected in (("w > 3", "w > 3"), ("null", None)):
        child = f"extends: parent.yaml\nid: c\naxes: {{a: {{criteria: {{x: {{when: {when}}}}}}}}}\n"
        if when == "null":
            child += "indicators: null\n"
        (tmp_path / "child.yaml").write_text(child, encoding="utf-8")
        (x, _) = load_ruleset(tmp_path / "child.yaml").root.criteria()
        assert (x.applies and x.applies.text) == expected


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("size < 0", "this is never true: 'size' cannot be below 0"),
        ("size >= 0", "this is true wherever it is known: 'size' cannot be below 0"),
        ("size > 0", None),
    ],
)
def test_a_condition_that_decides_nothing_is_told(when, said):
    rules = "indicators: {services: {size: {low: 0}}}\n" + ONLINE.replace("kind = 't'", when)
    found = [(one.where, one.message) for one in lint(read_ruleset(HEAD + rules))]
    assert found == ([("axes.a.criteria.x.when", said)] if said else [])


def test_cases_must_reach_true_false_and_unknown():
    ruleset = read_ruleset(HEAD + KIND + ONLINE)
    for kinds, came in (
        (["t", "t"], {"true"}),
        (["i", "t"], {"true", "false"}),
        (["i", None], {"false", "unknown"}),
    ):
        services = {"code": ["1", "2"], "agency": ["A"] * 2, "kind": kinds}
        services |= {"v": [1.0, 1.0], "w": [1.0, 1.0]}
        evaluation = run(KIND + ONLINE, services=services)
        items = [one for one in reached(ruleset, [evaluation]) if one.kind == "condition"]
        assert {one.name for one in items} == {"kind = 't'"}
        assert {one.outcome for one in items} == {"true", "false", "unknown"}
        assert {one.outcome for one in items if one.reached} == came


def test_what_is_wrong_with_a_condition_stands_at_its_place():
    rules = ONLINE.replace("kind = 't'", "agency")
    with pytest.raises(RulesetError) as caught:
        read_ruleset(HEAD + rules)
    (problem,) = caught.value.problems
    assert problem.where == "axes.a.criteria.x.when"
    assert problem.message == "true or false is expected; 'agency' is text"
