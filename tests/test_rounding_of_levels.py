"""Levels that round, that ask for a share of their children, and that compare agencies."""

import math
from statistics import fmean

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules import store
from egovrules.aggregation import Copeland
from egovrules.dataset import Dataset
from egovrules.errors import RulesetError
from egovrules.evaluation import evaluate
from egovrules.explanation import explain
from egovrules.recomputing import recompute
from egovrules.rounding import rounded
from egovrules.ruleset import read_ruleset

HEAD = "schema: egovrules/1\nid: t\ntitle: T\nscale: {low: 0, high: 100}\n"
budget = settings(max_examples=25, deadline=None, derandomize=True, database=None)
ENGINES = ("polars", "duckdb")
SERVED = "{criteria: {x: {use: core.value, level: service, with: {column: u}}}}"


def axis(names, **keys):
    """Write an axis of criteria that pass columns of these names through."""
    more = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    criteria = "".join(
        f"      {one}: {{use: core.value, with: {{column: '{one}'}}}}\n" for one in names
    )
    return f"{more}    criteria:\n{criteria}"


def run(text, **columns):
    count = len(next(iter(columns.values())))
    codes = [f"{n:02}" for n in range(count)]
    table = pl.DataFrame({"code": codes, **columns}, strict=False)
    return evaluate(read_ruleset(HEAD + text), Dataset.of(agencies=table))


def served(text, services, engine, **agencies):
    """Evaluate services, given as (agency, value, value …) with the columns u, v, w."""
    names = ("u", "v", "w")[: len(services[0]) - 1]
    columns = {name: [one[1 + n] for one in services] for n, name in enumerate(names)}
    table = pl.DataFrame(
        {
            "code": [str(n) for n in range(len(services))],
            "agency": [one[0] for one in services],
            **columns,
        },
        schema_overrides=dict.fromkeys(names, pl.Float64),
    )
    codes = sorted({one[0] for one in services})
    own = pl.DataFrame({"code": codes, **agencies})
    dataset = Dataset.of(agencies=own, services=table, engine=engine)
    return evaluate(read_ruleset(HEAD + text), dataset)


def scores(evaluation, node, column="score"):
    table = evaluation.criteria.filter(pl.col("node") == node).sort("agency")
    return table[column].to_list()


def proven(evaluation):
    """Check that every explanation adds up to the bit."""
    for code in evaluation.agencies["agency"]:
        for node in explain(evaluation, code).root.walk():
            assert recompute(node) == node.score


# --- round --------------------------------------------------------------------------------------


def two_pass(values):
    mean = math.fsum(values) / len(values)
    return mean + math.fsum(value - mean for value in values) / len(values)


HUNDREDTHS = st.one_of(st.none(), st.integers(0, 100).map(lambda n: n / 100))


@given(
    st.lists(st.tuples(*[HUNDREDTHS] * 5), min_size=1, max_size=12),
    st.sampled_from(["half_even", "half_up", "exact"]),
)
@budget
def test_each_level_is_rounded_before_the_next_takes_it(rows, rule):
    columns = dict(zip("abcde", (list(one) for one in zip(*rows, strict=True)), strict=True))
    text = (
        f"round: {{decimals: 2, rule: {rule}}}\naxes:\n  one:\n{axis('ab')}"
        f"    axes:\n      deep:\n        weight: 1\n        criteria:\n"
        "          c: {use: core.value, with: {column: c}}\n"
        "          d: {use: core.value, with: {column: d}}\n"
        f"  two:\n{axis('e')}"
    )

    def level(*values):
        known = [value for value in values if value is not None]
        return rounded(two_pass(known), 2, rule) if known else None

    evaluation = run(text, **columns)
    deep = [level(c, d) for _, _, c, d, _ in rows]
    one = [level(a, b, below) for (a, b, *_), below in zip(rows, deep, strict=True)]
    total = [level(upper, row[-1]) for upper, row in zip(one, rows, strict=True)]
    assert scores(evaluation, "deep") == deep
    assert scores(evaluation, "one") == one
    assert scores(evaluation, "total") == total
    assert evaluation.agencies.sort("agency")["total"].to_list() == total
    proven(evaluation)


def test_an_axis_and_what_is_below_it_round_as_they_say_and_criteria_never():
    text = (
        "round: {decimals: 0}\naxes:\n"
        f"  fine:\n{axis('ab', round='{decimals: 1, rule: half_up}')}"
        f"    axes: {{below: {{criteria: {{c: {{use: core.value, with: {{column: c}}}}}}}}}}\n"
        f"  coarse:\n{axis('d')}"
    )
    evaluation = run(text, a=[1.26], b=[1.26], c=[2.25], d=[7.5])
    assert scores(evaluation, "fine.a") == [1.26]
    assert scores(evaluation, "below") == [2.3]  # 2.25 half up; half to even would be 2.2
    assert scores(evaluation, "fine") == [1.6]  # (1.26 + 1.26 + 2.3) / 3 = 1.6067
    assert scores(evaluation, "coarse") == [8.0]  # 7.5 to the even one
    assert scores(evaluation, "total") == [5.0]  # 4.8
    told = {one.id: one.round for one in evaluation.manifest.tree}
    assert told["below"] == told["fine"] == (1, "half_up")
    assert told["coarse"] == told["total"] == (0, "half_even")
    assert told["fine.a"] is None
    proven(evaluation)


def test_rounding_comes_before_caps_and_caps_before_policies():
    text = (
        "round: {decimals: 0}\nindicators: {agencies: {flag: {}}}\naxes:\n"
        f"  a:\n{axis('x', missing='zero', caps='[{at: 7.25, when: flag > 0}]')}"
        f"  b:\n{axis('y')}"
    )
    evaluation = run(text, x=[7.4, 9.6, None], y=[1.0, 1.0, 1.0], flag=[0.0, 1.0, 1.0])
    assert scores(evaluation, "a", "uncapped") == [7.0, 10.0, 0.0]
    assert scores(evaluation, "a") == [7.0, 7.25, 0.0]  # a cap is not rounded
    assert scores(evaluation, "total") == [4.0, 4.0, 0.0]  # 4, 4.125, and 0.5 to the even one
    proven(evaluation)


def test_means_that_are_not_arithmetic_are_rounded_as_they_are():
    text = f"aggregate: geometric\nround: {{decimals: 3}}\naxes:\n  a:\n{axis('xy')}"
    evaluation = run(text, x=[2.0, 0.0, -1.0, None], y=[3.0, 9.0, 4.0, None])
    assert scores(evaluation, "a") == [2.449, 0.0, None, None]
    assert scores(evaluation, "a", "state") == ["scored", "scored", "missing", "missing"]


def test_weights_in_any_unit_round_alike():
    values = {"x": [0.13, 0.41, 0.05], "y": [0.02, 0.49, 0.1], "z": [0.0, 0.33, 0.11]}
    text = "round: {decimals: 2}\naxes:\n  a:\n" + axis("xyz")
    plain = run(text, **values)
    thirds = run(text.replace("{use:", "{weight: 1/3, use:"), **values)
    assert scores(plain, "a") == scores(thirds, "a")
    proven(thirds)


@pytest.mark.parametrize("engine", ENGINES)
def test_services_are_rounded_where_they_have_become_their_agency(engine):
    criteria = (
        "{criteria: {x: {use: core.value, level: service, with: {column: u}}, "
        "y: {use: core.value, level: service, with: {column: v}}}}"
    )
    text = f"round: {{decimals: 0}}\naxes: {{a: {criteria}}}\n"
    services = [("A", 1.0, 2.0), ("A", 1.4, 2.3), ("B", 0.5, 0.5)]
    plain = served(text, services, engine)
    assert scores(plain, "a.x") == [pytest.approx(1.2), 0.5]
    assert scores(plain, "a") == [2.0, 0.0]  # (1.2 + 2.15) / 2 = 1.675, and 0.5
    proven(plain)
    whole = served(f"{text}rollup: {{after: axis}}\n", services, engine)
    assert scores(whole, "a.services") == [pytest.approx(1.675), 0.5]
    assert scores(whole, "a") == scores(whole, "total") == [2.0, 0.0]
    proven(whole)


def test_an_explanation_of_a_half_does_not_hang_on_how_services_are_added():
    """The mean is 0.015 as the engine adds, and a little more as the shares are added."""
    values = [0.01, 0.04, 0.01, 0.01, 0.01, 0.01]
    for after in ("criterion", "axis"):
        text = f"round: {{decimals: 2}}\nrollup: {{after: {after}}}\naxes: {{a: {SERVED}}}\n"
        evaluation = served(text, [("A", value) for value in values], "polars")
        (axis_of_it,) = explain(evaluation, "A").root.children
        (rolled_up,) = axis_of_it.children
        assert recompute(rolled_up) == pytest.approx(0.015, abs=1e-9)
        assert recompute(rolled_up) > rolled_up.score
        assert recompute(axis_of_it) == axis_of_it.score == 0.01


@pytest.mark.parametrize("engine", ENGINES)
def test_with_the_rollup_after_total_only_the_total_is_rounded(engine):
    text = (
        "round: {decimals: 0}\nrollup: {after: total}\naxes:\n"
        "  a: {criteria: {x: {use: core.value, level: service, with: {column: u}}, "
        "z: {use: core.value, with: {column: own}}}}\n"
        "  b: {criteria: {y: {use: core.value, with: {column: other}}}}\n"
    )
    evaluation = served(text, [("A", 1.2), ("A", 1.3)], engine, own=[3.3], other=[4.4])
    assert scores(evaluation, "b") == [4.4]
    assert evaluation.agencies["a"].to_list() == [pytest.approx((1.25 + 3.3) / 2)]
    assert evaluation.agencies["total"].to_list() == [3.0]  # ((1.25 + 3.3) / 2 + 4.4) / 2 = 3.34
    assert {one.id for one in evaluation.manifest.tree if one.round} == {"total"}


def test_a_rounded_evaluation_is_the_same_from_disk(tmp_path):
    text = f"round: {{decimals: 1}}\naxes:\n  a:\n{axis('xy')}  b:\n{axis('z')}"
    evaluation = run(text, x=[1.23, 4.56], y=[7.89, None], z=[0.05, 0.15])
    again = store.load(store.save(evaluation, tmp_path / "out"))
    assert scores(again, "total") == scores(evaluation, "total")
    proven(again)


# --- min_share ----------------------------------------------------------------------------------

CELLS = st.sampled_from([1.0, 40.0, 100.0, None, "refused", "exempt"])


@given(
    st.lists(st.tuples(*[CELLS] * 4), min_size=1, max_size=8),
    st.sampled_from([0.25, 0.5, 0.65, 0.75, 0.9, 1.0]),
)
@budget
def test_too_small_a_share_of_the_children_gives_no_score(rows, least):
    """A refused answer is missing, one that does not apply counts on neither side."""
    text = (
        f"min_share: {least}\nmissing: {{status: {{refused: skip}}}}\n"
        f"axes:\n  one:\n{axis('abc')}  two:\n{axis('d')}"
    )
    cells = [[{"exempt": "not_applicable"}.get(cell, cell) for cell in row] for row in rows]
    columns = {
        name: [None if cell is None else str(cell) for cell in column]
        for name, column in zip("abcd", zip(*cells, strict=True), strict=True)
    }

    def level(children):
        asked = [child for child in children if child != "not_applicable"]
        known = [child for child in asked if isinstance(child, float)]
        if not asked:
            return "not_applicable"
        return None if not known or len(known) / len(asked) < least else fmean(known)

    evaluation = run(text, **columns)
    one, two = [level(row[:3]) for row in cells], [level(row[3:]) for row in cells]
    total = [level(pair) for pair in zip(one, two, strict=True)]
    for node, want in (("one", one), ("two", two), ("total", total)):
        states = {None: "missing", "not_applicable": "not_applicable"}
        found = scores(evaluation, node)
        assert found == [pytest.approx(v) if isinstance(v, float) else None for v in want]
        assert scores(evaluation, node, "state") == [states.get(v, "scored") for v in want]
    proven(evaluation)


def test_equal_to_the_share_is_enough_whatever_floats_say():
    assert 0.28 * 25 > 7
    assert 0.56 * 25 > 14
    for many, least, size in ((7, 0.7, 10), (7, 0.28, 25), (14, 0.56, 25), (10, 1.0, 10)):
        names = [f"c{n:02}" for n in range(size)]
        text = f"min_share: {least}\naxes:\n  one:\n{axis(names)}"
        row = {name: [1.0 if n < many else None] for n, name in enumerate(names)}
        enough = run(text, **{name: [*row[name]] for name in names})
        assert scores(enough, "one") == [1.0]
        fewer = run(text, **row | {"c00": [None]})
        assert scores(fewer, "one") == [None]


def test_the_share_counts_children_and_not_weights():
    heavy = axis("ab", min_share=0.6).replace("a: {use", "a: {weight: 99, use")
    evaluation = run(f"axes:\n  one:\n{heavy}", a=[5.0, 5.0, None], b=[1.0, None, 1.0])
    assert scores(evaluation, "one") == [pytest.approx(4.96), None, None]
    nothing = heavy.replace("weight: 99", "weight: 0")  # what weighs nothing is not counted
    evaluation = run(f"axes:\n  one:\n{nothing}", a=[None], b=[1.0])
    assert scores(evaluation, "one") == [1.0]


def test_an_axis_says_otherwise_for_itself_and_below():
    text = (
        "min_share: 0.9\naxes:\n"
        f"  strict:\n{axis('ab')}"
        f"  lenient:\n{axis('cd', min_share=0.5)}"
        "    axes: {below: {criteria: {e: {use: core.value, with: {column: e}}, "
        "f: {use: core.value, with: {column: f}}}}}\n"
    )
    columns = {"a": [1.0], "b": [None], "c": [3.0], "d": [None], "e": [5.0], "f": [None]}
    evaluation = run(text, **columns)
    assert scores(evaluation, "strict") == [None]
    assert scores(evaluation, "below") == [5.0]
    assert scores(evaluation, "lenient") == [4.0]
    assert scores(evaluation, "total") == [None]  # one of two is less than 0.9
    assert {one.id: one.min_share for one in evaluation.manifest.tree if not one.criterion} == {
        "total": 0.9,
        "strict": 0.9,
        "lenient": 0.5,
        "below": 0.5,
    }


def test_coverage_stays_and_the_node_above_applies_its_policy():
    def text(missing):
        return f"axes:\n  a:\n{axis('xy', min_share=0.6, missing=missing)}  b:\n{axis('z')}"

    columns = {"x": [10.0, 10.0], "y": [None, 30.0], "z": [50.0, 50.0]}
    skipped = run(text("skip"), **columns)
    assert scores(skipped, "a") == [None, 20.0]
    assert scores(skipped, "a", "coverage") == [0.5, 1.0]  # what was assessed was assessed
    assert scores(skipped, "total", "coverage") == [0.75, 1.0]
    assert scores(skipped, "total") == [50.0, 35.0]
    assert scores(run(text("exclude"), **columns), "total") == [None, 35.0]
    # With `zero`, the criterion below counts as 0 before anything is counted.
    counted = run(text("zero"), **columns)
    assert scores(counted, "a") == [5.0, 20.0]
    for evaluation in (skipped, counted):
        proven(evaluation)


def test_what_is_cut_below_is_missing_above():
    """As COINr counts: a node that was cut is absent to the node above it."""
    text = f"min_share: 0.65\naxes:\n  a:\n{axis('pq')}  b:\n{axis('rs')}  c:\n{axis('t')}"
    evaluation = run(
        text,
        p=[1.0, 1.0],
        q=[None, None],
        r=[3.0, 3.0],
        s=[5.0, None],
        t=[8.0, 8.0],
    )
    assert scores(evaluation, "a") == [None, None]
    assert scores(evaluation, "b") == [4.0, None]
    assert scores(evaluation, "total") == [
        6.0,
        None,
    ]  # two of three are, one of three is not enough


@pytest.mark.parametrize("engine", ENGINES)
def test_every_service_needs_its_share_where_services_are_combined_first(engine):
    criteria = ", ".join(
        f"{name}: {{use: core.value, level: service, with: {{column: {name}}}}}" for name in "uvw"
    )
    text = f"min_share: 0.65\nrollup: {{after: axis}}\naxes: {{a: {{criteria: {{{criteria}}}}}}}\n"
    services = [
        ("A", 1.0, 2.0, 3.0),
        ("A", 5.0, 7.0, None),
        ("A", 100.0, None, None),  # a third of the criteria: no score for this service
        ("B", 100.0, None, None),
    ]
    evaluation = served(text, services, engine)
    assert scores(evaluation, "a.services") == [4.0, None]  # of 2 and 6
    assert scores(evaluation, "a") == scores(evaluation, "total") == [4.0, None]
    assert scores(evaluation, "a.services", "missing") == [1, 1]
    assert scores(evaluation, "a", "state") == ["scored", "missing"]
    excluded = served(f"{text}missing: {{policy: skip}}\n", services, engine)
    assert scores(excluded, "a") == [4.0, None]


@pytest.mark.parametrize("after", ["axis", "total"])
def test_a_service_without_a_score_leaves_the_mean_wherever_services_are_rolled_up(after):
    text = (
        f"rollup: {{after: {after}}}\nmissing: {{policy: zero}}\naxes: {{a: {{criteria: {{"
        "x: {use: core.value, level: service, with: {column: u}}, "
        "y: {use: core.value, level: service, missing: exclude, with: {column: v}}}}}\n"
    )
    evaluation = served(text, [("A", 80, 80), ("A", 60, None)], "polars")
    assert scores(evaluation, "total") == [80]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_cannot_be_combined_is_missing_and_meets_the_policy(engine):
    """A geometric mean of a negative score is no score, and never a silent gap."""

    def text(missing, rollup="criterion"):
        criteria = ", ".join(
            f"{name}: {{use: core.value, level: service, with: {{column: {name}}}}}"
            for name in "uv"
        )
        return (
            f"rollup: {{after: {rollup}}}\naxes:\n"
            f"  a: {{aggregate: geometric, missing: {missing}, criteria: {{{criteria}}}}}\n"
            "  b: {criteria: {z: {use: core.value, with: {column: own}}}}\n"
        )

    services = [("A", 4.0, 9.0), ("B", -4.0, 9.0)]
    for rollup in ("criterion", "axis"):
        skipped = served(text("skip", rollup), services, engine, own=[10.0, 10.0])
        assert scores(skipped, "a") == [pytest.approx(6.0), None]
        assert scores(skipped, "a", "state") == ["scored", "missing"]
        assert scores(skipped, "total") == [pytest.approx(8.0), 10.0]
        zero = served(text("zero", rollup), services, engine, own=[10.0, 10.0])
        assert scores(zero, "a") == [pytest.approx(6.0), 0.0]
        none = served(text("exclude", rollup), services, engine, own=[10.0, 10.0])
        assert scores(none, "total") == [pytest.approx(8.0), None]


# --- gates: a cap at zero -----------------------------------------------------------------------


def test_gates_are_caps_and_leave_alone_what_has_nothing_at_all():
    """A missing component costs the whole index, but a body without any data has none."""
    gate = "[{at: 0, when: hci is missing or tii is missing or osi is missing}]"
    text = f"caps: {gate}\naxes:\n  egdi:\n{axis(('osi', 'hci', 'tii'))}"
    evaluation = run(
        text,
        osi=[0.6, 0.6, None, None, 0.0],
        hci=[0.9, None, 0.9, None, 0.3],
        tii=[0.3, 0.3, None, None, 0.3],
    )
    found = dict(evaluation.agencies.select("agency", "total").rows())
    assert found == {
        "00": pytest.approx(0.6),
        "01": 0.0,
        "02": 0.0,
        "03": None,
        "04": pytest.approx(0.2),
    }
    ranks = dict(evaluation.agencies.select("agency", "rank").rows())
    assert ranks == {"00": 1, "01": 3, "02": 3, "03": None, "04": 2}
    zero = run(
        f"caps: [{{at: 0, when: osi = 0}}]\naxes:\n  egdi:\n{axis(('osi', 'hci'))}",
        osi=[0.0, None, 0.4],
        hci=[0.8, 0.8, 0.8],
    )
    assert scores(zero, "total") == [0.0, pytest.approx(0.8), pytest.approx(0.6)]


# --- agencies compared with each other ----------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_the_total_can_be_won_in_duels(engine):
    text = (
        "aggregate: copeland\naxes:\n"
        "  a: {aggregate: arithmetic, criteria: "
        "{x: {use: core.value, level: service, with: {column: u}}}}\n"
        "  b: {weight: 2, aggregate: arithmetic, criteria: "
        "{y: {use: core.value, with: {column: own}}}}\n"
        "  c: {aggregate: arithmetic, criteria: {z: {use: core.value, with: {column: other}}}}\n"
    )
    services = [(code, value) for code, value in zip("ABCD", (10.0, 20.0, 30.0, None), strict=True)]
    other = [50.0, 40.0, None, None]
    for after in ("criterion", "axis"):
        evaluation = served(
            f"{text}rollup: {{after: {after}}}\n",
            services,
            engine,
            own=[1.0, 1.0, 0.5, None],
            other=other,
        )
        # A and B: b is a draw, a for B, c for A. Both beat C by the weight of b against that of a.
        assert scores(evaluation, "total") == [1.0, 1.0, -2.0, None]
        rows = pl.DataFrame({"a": [10.0, 20.0, 30.0, None], "b": [1.0, 1.0, 0.5, None], "c": other})
        assert scores(evaluation, "total") == Copeland().combine_table(rows, [1, 2, 1]).to_list()
        assert scores(evaluation, "a") == [10.0, 20.0, 30.0, None]
        assert all(one is None for one in scores(evaluation, "a", "contribution"))
        proven(evaluation)


def test_policies_caps_shares_and_rounding_hold_for_duels_as_well():
    text = (
        "min_share: 0.6\nround: {decimals: 0}\ncaps: [{at: 0.5, when: x > 8}]\naxes:\n"
        f"  a:\n{axis('xyz', aggregate='copeland')}"
    )
    evaluation = run(text, x=[9.0, 5.0, 1.0], y=[9.0, 5.0, None], z=[9.0, 5.0, None])
    assert scores(evaluation, "a") == [2.0, 0.0, None]  # the third has one of three, yet is met
    assert scores(evaluation, "total") == [0.5, 0.0, None]


DUELLING = SERVED.replace("{criteria", "{aggregate: copeland, criteria")


@pytest.mark.parametrize(
    ("after", "text", "where"),
    [
        ("axis", f"aggregate: copeland\naxes: {{a: {SERVED}}}", ["aggregate"]),
        ("total", f"aggregate: copeland\naxes: {{a: {SERVED}, b: {SERVED}}}", ["aggregate"]),
        (
            "total",
            f"axes: {{a: {DUELLING}, b: {SERVED}}}",
            ["axes.a.aggregate"],
        ),
        (
            "axis",
            f"aggregate: copeland\naxes: {{a: {DUELLING}, b: {SERVED}}}",
            ["aggregate", "axes.a.aggregate"],
        ),
    ],
)
def test_single_services_do_not_duel(after, text, where):
    with pytest.raises(RulesetError) as caught:
        read_ruleset(f"{HEAD}rollup: {{after: {after}}}\n{text}\n")
    assert sorted(one.where for one in caught.value.problems) == where
    for one in caught.value.problems:
        assert one.message == (
            "copeland compares agencies with each other, and with the rollup after "
            f"{after}, scores of single services are combined here"
        )
    read_ruleset(f"{HEAD}rollup: {{after: criterion}}\n{text}\n")  # there are no services apart


def test_agencies_may_duel_where_no_services_are_beneath():
    own = "{aggregate: copeland, criteria: {y: {use: core.value, with: {column: own}}}}"
    for after in ("axis", "total"):
        text = f"rollup: {{after: {after}}}\naxes: {{a: {SERVED}, b: {own}}}\n"
        evaluation = served(text, [("A", 4.0), ("B", 6.0)], "polars", own=[9.0, 3.0])
        assert scores(evaluation, "b") == [1.0, -1.0]
