"""Where services join the tree: nothing is lost, no weight changes, every id is unique."""

import math
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules.builtin import Value
from egovrules.ruleset import read_ruleset
from egovrules.tree import Node, join_services, parents

TIMES = int(os.environ.get("EGOVRULES_FUZZ", "1"))
budget = settings(max_examples=150 * TIMES, deadline=None, derandomize=True, database=None)
AFTER = ["criterion", "axis", "total"]

weights = st.sampled_from([0.0, 0.5, 1.0, 3.0, 25.0])


@st.composite
def trees(draw):
    """A total of one to three axes, nested up to three deep, with at least one weight each."""
    names = iter(range(1000))

    def criterion(axis):
        level = draw(st.sampled_from(["service", "agency"]))
        name = f"{axis}.k{next(names)}"
        return Node(name, "criterion", name, draw(weights), "skip", criterion=Value(), level=level)

    def axis(depth):
        name = f"a{next(names)}"
        children = [criterion(name) for _ in range(draw(st.integers(0, 3)))]
        if depth and (not children or draw(st.booleans())):
            children += [axis(depth - 1) for _ in range(draw(st.integers(1, 2)))]
        return weighed(
            Node(name, "axis", name, draw(weights), "zero"), children or [criterion(name)]
        )

    def weighed(node, children):
        if not any(child.weight for child in children):
            children[0] = replaced(children[0], weight=1.0)
        return replaced(node, children=tuple(children))

    count = draw(st.integers(1, 3))
    return weighed(Node("total", "total", "total", 1.0, "skip"), [axis(2) for _ in range(count)])


def replaced(node, **changes):
    return Node(**{name: getattr(node, name) for name in Node.__slots__} | changes)


def shares(node, share=1.0):
    """Return each criterion's share of the total, by id."""
    if node.criterion is not None:
        return {node.id: share}
    whole = sum(child.weight for child in node.children)
    found = {}
    for child in node.children:
        found |= shares(child, share * child.weight / whole if whole else 0.0)
    return found


@pytest.mark.parametrize("after", AFTER)
@given(tree=trees())
@budget
def test_every_criterion_keeps_its_share(after, tree):
    before, joined = shares(tree), shares(join_services(tree, after))
    assert before.keys() == joined.keys()
    assert all(math.isclose(before[one], joined[one], abs_tol=1e-12) for one in before)


@pytest.mark.parametrize("after", AFTER)
@given(tree=trees())
@budget
def test_ids_are_unique_and_weights_sound(after, tree):
    joined = join_services(tree, after)
    ids = [node.id for node in joined.walk()]
    assert len(ids) == len(set(ids))
    assert all(node.weight >= 0 for node in joined.walk())
    assert len(parents(joined)) == len(ids) - 1
    original = {node.id: node for node in tree.criteria()}
    assert all(node == original[node.id] for node in joined.criteria())


@pytest.mark.parametrize("after", AFTER)
@given(tree=trees())
@budget
def test_services_stand_where_they_are_rolled_up(after, tree):
    joined = join_services(tree, after)
    above = parents(joined)
    kinds = {node.id: node.kind for node in joined.walk()}
    nodes = [node for node in joined.walk() if node.kind == "services"]
    if after == "criterion":
        assert joined is tree
    if after == "axis":
        direct = [above[node.id] for node in joined.criteria("service")]
        assert {kinds[parent] for parent in direct} <= {"services"}
        assert all(node.criteria("agency") == () for node in nodes)
        assert {above[node.id] for node in nodes} == {
            parents(tree)[node.id] for node in tree.criteria("service")
        }
    if after == "total":
        assert [node.id for node in nodes] == ["total.services"] * bool(tree.criteria("service"))
        assert all(node.criteria("service") == tuple(node.criteria()) for node in nodes)
        outside = {node.id for node in joined.criteria()} - {
            node.id for top in nodes for node in top.criteria()
        }
        assert outside == {node.id for node in tree.criteria("agency")}


@given(tree=trees())
@budget
def test_walking(tree):
    """Parents come first, and criteria are told apart by level."""
    order = [node.id for node in tree.walk()]
    assert all(order.index(above) < order.index(below) for below, above in parents(tree).items())
    by_level = {*tree.criteria("service"), *tree.criteria("agency")}
    assert by_level == set(tree.criteria())


def test_a_policy_and_an_aggregation_reach_the_part_that_services_join():
    ruleset = read_ruleset(
        "schema: egovrules/1\nid: t\ntitle: T\nrollup: {after: axis}\n"
        "axes: {a: {weight: 2, missing: zero, aggregate: geometric, "
        "caps: [{at: 3, when: is_main}], criteria: {"
        "x: {use: core.value, level: service, weight: 3}, y: {use: core.value, weight: 4}}}}"
    )
    joined = {node.id: node for node in join_services(ruleset.root, "axis").walk()}
    part = joined["a.services"]
    assert (part.weight, part.missing, part.aggregation.id, part.caps) == (
        3.0,
        "zero",
        "geometric",
        (),
    )
    assert len(joined["a"].caps) == 1


def test_all_services_together_are_to_the_total_what_an_axis_is():
    ruleset = read_ruleset(
        "schema: egovrules/1\nid: t\ntitle: T\nrollup: {after: total}\nmissing: {policy: zero}\n"
        "axes: {a: {criteria: {x: {use: core.value, level: service}}}}"
    )
    joined = {node.id: node for node in join_services(ruleset.root, "total").walk()}
    assert joined["total.services"].missing == joined["a"].missing == "skip"
    assert joined["a.x"].missing == "zero"
