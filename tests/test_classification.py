"""Ranks, bands, lists, statuses, caps and weights against plain loops and DuckDB.

Single cases, one per rule, are in ``test_results.py``; here the same rules meet many values.
"""

import os
from fractions import Fraction

import duckdb
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.ruleset import read_ruleset

HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"
ONE = "axes: {a: {criteria: {x: {use: core.value, with: {column: own}}}}}\n"
SERVED = "axes: {a: {criteria: {x: {use: core.value, level: service, with: {column: v}}}}}\n"
ENGINES = ["polars", "duckdb"]
budget = settings(
    max_examples=30 * int(os.environ.get("EGOVRULES_FUZZ", "1")),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking whole evaluations takes minutes
)


def run(rules, agencies, services=None, engine="polars"):
    tables = {"agencies": pl.DataFrame(agencies, infer_schema_length=None)}
    if services is not None:
        tables["services"] = pl.DataFrame(services, infer_schema_length=None)
    return evaluate(read_ruleset(HEAD + rules), Dataset.of(**tables, engine=engine))


def by_agency(evaluation, name):
    return dict(evaluation.agencies.select("agency", name).iter_rows())


# --- ranks --------------------------------------------------------------------------------------


@budget
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 400)), min_size=1, max_size=9),
    st.sampled_from([None, 0, 1, 2]),
    st.sampled_from(["min", "max", "dense", "average"]),
)
def test_ranks_equal_a_plain_count_of_those_before(quarters, decimals, ties):
    totals = [None if q is None else q / 4 for q in quarters]
    decimal = "" if decimals is None else f"decimals: {decimals}, "
    codes = [f"{n:02}" for n in range(len(totals))]
    own = pl.Series(totals, dtype=pl.Float64)
    got = by_agency(
        run(f"{ONE}rank: {{{decimal}ties: {ties}}}", {"code": codes, "own": own}), "rank"
    )
    # Exact fractions, which Python rounds half to even: no float decides.
    shown = [
        None if q is None else round(Fraction(q, 4), 9 if decimals is None else decimals)
        for q in quarters
    ]
    known = [value for value in shown if value is not None]
    for code, value in zip(codes, shown, strict=True):
        if value is None:
            assert got[code] is None
            continue
        before, same = sum(v > value for v in known), known.count(value)
        place = {
            "min": before + 1,
            "max": before + same,
            "dense": len({v for v in known if v > value}) + 1,
            "average": before + (same + 1) / 2,
        }
        assert got[code] == place[ties]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_noise_of_floats_parts_no_equal_totals(engine):
    thirds = [0.1, 0.2, 0.3]  # their mean is 0.20000000000000004 in one order of adding
    services = {
        "code": list("123456789"),
        "agency": ["A"] * 3 + ["B"] * 3 + ["C"] * 3,
        "v": thirds + thirds[::-1] + [0.2] * 3,
    }
    evaluation = run(SERVED, {"code": ["A", "B", "C"]}, services, engine)
    assert len(set(by_agency(evaluation, "total").values())) > 1, "nothing was put to the test"
    assert by_agency(evaluation, "rank") == {"A": 1, "B": 1, "C": 1}


def test_ranked_exactly_the_last_bit_parts():
    agencies = {"code": ["A", "B", "C"], "own": [0.1 + 0.2, 0.3, 0.1 + 0.2]}
    assert by_agency(run(ONE, agencies), "rank") == {"A": 1, "B": 1, "C": 1}
    exactly = run(f"{ONE}rank: {{exact: true}}\n", agencies)
    assert by_agency(exactly, "rank") == {"A": 1, "B": 3, "C": 1}


def test_a_coverage_at_the_floor_but_for_noise_is_ranked():
    criteria = ", ".join(
        f"c{n}: {{use: core.value, weight: 0.3, with: {{column: v{n}}}}}" for n in range(5)
    )
    rules = f"axes: {{a: {{criteria: {{{criteria}}}}}}}\nmissing: {{min_coverage: 0.8}}\n"
    cells = {f"v{n}": [50.0 if n < known else None for known in (4, 3)] for n in range(5)}
    agencies = pl.DataFrame({"code": ["A", "B"]} | cells, schema_overrides={"v4": pl.Float64})
    evaluation = run(rules, agencies)
    assert by_agency(evaluation, "coverage")["A"] < 0.8, "nothing was put to the test"
    assert by_agency(evaluation, "rank") == {"A": 1, "B": None}


# --- lists --------------------------------------------------------------------------------------


def test_the_first_by_total_are_the_first_by_rank():
    rules = """
axes:
  a:
    criteria:
      x: {use: core.value, with: {column: own}}
      z: {use: core.value, with: {column: other}}
missing: {min_coverage: 0.8}
rank: {decimals: 1}
lists:
  best: {of: agencies, by: total, top: 2}
  all: {of: agencies, by: total, when: total > 0}
"""
    own = [90.04, 80.02, 80.04, 99.0]
    other = pl.Series([90.04, 80.02, 80.04, None], dtype=pl.Float64)
    lists = run(rules, {"code": list("ABCD"), "own": own, "other": other}).lists
    best = lists.filter(pl.col("list") == "best")
    # C and B print alike and share the second place; D was assessed by half, and has none.
    assert best.select("subject", "position").rows() == [("A", 1), ("C", 2), ("B", 2)]
    assert best["value"].to_list() == pytest.approx([90.04, 80.04, 80.02])
    assert lists.filter(pl.col("list") == "all")["subject"].to_list() == ["D", "A", "C", "B"]


@budget
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=1, max_size=12),
    st.integers(1, 4),
    st.sampled_from(["descending", "ascending"]),
)
def test_lists_of_services_equal_a_plain_sort(values, top, order):
    codes = [f"{n:02}" for n in range(len(values))]
    rules = f"""{SERVED}derive: {{score: a.x}}
lists:
  first: {{of: services, by: score, top: {top}, order: {order}}}
  chosen: {{of: services, when: score >= 3}}
"""
    v = pl.Series(values, dtype=pl.Float64)
    lists = run(rules, {"code": ["A"]}, {"code": codes, "agency": ["A"] * len(codes), "v": v}).lists
    sign = -1 if order == "descending" else 1
    pairs = list(zip(values, codes, strict=True))
    ordered = sorted((sign * value, code) for value, code in pairs if value is not None)
    first = [code for value, code in ordered if sum(v < value for v, _ in ordered) < top]
    chosen = [code for value, code in pairs if (value or 0) >= 3]
    assert lists.filter(pl.col("list") == "first")["subject"].to_list() == first
    assert lists.filter(pl.col("list") == "chosen")["subject"].to_list() == chosen


def test_a_list_by_a_value_that_some_lack_has_these_last():
    rules = f"""{ONE}indicators: {{agencies: {{size: {{optional: true}}}}}}
lists: {{all: {{of: agencies, when: own > 0, by: size}}}}
"""
    size = [None, 5.0, None, 7.0]
    lists = run(rules, {"code": list("DCBA"), "own": [1.0] * 4, "size": size}).lists
    found = lists.select("subject", "position").rows()
    assert found == [("A", 1), ("C", 2), ("B", None), ("D", None)]


def test_services_share_the_smallest_position_whatever_agencies_share():
    rules = f"{SERVED}derive: {{score: a.x}}\nrank: {{ties: max}}\n"
    rules += "lists: {first: {of: services, by: score, top: 2}}\n"
    services = {"code": list("321"), "agency": ["A"] * 3, "v": [50.0, 90.0, 50.0]}
    lists = run(rules, {"code": ["A"]}, services).lists
    assert lists.select("subject", "position").rows() == [("2", 1), ("1", 2), ("3", 2)]


def test_of_the_last_those_that_print_alike_stand_by_their_value():
    rules = f"{ONE}rank: {{decimals: 0}}\n"
    rules += "lists: {worst: {of: agencies, by: total, top: 2, order: ascending}}\n"
    agencies = {"code": list("ABCD"), "own": [50.3, 50.1, 10.0, 90.0]}
    lists = run(rules, agencies).lists
    assert lists.select("subject", "position").rows() == [("C", 1), ("B", 2), ("A", 2)]


def test_who_has_no_name_is_called_by_the_code_and_an_empty_name_is_none():
    rules = f"""{ONE}lists: {{all: {{of: agencies, when: own > 0}}}}
findings: {{all: {{of: agencies, when: own > 0, message: "{{name}}"}}}}
"""
    names = {"name_en": ["Post", "", None], "name_fa": ["پست", "راه", None]}
    evaluation = run(rules, {"code": list("ABC"), "own": [1.0] * 3} | names)
    assert dict(evaluation.lists.select("agency", "name").rows())["C"] == "C"
    messages = evaluation.findings.select("agency", "message_en", "message_fa").rows()
    assert set(messages) == {("A", "Post", "پست"), ("B", "راه", "راه"), ("C", "C", "C")}


# --- bands and findings -------------------------------------------------------------------------


def test_shares_of_a_band_have_their_own_denominators():
    rules = f"""{SERVED}derive: {{score: a.x}}
bands:
  b: {{of: services, by: score, labels: [{{low: "< 50"}}, {{high: ">= 50"}}], otherwise: none}}
"""
    services = {"code": list("12345"), "agency": ["A"] * 5, "v": [10.0, 60.0, 70.0, 80.0, None]}
    shares = run(rules, {"code": ["A"]}, services).bands
    columns = ("label", "count", "share_of_all", "share_of_assessed")
    assert shares.select(columns).rows() == [
        ("low", 1, 0.2, 0.25),
        ("high", 3, 0.6, 0.75),
        ("none", 1, 0.2, None),
    ]
    nobody = run(f"{rules}scope: {{services: v > 900}}\n", {"code": ["A"]}, services).bands
    assert nobody.select(columns).rows() == [
        (one, 0, None, None) for one in ("low", "high", "none")
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_findings_stand_in_the_order_of_codes(engine):
    rules = f"{SERVED}findings: {{f: {{of: services, when: v > 0, message: m}}}}\n"
    services = {"code": list("35142"), "agency": ["A"] * 5, "v": [1.0] * 5}
    found = run(rules, {"code": ["A"]}, services, engine).findings
    assert found["subject"].to_list() == list("12345")


def test_what_is_left_out_of_the_parts_still_counts_in_the_total():
    rules = f"""{SERVED}derive: {{score: a.x}}
bands: {{b: {{of: services, by: score, labels: [{{any: ">= 0"}}], otherwise: none}}}}
reconcile: {{r: {{total: bands.b, parts: bands.b, without: [none]}}}}
"""
    services = {"code": list("123"), "agency": ["A"] * 3, "v": [1.0, None, None]}
    found = run(rules, {"code": ["A"]}, services).reconciliations
    assert found.select("total", "parts", "gap", "holds").rows() == [(3.0, 1.0, 2.0, False)]


def test_on_rounded_values_of_agencies_nothing_is_asked_of_what_services_derive():
    rules = f"""{SERVED}derive: {{twice: v * 2}}
rank: {{decimals: 0}}
lists: {{half: {{of: agencies, when: total >= 50, rounded: true}}}}
"""
    services = {"code": ["1"], "agency": ["A"], "v": [49.6]}
    assert run(rules, {"code": ["A"]}, services).lists["subject"].to_list() == ["A"]


@pytest.mark.parametrize("engine", ENGINES)
@settings(budget, max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.sampled_from([0.0, 30.0, 50.0, 90.0, 95.0, 100.0])),
            st.one_of(st.none(), st.sampled_from([0.0, 2.0])),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_bands_and_findings_of_services_are_what_sql_says(engine, rows):
    rules = f"""{SERVED}derive: {{score: a.x}}
indicators: {{services: {{visits: {{optional: true}}}}}}
bands:
  b:
    of: services
    by: score
    labels: [{{none: "= 0"}}, {{mid: "between 50 and 90"}}, {{full: "= 100", when: visits = 0}},
      {{over: "> 90"}}]
    otherwise: rest
findings:
  odd: {{of: services, when: score > 90 and visits > 0, message: "{{code}}: {{visits}}"}}
"""
    numbers = pl.DataFrame(rows, schema={"v": pl.Float64, "visits": pl.Float64}, orient="row")
    codes = pl.Series("code", [f"{n:02}" for n in range(len(rows))])
    table = numbers.with_columns(codes, pl.lit("A").alias("agency"))
    evaluation = run(rules, {"code": ["A"]}, table, engine)
    with duckdb.connect() as connection:
        connection.register("s", table.to_arrow())
        labels = connection.sql(
            """SELECT CASE WHEN v = 0 THEN 'none' WHEN v BETWEEN 50 AND 90 THEN 'mid'
            WHEN v = 100 AND visits = 0 THEN 'full' WHEN v > 90 THEN 'over' ELSE 'rest' END
            FROM s ORDER BY code"""
        ).fetchall()
        odd = connection.sql("SELECT code FROM s WHERE v > 90 AND visits > 0 ORDER BY 1").fetchall()
    assert evaluation.services.sort("service")["band_b"].to_list() == [label for (label,) in labels]
    for label, count in evaluation.bands.select("label", "count").iter_rows():
        assert count == labels.count((label,))
    assert evaluation.findings["subject"].to_list() == [code for (code,) in odd]
    assert evaluation.findings["message_fa"].to_list() == [f"{code}: ۲" for (code,) in odd]


def test_why_services_have_no_band_is_told_where_a_criterion_decides():
    rules = """
axes:
  a:
    criteria:
      r: {use: core.ratio, level: service, with: {numerator: part, denominator: whole}}
derive: {score: a.r}
indicators: {services: {size: {optional: true}}}
bands:
  b: {of: services, by: score, labels: [{some: ">= 0"}], otherwise: none}
  s: {of: services, by: size, labels: [{some: ">= 0"}], otherwise: none}
"""
    services = {"code": list("1234"), "agency": ["A"] * 4, "size": [1.0, None, None, 1.0]}
    services |= {"part": [1.0, None, 0.0, 0.0], "whole": [2.0, 2.0, 0.0, 0.0]}
    evaluation = run(rules, {"code": ["A"]}, services)
    assert evaluation.manifest.unassessed == {"b": {"missing": 1, "not_applicable": 2}}
    counts = evaluation.bands.filter(pl.col("label") == "none").select("band", "count").rows()
    assert counts == [("b", 3), ("s", 2)]


def test_a_reconciliation_with_a_fractional_total_never_holds():
    parts = "parts: count of agencies"
    rules = f"{ONE}reconcile: {{whole: {{total: 1, {parts}}}, odd: {{total: 1.5, {parts}}}}}\n"
    found = run(rules, {"code": ["A"], "own": [1.0]}).reconciliations
    assert found.select("gap", "holds").rows() == [(0.0, True), (0.5, False)]


# --- statuses, weights and scale ----------------------------------------------------------------

MEANING = {"refused": "zero", "exempt": "skip", "auditor_unable": "exclude"}
CELLS = [None, "not_applicable", "not_answered", *MEANING, 20.0, 80.0]


def rolled(cells, weights, policy):
    """Score one agency by hand: (score, coverage)."""
    pairs = list(zip(cells, weights, strict=True))
    if not any(isinstance(cell, float) and weight for cell, weight in pairs):
        pairs = [(cell, 1.0) for cell in cells]  # nothing that was scored weighs anything
    total = covered = everyone = 0.0
    forbidden = False
    for cell, weight in pairs:
        meaning = "score" if isinstance(cell, float) else MEANING.get(cell, policy)
        if cell == "not_applicable":
            continue
        forbidden |= meaning == "exclude"
        everyone += weight or 0.0
        if meaning in ("score", "zero"):
            covered += weight or 0.0
            total += (weight or 0.0) * (cell if meaning == "score" else 10.0)  # the low end
    score = total / covered if covered and not forbidden else None
    return score, covered / everyone if everyone else None


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("weight", [None, "size"])
def test_statuses_and_weights_equal_a_plain_loop(engine, weight):
    service = st.tuples(st.sampled_from(CELLS), st.sampled_from([None, 0.0, 1.0, 3.0]))

    @settings(budget, max_examples=budget.max_examples // 2)
    @given(st.lists(service, min_size=1, max_size=6), st.sampled_from(["zero", "skip", "exclude"]))
    def check(rows, policy):
        status = ", ".join(f"{token}: {meaning}" for token, meaning in MEANING.items())
        rules = f"""{SERVED}scale: {{low: 10, high: 100}}
missing: {{policy: {policy}, status: {{{status}}}}}
indicators: {{services: {{size: {{low: 0, optional: true}}}}}}
rollup: {{weight: {weight or "null"}}}
lists: {{all: {{of: services, when: size >= 0}}}}
"""
        services = {
            "code": [str(n) for n in range(len(rows))],
            "agency": ["A"] * len(rows),
            "v": pl.Series([None if c is None else str(c) for c, _ in rows], dtype=pl.String),
            "size": pl.Series([size for _, size in rows], dtype=pl.Float64),
        }
        evaluation = run(rules, {"code": ["A", "B"]}, services, engine)
        weights = [size if weight else 1.0 for _, size in rows]
        score, coverage = rolled([cell for cell, _ in rows], weights, policy)
        node = evaluation.criteria.filter((pl.col("node") == "a.x") & (pl.col("agency") == "A"))
        got = node.row(0, named=True)
        for name, expected in (("score", score), ("coverage", coverage)):
            assert (got[name] is None) == (expected is None), (name, got[name], expected)
            assert got[name] == pytest.approx(expected)
        assert by_agency(evaluation, "state")["B"] == "not_applicable"  # it has no services

    check()


def test_services_without_any_weight_weigh_equally_and_it_is_told():
    rules = f"{SERVED}rollup: {{weight: annual_volume}}\n"
    services = {"code": list("12345"), "agency": list("AABBB")}
    services |= {"v": [20.0, 40.0, 20.0, 50.0, 90.0], "annual_volume": [None, None, 1.0, 2.0, None]}
    evaluation = run(rules, {"code": ["A", "B"]}, services)
    assert by_agency(evaluation, "total") == {"A": 30.0, "B": 40.0}
    (warning,) = evaluation.warnings
    assert "3 services have no 'annual_volume'" in warning.message


# --- scope and caps -----------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_what_may_be_in_scope_is_not(engine):
    rules = f"""{SERVED}scope: {{services: size > 1, agencies: own > 1}}
indicators: {{services: {{size: {{optional: true}}}}, agencies: {{own: {{optional: true}}}}}}
"""
    services = {"code": list("12345"), "agency": list("AAABC")}
    services |= {"v": [10.0, 20.0, 40.0, 80.0, 90.0], "size": [2.0, 1.0, None, 2.0, 2.0]}
    evaluation = run(rules, {"code": list("ABC"), "own": [2.0, None, 0.0]}, services, engine)
    assert by_agency(evaluation, "total") == {"A": 10.0}
    counts = evaluation.manifest.counts
    assert (counts["agencies_out_of_scope"], counts["services_out_of_scope"]) == (2, 4)


@pytest.mark.parametrize("engine", ENGINES)
def test_caps_of_criteria_say_which_one_bit(engine):
    rules = """
axes:
  a:
    criteria:
      x:
        use: core.value
        with: {column: own}
        caps: [{at: 60, when: own > 70}, {at: 30, when: flag}]
      z:
        use: core.value
        level: service
        with: {column: v}
        caps: [{at: 50, when: visits > 0}]
indicators:
  agencies: {flag: {type: boolean, optional: true}}
  services: {visits: {optional: true}}
"""
    agencies = {"code": list("ABC"), "own": [80.0, 80.0, 20.0], "flag": [True, None, True]}
    services = {"code": list("123"), "agency": ["A"] * 3}
    services |= {"v": [90.0, 90.0, 40.0], "visits": [1.0, None, 1.0]}
    evaluation = run(rules, agencies, services, engine)
    node = evaluation.criteria.filter(pl.col("node") == "a.x")
    assert node.select("agency", "score", "uncapped", "cap").rows() == [
        ("A", 30.0, 80.0, "axes.a.criteria.x.caps.1"),
        ("B", 60.0, 80.0, "axes.a.criteria.x.caps.0"),
        ("C", 20.0, 20.0, None),
    ]
    assert evaluation.services.select("a.z", "a.z.uncapped", "a.z.cap").rows() == [
        (50.0, 90.0, "axes.a.criteria.z.caps.0"),
        (90.0, 90.0, None),
        (40.0, 40.0, None),
    ]
