"""Worked examples of a ruleset: ``<id>.test.yaml`` beside ``<id>.yaml``, read and checked.

A case gives small agencies and services and says what must come of them. Whatever it names
(columns, values, bands, subjects) is checked here, so that no slip makes a case test nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from egovrules import _validation
from egovrules._excerpt import in_order
from egovrules._yaml import Document
from egovrules.cases.form import Case, CasesFile, Expected, Tables
from egovrules.cases.names import misnamed
from egovrules.errors import RulesetError, did_you_mean
from egovrules.inheritance import MAX_PATH, inherit
from egovrules.plugins import Registry
from egovrules.ruleset import Ruleset, load_ruleset

__all__ = ["Case", "Cases", "CasesFile", "Expected", "Tables", "load_cases"]

SUFFIX = ".test.yaml"


@dataclass(frozen=True)
class Cases:
    """The cases of one ruleset, bound to it.

    Attributes:
        path: The file.
        file: Its form.
        document: Its text with the place of every value.
        ruleset: What is tested.
        earlier: The rulesets that cases name for an earlier evaluation, by their file.
    """

    path: Path
    file: CasesFile
    document: Document
    ruleset: Ruleset
    earlier: Mapping[str, Ruleset] = field(default_factory=dict)


def load_cases(path: str | Path, *, registry: Registry | None = None) -> Cases:
    """Read a file of cases and check what they name against the ruleset beside it.

    Raises:
        RulesetError: With every problem found; also those of the ruleset, if it cannot be used.
    """
    path, registry = Path(path), registry or Registry.installed()
    document = inherit(path, SUFFIX)
    file = _validation.validate(CasesFile, document)
    beside = path.with_name(path.name.removesuffix(SUFFIX) + ".yaml")
    if not beside.is_file():
        hint = f"a ruleset's cases stand beside it, in <its file's name>{SUFFIX}"
        message = f"there is no ruleset '{beside.name}' here to test"
        raise RulesetError.of(message, source=str(path), hint=hint)
    ruleset = load_ruleset(beside, registry=registry)
    earlier = _earlier(file, document, path.parent, registry)
    problems = in_order(misnamed(file, document, ruleset, tuple(earlier.values())))
    if problems:
        raise RulesetError(problems)
    # All names are known by now: what fails later is no slip in the name of a case.
    return Cases(path, file, replace(document, strays={}), ruleset, earlier)


def _earlier(
    file: CasesFile, document: Document, folder: Path, registry: Registry
) -> dict[str, Ruleset]:
    """Load the rulesets that cases name for an earlier evaluation."""
    named = {
        case.previous.ruleset: ("cases", name, "previous", "ruleset")
        for name, case in file.cases.items()
        if case.previous is not None and case.previous.ruleset is not None
    }
    problems = []
    for name, loc in named.items():
        if len(name) > MAX_PATH or not (folder / name).is_file():
            hint = did_you_mean(name, (one.name for one in folder.glob("*.yaml")))
            problems.append(document.problem(loc, f"there is no ruleset '{name}'", hint=hint))
    if problems:
        raise RulesetError(in_order(problems))
    return {name: load_ruleset(folder / name, registry=registry) for name in sorted(named)}
