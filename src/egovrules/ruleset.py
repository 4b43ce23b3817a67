"""Rulesets: read, inherit, bind, choose by period. A loaded ruleset never changes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from egovrules import _validation, _yaml
from egovrules._yaml import Document
from egovrules.binding import Checker, bind_caps, bind_tree, check_plugins
from egovrules.criteria import Indicator
from egovrules.errors import Problem, RulesetError, did_you_mean
from egovrules.model import AGENCY_FIELDS, SERVICE_FIELDS
from egovrules.periods import Period, parse_period
from egovrules.plugins import Registry
from egovrules.rules import Rules, bind_derived, bind_rules
from egovrules.schema import RulesetFile, Subjects
from egovrules.text import Localised
from egovrules.tree import Node

MAX_GENERATIONS = 16

# The parts that decide scores; titles, bands, lists and findings may change without a new method.
_METHOD = (
    "axes",
    "missing",
    "scope",
    "derive",
    "rollup",
    "aggregate",
    "scale",
    "caps",
    "indicators",
)
_PROSE = frozenset({"title", "description", "because"})


@dataclass(frozen=True)
class Ruleset:
    """A ruleset that has been read, checked and bound to plugins.

    Attributes:
        file: Its form, after ``extends``.
        document: Its text with the place of every value.
        root: The tree of axes and criteria.
        rules: Everything else that reads scores.
        indicators: Contract of every column that it may read, by table.
        versions: Version of every plugin whose criteria or aggregations it uses, by distribution.
        warnings: What is odd, yet no error.
    """

    file: RulesetFile
    document: Document
    root: Node
    rules: Rules
    indicators: Mapping[Subjects, Mapping[str, Indicator]]
    versions: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()

    @property
    def id(self) -> str:
        """The ruleset's id."""
        return self.file.id

    @property
    def title(self) -> Localised:
        """The ruleset's title."""
        return self.file.title

    @property
    def period(self) -> Period | None:
        """The period that it is for."""
        return self.file.period

    @cached_property
    def effective(self) -> Mapping[str, Any]:
        """The whole ruleset as plain data, ``extends`` resolved, as it could be written again."""
        return {k: v for k, v in self.document.data.items() if k != "extends"}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the effective ruleset, whatever its comments, layout and order of keys."""
        return _digest(self.effective)

    @cached_property
    def method_digest(self) -> str:
        """SHA-256 of what decides scores, plugin versions included; never id, titles or bands."""
        method = self.file.model_dump(mode="json", by_alias=True, include=set(_METHOD))
        return _digest({"method": _without_prose(method), "plugins": dict(self.versions)})


def load_ruleset(
    path: str | Path, *, period: str | Period | None = None, registry: Registry | None = None
) -> Ruleset:
    """Read a ruleset file, or choose one from a folder by period.

    Args:
        path: A ``.yaml`` file; or a folder of them, together with *period*.
        period: Which ruleset of a folder is meant: a :class:`Period` or text (``1400-autumn``).
        registry: The plugins to bind to; the installed ones by default.

    Raises:
        RulesetError: With every problem found, each with file, line and column.
    """
    path = Path(path)
    registry = registry or Registry.installed()
    if path.is_dir():
        path = in_force(path, period)
    ruleset = bind(_inherit(path, ()), registry)
    own = ruleset.period.slug if ruleset.period else "no period"
    if period is not None and own != _as_period(period).slug:
        raise RulesetError.of(
            f"this ruleset is for {own}, and {_as_period(period).slug} was asked for",
            source=str(path),
        )
    return ruleset


def read_ruleset(
    text: str, *, source: str = "<ruleset>", registry: Registry | None = None
) -> Ruleset:
    """Bind a ruleset from its text; it cannot extend another.

    Raises:
        RulesetError: As :func:`load_ruleset`.
    """
    return bind(_yaml.parse(text, source), registry or Registry.installed())


def bind(document: Document, registry: Registry) -> Ruleset:
    """Check a document's form, then bind it to plugins.

    Raises:
        RulesetError: With every problem of the stage that failed.
    """
    file = _validation.validate(RulesetFile, document)
    checker = Checker(document, _indicators(file))
    check_plugins(file, checker, registry)
    root = bind_tree(file, checker, registry)
    derive, added = bind_derived(file, checker, root)
    root = bind_caps(root, file, checker, added)
    rules = bind_rules(file, checker, root, derive, added)
    _check_rollup(file, checker)
    errors = [problem for problem in checker.problems if problem.severity == "error"]
    if errors:
        raise RulesetError(sorted(errors, key=lambda p: (p.source, p.line or 0, p.column or 0)))
    warnings = tuple(problem for problem in checker.problems if problem.severity != "error")
    versions = _versions(root, registry)
    return Ruleset(file, document, root, rules, checker.indicators, versions, warnings)


def in_force(folder: Path, period: str | Period | None) -> Path:
    """Return the ruleset in a folder that is for a period.

    Raises:
        RulesetError: When no period is given, or none or several rulesets are for it.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name.endswith((".source.yaml", ".test.yaml")):
            continue
        document = _inherit(path, ())
        data = document.data.get("period") if isinstance(document.data, dict) else None
        if data is not None:
            file = _validation.validate(RulesetFile, document)
            if file.period is not None:
                found.setdefault(file.period.slug, []).append(path)
    if period is None:
        raise RulesetError.of(
            "a folder of rulesets needs a period to choose by",
            source=str(folder),
            hint=f"--period, one of: {', '.join(sorted(found)) or 'none found'}",
        )
    wanted = _as_period(period).slug
    if wanted not in found:
        hint = did_you_mean(wanted, found)
        raise RulesetError.of(f"no ruleset here is for {wanted}", source=str(folder), hint=hint)
    if len(found[wanted]) > 1:
        names = ", ".join(path.name for path in found[wanted])
        raise RulesetError.of(f"several rulesets are for {wanted}: {names}", source=str(folder))
    return found[wanted][0]


def _as_period(period: str | Period) -> Period:
    return parse_period(period) if isinstance(period, str) else period


def _inherit(path: Path, children: tuple[Path, ...]) -> Document:
    """Read a file and merge it over the file that it extends, and so on."""
    document = _yaml.read(path)
    parent = document.data.get("extends") if isinstance(document.data, dict) else None
    if parent is None:
        return document
    chain = (*children, path.resolve())
    loc = ("extends",)
    if not isinstance(parent, str) or not parent.endswith(".yaml"):
        message, hint = "`extends:` names a ruleset file", "such as `extends: ir-1400-spring.yaml`"
        raise RulesetError([document.problem(loc, message, hint=hint)])
    other = path.parent / parent
    if other.resolve() in chain:
        names = " extends ".join(step.name for step in (*chain, other))
        raise RulesetError([document.problem(loc, f"a ruleset cannot extend itself: {names}")])
    if len(chain) > MAX_GENERATIONS:
        raise RulesetError([document.problem(loc, f"more than {MAX_GENERATIONS} generations")])
    if not other.is_file():
        near = [one.name for one in path.parent.glob("*.yaml")]
        hint = did_you_mean(Path(parent).name, near)
        raise RulesetError([document.problem(loc, f"there is no file '{parent}'", hint=hint)])
    return _yaml.merge(_inherit(other, chain), document)


def _indicators(file: RulesetFile) -> dict[Subjects, dict[str, Indicator]]:
    """Return what conditions may name before any criterion is bound."""
    known: dict[Subjects, dict[str, Indicator]] = {}
    sides: tuple[tuple[Subjects, Mapping[str, Any], Mapping[str, Any]], ...] = (
        ("services", SERVICE_FIELDS, file.indicators.services),
        ("agencies", AGENCY_FIELDS, file.indicators.agencies),
    )
    for subjects, own, declared in sides:
        known[subjects] = {
            name: Indicator(spec.type, values=spec.values, optional=not spec.required)
            for name, spec in own.items()
        }
        for name, entry in declared.items():
            known[subjects][name] = Indicator(
                entry.type,
                entry.unit,
                "none",
                entry.low,
                entry.high,
                entry.values,
                optional=entry.optional,
            )
    return known


def _check_rollup(file: RulesetFile, checker: Checker) -> None:
    weight = file.rollup.weight
    if weight is None:
        return
    known = checker.indicators["services"]
    if weight not in known:
        loc = ("rollup", "weight")
        hint = did_you_mean(weight, known) + "; or declare it under `indicators: services:`"
        checker.problem(loc, f"there is no column '{weight}' of services", hint=hint)
    elif known[weight].type != "number":
        checker.problem(("rollup", "weight"), f"'{weight}' is no number")


def _versions(root: Node, registry: Registry) -> dict[str, str]:
    used = [node.criterion.id for node in root.criteria() if node.criterion is not None]
    used += [node.aggregation.name for node in root.walk() if node.aggregation is not None]
    owners = [registry.owners[name] for name in used if name in registry.owners]
    return dict(sorted((one.distribution, one.version) for one in owners))


def _without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_prose(v) for k, v in value.items() if k not in _PROSE}
    return [_without_prose(one) for one in value] if isinstance(value, list) else value


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
