"""From the form of a ruleset to its tree: ids become criteria of plugins, parameters are checked.

Whatever is wrong is collected in a :class:`Checker`, so that one run names it all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import ValidationError

from egovrules._validation import explain
from egovrules._yaml import Document, Loc
from egovrules.aggregation import Aggregation
from egovrules.conditions import Condition, ConditionError, Field, FieldType, parse
from egovrules.criteria import Criterion, Indicator, Level
from egovrules.errors import Problem, did_you_mean
from egovrules.plugins import Registry
from egovrules.schema import AxisEntry, Cap, CriterionEntry, Policy, RulesetFile, Subjects
from egovrules.tree import BoundCap, Node

TOTAL_TITLE = {"en": "Total", "fa": "کل"}


@dataclass
class Checker:
    """What binding knows so far: the problems, and the indicators that conditions may name.

    Attributes:
        document: Where everything stands, for messages.
        indicators: Contract of every column that may be read, by table.
        problems: What was found wrong.
    """

    document: Document
    indicators: dict[Subjects, dict[str, Indicator]]
    problems: list[Problem] = field(default_factory=list)

    def problem(self, loc: Loc, message: str, **more: Any) -> None:
        """Note a problem at a place of the file."""
        self.problems.append(self.document.problem(loc, message, **more))

    def fields(self, subjects: Subjects) -> dict[str, Field]:
        """Return the indicators of a table as fields of a condition."""
        known = self.indicators[subjects]
        return {name: Field(one.type, one.values) for name, one in known.items()}

    def condition(
        self,
        text: str,
        fields: Mapping[str, Field],
        loc: Loc,
        *,
        want: FieldType | None = "boolean",
        prefix: str = "",
        offset: int = 0,
    ) -> Condition | None:
        """Parse a condition, or note what is wrong with it and return None.

        Args:
            text: The condition.
            fields: What it may name.
            loc: Where it stands.
            want: The type it must have.
            prefix: Put before it (``electronization`` before ``< 50``); no caret points there.
            offset: Where *text* begins inside the scalar at *loc*.
        """
        try:
            return parse(prefix + text, fields, want=want)
        except ConditionError as error:
            shift = offset - len(prefix)
            start, end = (max(offset, at + shift) for at in (error.start, error.end))
            self.problem(loc, error.message, hint=error.hint, within=(start, end))
            return None


def check_plugins(file: RulesetFile, checker: Checker, registry: Registry) -> None:
    """Check that every plugin named under ``plugins:`` is installed in an accepted version."""
    versions = {plugin.distribution: plugin.version for plugin in registry.plugins}
    for name, wanted in file.plugins.items():
        loc = ("plugins", name)
        try:
            accepted = SpecifierSet(wanted)
        except InvalidSpecifier:
            checker.problem(loc, f"'{wanted}' is no range of versions", hint='such as ">=0.1,<1"')
            continue
        if name not in versions:
            checker.problem(
                loc, f"plugin {name} is not installed", at="key", hint=f"pip install '{name}'"
            )
        elif not accepted.contains(versions[name], prereleases=True):
            message = f"plugin {name} is {versions[name]}, and this ruleset accepts {wanted}"
            checker.problem(loc, message, hint=f"pip install '{name}{wanted}'")


def bind_tree(file: RulesetFile, checker: Checker, registry: Registry) -> Node:
    """Build the tree without its caps, and learn the indicators that its criteria read."""
    builder = _Tree(file, checker, registry)
    children = tuple(
        builder.axis(name, entry, ("axes", name), file.missing.policy)
        for name, entry in file.axes.items()
    )
    builder.check_weights([child.weight for child in children], ("axes",))
    aggregation = builder.aggregation(file.aggregate, ("aggregate",))
    root = Node("total", "total", TOTAL_TITLE, 1.0, file.missing.policy, children, aggregation)
    if file.rollup.method == "pooled" and file.rollup.after != "criterion":
        checker.problem(
            ("rollup", "method"),
            f"ratios are pooled per criterion, and the rollup is after {file.rollup.after}",
            hint="use `after: criterion`, or `method: mean`",
        )
    return root


def bind_caps(
    root: Node, file: RulesetFile, checker: Checker, derived: Mapping[Subjects, Mapping[str, Field]]
) -> Node:
    """Attach the caps; those of the total may also name the axes."""
    services = checker.fields("services")
    agencies = {**checker.fields("agencies"), **derived["agencies"]}
    axes = {node.id: Field("number") for node in root.walk() if node.kind == "axis"}

    def bound(caps: tuple[Cap, ...], fields: Mapping[str, Field], loc: Loc) -> tuple[BoundCap, ...]:
        found = []
        for number, cap in enumerate(caps):
            here = (*loc, "caps", number)
            if not file.scale.low <= cap.at <= file.scale.high:
                span = f"{file.scale.low:g} to {file.scale.high:g}"
                checker.problem(
                    (*here, "at"), f"a cap at {cap.at:g} lies outside the scale, {span}"
                )
            condition = checker.condition(cap.when, fields, (*here, "when"))
            if condition is not None:
                where = ".".join(str(part) for part in here)
                found.append(BoundCap(cap.at, condition, cap.because, where))
        return tuple(found)

    def axis(node: Node, entry: AxisEntry, loc: Loc) -> Node:
        children = []
        for child in node.children:
            key = child.id.rsplit(".", 1)[-1]
            if child.kind == "axis":
                children.append(axis(child, entry.axes[key], (*loc, "axes", key)))
                continue
            fields = services if child.level == "service" else agencies
            caps = bound(entry.criteria[key].caps, fields, (*loc, "criteria", key))
            if caps and child.pooled:
                checker.problem(
                    (*loc, "criteria", key, "caps"),
                    "a pooled criterion has no score per service that could be capped",
                    hint="put the cap on the axis, or set `rollup: mean`",
                )
            children.append(replace(child, caps=caps))
        if entry.caps and file.rollup.after == "total":
            checker.problem(
                (*loc, "caps"),
                "with the rollup after total, an axis has no score of an agency to cap",
                hint="put the cap on the total, or roll up after axis or criterion",
            )
        return replace(node, children=tuple(children), caps=bound(entry.caps, agencies, loc))

    children = tuple(
        axis(child, file.axes[child.id], ("axes", child.id)) for child in root.children
    )
    return replace(root, children=children, caps=bound(file.caps, {**agencies, **axes}, ()))


@dataclass
class _Tree:
    """One pass over the axes of a file."""

    file: RulesetFile
    checker: Checker
    registry: Registry
    seen: dict[str, Loc] = field(default_factory=dict)

    def axis(self, name: str, entry: AxisEntry, loc: Loc, inherited: Policy) -> Node:
        if name in self.seen:
            first = ".".join(map(str, self.seen[name]))
            self.checker.problem(loc, f"axis '{name}' stands already at {first}", at="key")
        self.seen[name] = loc
        policy = entry.missing or inherited
        children = [
            self.criterion(name, key, one, (*loc, "criteria", key), policy)
            for key, one in entry.criteria.items()
        ]
        nested = [
            self.axis(key, one, (*loc, "axes", key), policy) for key, one in entry.axes.items()
        ]
        found = [node for node in (*children, *nested) if node is not None]
        if not entry.criteria and not entry.axes:
            self.checker.problem(
                loc, f"axis '{name}' has no criteria", at="key", hint="add `criteria:` or remove it"
            )
        self.check_weights([node.weight for node in found], loc)
        brought = self.registry.axes.get(name)
        title = entry.title or (brought.title if brought else "") or name.replace("_", " ")
        aggregate = entry.aggregate or self.file.aggregate
        return Node(
            name,
            "axis",
            _plain(title),
            entry.weight,
            policy,
            tuple(found),
            self.aggregation(aggregate, (*loc, "aggregate") if entry.aggregate else None),
        )

    def criterion(
        self, axis: str, key: str, entry: CriterionEntry, loc: Loc, inherited: Policy
    ) -> Node | None:
        used = entry.use or f"{axis}.{key}"
        kind = self.registry.criteria.get(used)
        if kind is None:
            at: Literal["key", "value"] = "value" if entry.use else "key"
            self.checker.problem(
                (*loc, "use") if entry.use else loc,
                f"there is no criterion '{used}'",
                at=at,
                hint=self.registry.hint_for(used),
            )
            return None
        criterion = self.parameters(kind, entry, loc)
        level = self.level(kind, entry, loc)
        if criterion is None or level is None:
            return None
        self.learn(criterion, level, loc)
        return Node(
            f"{axis}.{key}",
            "criterion",
            _plain(entry.title or kind.title or key.replace("_", " ")),
            entry.weight,
            entry.missing or inherited,
            criterion=criterion,
            level=level,
            pooled=self.pooled(criterion, entry, level, loc),
        )

    def parameters(
        self, kind: type[Criterion], entry: CriterionEntry, loc: Loc
    ) -> Criterion | None:
        try:
            return kind.model_validate_json(_json(entry.parameters))
        except ValidationError as error:
            place = (*loc, "with") if entry.parameters else loc
            self.checker.problems += explain(error, kind, self.checker.document, place)
            return None

    def level(self, kind: type[Criterion], entry: CriterionEntry, loc: Loc) -> Level | None:
        if kind.level == "any":
            return entry.level or "agency"
        if entry.level not in (None, kind.level):
            message = f"criterion '{kind.id}' scores the {kind.level}, not the {entry.level}"
            self.checker.problem((*loc, "level"), message, hint="remove `level:`")
            return None
        return kind.level

    def pooled(self, criterion: Criterion, entry: CriterionEntry, level: Level, loc: Loc) -> bool:
        able = level == "service" and criterion.ratio() is not None
        if entry.rollup == "pooled" and not able:
            why = "scores agencies" if level == "agency" else "is no ratio"
            self.checker.problem(
                (*loc, "rollup"),
                f"criterion '{criterion.id}' {why}, so nothing can be pooled",
                hint="remove `rollup: pooled`",
            )
        if entry.rollup == "pooled" and self.file.rollup.after != "criterion":
            self.checker.problem(
                (*loc, "rollup"), "ratios can be pooled only with the rollup after criterion"
            )
        return able and (entry.rollup or self.file.rollup.method) == "pooled"

    def learn(self, criterion: Criterion, level: Level, loc: Loc) -> None:
        """Let conditions name what this criterion reads; two criteria must agree on a column."""
        known = self.checker.indicators["services" if level == "service" else "agencies"]
        for read in criterion.reads():
            before = known.get(read.column)
            if before is not None and before.type != read.indicator.type:
                self.checker.problem(
                    loc,
                    f"column '{read.column}' is read here as {read.indicator.type}, "
                    f"and elsewhere as {before.type}",
                    at="key",
                )
            if before is None or before.optional:
                known[read.column] = read.indicator

    def check_weights(self, weights: list[float], loc: Loc) -> None:
        if weights and not any(weight > 0 for weight in weights):
            self.checker.problem(
                loc, "all weights here are zero", at="key", hint="give one a weight"
            )

    def aggregation(self, name: str, loc: Loc | None) -> Aggregation | None:
        found = self.registry.aggregations.get(name)
        if found is None and loc is not None:
            hint = did_you_mean(name, self.registry.aggregations)
            self.checker.problem(loc, f"there is no aggregation '{name}'", hint=hint)
        return found


def _plain(title: str | Mapping[str, str]) -> str | dict[str, str]:
    return title if isinstance(title, str) else dict(title)


def _json(parameters: Mapping[str, Any]) -> str:
    """Give pydantic JSON: its strict mode then reads a list as a tuple, and no text as a number."""
    return json.dumps(parameters)
