"""Ranks inside groups, of a subset, at every node, and as they are labelled; rounding exactly.

The ranks of the total alone are in ``test_classification.py``, the kernel's in
``test_aggregation.py``.
"""

import csv
import os
import random
from fractions import Fraction

import duckdb
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from egovrules.dataset import Dataset
from egovrules.evaluation import evaluate
from egovrules.placing import round_exactly
from egovrules.ranking import labelled, rank
from egovrules.ruleset import read_ruleset

HEAD = "schema: egovrules/1\nid: t\ntitle: T\n"
TWO = """
axes:
  a: {criteria: {x: {use: core.value, with: {column: own}}}}
  b: {criteria: {y: {use: core.value, with: {column: other}}}}
indicators: {agencies: {member: {type: boolean}, region: {type: text}}}
"""
TIES = ["min", "max", "dense", "average", "ordinal"]
SHARING = TIES[:-1]
budget = settings(
    max_examples=25 * int(os.environ.get("EGOVRULES_FUZZ", "1")),
    deadline=None,
    derandomize=True,
    database=None,
)
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 12)),  # eighths: ties, and exact halves of a decimal
        st.one_of(st.none(), st.integers(0, 12)),
        st.sampled_from([True, True, False, None]),
        st.sampled_from(["n", "s", "", None]),
    ),
    min_size=1,
    max_size=9,
)


def table(found):
    return {
        "code": [f"{n:02}" for n in range(len(found))],
        "own": pl.Series([None if x is None else x / 8 for x, *_ in found], dtype=pl.Float64),
        "other": pl.Series([None if y is None else y / 8 for _, y, *_ in found], dtype=pl.Float64),
        "member": pl.Series([m for _, _, m, _ in found], dtype=pl.Boolean),
        "region": pl.Series([g for *_, g in found], dtype=pl.String),
    }


def run(rules, agencies):
    ruleset = read_ruleset(HEAD + TWO + rules)
    return evaluate(ruleset, Dataset.of(agencies=pl.DataFrame(agencies)))


def column(evaluation, name):
    return dict(evaluation.agencies.select("agency", name).iter_rows())


# --- the kernels --------------------------------------------------------------------------------


@pytest.mark.parametrize("ties", TIES)
@budget
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.sampled_from([-1.5, -0.0, 0.0, 0.1, 7.25])),
            st.sampled_from(["n", "s", None]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_ranks_inside_groups_are_those_of_windows_in_sql(ties, pairs):
    scores = pl.Series("v", [score for score, _ in pairs], dtype=pl.Float64)
    groups = pl.Series([group for _, group in pairs], dtype=pl.String)
    given_ = pl.DataFrame({"i": range(len(pairs)), "v": scores, "g": groups})
    place = {
        "min": "rank() over w",
        "max": "rank() over w + count(*) over (partition by g, v) - 1",
        "dense": "dense_rank() over w",
        "average": "rank() over w + (count(*) over (partition by g, v) - 1) / 2",
        "ordinal": "row_number() over (partition by g order by v desc, i)",
    }[ties]
    known = given_.drop_nulls()  # noqa: F841 - named in the query
    windows = "window w as (partition by g order by v desc)"
    expected = dict(duckdb.sql(f"select i, {place} from known {windows}").fetchall())  # noqa: S608
    got = rank(scores, ties, within=groups)
    assert got.to_list() == [expected.get(i) for i in range(len(pairs))]
    assert (got.name, got.dtype) == ("v", pl.Float64 if ties == "average" else pl.Int64)


@budget
@given(st.lists(st.one_of(st.none(), st.integers(1, 4)), max_size=8), st.booleans())
def test_a_label_marks_what_several_share(ranks, halves):
    numbers = [None if one is None else one / 2 for one in ranks] if halves else ranks
    kind = pl.Float64 if halves else pl.Int64
    expected = [
        None if one is None else ("T." if numbers.count(one) > 1 else "") + f"{one:g}"
        for one in numbers
    ]
    assert labelled(pl.Series(numbers, dtype=kind), "T.").to_list() == expected


@budget
@given(
    st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), max_size=20),
    st.integers(0, 12),
)
@example([0.5, 1.5, 2.5, -0.5, 0.125, 0.375, 2.675, 1e16, 4503599627370497.5, 5e-324], 2)
@example([0.285, 0.295, 1.005, 1125899906842624.25, 1125899906842623.8], 2)
@example([5e6 + 2**-31, 1e300, -1e300, 0.0, -0.0], 9)
def test_rounding_is_that_of_python(values, decimals):
    got = round_exactly(pl.Series("x", values, dtype=pl.Float64), decimals)
    assert got.to_list() == [None if one is None else round(one, decimals) for one in values]
    assert (got.name, got.dtype) == ("x", pl.Float64)


@pytest.mark.parametrize("decimals", [0, 1, 2, 4, 9, 12])
def test_rounding_is_that_of_python_next_to_halves(decimals):
    numbers = random.Random(decimals)  # noqa: S311 - no secret
    halves = [(numbers.randrange(10**6) + 0.5) / 10**decimals for _ in range(2000)]
    near = [value * (1 + sign * 2**-53) for value in halves for sign in (-2, -1, 0, 1, 2)]
    got = round_exactly(pl.Series(near), decimals).to_list()
    assert got == [round(one, decimals) for one in near]


def test_rounding_is_that_of_python_far_from_halves():
    """Of many rows, Polars divides by a constant otherwise than Python does."""
    values = [n / 100 + 0.001 for n in range(10_000)]
    assert round_exactly(pl.Series(values), 2).to_list() == [round(one, 2) for one in values]


def test_inside_groups_the_least_can_be_the_first():
    scores, groups = pl.Series([3.0, 1.0, 2.0, 2.0, 9.0]), pl.Series(["n", "n", "s", "s", None])
    assert rank(scores, within=groups, descending=False).to_list() == [2, 1, 1, 1, None]


# --- of evaluations -----------------------------------------------------------------------------


@budget
@given(st.sampled_from(TIES), rows, st.sampled_from([None, 0, 1]))
def test_a_ranked_subset_is_ranked_as_if_the_others_were_not_there(ties, found, decimals):
    rule = f"ties: {ties}" + ("" if decimals is None else f", decimals: {decimals}")
    rule += ", within: [region]"
    got = run(f"rank: {{{rule}, among: member}}\n", table(found))
    alone = run(f"rank: {{{rule}}}\nscope: {{agencies: member}}\n", table(found))
    everyone = run(f"rank: {{{rule}}}\n", table(found))
    assert column(got, "total") == column(everyone, "total")
    for name in ("rank", "rank_in_region"):
        left = column(alone, name)
        assert column(got, name) == {code: left.get(code) for code in column(got, name)}
    nodes = {(a, n): r for a, n, r in alone.criteria.select("agency", "node", "rank").iter_rows()}
    for agency, node, place in got.criteria.select("agency", "node", "rank").iter_rows():
        assert place == nodes.get((agency, node))


@budget
@given(st.sampled_from(TIES), rows)
def test_a_rank_inside_a_group_is_the_rank_of_the_group_alone(ties, found):
    got = column(run(f"rank: {{ties: {ties}, within: [region]}}\n", table(found)), "rank_in_region")
    expected = dict.fromkeys(got)
    for group in ("n", "s"):
        rules = f"rank: {{ties: {ties}}}\nscope: {{agencies: region = '{group}'}}\n"
        expected |= column(run(rules, table(found)), "rank")
    assert got == expected


@budget
@given(st.sampled_from(SHARING), rows, st.sampled_from([None, 0, 1]))
def test_the_ranks_of_nodes_count_the_better_among_those_that_are_ranked(ties, found, decimals):
    rule = f"ties: {ties}" + ("" if decimals is None else f", decimals: {decimals}")
    least = "missing: {min_coverage: 0.6}\n"  # both axes, or no rank
    got = run(f"rank: {{{rule}}}\n{least}", table(found))
    ranked = {code for code, place in column(got, "rank").items() if place is not None}
    for (node,), part in got.criteria.group_by("node"):
        shown = {
            row["agency"]: round(Fraction(row["score"]), 9 if decimals is None else decimals)
            for row in part.iter_rows(named=True)
            if row["score"] is not None and row["agency"] in ranked
        }
        known = list(shown.values())
        for row in part.iter_rows(named=True):
            value = shown.get(row["agency"])
            if value is None:
                assert row["rank"] is None
                continue
            before, same = sum(v > value for v in known), known.count(value)
            place = {
                "min": before + 1,
                "max": before + same,
                "dense": len({v for v in known if v > value}) + 1,
                "average": before + (same + 1) / 2,
            }
            assert row["rank"] == place[ties]
        if node == "total":
            assert dict(part.select("agency", "rank").iter_rows()) == column(got, "rank")


@budget
@given(st.sampled_from(TIES), rows, st.randoms())
def test_the_order_of_agencies_changes_nothing_and_their_codes_ordinal_ranks_only(
    ties, found, shuffled
):
    rules = f"rank: {{ties: {ties}, among: member, within: [region]}}\n"
    given_ = pl.DataFrame(table(found))
    order = list(range(len(found)))
    shuffled.shuffle(order)
    first, again = run(rules, given_), run(rules, given_[order])
    assert first.agencies.equals(again.agencies)
    assert first.criteria.equals(again.criteria)
    if ties == "ordinal":
        return
    codes = dict(zip(given_["code"], [f"{n:02}" for n in order], strict=True))
    moved = run(rules, given_.with_columns(pl.col("code").replace(codes)))
    for name in ("rank", "rank_in_region"):
        places = column(moved, name)
        assert column(first, name) == {code: places[to] for code, to in codes.items()}


def members(rule, **more):
    agencies = {
        "code": list("ABCDEFG"),
        "own": [90.0, 70.0, 75.04, 99.0, 10.0, 10.0, None],
        "other": [80.0, 80.0, 75.0, 99.0, 20.0, 20.0, None],
        "member": [True, True, True, False, True, None, True],
        "region": ["n", "n", "s", "s", None, "s", "n"],
    }
    return run(rule, {**agencies, **more})


def test_who_is_not_ranked_keeps_the_scores_and_is_on_no_list_of_the_first():
    rules = """
rank: {decimals: 0, ties: min, tied: "=", among: member, within: [region]}
lists:
  best: {of: agencies, by: total, top: 3}
  all: {of: agencies, when: total > 0, by: total}
  firsts: {of: agencies, when: rank_in_region = 1}
"""
    got = members(rules)
    assert column(got, "rank") == {"A": 1, "B": 2, "C": 2, "D": None, "E": 4, "F": None, "G": None}
    labels = {"A": "1", "B": "=2", "C": "=2", "D": None, "E": "4", "F": None, "G": None}
    assert column(got, "rank_label") == labels
    inside = {"A": 1, "B": 2, "C": 1, "D": None, "E": None, "F": None, "G": None}
    assert column(got, "rank_in_region") == inside
    assert column(got, "total")["D"] == 99.0
    assert got.agencies["agency"].to_list()[-3:] == ["D", "F", "G"]
    lists = {name: part["subject"].to_list() for (name,), part in got.lists.group_by("list")}
    assert lists["best"] == ["A", "C", "B"]
    assert lists["all"] == list("DACBEF")
    assert lists["firsts"] == ["A", "C"]
    order = got.agencies.columns
    place = order.index("rank")
    assert order[place : place + 4] == ["rank", "rank_label", "rank_in_region", "total"]
    assert got.criteria.columns[4:7] == ["score", "rank", "rank_label"]


def test_without_a_mark_there_is_no_label():
    got = members("rank: {decimals: 0}")
    assert "rank_label" not in got.agencies.columns
    assert "rank_label" not in got.criteria.columns


def test_a_rank_at_a_node_is_marked_where_it_is_shared_at_that_node():
    rules = 'rank: {decimals: 0, tied: "=", among: member}\n'
    labels = members(rules, other=[80.0, 81.0, 81.0, 1.0, 1.0, 1.0, None]).criteria
    found = {
        node: dict(part.select("agency", "rank_label").iter_rows())
        for (node,), part in labels.group_by("node")
    }
    # of the members: own is 90, 70, 75, 10; other 80, 81, 81, 1
    assert [found["a.x"][code] for code in "ABCDEFG"] == ["1", "3", "2", None, "4", None, None]
    assert [found["b.y"][code] for code in "ABCDEFG"] == ["3", "=1", "=1", None, "4", None, None]


@pytest.mark.parametrize(
    ("ties", "positions"),
    [
        ("min", [1, 2, 2, 4]),
        ("max", [1, 3, 3, 4]),
        ("dense", [1, 2, 2, 3]),
        ("average", [1, 2.5, 2.5, 4]),
        ("ordinal", [1, 2, 3, 4]),
    ],
)
def test_the_positions_of_the_first_by_total_are_their_ranks(ties, positions):
    rules = f"""
rank: {{decimals: 1, ties: {ties}}}
lists:
  all: {{of: agencies, by: total, top: 4}}
  two: {{of: agencies, by: total, top: 2}}
  others: {{of: agencies, when: is_main}}
"""
    scores = [75.0, 75.04, 85.0, 15.0]  # what prints alike, the lower one first
    got = run(rules, {"code": list("ABCD"), "own": scores, "other": scores})
    ranks = column(got, "rank")
    lists = {name: part for (name,), part in got.lists.group_by("list")}
    assert lists["all"]["position"].to_list() == positions
    placed = dict(lists["all"].select("subject", "position").iter_rows())
    assert placed == ranks
    # A second place that two share is kept for both, whatever it is called.
    assert lists["two"].height == (2 if ties == "ordinal" else 3)
    assert set(lists["two"]["subject"]) == {"C", "A"} | ({"B"} if ties != "ordinal" else set())


def test_average_ties_are_labelled_with_their_halves():
    got = members('rank: {decimals: 0, ties: average, tied: "="}')
    labels = ["2", "=3.5", "=3.5", "1", "=5.5", "=5.5", None]
    assert column(got, "rank_label") == dict(zip("ABCDEFG", labels, strict=True))


def test_who_is_ranked_may_hang_on_derived_values_scores_and_coverage():
    rules = """
derive: {much: own + other, where: region}
rank: {among: much > 30 and a > 60 and total < 99 and coverage = 1, within: [where]}
"""
    got = members(rules)
    ranks = {"A": 1, "C": 2, "B": 3, "D": None, "E": None, "F": None, "G": None}
    assert column(got, "rank") == ranks
    assert column(got, "rank_in_where") == {**ranks, "B": 2, "C": 1}


# --- bands, open or closed at either end ------------------------------------------------------


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_bands_are_open_or_closed_at_either_end_on_rounded_and_raw_values(rounded, closed):
    low, high = ("<= 0.25", ">= 0.75") if closed else ("< 0.25", "> 0.75")
    rules = f"""
scale: {{low: 0, high: 1}}
rank: {{decimals: 2}}
bands:
  b:
    of: agencies
    by: total
    rounded: {str(rounded).lower()}
    labels: [{{low: "{low}"}}, {{high: "{high}"}}, {{middle: "between 0.25 and 0.75"}}]
    otherwise: none
"""
    totals = [0.2449, 0.2451, 0.25, 0.2549, 0.2551, 0.7449, 0.7451, 0.75, 0.7549, 0.7551, None]
    own = pl.Series(totals, dtype=pl.Float64)
    size = len(totals)
    agencies = {"code": [f"{n:02}" for n in range(size)], "own": own, "other": own}
    agencies |= {"member": [True] * size, "region": ["n"] * size}
    got = column(run(rules, agencies), "band_b")

    def expected(value):
        if value is None:
            return "none"
        shown = round(value, 2) if rounded else value
        if shown < 0.25 or (closed and shown == 0.25):
            return "low"
        return "high" if shown > 0.75 or (closed and shown == 0.75) else "middle"

    assert list(dict(sorted(got.items())).values()) == [expected(value) for value in totals]


# --- published ranks --------------------------------------------------------------------------


@pytest.mark.published
def test_the_ranks_of_the_egdi_2018_are_those_on_rounded_totals(shared):
    with (shared / "egdi" / "egdi-2018.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    axes = "".join(
        f"  of_{name}: {{criteria: {{x: {{use: core.value, with: {{column: {name}}}}}}}}}\n"
        for name in ("osi", "hci", "tii")
    )
    rules = f'{HEAD}scale: {{low: 0, high: 1}}\naxes:\n{axes}rank: {{decimals: 4, tied: "="}}\n'
    agencies = {"code": [row["country-code"] for row in found]}
    agencies |= {name: [float(row[name]) for row in found] for name in ("osi", "hci", "tii")}
    evaluation = evaluate(read_ruleset(rules), Dataset.of(agencies=pl.DataFrame(agencies)))
    published = {row["country-code"]: int(float(row["e-gov-rank"])) for row in found}
    assert len(published) == 193
    assert column(evaluation, "rank") == published
    labels = column(evaluation, "rank_label")
    assert (labels["SVK"], labels["SRB"]) == ("=49", "=49")


@pytest.mark.published
def test_all_ranks_and_labels_of_the_bipa_2024_follow_from_its_values(shared):
    found = pl.read_csv(shared / "bipa" / "bipa2024_all_data.csv", infer_schema_length=None)
    ranks = rank(round_exactly(found["value"], 2), within=found["structure_id"])
    assert ranks.to_list() == found["rank"].to_list()
    labels = [
        label
        for (_,), part in found.with_columns(ranks.alias("ours")).group_by(
            "structure_id", maintain_order=True
        )
        for label in zip(labelled(part["ours"], "="), part["rank_label"], strict=True)
    ]
    assert len(labels) == found.height > 6000
    assert all(ours == theirs for ours, theirs in labels)


@pytest.mark.published
def test_only_the_members_of_the_oecd_are_ranked(shared):
    with (shared / "dgi" / "dgi-2023.csv").open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    rules = f"""{HEAD}scale: {{low: 0, high: 1}}
axes: {{a: {{criteria: {{x: {{use: core.value, with: {{column: composite}}}}}}}}}}
indicators: {{agencies: {{member: {{type: boolean}}}}}}
rank: {{decimals: 3, among: member}}
"""
    agencies = {
        "code": [row["cc_iso3c"] for row in found],
        "composite": [float(row["composite_index"]) for row in found],
        "member": [bool(row["composite_rank"]) for row in found],
    }
    evaluation = evaluate(read_ruleset(rules), Dataset.of(agencies=pl.DataFrame(agencies)))
    published = {
        row["cc_iso3c"]: int(float(row["composite_rank"])) if row["composite_rank"] else None
        for row in found
    }
    assert len([one for one in published.values() if one]) == 33
    assert column(evaluation, "rank") == published
