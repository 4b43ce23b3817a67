"""Every condition of a ruleset, and where it stands: what lint looks at and coverage counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from egovrules._document import Loc
from egovrules.conditions import Condition
from egovrules.derive import written_at
from egovrules.entries import Subjects
from egovrules.rules import Derived
from egovrules.ruleset import Ruleset
from egovrules.tree import Node

PlacedKind = Literal["scope", "derive", "criterion", "cap", "rank", "band", "list", "finding"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A condition whose result is true, false or unknown.

    Attributes:
        kind: What it belongs to.
        name: Of the band, list, finding or derived value; for a criterion (where it applies) and
            a cap the id of the node; for a scope and the ranking its subjects.
        loc: Path of its text in the effective document.
        subjects: Whose rows it is looked at on; ``share of CONDITION over services`` looks at
            services.
        condition: The condition itself.
        label: Of a band, the label that it tests; else empty.
    """

    kind: PlacedKind
    name: str
    loc: Loc
    subjects: Subjects
    condition: Condition
    label: str = ""


def placed_conditions(ruleset: Ruleset) -> tuple[Placed, ...]:
    """Return all conditions, those of nodes by the tree, the rest in the order of sections."""
    return (
        *_scopes(ruleset),
        *_derived(ruleset),
        *_applying(ruleset),
        *_caps(ruleset),
        *_ranked(ruleset),
        *_tests(ruleset),
        *_lists_and_findings(ruleset),
    )


def placed_nodes(root: Node, loc: Loc = ()) -> Iterator[tuple[Loc, Node]]:
    """Yield every node of the tree as written, with its path in the document."""
    yield loc, root
    for child in root.children:
        key = child.id.rsplit(".", 1)[-1]
        section = "axes" if child.kind == "axis" else "criteria"
        yield from placed_nodes(child, (*loc, section, key))


def subjects_of(derived: Derived) -> Subjects:
    """Return whose rows the condition or calculation of a derived value is looked at on."""
    over = derived.operation is not None
    return "services" if over or "service" in derived.levels else "agencies"


def _scopes(ruleset: Ruleset) -> Iterator[Placed]:
    for subjects, condition in ruleset.rules.scope.items():
        if condition is not None:
            yield Placed("scope", subjects, ("scope", subjects), subjects, condition)


def _derived(ruleset: Ruleset) -> Iterator[Placed]:
    for one in ruleset.rules.derive:
        if one.condition is not None and one.condition.type == "boolean":
            loc = written_at(one.name, ruleset.document)
            yield Placed("derive", one.name, loc, subjects_of(one), one.condition)


def _applying(ruleset: Ruleset) -> Iterator[Placed]:
    for loc, node in placed_nodes(ruleset.root):
        if node.applies is not None:
            yield Placed("criterion", node.id, (*loc, "when"), _looked_at(node), node.applies)


def _looked_at(node: Node) -> Subjects:
    return "services" if node.level == "service" else "agencies"


def _caps(ruleset: Ruleset) -> Iterator[Placed]:
    for loc, node in placed_nodes(ruleset.root):
        subjects = _looked_at(node)
        for number, cap in enumerate(node.caps):
            yield Placed("cap", node.id, (*loc, "caps", number, "when"), subjects, cap.condition)


def _ranked(ruleset: Ruleset) -> Iterator[Placed]:
    if ruleset.rules.among is not None:
        yield Placed("rank", "agencies", ("rank", "among"), "agencies", ruleset.rules.among)


def _tests(ruleset: Ruleset) -> Iterator[Placed]:
    """Yield the tests of bands: of each label its comparison, then its ``when``."""
    for name, labels in ruleset.rules.bands.items():
        of = ruleset.file.bands[name].of
        for number, label in enumerate(labels):
            for key, test in zip((label.name, "when"), label.tests, strict=False):
                loc = ("bands", name, "labels", number, key)
                yield Placed("band", name, loc, of, test, label.name)


def _lists_and_findings(ruleset: Ruleset) -> Iterator[Placed]:
    file, rules = ruleset.file, ruleset.rules
    for name, condition in rules.lists.items():
        if condition is not None:
            yield Placed("list", name, ("lists", name, "when"), file.lists[name].of, condition)
    for name, condition in rules.findings.items():
        of = file.findings[name].of
        yield Placed("finding", name, ("findings", name, "when"), of, condition)
