"""Ranks, bands, lists, findings, reconciliations, caps, scope: what follows from the scores."""

from typing import ClassVar

import narwhals as nw
import polars as pl
import pytest

import egovrules as eg
from egovrules import builtin
from egovrules.dataset import Dataset
from egovrules.errors import DatasetError, EvaluationError, RulesetError
from egovrules.evaluation import evaluate
from egovrules.plugins import Registry
from egovrules.ruleset import read_ruleset

HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"
ONE = "axes: {a: {criteria: {x: {use: core.value, with: {column: own}}}}}\n"
SERVED = "axes: {a: {criteria: {x: {use: core.value, level: service, with: {column: v}}}}}\n"


def of_agencies(rules, registry=None, axes=ONE, **columns):
    count = len(next(iter(columns.values())))
    table = pl.DataFrame({"code": [chr(65 + i) for i in range(count)]} | columns)
    ruleset = read_ruleset(HEAD + axes + rules, registry=registry)
    return evaluate(ruleset, Dataset.of(agencies=table))


def of_services(rules, axes=SERVED, engine="polars", registry=None, agencies=None, **columns):
    count = len(columns["v"])
    table = pl.DataFrame(
        {"code": [str(i) for i in range(count)], "agency": ["A"] * count} | columns
    )
    ruleset = read_ruleset(HEAD + axes + rules, registry=registry)
    agencies = pl.DataFrame({"code": ["A"]}) if agencies is None else agencies
    return evaluate(ruleset, Dataset.of(agencies=agencies, services=table, engine=engine))


def column(evaluation, name):
    return dict(evaluation.agencies.select("agency", name).iter_rows())


@pytest.mark.parametrize(
    ("rule", "ranks"),
    [
        ("rank: {decimals: 1}", [1, 2, 2, 4, None]),
        ("", [1, 3, 2, 4, None]),
        ("rank: {decimals: 1, ties: max}", [1, 3, 3, 4, None]),
        ("rank: {decimals: 1, ties: dense}", [1, 2, 2, 3, None]),
        ("rank: {decimals: 1, ties: average}", [1, 2.5, 2.5, 4, None]),
    ],
)
def test_ranks_are_of_rounded_or_raw_totals(rule, ranks):
    evaluation = of_agencies(rule, own=[90.0, 80.01, 80.02, 10.0, None])
    assert column(evaluation, "rank") == dict(zip("ABCDE", ranks, strict=True))


def test_too_little_coverage_is_not_ranked():
    axes = """
axes:
  a:
    criteria:
      x: {use: core.value, weight: 8, with: {column: own}}
      z: {use: core.value, weight: 2, with: {column: other}}
"""
    evaluation = of_agencies(
        "missing: {min_coverage: 0.8}",
        axes=axes,
        own=[90.0, None, 50.0],
        other=[1.0, 99.0, None],
    )
    assert column(evaluation, "rank") == {"A": 1, "B": None, "C": 2}
    assert column(evaluation, "total")["B"] == 99.0


def test_the_first_band_that_fits_is_taken_and_unknown_falls_through():
    rules = """
bands:
  b:
    of: services
    by: score
    labels: [{zero: "= 0"}, {low: "< 50"}, {best: "= 100", when: visits = 0}, {high: ">= 50"}]
    otherwise: unknown
derive: {score: a.x}
indicators: {services: {visits: {type: number, optional: true}}}
"""
    for engine in ("polars", "duckdb"):
        evaluation = of_services(
            rules,
            engine=engine,
            v=[0.0, 49.9, 50.0, 100.0, 100.0, 100.0, None],
            visits=[0.0, 0.0, 0.0, 0.0, 2.0, None, 0.0],
        )
        labels = evaluation.services.sort("service")["band_b"].to_list()
        assert labels == ["zero", "low", "high", "best", "high", "high", "unknown"]
        counts = dict(evaluation.bands.select("label", "count").iter_rows())
        assert counts == {"zero": 1, "low": 1, "best": 1, "high": 3, "unknown": 1}
        assert evaluation.bands["share_of_all"].sum() == pytest.approx(1)
        assert evaluation.manifest.unassessed["b"] == {"missing": 1, "not_applicable": 0}


def test_a_rounded_band_of_agencies_compares_what_prints():
    rules = """
rank: {decimals: 0}
bands:
  raw: {of: agencies, by: total, labels: [{high: ">= 50"}], otherwise: low}
  shown: {of: agencies, by: total, rounded: true, labels: [{high: ">= 50"}], otherwise: low}
"""
    evaluation = of_agencies(rules, own=[49.6, 50.0])
    assert column(evaluation, "band_raw") == {"A": "low", "B": "high"}
    assert column(evaluation, "band_shown") == {"A": "high", "B": "high"}
    assert column(evaluation, "total")["A"] == 49.6  # the total itself stays as it was


def test_lists_keep_ties_at_their_end():
    rules = """
lists:
  best: {of: agencies, by: total, top: 2}
  worst: {of: agencies, by: total, top: 1, order: ascending}
  some: {of: agencies, when: total > 20, by: total}
  none: {of: agencies, when: total > 900}
"""
    lists = of_agencies(rules, own=[10.0, 30.0, 20.0, 20.0, None]).lists
    found = {name: lists.filter(pl.col("list") == name) for name in lists["list"].unique()}
    assert found["best"]["subject"].to_list() == ["B", "C", "D"]
    assert found["best"]["position"].to_list() == [1, 2, 2]
    assert found["worst"]["subject"].to_list() == ["A"]
    assert found["some"]["subject"].to_list() == ["B"]
    assert "none" not in found


def test_findings_fire_where_true_and_fill_their_message_in_both_languages():
    rules = """
indicators: {agencies: {main: {type: boolean, optional: true}}}
findings:
  low:
    of: agencies
    when: main and total < 50
    severity: error
    message: {en: "{name} has {total}", fa: "{name}: {total}"}
"""
    evaluation = of_agencies(
        rules,
        own=[10.5, 20.0, 30.0, None, 60.0],
        main=[True, False, None, True, True],
        name_en=["Post", "B", "C", "D", "E"],
        name_fa=["پست", "B", "C", "D", "E"],
    )
    (row,) = evaluation.findings.iter_rows(named=True)
    assert (row["subject"], row["severity"]) == ("A", "error")
    assert (row["message_en"], row["message_fa"]) == ("Post has 10.5", "پست: ۱۰٫۵")
    assert evaluation.failed


@pytest.mark.parametrize(
    ("entry", "gap"),
    [
        ("{total: count of services, parts: bands.b, without: [none]}", 1),
        ("{total: count of services, parts: bands.b}", 0),
        ("{total: 3, parts: [bands.b.low, bands.b.high]}", 1),
        ("{total: count of agencies, parts: [1]}", 0),
        ("{total: 7, parts: [count of services, bands.b.none]}", 3),
    ],
)
@pytest.mark.parametrize("severity", ["warning", "error"])
def test_reconciliations_show_the_gap_and_fail_only_as_errors(entry, gap, severity):
    if "parts: [1]" in entry:
        entry = entry.replace("[1]", "count of agencies")
    rules = f"""
derive: {{score: a.x}}
bands:
  b: {{of: services, by: score, labels: [{{low: "< 50"}}, {{high: ">= 50"}}], otherwise: none}}
reconcile: {{r: {entry[:-1]}, when_not: {severity}}}}}
"""
    evaluation = of_services(rules, v=[1.0, 99.0, None])
    row = evaluation.reconciliations.row(0, named=True)
    assert (row["gap"], row["holds"]) == (gap, gap == 0)
    assert evaluation.failed == (gap != 0 and severity == "error")


def test_scope_takes_only_what_is_true():
    rules = "scope: {services: eligible, agencies: is_main}"
    agencies = pl.DataFrame({"code": ["A", "B"], "is_main": [True, False]})
    evaluation = of_services(
        rules,
        agencies=agencies,
        v=[10.0, 20.0, 30.0, 90.0],
        eligible=[True, False, True, True],
        agency=["A", "A", "A", "B"],
    )
    assert column(evaluation, "total") == {"A": 20.0}
    assert evaluation.manifest.counts == {
        "agencies": 1,
        "agencies_out_of_scope": 1,
        "services": 2,
        "services_out_of_scope": 2,
    }


def test_derived_values_over_services_know_what_they_do_not_know():
    rules = """
indicators: {services: {flag: {type: boolean, optional: true}}}
derive:
  score: a.x
  double: score * 2
  all: sum of score over services
  typical: mean of double over services
  high: share of score > 50 over services
  flags: count of flag over services
  some: any of flag over services
"""
    agencies = pl.DataFrame({"code": ["A", "B", "C"]})
    for engine in ("polars", "duckdb"):
        evaluation = of_services(
            rules,
            engine=engine,
            agencies=agencies,
            agency=["A", "A", "A", "B"],
            v=[40.0, 60.0, None, 10.0],
            flag=[False, None, False, True],
        )
        rows = {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}
        names = ("all", "typical", "high", "flags", "some")
        assert [rows["A"][n] for n in names] == [100.0, 100.0, 0.5, 0.0, None]
        assert [rows["B"][n] for n in names] == [10.0, 20.0, 0.0, 1.0, True]
        assert [rows["C"][n] for n in names] == [0.0, None, None, 0.0, False]


def test_caps_bite_where_true_and_leave_their_path():
    axes = """
axes:
  a:
    caps: [{at: 60, when: flag}, {at: 40, when: flag and other > 5}]
    criteria: {x: {use: core.value, with: {column: own}}}
indicators: {agencies: {flag: {type: boolean, optional: true}, other: {optional: true}}}
caps: [{at: 30, when: a < 45}]
"""
    evaluation = of_agencies(
        "",
        axes=axes,
        own=[90.0, 90.0, 90.0, 50.0, 90.0],
        flag=[True, True, None, True, False],
        other=[1.0, 9.0, 9.0, None, 9.0],
    )
    assert list(column(evaluation, "a").values()).count(90.0) == 2
    assert column(evaluation, "a") == {"A": 60.0, "B": 40.0, "C": 90.0, "D": 50.0, "E": 90.0}
    assert column(evaluation, "total")["B"] == 30.0
    capped = evaluation.criteria.filter(pl.col("cap").is_not_null())
    assert set(capped.select("agency", "node", "cap", "uncapped").iter_rows()) == {
        ("A", "a", "axes.a.caps.0", 90.0),
        ("B", "a", "axes.a.caps.1", 90.0),
        ("B", "total", "caps.0", 40.0),
    }


def test_the_cap_that_is_named_is_the_one_that_decided():
    axes = """
axes:
  a:
    caps: [{at: 30, when: flag}, {at: 60, when: flag}, {at: 30, when: flag}]
    criteria: {x: {use: core.value, with: {column: own}}}
indicators: {agencies: {flag: {type: boolean}}}
"""
    evaluation = of_agencies("", axes=axes, own=[90.0, 30.0, 90.0], flag=[True, True, False])
    of_a = evaluation.criteria.filter(pl.col("node") == "a").sort("agency")
    assert of_a["cap"].to_list() == ["axes.a.caps.0", None, None]


def test_what_is_derived_of_a_criterion_is_its_score_after_caps_and_before_the_policy():
    axes = """
axes:
  a:
    criteria:
      x: {use: core.value, level: service, with: {column: v}, missing: zero}
      y: {use: core.value, with: {column: own}, caps: [{at: 60, when: own > 70}]}
derive: {of_services: a.x, of_itself: a.y}
"""
    agencies = pl.DataFrame({"code": ["A"], "own": [90.0]})
    evaluation = of_services("", axes=axes, agencies=agencies, v=[40.0, 60.0, None, None])
    row = evaluation.agencies.row(0, named=True)
    assert (row["of_services"], row["of_itself"]) == (50.0, 60.0)
    node = evaluation.criteria.row(by_predicate=pl.col("node") == "a.x", named=True)
    assert (node["raw"], node["score"]) == (50.0, 25.0)


def test_an_axis_of_services_and_of_the_agency_is_put_together_by_weight():
    axes = """
axes:
  a:
    criteria:
      x: {use: core.value, level: service, weight: 3, with: {column: v}}
      y: {use: core.value, with: {column: own}}
"""
    agencies = pl.DataFrame({"code": ["A"], "own": [10.0]})
    for after in ("criterion", "axis", "total"):
        rule = f"rollup: {{after: {after}}}"
        evaluation = of_services(rule, axes=axes, agencies=agencies, v=[50.0, 90.0])
        assert column(evaluation, "a") == {"A": (3 * 70.0 + 10.0) / 4}, after


def test_a_pool_counts_as_zero_only_by_that_policy_and_where_it_is_empty():
    axes = """
axes:
  a:
    criteria:
      r: {use: core.ratio, level: service, rollup: pooled, missing: POLICY,
        with: {numerator: part, denominator: whole}}
"""
    agencies = pl.DataFrame({"code": ["A", "B"]})
    columns = {"part": [1.0, 2.0, None, None], "whole": [4.0, 4.0, 4.0, 4.0]}
    owners = ["A", "A", "A", "B"]
    for policy, empty in (("skip", (None, 0.0)), ("zero", (0.0, 1.0))):
        evaluation = of_services(
            "",
            axes=axes.replace("POLICY", policy),
            agencies=agencies,
            agency=owners,
            v=[0.0] * 4,
            **columns,
        )
        nodes = evaluation.criteria.filter(pl.col("node") == "a.r")
        found = {a: rest for a, *rest in nodes.select("agency", "score", "coverage").iter_rows()}
        assert found["A"] == [37.5, pytest.approx(2 / 3)]
        assert found["B"] == list(empty)


def test_what_does_not_apply_takes_no_weight_where_missing_services_count_as_zero():
    axes = """
axes:
  a: {criteria: {x: {use: core.value, level: service, when: own_one, with: {column: v}}}}
indicators: {services: {own_one: {type: boolean}, size: {low: 0}}}
rollup: {weight: size}
missing: {policy: zero}
"""
    evaluation = of_services(
        "",
        axes=axes,
        v=[80.0, None, 10.0],
        own_one=[True, True, False],
        size=[1.0, 3.0, 6.0],
    )
    node = evaluation.criteria.row(by_predicate=pl.col("node") == "a.x", named=True)
    assert (node["score"], node["coverage"]) == (20.0, 1.0)


@pytest.mark.parametrize("engine", ["polars", "duckdb"])
def test_a_cell_without_a_status_meets_the_policy_beside_cells_that_have_one(engine):
    rules = "missing: {policy: POLICY, status: {refused: skip}}"
    cells = ["80", None, "refused", "not_answered"]
    for policy, expected in (("zero", (80.0 / 3, 0.75)), ("exclude", (None, 0.25))):
        evaluation = of_services(rules.replace("POLICY", policy), engine=engine, v=cells)
        node = evaluation.criteria.row(by_predicate=pl.col("node") == "a.x", named=True)
        assert (node["score"], node["coverage"]) == expected


def test_the_status_of_either_half_of_a_ratio_counts():
    ratio = "{use: core.ratio, level: service, with: {numerator: part, denominator: whole}}"
    evaluation = of_services(
        "missing: {status: {refused: zero}}",
        axes=f"axes: {{a: {{criteria: {{r: {ratio}}}}}}}\n",
        v=[0.0] * 3,
        part=["1", "refused", "1"],
        whole=["2", "2", "refused"],
    )
    assert column(evaluation, "total")["A"] == pytest.approx(50.0 / 3)


def test_where_no_scored_service_weighs_anything_they_weigh_equally():
    rules = "indicators: {services: {size: {low: 0}}}\nrollup: {weight: size}"
    evaluation = of_services(rules, v=[20.0, 60.0, None], size=[0.0, 0.0, 5.0])
    assert column(evaluation, "total") == {"A": 40.0}


def test_coverage_is_of_what_applies_wherever_services_are_rolled_up():
    axes = """
axes:
  a: {criteria: {x: {use: core.value, level: service, when: mine, with: {column: v}}}}
indicators: {services: {mine: {type: boolean}}}
"""
    for after in ("criterion", "axis", "total"):
        rule = f"rollup: {{after: {after}}}"
        evaluation = of_services(
            rule, axes=axes, v=[50.0, None, 9.0, 9.0], mine=[True, True, False, False]
        )
        assert column(evaluation, "coverage") == {"A": 0.5}, after


def test_a_cap_on_a_criterion_bounds_each_service():
    axes = """
axes:
  a:
    criteria:
      x:
        use: core.value
        level: service
        with: {column: v}
        caps: [{at: 50, when: visits > 1}]
indicators: {services: {visits: {optional: true}}}
"""
    evaluation = of_services("", axes=axes, v=[80.0, 80.0, 20.0], visits=[2.0, None, 3.0])
    assert column(evaluation, "total")["A"] == 50.0  # (50 + 80 + 20) / 3


def test_population_numbers_are_of_those_in_scope_and_are_kept():
    axes = """
scope: {services: eligible}
axes: {a: {criteria: {x: {use: core.value, normalise: min_max, level: service, with: {column: v}}}}}
"""
    evaluation = of_services(
        "", axes=axes, v=[0.0, 10.0, 20.0, 900.0], eligible=[True, True, True, False]
    )
    assert evaluation.manifest.normalised == {"a.x": {"lowest": 0.0, "highest": 20.0}}
    assert column(evaluation, "total")["A"] == 50.0


class Words(eg.Criterion):
    """100 for a text of at most `most` words, else 0: plain Python, one row at a time."""

    id = "demo.words"
    level = "service"
    text: eg.Column = eg.reads("guide", type="text")
    most: int = 3

    def score_row(self, row):
        return (
            None if row[self.text] is None else 100.0 * (len(row[self.text].split()) <= self.most)
        )


class Failing(Words):
    """Fails on every row that has a text."""

    id = "demo.failing"

    def score_row(self, row):
        return len(row[self.text]) / 0


class Broken(eg.Criterion):
    """Divides by zero where nobody looks."""

    id = "demo.broken"
    level = "agency"
    top: ClassVar[float | None] = None
    column: eg.Column = eg.reads("own")

    def score(self):
        return nw.col(self.column) / (nw.col(self.column) - nw.col(self.column))


class Plugin:
    @staticmethod
    @eg.hookimpl
    def egovrules_criteria():
        return [Words, Failing, Broken]


REGISTRY = Registry.of({"core": builtin, "demo": Plugin})


def test_a_criterion_in_plain_python_runs_on_the_local_engine_only():
    axes = "axes: {a: {criteria: {x: {use: demo.words}}}}\n"
    guide = ["one two", "one two three four", None]
    evaluation = of_services("", axes=axes, registry=REGISTRY, v=[1.0] * 3, guide=guide)
    assert column(evaluation, "total")["A"] == 50.0
    with pytest.raises(EvaluationError, match="plain Python run on the local engine only"):
        of_services("", axes=axes, registry=REGISTRY, engine="duckdb", v=[1.0] * 3, guide=guide)


def test_a_criterion_that_fails_on_a_row_is_named_with_it():
    axes = "axes: {a: {criteria: {x: {use: demo.failing}}}}\n"
    with pytest.raises(EvaluationError, match=r"a\.x fails on a row: ZeroDivisionError"):
        of_services("", axes=axes, registry=REGISTRY, v=[1.0], guide=["one"])


def test_what_overflows_above_the_criteria_is_refused_by_name():
    axes = (
        "scale: {low: 0, high: 100}\naxes: {a: {criteria: {"
        "x: {use: core.value, with: {column: own}}, y: {use: core.value, with: {column: own}}}}}\n"
    )
    with pytest.raises(EvaluationError, match=r"too large to be combined .*: a\.x, a\.y") as caught:
        of_agencies("", axes=axes, own=[1.7e308, 2.0])
    assert "normalise" in caught.value.problems[0].hint
    with pytest.raises(EvaluationError, match="too large to be combined"):
        of_agencies("round: {decimals: 1}", axes=axes, own=[1.7e308, 2.0])


def test_a_score_that_is_no_number_is_refused_by_name():
    axes = "axes: {a: {criteria: {x: {use: demo.broken}}}}\n"
    with pytest.raises(EvaluationError, match=r"infinite or not a number: a\.x"):
        of_agencies("", axes=axes, registry=REGISTRY, own=[1.0, 2.0])


def test_a_scale_converts_by_the_exact_ratio_and_leaves_native_values():
    axes = """
scale: {low: 0, high: 1}
axes:
  a:
    criteria:
      x: {use: core.value, with: {column: own}}
      z: {use: core.yes, with: {column: flag}}
"""
    evaluation = of_agencies("", axes=axes, own=[0.25, 0.5], flag=[True, False])
    assert column(evaluation, "total") == {"A": 0.625, "B": 0.25}


def test_a_scale_may_begin_anywhere():
    axes = """
scale: {low: -1, high: 1}
axes: {a: {criteria: {x: {use: core.value, normalise: min_max, with: {column: own}}}}}
"""
    evaluation = of_agencies("", axes=axes, own=[0.0, 1.0, 4.0])
    assert column(evaluation, "total") == {"A": -1.0, "B": -0.5, "C": 1.0}


def test_services_need_a_dataset_that_has_them():
    ruleset = read_ruleset(HEAD + SERVED)
    with pytest.raises(DatasetError, match="there is no table of services"):
        evaluate(ruleset, Dataset.of(agencies=pl.DataFrame({"code": ["A"]})))


class Careless(eg.Criterion):
    """Reads what it does not declare."""

    id = "demo.careless"
    level = "agency"
    column: eg.Column = eg.reads("own")

    def score(self):
        return nw.col(self.column) + nw.col("code_length")


class Five(eg.Criterion):
    """Forgets that a score is an expression."""

    id = "demo.five"
    level = "agency"
    column: eg.Column = eg.reads("own")

    def score(self):
        return 5


@pytest.mark.parametrize(
    ("criterion", "says"),
    [
        (Careless, r"reads a column that it does not declare \(it declares own\)"),
        (Five, "cannot be computed: AttributeError"),
    ],
)
def test_a_dry_run_refuses_a_careless_criterion_before_any_data(criterion, says):
    class Brings:
        @staticmethod
        @eg.hookimpl
        def egovrules_criteria():
            return [criterion]

    registry = Registry.of({"core": builtin, "careless": Brings})
    axes = f"axes: {{a: {{criteria: {{x: {{use: {criterion.id}}}}}}}}}\n"
    with pytest.raises(RulesetError, match=says):
        read_ruleset(HEAD + axes, registry=registry)


def test_scores_beyond_the_scale_are_told():
    evaluation = of_agencies("", own=[10.0, 9000.0])
    (warning,) = evaluation.warnings
    assert "a.x scores agencies from 10 to 9000" in warning.message
    assert "scale is 0 to 100" in warning.message
    assert not of_agencies("scale: {high: 9000}", own=[10.0, 9000.0]).warnings


def normalised(way, **columns):
    criteria = ", ".join(f"{one}: {{use: core.value, with: {{column: {one}}}}}" for one in columns)
    text = f"{HEAD}axes: {{a: {{criteria: {{{criteria}}}}}}}\nnormalise: {way}\n"
    rows = {"code": ["A", "B", "C"], **columns}
    return evaluate(read_ruleset(text), Dataset.of(agencies=pl.DataFrame(rows))).warnings


def test_one_cause_of_scores_beyond_the_scale_is_told_once():
    values = {f"v{at}": [1.0, 2.0, float(at + 3)] for at in range(8)}
    (warning,) = normalised("z_score", **values)
    first, _, others = warning.message.partition("; so do 7 more: ")
    assert first.startswith("a.v0 scores agencies from -1 to 1, and")
    assert others == "'a.v1', 'a.v2', 'a.v3', 'a.v4', 'a.v5' and 2 more"
    assert warning.hint == "declare the range under `scale:`: z_score gives scores of its own"


def test_values_beyond_fixed_goalposts_suspect_percent_against_shares():
    (warning,) = normalised("{by: min_max, low: 0, high: 1}", v=[0.0, 50.0, 99.0])
    assert warning.message.startswith("a.v scores agencies from 0 to 9900, and")
    assert "in percent and the other a share of 1" in warning.hint
    assert "`clip: true`" in warning.hint


def test_no_score_is_told_as_minus_zero():
    (warning,) = normalised("{by: min_max, low: 0, high: 1, to: [-0.0, 100]}", v=[-2.0, -1.0, -0.0])
    assert "from -200 to 0, and" in warning.message


@pytest.mark.parametrize("message", ["{total total", "{total.__class__}", "total}"])
def test_a_message_with_a_stray_brace_is_refused(message):
    rules = f"findings: {{f: {{of: agencies, when: total > 1, message: '{message}'}}}}"
    with pytest.raises(RulesetError, match="encloses no name"):
        read_ruleset(HEAD + ONE + rules)


def test_a_bridge_leads_from_another_ruleset():
    with pytest.raises(RulesetError, match="the ruleset itself"):
        read_ruleset(HEAD + ONE + "bridge: {from: t, because: why}")
