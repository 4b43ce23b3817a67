"""Rulesets: read, inherit, bind, choose by period. A loaded ruleset never changes."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict

from egovrules import _validation, _yaml, digests
from egovrules._excerpt import in_order
from egovrules._yaml import Document
from egovrules.binding import bind_tree, check_plugins
from egovrules.caps import bind_conditions
from egovrules.checker import Checker
from egovrules.derive import bind_derived
from egovrules.entries import Subjects
from egovrules.errors import EgovrulesError, Problem, RulesetError, did_you_mean
from egovrules.indicators import (
    check_indicators,
    check_rollup,
    check_use,
    known_indicators,
    open_indicators,
)
from egovrules.inheritance import inherit, with_settings
from egovrules.parameters import Indicator
from egovrules.periods import Period, parse_period
from egovrules.plugins import Registry, owned
from egovrules.repairing import without
from egovrules.rules import Rules, bind_rules
from egovrules.schema import RulesetFile, WrittenPeriod
from egovrules.steps import BoundStep, bind_treatment
from egovrules.text import Localised
from egovrules.tree import Node


@dataclass(frozen=True)
class Ruleset:
    """A ruleset that has been read, checked and bound to plugins.

    Attributes:
        file: Its form, after ``extends``.
        document: Its text with the place of every value.
        root: The tree of axes and criteria.
        rules: Everything else that reads scores.
        indicators: Contract of every column that it may read, by table.
        versions: Version of every plugin of which it uses anything, by distribution.
        warnings: What is odd, yet no error.
        treatment: What is done to columns of agencies before anything is scored, in order.
        settings: What was changed for a what-if; a ruleset with any is none that was published.
        published: The digest of the ruleset beneath those settings; None where there are none.
    """

    file: RulesetFile
    document: Document
    root: Node
    rules: Rules
    indicators: Mapping[Subjects, Mapping[str, Indicator]]
    versions: Mapping[str, str]
    warnings: tuple[Problem, ...] = ()
    treatment: tuple[BoundStep, ...] = ()
    settings: tuple[str, ...] = ()
    published: str | None = None

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

    @property
    def effective(self) -> Mapping[str, Any]:
        """The whole ruleset as plain data, ``extends`` resolved, as it could be written again.

        Each time a copy: nothing that is done to it changes the ruleset.
        """
        return copy.deepcopy(digests.effective(self.document))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the effective ruleset, whatever its comments, layout and order of keys."""
        return digests.digest(self.effective)

    @cached_property
    def method_digest(self) -> str:
        """SHA-256 of what decides scores, plugin versions included; never id, titles or bands.

        A default that is written out makes no difference, nor does white space in a condition.
        """
        return digests.digest(digests.method(self.file, self.root, self.versions, self.treatment))


def load_ruleset(
    path: str | Path,
    *,
    period: str | Period | None = None,
    settings: Sequence[str] = (),
    registry: Registry | None = None,
) -> Ruleset:
    """Read a ruleset file, or choose one from a folder by period.

    Args:
        path: A ``.yaml`` file; or a folder of them, together with *period*.
        period: Which ruleset of a folder is meant: a :class:`Period` or text (``1400-autumn``).
        settings: Single values to change, each as ``axes.integrated.weight=40``. The result is a
            what-if, and is marked as such wherever it is used.
        registry: The plugins to bind to; the installed ones by default.

    Raises:
        RulesetError: With every problem found, each with file, line and column.
    """
    path = Path(path)
    registry = registry or Registry.installed()
    if path.is_dir():
        path = in_force(path, period)
    document = inherit(path)
    ruleset = bind(with_settings(document, settings) if settings else document, registry)
    if settings:
        beneath = digests.digest(digests.effective(document))
        ruleset = replace(ruleset, settings=tuple(settings), published=beneath)
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
    document = _yaml.parse(text, source)
    if isinstance(document.data, dict) and "extends" in document.data:
        message, hint = "a text cannot extend a file", "load it from its file, or write it all out"
        raise RulesetError([document.problem(("extends",), message, hint=hint, at="key")])
    return bind(document, registry or Registry.installed())


def bind(document: Document, registry: Registry) -> Ruleset:
    """Check a document's form, then bind it to plugins.

    Raises:
        RulesetError: With every problem. Where a fault of form hides what other parts refer to
            (an axis, a derived value), what refers to it is looked at once that is repaired.
    """
    try:
        file = _validation.validate(RulesetFile, document)
    except RulesetError as error:
        repaired = without(document, error.problems)
        further = _bind(*repaired, registry)[1] if repaired else []
        errors = [problem for problem in further if problem.severity == "error"]
        raise RulesetError(in_order([*error.problems, *errors])) from None
    ruleset, problems = _bind(file, document, registry)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise RulesetError(in_order(errors))
    return ruleset


def _bind(
    file: RulesetFile, document: Document, registry: Registry
) -> tuple[Ruleset, list[Problem]]:
    """Bind a file of the right form; the ruleset is of use only where no problem is an error."""
    checker = Checker(document, known_indicators(file), untyped=open_indicators(file))
    check_indicators(file, checker)
    check_plugins(file, checker, registry)
    root = bind_tree(file, checker, registry)
    treatment = bind_treatment(file, checker, root, registry)
    derive = bind_derived(file, checker, root)
    root = bind_conditions(root, file, checker)
    rules = bind_rules(file, checker, root, derive)
    check_rollup(file, checker)
    if file.bridge is not None and file.bridge.from_ == file.id:
        hint = "name the ruleset of the earlier evaluation"
        checker.problem(("bridge", "from"), "this is the ruleset itself", hint=hint)
    versions = _versions(root, treatment, registry)
    check_use(file, checker, versions)
    ruleset = Ruleset(
        file,
        document,
        root,
        rules,
        MappingProxyType({one: MappingProxyType(all_) for one, all_ in checker.indicators.items()}),
        MappingProxyType(versions),
        tuple(checker.problems),
        treatment,
    )
    return ruleset, checker.problems


class _Dated(BaseModel):
    """The part of a ruleset by which it is chosen; the rest may be wrong in another's file."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    period: WrittenPeriod | None = None


def in_force(folder: Path, period: str | Period | None) -> Path:
    """Return the ruleset in a folder that is for a period.

    Raises:
        RulesetError: When no period is given, or none or several rulesets are for it.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name.endswith((".source.yaml", ".test.yaml")):
            continue
        document = inherit(path)
        if isinstance(document.data, dict) and "schema" in document.data:
            own = _validation.validate(_Dated, document).period
            if own is not None:
                found.setdefault(own.slug, []).append(path)
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
    try:
        return parse_period(period) if isinstance(period, str) else period
    except EgovrulesError as error:
        raise RulesetError(error.problems) from error


def _versions(root: Node, treatment: Sequence[BoundStep], registry: Registry) -> dict[str, str]:
    used = [owned("treatment", step.treatment.id) for step in treatment]
    for node in root.walk():
        used += [owned("criterion", node.criterion.id)] if node.criterion else []
        used += [owned("aggregation", node.aggregation.id)] if node.aggregation else []
        used += [owned("normalisation", node.normalisation.id)] if node.normalisation else []
    owners = [registry.owners[name] for name in used if name in registry.owners]
    return dict(sorted((one.distribution, one.version) for one in owners))
