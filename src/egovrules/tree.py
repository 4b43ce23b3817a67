"""The tree that a ruleset scores: total → axes → criteria, and where services join it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from egovrules.aggregation import Aggregation
from egovrules.conditions import Condition
from egovrules.criteria import Criterion, Level
from egovrules.entries import Policy, Round
from egovrules.normalisation import Normalisation
from egovrules.text import Localised

Kind = Literal["total", "axis", "criterion", "services"]


@dataclass(frozen=True, slots=True)
class BoundCap:
    """A cap whose condition has been checked."""

    at: float
    condition: Condition
    because: Localised | None
    where: str  # its path in the ruleset, for the explanation


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the tree.

    Attributes:
        id: ``total``, an axis id, ``<axis>.<criterion>``, or ``<node>.services`` for the part of
            a node that is aggregated service by service before it is rolled up.
        kind: What it is.
        title: For people.
        weight: Among its siblings, in any unit.
        missing: What the node above makes of a missing score.
        children: Empty for a criterion.
        aggregation: How the children combine; None for a criterion.
        min_share: Share of the children, 0 to 1, that must have a score for the node to have one.
        round: How the score is rounded before caps; None: not at all.
        caps: Bounds on its score, in order.
        criterion: The bound criterion, for a criterion.
        applies: Of a criterion, the condition outside which it is not applicable; None for none.
        normalisation: How the values of a criterion become scores; None: they are scores.
        direction: Of a criterion's values; ``down``: they are negated before normalisation.
        level: Where a criterion scores; ``service`` for a services node; None otherwise.
        pooled: Whether its rollup pools numerators and denominators.
    """

    id: str
    kind: Kind
    title: Localised
    weight: float
    missing: Policy
    children: tuple["Node", ...] = ()
    aggregation: Aggregation | None = None
    min_share: float = 0.0
    round: Round | None = None
    caps: tuple[BoundCap, ...] = ()
    criterion: Criterion | None = None
    applies: Condition | None = None
    normalisation: Normalisation | None = None
    direction: Literal["up", "down"] = "up"
    level: Level | None = None
    pooled: bool = False

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all below it, parents first, in the ruleset's order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def criteria(self, level: Level | None = None) -> tuple["Node", ...]:
        """Return the criteria below (or at) this node, of one level or of both."""
        found = (node for node in self.walk() if node.criterion is not None)
        return tuple(node for node in found if level in (None, node.level))

    @property
    def rolled_up(self) -> bool:
        """Whether its score comes from the agency's services by a rollup."""
        return self.level == "service"


def parents(root: Node) -> Mapping[str, str]:
    """Return the id of every node's parent, by its id; the root has none."""
    return {child.id: node.id for node in root.walk() for child in node.children}


def outside_services(node: Node) -> Iterator[Node]:
    """Yield the nodes that agencies have a score of: all but what is inside a services node."""
    yield node
    if node.kind != "services":
        for child in node.children:
            yield from outside_services(child)


def join_services(root: Node, after: Literal["criterion", "axis", "total"]) -> Node:
    """Rearrange the tree so that services are rolled up after the given kind of node.

    After ``criterion`` it stays as written: each service-level criterion is a leaf that is rolled
    up by itself. After ``axis`` the service-level criteria of each axis move under one
    ``services`` node, which weighs as much as they did together; after ``total`` the whole
    service-level part of the tree does, and only the total is rounded. With equal service weights,
    arithmetic means, nothing rounded and nothing missing, all three give the same total.
    """
    if after == "criterion":
        return root
    if after == "axis":
        return _per_axis(root)
    part = _restricted(root, "service")
    rest = _restricted(root, "agency")
    if part is None:
        return root
    weight = sum(child.weight for child in part.children)
    services = _services_node(root, part.children, weight)
    others = rest.children if rest else ()
    return replace(root, children=(services, *others))


def _per_axis(node: Node) -> Node:
    served = tuple(child for child in node.children if child.level == "service")
    others = tuple(_per_axis(child) for child in node.children if child.level != "service")
    if not served:
        return replace(node, children=others)
    weight = sum(child.weight for child in served)
    return replace(node, children=(_services_node(node, served, weight), *others))


def _services_node(parent: Node, children: tuple[Node, ...], weight: float) -> Node:
    return replace(
        parent,
        id=f"{parent.id}.services",
        kind="services",
        weight=weight,
        children=children,
        caps=(),
        round=None,
        level="service",
        # The total's policy is the file's, which criteria have had their share of: all services
        # together are to the total what an axis is, and an axis without a score is left out.
        missing="skip" if parent.kind == "total" else parent.missing,
    )


def _restricted(node: Node, level: Level) -> Node | None:
    """Keep what *level* scores; a node weighs the share of its weight that is kept."""
    if node.criterion is not None:
        return node if node.level == level else None
    kept = [(child, _restricted(child, level)) for child in node.children]
    present = tuple(part for _, part in kept if part is not None)
    if not present:
        return None
    whole = sum(child.weight for child in node.children)
    share = sum(part.weight for part in present) / whole if whole else 0.0
    split = level == "agency" and bool(node.criteria("service")) and node.kind == "axis"
    name = agency_part(node.id) if split else node.id
    # What is put together from two parts is no one score that could be rounded.
    return replace(node, id=name, children=present, weight=node.weight * share, round=None)


def agency_part(axis: str) -> str:
    """Name the part of an axis that agencies are scored on, where services are rolled up apart."""
    return f"{axis}.agency"
