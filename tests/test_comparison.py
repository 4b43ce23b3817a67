"""Growth and comparison against plain subtraction, and who continues whom."""

import os
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from egovrules import store
from egovrules.comparison import compare, growth_by_axis
from egovrules.dataset import Dataset
from egovrules.errors import ComparisonError
from egovrules.evaluation import evaluate
from egovrules.growth import Previous, points_won
from egovrules.ruleset import read_ruleset

RULESET = """
schema: egovrules/1
id: {id}
title: T
scale: {{high: {high}}}
axes:
  a:
    criteria:
      x: {{use: core.value, with: {{column: own}}}}
      s: {{use: core.value, level: service, with: {{column: v}}}}
  b: {{weight: {weight}, criteria: {{x: {{use: core.value, with: {{column: other}}}}}}}}
"""
CODES = ["A", "B", "C", "D", "E"]
TABLES = ("agencies", "criteria", "vanished", "reweighted")


def make(rows, previous=None, name="r", weight=1, bridge="", high=100):
    """Evaluate rows of code, own, other, value of the one service, predecessors."""
    names = ("code", "own", "other", "v", "predecessors")
    types = (pl.String, pl.Float64, pl.Float64, pl.Float64, pl.String)
    table = pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
    services = table.select(code="code", agency="code", v="v")
    text = RULESET.format(id=name, weight=weight, high=high) + bridge
    dataset = Dataset.of(agencies=table.drop("v"), services=services)
    return evaluate(read_ruleset(text), dataset, previous=previous)


value = st.one_of(st.none(), st.integers(0, 100).map(float))
rounds = st.lists(
    st.tuples(st.sampled_from(CODES), value, value, value, st.none()),
    min_size=1,
    unique_by=lambda row: row[0],
)
heirs = st.lists(
    st.tuples(
        st.sampled_from([*CODES, "X", "Y"]),
        value,
        value,
        value,
        st.lists(st.sampled_from([*CODES, "Z"]), max_size=2).map(" ; ".join),
    ),
    min_size=1,
    unique_by=lambda row: row[0],
)


def continued(new, known):
    """Say by the words of the docs what each body continues: (earlier bodies, continuity)."""
    earlier = {}
    for code, *_, text in new:
        named = {part.strip() for part in text.split(";")} & known
        earlier[code] = named or {code} & known
    claims = Counter(code for codes in earlier.values() for code in codes)
    states = {}
    for code, codes in earlier.items():
        (only,) = codes if len(codes) == 1 else (None,)
        if not codes:
            states[code] = (None, "new")
        elif only is None:
            states[code] = (None, "merged")
        elif claims[only] > 1:
            states[code] = (None, "split")
        else:
            states[code] = (only, "same" if only == code else "renamed")
    return states


def by_axis(evaluation):
    """Map agency and axis to the score now, the score before, and the growth."""
    cells = growth_by_axis(evaluation).iter_rows()
    return {(agency, axis): tuple(numbers) for agency, axis, *numbers in cells}


def minus(after, before):
    return None if after is None or before is None else after - before


@settings(
    max_examples=50 * int(os.environ.get("EGOVRULES_FUZZ", "1")),
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # shrinking whole evaluations takes minutes
)
@given(rounds, heirs)
def test_growth_is_plain_subtraction_of_what_continues(old_rows, new_rows):
    old = make(old_rows)
    new = make(new_rows, previous=old)
    compared = compare(new, old)
    before = {row["agency"]: row for row in old.agencies.iter_rows(named=True)}
    states = continued(new_rows, set(before))
    shown = {row["agency"]: row for row in compared.agencies.iter_rows(named=True)}
    for row in new.agencies.iter_rows(named=True):
        previous, state = states[row["agency"]]
        earlier = before.get(previous, {"total": None, "rank": None})
        assert row["continuity"] == state
        assert row["growth"] == minus(row["total"], earlier["total"])
        assert row["rank_growth"] == minus(earlier["rank"], row["rank"])
        for column in ("growth", "rank_growth", "continuity", "previous_total", "previous_rank"):
            assert shown[row["agency"]][column] == row[column]
    growth = [row["growth"] for row in shown.values() if row["growth"] is not None]
    assert growth == sorted(growth, reverse=True)

    def scores(evaluation):
        return {(r["agency"], r["node"]): r["score"] for r in evaluation.criteria.to_dicts()}

    after, then = scores(new), scores(old)
    pairs = {code: previous for code, (previous, _) in states.items() if previous}
    expected = {
        (code, node): minus(score, then[pairs[code], node])
        for (code, node), score in after.items()
        if code in pairs
    }
    got = {(r["agency"], r["node"]): r["growth"] for r in compared.criteria.to_dicts()}
    assert got == expected
    of_axes = {
        (code, axis): (row[axis], before[earlier][axis], minus(row[axis], before[earlier][axis]))
        for code, row in {row["agency"]: row for row in new.agencies.to_dicts()}.items()
        if (earlier := pairs.get(code)) is not None
        for axis in ("a", "b")
    }
    assert by_axis(new) == of_axes
    named = {part.strip() for *_, text in new_rows for part in text.split(";")}
    gone = sorted(set(before) - named - {code for code, *_ in new_rows})
    assert compared.vanished["agency"].to_list() == gone
    assert new.vanished["agency"].to_list() == gone


def test_a_body_that_goes_on_beside_its_offshoot_was_split():
    old = make([("A", 10.0, 10.0, 10.0, None)])
    new = make([("A", 10.0, 10.0, 10.0, ""), ("X", 90.0, 90.0, 90.0, "A")], previous=old)
    assert new.agencies.select("continuity", "growth").rows() == [("split", None)] * 2
    assert new.vanished.height == 0


def test_a_predecessor_that_is_written_twice_is_no_merger():
    old = make([("A", 10.0, 10.0, 10.0, None)])
    row = make([("X", 30.0, 30.0, 30.0, "A; A;")], previous=old).agencies.row(0, named=True)
    assert (row["continuity"], row["growth"]) == ("renamed", 20.0)


def test_axes_are_compared_where_both_have_them_and_one_body_goes_on():
    rows = [(code, 10.0 * n, 5.0 * n, 10.0 * n, None) for n, code in enumerate("ABCD", 1)]
    old = make(rows)
    new_rows = [
        ("A", 70.0, 4.0, 70.0, ""),
        ("R", 50.0, 10.0, 50.0, "B"),
        ("M", 90.0, 90.0, 90.0, "C; D"),
        ("N", 1.0, 1.0, 1.0, ""),
    ]
    expected = {
        ("A", "a"): (70.0, 10.0, 60.0),
        ("A", "b"): (4.0, 5.0, -1.0),
        ("R", "a"): (50.0, 20.0, 30.0),
        ("R", "b"): (10.0, 10.0, 0.0),
    }
    assert by_axis(make(new_rows, previous=old)) == expected
    # Another method that is bridged: what has the same id is the same, as in `egovrules compare`.
    bridge = "bridge: {from: r, because: two axes of old}\n"
    third = "  c: {criteria: {x: {use: core.value, with: {column: other}}}}\n"
    again = make(new_rows, previous=old, name="later", bridge=third + bridge)
    assert again.inputs["previous"].columns[-4:] == ["total", "rank", "a", "b"]
    assert by_axis(again) == expected
    nodes = compare(again, old).criteria.filter(pl.col("node").is_in(["a", "b", "c"]))
    assert {(agency, node): tuple(rest) for agency, node, *rest in nodes.iter_rows()} == expected


def test_nothing_is_said_of_axes_that_are_not_recorded():
    old = make([("A", 10.0, 10.0, 10.0, None)])
    assert growth_by_axis(old) is None
    row = [("A", 30.0, 30.0, 30.0, None)]
    new = make(row, previous=Previous.of(old, axes=False))
    assert growth_by_axis(new) is None
    assert new.agencies.equals(make(row, previous=old).agencies)


def test_growth_is_against_the_evaluation_that_is_asked_for():
    """Not against the one that the newer was evaluated with, whose columns it carries."""
    first, second, third = (make([("A", n, n, n, None)]) for n in (10.0, 30.0, 80.0))
    with_second = make([("A", 80.0, 80.0, 80.0, None)], previous=second)
    assert with_second.agencies["growth"].to_list() == [50.0]
    for newest in (with_second, third):
        table = compare(newest, first).agencies
        assert table.select("growth", "previous_total", "continuity").rows() == [
            (70.0, 10.0, "same")
        ]


def test_an_evaluation_from_disk_compares_as_one_in_memory(tmp_path):
    old = make([("A", 10.0, None, 5.0, None), ("B", 20.0, 3.0, 9.0, None)])
    rows = [("A", 15.0, 2.0, 5.0, ""), ("X", 1.0, 1.0, 1.0, "B"), ("Y", 9.0, 9.0, 9.0, "")]
    saved = store.load(store.save(old, tmp_path / "old"))
    new, new_from_disk = make(rows, previous=old), make(rows, previous=saved)
    assert new.agencies.equals(new_from_disk.agencies)
    again = store.load(store.save(new, tmp_path / "new"))
    for left, right in ((new, saved), (again, old), (again, saved)):
        mixed, plain = compare(left, right), compare(new, old)
        for name in TABLES:
            assert getattr(mixed, name).equals(getattr(plain, name)), name


def test_what_the_trees_do_not_share_is_named():
    bridge = "bridge: {from: r, because: it was decided}\n"
    old = make([("A", 10.0, 20.0, 30.0, None)])
    text = RULESET.format(id="s", weight=3, high=100) + bridge
    text = text.replace(
        "s: {use: core.value, level: service", "t: {use: core.value, level: service"
    )
    dataset = Dataset.of(
        agencies=pl.DataFrame({"code": ["A"], "own": [10.0], "other": [20.0]}),
        services=pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [30.0]}),
    )
    compared = compare(evaluate(read_ruleset(text), dataset), old)
    assert (compared.method, compared.added, compared.dropped) == ("bridge", ("a.t",), ("a.s",))
    assert set(compared.criteria["node"]) == {"total", "a", "a.x", "b", "b.x"}
    assert compared.reweighted.rows() == [("a", 0.25, 0.5), ("b", 0.75, 0.5)]


def test_weights_in_another_unit_are_no_other_weights():
    assert 0.02 / (0.01 + 0.02) != 2 / 3, "nothing was put to the test"
    made = make([("A", 10.0, 20.0, 30.0, None)], weight=2)
    tree = [
        node.model_copy(update={"weight": node.weight / 100}) if node.kind == "axis" else node
        for node in made.manifest.tree
    ]
    other = replace(made, manifest=made.manifest.model_copy(update={"tree": tree}))
    assert compare(other, made).reweighted.height == 0


def test_a_refusal_says_what_to_do():
    row = [("A", 0.5, 0.5, 0.5, None)]
    bridge = "bridge: {from: r, because: it was decided}\n"
    old = make(row)
    with pytest.raises(ComparisonError, match=r"declare it in s: `bridge: \{from: r,"):
        compare(make(row, name="s", weight=2), old)
    bridged = make(row, name="s", weight=2, bridge=bridge)
    assert compare(bridged, old).method == "bridge"
    with pytest.raises(ComparisonError, match="give the earlier evaluation first"):
        compare(old, bridged)
    for refused in (
        lambda: compare(make(row, name="s", high=1, bridge=bridge), old),
        lambda: make(row, name="s", high=1, bridge=bridge, previous=old),
    ):
        with pytest.raises(ComparisonError, match="on different scales, 0 to 1 and 0 to 100"):
            refused()


def test_a_bridge_from_another_ruleset_leads_nowhere():
    row = [("A", 10.0, 10.0, 10.0, None)]
    elsewhere = make(row, name="s", weight=2, bridge="bridge: {from: q, because: it is so}\n")
    for new, old in ((elsewhere, make(row)), (make(row), elsewhere)):
        ids = new.manifest.ruleset.id, old.manifest.ruleset.id
        with pytest.raises(ComparisonError) as caught:
            compare(new, old)
        assert f"declare it in {ids[0]}: `bridge: {{from: {ids[1]}," in str(caught.value)


def test_scales_differ_by_their_low_end_as_well():
    row = [("A", 10.0, 10.0, 10.0, None)]
    text = RULESET.format(id="s", weight=1, high=100).replace("{high", "{low: -5, high")
    dataset = Dataset.of(
        agencies=pl.DataFrame({"code": ["A"], "own": [10.0], "other": [20.0]}),
        services=pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [30.0]}),
    )
    ruleset = read_ruleset(text + "bridge: {from: r, because: it was decided}\n")
    with pytest.raises(ComparisonError, match="on different scales, -5 to 100 and 0 to 100"):
        evaluate(ruleset, dataset, previous=make(row))


def test_agencies_stand_by_growth_then_by_code_and_last_without_one():
    old = make(
        [(code, *[total] * 3, None) for code, total in (("A", 50.0), ("B", 50.0), ("C", 70.0))]
    )
    rows = [("N", 99.0, 99.0, 99.0, ""), ("C", 80.0, 80.0, 80.0, ""), ("B", 60.0, 60.0, 60.0, "")]
    compared = compare(make([*rows, ("A", 55.0, 55.0, 55.0, "")], previous=old), old).agencies
    assert compared.select("agency", "growth").rows() == [
        ("B", 10.0),
        ("C", 10.0),
        ("A", 5.0),
        ("N", None),
    ]


def test_a_refusal_names_the_first_five_differences_and_counts_the_rest():
    row = [("A", 10.0, 10.0, 10.0, None)]
    old = make(row)
    with pytest.raises(ComparisonError) as caught:
        compare(make(row, name="s", weight=2), old)
    assert "; what differs: axes.b.weight: 1 → 2  (method" in str(caught.value)
    criteria = ", ".join(f"n{i}: {{use: core.value, with: {{column: own}}}}" for i in range(6))
    text = RULESET.format(id="s", weight=1, high=100)
    text = text.replace("criteria: {x:", f"criteria: {{{criteria}, x:")
    dataset = Dataset.of(
        agencies=pl.DataFrame({"code": ["A"], "own": [10.0], "other": [20.0]}),
        services=pl.DataFrame({"code": ["1"], "agency": ["A"], "v": [30.0]}),
    )
    new = evaluate(read_ruleset(text), dataset)
    for refused in (
        lambda: compare(new, old),
        lambda: evaluate(read_ruleset(text), dataset, previous=old),
    ):
        with pytest.raises(ComparisonError) as caught:
            refused()
        named = str(caught.value).split("what differs: ")[1].split("  (method")[0].split("; ")
        assert named == [*(f"axes.b.criteria.n{i}: added" for i in range(5)), "and 1 more"]
    five = read_ruleset(text.replace("n5: {use: core.value, with: {column: own}}, ", ""))
    with pytest.raises(ComparisonError, match=r"n4: added  \(method"):
        compare(evaluate(five, dataset), old)


def test_a_refusal_names_the_plugins_whose_versions_differ():
    row = [("A", 10.0, 10.0, 10.0, None)]
    new, old = make(row), make(row)
    info = new.manifest.ruleset.model_copy(update={"method_digest": "0" * 64})
    plugins = {"egovrules": "9.0", "egovrules-walk": "1.0"}
    manifest = new.manifest.model_copy(update={"plugins": plugins, "ruleset": info})
    with pytest.raises(ComparisonError) as caught:
        compare(replace(new, manifest=manifest), old)
    told = (
        f"plugin egovrules {old.manifest.plugins['egovrules']} → 9.0; "
        "plugin egovrules-walk none → 1.0"
    )
    assert f"what differs: {told}  (method" in str(caught.value)
    assert "evaluate the earlier round anew by this ruleset" in str(caught.value)
    without = new.manifest.model_copy(update={"plugins": {}, "ruleset": info})
    with pytest.raises(ComparisonError, match=r"what differs: plugin egovrules \S+ → none  \("):
        compare(replace(new, manifest=without), old)


@pytest.mark.parametrize("text", ["- a list", "", "{", "id: other"])
def test_a_refusal_needs_no_readable_ruleset(text):
    row = [("A", 10.0, 10.0, 10.0, None)]
    strange = replace(make(row), ruleset_text=text)
    with pytest.raises(ComparisonError, match="cannot be subtracted  "):
        compare(make(row, name="s", weight=2), strange)


def test_another_id_of_the_same_method_needs_no_bridge():
    old = make([("A", 10.0, 20.0, 30.0, None)])
    new = make([("A", 20.0, 20.0, 30.0, None)], name="later", previous=old)
    assert compare(new, old).method == "same"
    assert new.agencies["growth"].to_list() == [2.5]


def test_what_does_not_count_as_a_score_is_no_growth():
    now = pl.DataFrame({"a": [1.0, 1.0 + 2e-13, 1.0 - 4e-10, 1.0 + 6e-10, None], "b": [1.0] * 5})
    won = now.select(won=points_won("a", "b"))["won"].to_list()
    assert won[:3] == [0.0, 0.0, 0.0]
    assert won[3] == pytest.approx(6e-10)
    assert won[4] is None
