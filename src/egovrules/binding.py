"""From the form of a ruleset to its tree: ids become criteria of plugins, parameters are checked.

Whatever is wrong is collected in a ``Checker``, so that one run names it all.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from pydantic import ValidationError

from egovrules._validation import explain
from egovrules._yaml import Loc
from egovrules.aggregation import Aggregation
from egovrules.checker import TYPES, Checker
from egovrules.criteria import Criterion, Level
from egovrules.entries import AxisEntry, CriterionEntry, Method, Policy, Round, Subjects
from egovrules.errors import closest
from egovrules.fields import AGENCY_FIELDS, SERVICE_FIELDS
from egovrules.methods import bind_method, spelt_out
from egovrules.normalising import Way, normalisation_of, way_below
from egovrules.parameters import Read
from egovrules.plugins import Registry
from egovrules.rehearsal import rehearse
from egovrules.schema import RulesetFile
from egovrules.tree import Node, join_services

_SLIP = 0.92  # how like an installed plugin's name a name must be to be taken for a slip
TOTAL_TITLE = {"en": "Total", "fa": "کل"}


def check_plugins(file: RulesetFile, checker: Checker, registry: Registry) -> None:
    """Check that every plugin named under ``plugins:`` is installed in an accepted version."""
    versions = {
        canonicalize_name(plugin.distribution): plugin.version for plugin in registry.plugins
    }
    for name, wanted in file.plugins.items():
        loc, plugin = ("plugins", name), canonicalize_name(name)
        try:
            accepted = SpecifierSet(wanted)
        except InvalidSpecifier:
            message = f"'{wanted}' is no range of versions"
            checker.problem(loc, message, hint='write one such as ">=0.1,<1"')
            continue
        if plugin not in versions:
            # A name close to an installed one is a slip, and must not be sent to pip.
            near = get_close_matches(plugin, versions, n=1, cutoff=_SLIP)
            hint = f"did you mean '{near[0]}'?" if near else f"pip install '{name}'"
            checker.problem(loc, f"plugin {name} is not installed", at="key", hint=hint)
        elif not accepted.contains(versions[plugin], prereleases=True):
            message = f"plugin {name} is {versions[plugin]}, and this ruleset accepts {wanted}"
            checker.problem(loc, message, hint=f"pip install '{name}{wanted}'")


def bind_tree(file: RulesetFile, checker: Checker, registry: Registry) -> Node:
    """Build the tree without its conditions, and learn the indicators that its criteria read."""
    builder = _Tree(file, checker, registry)
    above = builder.below(_Inherited(file.missing.policy, Way(), None, file.min_share), file, ())
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


@dataclass(frozen=True)
class _Inherited:
    """What holds below an axis unless something there says otherwise."""

    policy: Policy
    normalise: Way
    round: Round | None
    min_share: float


@dataclass
class _Tree:
    """One pass over the axes of a file."""

    file: RulesetFile
    checker: Checker
    registry: Registry
    seen: dict[str, Loc] = field(default_factory=dict)
    readers: dict[tuple[Subjects, str], str] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)  # axes that no plugin brings criteria of

    def below(self, above: _Inherited, entry: AxisEntry | RulesetFile, loc: Loc) -> _Inherited:
        """Return what holds below an axis, or below the whole file."""
        policy = entry.missing if isinstance(entry, AxisEntry) else None
        return _Inherited(
            policy or above.policy,
            way_below(entry.normalise, loc, above.normalise, self.checker, self.registry),
            entry.round or above.round,
            above.min_share if entry.min_share is None else entry.min_share,
        )

    def axis(self, name: str, entry: AxisEntry, loc: Loc, inherited: _Inherited) -> Node:
        if name in self.seen:
            first = ".".join(map(str, self.seen[name]))
            self.checker.problem(
                loc,
                f"axis '{name}' stands already at {first}",
                at="key",
                hint="an axis has one place: rename one of the two",
            )
        self.seen[name] = loc
        above = self.below(inherited, entry, loc)
        meant = self.meant(name, entry, loc)
        children = [
            self.criterion(name, key, one, (*loc, "criteria", key), above, meant)
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
            _plain(title),
            entry.weight,
            entry.missing or "skip",  # nothing to count as zero: its criteria did that already
            tuple(found),
            self.aggregation(aggregate, (*loc, "aggregate") if entry.aggregate else None),
            min_share=above.min_share,
            round=above.round,
        )

    def meant(self, name: str, entry: AxisEntry, loc: Loc) -> str:
        """Return the axis whose criteria are meant, or tell once that no plugin brings any."""
        known = {one.split(".")[0] for one in self.registry.criteria}
        keys = [key for key, one in entry.criteria.items() if one.use is None]
        if name in known or not keys:
            return name
        self.foreign.add(name)
        near = closest(name, known)
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

    def criterion(
        self,
        axis: str,
        key: str,
        entry: CriterionEntry,
        loc: Loc,
        inherited: _Inherited,
        meant: str,
    ) -> Node | None:
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
            _plain(entry.title or kind.title or key.replace("_", " ")),
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
        known = self.checker.indicators["services" if level == "service" else "agencies"]
        for read in criterion.reads():
            known.setdefault(read.column, read.indicator)

    def parameters(
        self, kind: type[Criterion], entry: CriterionEntry, loc: Loc
    ) -> Criterion | None:
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
        if kind.level == "any":
            return entry.level or "agency"
        if entry.level not in (None, kind.level):
            scored = {"service": "services", "agency": "agencies"}[kind.level]
            message = f"'{kind.id}' scores {scored}, so its level is {kind.level}"
            self.checker.problem((*loc, "level"), message, hint="remove `level:`")
        return kind.level

    def pooled(self, criterion: Criterion, entry: CriterionEntry, level: Level, loc: Loc) -> bool:
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
            self.checker.used.add((subjects, read.column))
            before = known.get(read.column)
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


def _plain(title: str | Mapping[str, str]) -> str | dict[str, str]:
    return title if isinstance(title, str) else dict(title)
