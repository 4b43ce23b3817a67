"""From the form of a ruleset to its tree: ids become criteria of plugins, parameters are checked.

Whatever is wrong is collected in a ``Checker``, so that one run names it all. Here are the axes;
``criteria`` has what is in them, ``inherited`` what an axis says for all below it, ``required``
the plugins that the file asks for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from egovrules._yaml import Loc
from egovrules.aggregation import Aggregation
from egovrules.binding.criteria import Criteria, plain
from egovrules.binding.inherited import Inherited, inherited_below
from egovrules.binding.required import check_plugins
from egovrules.checker import Checker
from egovrules.entries import AxisEntry, CriterionEntry, Method
from egovrules.methods import bind_method, spelt_out
from egovrules.normalising import Way
from egovrules.plugins import Registry
from egovrules.schema import RulesetFile
from egovrules.tree import Node, join_services

__all__ = ["bind_tree", "check_plugins"]

TOTAL_TITLE = {"en": "Total", "fa": "کل"}


def bind_tree(file: RulesetFile, checker: Checker, registry: Registry) -> Node:
    """Build the tree without its conditions, and learn the indicators that its criteria read."""
    builder = _Tree(file, checker, registry, Criteria(file, checker, registry))
    usual = Inherited(file.missing.policy, Way(), None, file.min_share)
    above = inherited_below(usual, file, (), checker, registry)
    children = tuple(
        builder.axis(name, entry, ("axes", name), above) for name, entry in file.axes.items()
    )
    builder.check_weights(file.axes.values(), ("axes",))
    for name, loc in builder.seen.items():
        if name in checker.indicators["agencies"]:
            hint = "rename one of the two, since conditions could not tell them apart"
            checker.problem(loc, f"'{name}' is an indicator of agencies, too", at="key", hint=hint)
    root = Node(
        "total",
        "total",
        TOTAL_TITLE,
        1.0,
        file.missing.policy,
        children,
        builder.aggregation(file.aggregate, ("aggregate",)),
        min_share=above.min_share,
        round=above.round,
    )
    builder.check_comparing(root)
    if file.rollup.method == "pooled" and file.rollup.after != "criterion":
        checker.problem(
            ("rollup", "method"),
            f"ratios are pooled per criterion, and the rollup is after {file.rollup.after}",
            hint="use `after: criterion`, or `method: mean`",
        )
    return root


@dataclass
class _Tree:
    """One pass over the axes of a file."""

    file: RulesetFile
    checker: Checker
    registry: Registry
    criteria: Criteria
    seen: dict[str, Loc] = field(default_factory=dict)

    def axis(self, name: str, entry: AxisEntry, loc: Loc, inherited: Inherited) -> Node:
        if name in self.seen:
            first = ".".join(map(str, self.seen[name]))
            self.checker.problem(
                loc,
                f"axis '{name}' stands already at {first}",
                at="key",
                hint="an axis has one place: rename one of the two",
            )
        self.seen[name] = loc
        above = inherited_below(inherited, entry, loc, self.checker, self.registry)
        meant = self.criteria.meant(name, entry, loc)
        children = [
            self.criteria.bind(name, key, one, (*loc, "criteria", key), above, meant)
            for key, one in entry.criteria.items()
        ]
        nested = [
            self.axis(key, one, (*loc, "axes", key), above) for key, one in entry.axes.items()
        ]
        found = [node for node in (*children, *nested) if node is not None]
        if not entry.criteria and not entry.axes:
            self.checker.problem(
                loc, f"axis '{name}' has no criteria", at="key", hint="add `criteria:` or remove it"
            )
        self.check_weights((*entry.criteria.values(), *entry.axes.values()), loc)
        if entry.round is not None and self.file.rollup.after == "total":
            self.checker.problem(
                (*loc, "round"),
                "with the rollup after total, an axis has no score of an agency to round",
                hint="write `round:` beside `axes:`, for the total alone",
            )
        brought = self.registry.axes.get(name)
        title = entry.title or (brought.title if brought else "") or name.replace("_", " ")
        aggregate = entry.aggregate or self.file.aggregate
        return Node(
            name,
            "axis",
            plain(title),
            entry.weight,
            entry.missing or "skip",  # nothing to count as zero: its criteria did that already
            tuple(found),
            self.aggregation(aggregate, (*loc, "aggregate") if entry.aggregate else None),
            min_share=above.min_share,
            round=above.round,
        )

    def check_weights(self, entries: Iterable[CriterionEntry | AxisEntry], loc: Loc) -> None:
        """Refuse weights that are all zero; a single zero is shown, and does not count."""
        weights = [entry.weight for entry in entries]
        if weights and not any(weight > 0 for weight in weights):
            self.checker.problem(
                loc, "all weights here are zero", at="key", hint="give one a weight"
            )

    def check_comparing(self, root: Node) -> None:
        """Refuse what compares agencies with each other where services are still apart."""
        after, told = self.file.rollup.after, set[Loc]()
        nodes = [node for node in join_services(root, after).walk() if node.kind == "services"]
        for node in (below for one in nodes for below in one.walk()):
            if node.aggregation is None or not node.aggregation.whole:
                continue
            axis = self.seen.get(node.id.removesuffix(".services"), ())
            own = (*axis, "aggregate")
            place = own if own in self.checker.document.places else ("aggregate",)
            if place not in told:
                self.checker.problem(
                    place,
                    f"{node.aggregation.id} compares agencies with each other, and with the "
                    f"rollup after {after}, scores of single services are combined here",
                    hint="use `rollup: {after: criterion}`, or another aggregation",
                )
            told.add(place)

    def aggregation(self, method: Method, loc: Loc | None) -> Aggregation | None:
        written = spelt_out(method, None) or {}
        checker = self.checker if loc else Checker(self.checker.document, {})  # told at its place
        place = loc or ("aggregate",)
        return bind_method("aggregation", self.registry.aggregations, written, place, checker)
