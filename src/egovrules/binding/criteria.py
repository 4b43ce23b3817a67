"""One criterion: its id becomes a plugin's class, its parameters are checked, its columns learnt.

Where the id stands for nothing, what was most likely meant is supposed, so that one slip is one
problem.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from egovrules._validation import explain
from egovrules._yaml import Loc
from egovrules.binding.inherited import Inherited
from egovrules.checker import TYPES, Checker
from egovrules.criteria import Criterion, Level
from egovrules.entries import AxisEntry, CriterionEntry, Subjects
from egovrules.errors import closest
from egovrules.fields import AGENCY_FIELDS, SERVICE_FIELDS
from egovrules.normalising import normalisation_of
from egovrules.parameters import Read
from egovrules.plugins import Registry
from egovrules.rehearsal import rehearse
from egovrules.schema import RulesetFile
from egovrules.tree import Node


@dataclass
class Criteria:
    """Binds the criteria of one file, one after the other."""

    file: RulesetFile
    checker: Checker
    registry: Registry
    readers: dict[tuple[Subjects, str], str] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)  # axes that no plugin brings criteria of

    def meant(self, name: str, entry: AxisEntry, loc: Loc) -> str:
        """Return the axis whose criteria are meant, or tell once that no plugin brings any."""
        known = {one.split(".")[0] for one in self.registry.criteria}
        keys = [key for key, one in entry.criteria.items() if one.use is None]
        if name in known or not keys:
            return name
        self.foreign.add(name)
        near = closest(name, known)
        used = next((one.use for one in entry.criteria.values() if one.use), "")
        if used and near is None:  # an axis of one's own, and the others in it say what they are
            for key in keys:
                message = f"nothing says which criterion '{key}' is: `use:` is missing"
                place, hint = (*loc, "criteria", key), f"such as `use: {used}`"
                self.checker.problem(place, message, at="key", hint=hint)
            return name
        alike = [one for key in keys for one in self.registry.criteria if one.endswith(f".{key}")]
        hint = "install the plugin that does, or name each criterion by `use:`"
        if near:
            self.checker.failed |= {near, *(f"{near}.{key}" for key in keys)}
            hint = f"did you mean '{near}'?"
        elif alike:
            hint = f"name each, as in `{alike[0].split('.')[1]}: {{use: {alike[0]}}}`"
        self.checker.problem(
            loc,
            f"no installed plugin brings criteria of an axis '{name}'",
            at="key",
            hint=self.registry.hint_for_axis(name) or hint,
        )
        return near or name

    def bind(
        self,
        axis: str,
        key: str,
        entry: CriterionEntry,
        loc: Loc,
        inherited: Inherited,
        meant: str,
    ) -> Node | None:
        """Make the node of one criterion; None, and the problem noted, where there is none."""
        used = entry.use or f"{meant}.{key}"
        kind = self.registry.criteria.get(used)
        if kind is None:
            self.suppose(used, entry)
            self.checker.failed.add(f"{axis}.{key}")
            if meant in self.foreign and entry.use is None:
                return None
            self.checker.problem(
                (*loc, "use") if entry.use else loc,
                f"there is no criterion '{used}'",
                at="value" if entry.use else "key",
                hint=self.registry.hint_for(used),
            )
            return None
        level = self.level(kind, entry, loc)
        criterion = self.parameters(kind, entry, loc)
        node = Node(
            f"{axis}.{key}",
            "criterion",
            plain(entry.title or kind.title or key.replace("_", " ")),
            entry.weight,
            entry.missing or inherited.policy,
            # Where a parameter is wrong, the usual columns keep conditions from failing, too.
            criterion=criterion or kind.model_construct(),
            normalisation=normalisation_of(
                entry, loc, inherited.normalise, self.checker, self.registry
            ),
            direction=entry.direction or "up",
            level=level,
            pooled=criterion is not None and self.pooled(criterion, entry, level, loc),
        )
        if node.normalisation is not None and node.pooled:
            self.checker.problem(
                (*loc, "normalise") if entry.normalise else loc,
                "a pooled ratio has no values of its own to normalise",
                hint="set `rollup: mean`, or `normalise: none`",
            )
        self.learn(node, entry.parameters, loc)
        return node

    def suppose(self, used: str, entry: CriterionEntry) -> None:
        """Let conditions name what the criterion reads that was most likely meant."""
        tail = used[used.rfind(".") :]
        same = (one for one in self.registry.criteria if one.endswith(tail))
        near = next(same, None) or closest(used, self.registry.criteria)
        if near is None:
            self.checker.unsure = True
            return
        self.checker.failed.add(near)
        kind = self.registry.criteria[near]
        try:
            criterion = kind.model_validate_json(json.dumps(entry.parameters))
        except ValidationError:
            criterion = kind.model_construct()
        level = (entry.level or "agency") if kind.level == "any" else kind.level
        subjects: Subjects = "services" if level == "service" else "agencies"
        for read in criterion.reads():
            if self.checker.before_reading(subjects, read.column) is None:
                self.checker.indicators[subjects][read.column] = read.indicator

    def parameters(
        self, kind: type[Criterion], entry: CriterionEntry, loc: Loc
    ) -> Criterion | None:
        """Make the criterion with its parameters, rehearsed; None where something is wrong."""
        place = (*loc, "with") if entry.parameters else loc
        try:
            # JSON, because strictness then reads a list as a tuple, and no text as a number.
            criterion = kind.model_validate_json(json.dumps(entry.parameters))
        except ValidationError as error:
            self.checker.problems += explain(error, kind, self.checker.document, place)
            return None
        fault = rehearse(criterion)
        if fault is None:
            return criterion
        owner = self.registry.owners.get(kind.id)
        hint = f"tell the author of {owner}" if owner else ""
        self.checker.problem(place, f"criterion '{kind.id}' {fault}", at="key", hint=hint)
        return None

    def level(self, kind: type[Criterion], entry: CriterionEntry, loc: Loc) -> Level:
        """Return what is scored: services or agencies."""
        if kind.level == "any":
            return entry.level or "agency"
        if entry.level not in (None, kind.level):
            scored = {"service": "services", "agency": "agencies"}[kind.level]
            message = f"'{kind.id}' scores {scored}, so its level is {kind.level}"
            self.checker.problem((*loc, "level"), message, hint="remove `level:`")
        return kind.level

    def pooled(self, criterion: Criterion, entry: CriterionEntry, level: Level, loc: Loc) -> bool:
        """Tell whether numerators and denominators are pooled, and refuse it where they cannot."""
        able = level == "service" and criterion.ratio() is not None
        if entry.rollup == "pooled" and not able:
            why = "scores agencies" if level == "agency" else "is no ratio"
            self.checker.problem(
                (*loc, "rollup"),
                f"'{criterion.id}' {why}, so nothing can be pooled",
                hint="remove `rollup: pooled`",
            )
        if entry.rollup == "pooled" and self.file.rollup.after != "criterion":
            self.checker.problem(
                (*loc, "rollup"),
                "ratios can be pooled only with the rollup after criterion",
                hint="remove `rollup: pooled`, or set `rollup: {after: criterion}`",
            )
        return able and (entry.rollup or self.file.rollup.method) == "pooled"

    def learn(self, node: Node, parameters: Mapping[str, Any], loc: Loc) -> None:
        """Let conditions name what this criterion reads; all readers must agree on a column."""
        if node.criterion is None:
            return
        subjects: Subjects = "services" if node.level == "service" else "agencies"
        known = self.checker.indicators[subjects]
        declared = getattr(self.file.indicators, subjects)
        for read in node.criterion.reads():
            before = self.checker.before_reading(subjects, read.column)
            if before is not None and before.type != read.indicator.type:
                place = (*loc, "with", read.parameter) if read.parameter in parameters else loc
                self.checker.problem(
                    place,
                    f"'{node.id}' reads column '{read.column}' as {TYPES[read.indicator.type]}, "
                    f"and {self.first_reader(subjects, read)} as {TYPES[before.type]}",
                    at="value" if place != loc else "key",
                    hint="point it at another column under `with:`",
                )
            self.readers.setdefault((subjects, read.column), f"'{node.id}'")
            if before is None or (before.optional and read.column not in declared):
                known[read.column] = read.indicator
            elif before.optional:  # the bounds that the ruleset declares hold besides
                known[read.column] = replace(before, optional=read.indicator.optional)

    def first_reader(self, subjects: Subjects, read: Read) -> str:
        """Name who settled the type of a column before a criterion read it."""
        own = SERVICE_FIELDS if subjects == "services" else AGENCY_FIELDS
        if read.column in own:
            return f"every table of {subjects} has it"
        return self.readers.get((subjects, read.column), "`indicators:` declares it")


def plain(title: str | Mapping[str, str]) -> str | dict[str, str]:
    """Return a title as plain data, so that nothing of the file is shared."""
    return title if isinstance(title, str) else dict(title)
