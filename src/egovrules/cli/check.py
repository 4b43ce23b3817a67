"""``egovrules check``: everything that is wrong with rulesets, before any data are touched."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from egovrules.cli.output import show, tell_problems, write_json
from egovrules.errors import EgovrulesError, Problem, RulesetError
from egovrules.plugins import Registry
from egovrules.report.blocks import Block, Column, Table
from egovrules.ruleset import Ruleset, load_ruleset
from egovrules.source import load_source

UNUSABLE = 2


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, the ruleset that it holds if it can be used, and its problems."""

    path: Path
    ruleset: Ruleset | None
    problems: tuple[Problem, ...]

    def passes(self, *, strict: bool) -> bool:
        """Tell whether no problem, or none graver than a warning, was found."""
        return not any(strict or problem.severity == "error" for problem in self.problems)


@click.command()
@click.argument(
    "rulesets", metavar="RULESET...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="What to print to standard output.",
)
def check(rulesets: tuple[Path, ...], strict: bool, form: str) -> int:
    """Find everything that is wrong with rulesets.

    RULESET is a YAML file, or a folder of them; source files (*.source.yaml) are checked too.
    Exits with 2 when one cannot be used; with --strict also when there are warnings.
    """
    registry = Registry.installed()
    checked = [_check(path, registry) for path in _files(rulesets)]
    if form == "json":
        write_json({"rulesets": [_document(one) for one in checked]})
    else:
        for one in checked:
            tell_problems(one.problems)
        show(_verdicts(checked))
    return 0 if all(one.passes(strict=strict) for one in checked) else UNUSABLE


def _files(paths: Sequence[Path]) -> list[Path]:
    """Put the rulesets and sources of a folder in its place."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [one for one in sorted(path.glob("*.yaml")) if not one.name.endswith(".test.yaml")]
        if not inside:
            raise RulesetError.of("this folder holds no ruleset", source=str(path))
        found += inside
    return found


def _check(path: Path, registry: Registry) -> Checked:
    try:
        if path.name.endswith(".source.yaml"):
            load_source(path)
            return Checked(path, None, ())
        ruleset = load_ruleset(path, registry=registry)
    except EgovrulesError as error:
        return Checked(path, None, error.problems)
    return Checked(path, ruleset, ruleset.warnings)


def _document(one: Checked) -> dict[str, object]:
    ruleset = one.ruleset
    return {
        "file": str(one.path),
        "usable": one.passes(strict=False),
        "id": ruleset.id if ruleset else None,
        "period": ruleset.period.slug if ruleset and ruleset.period else None,
        "problems": [asdict(problem) for problem in one.problems],
    }


def _verdicts(checked: Sequence[Checked]) -> list[Block]:
    rows = []
    for one in checked:
        errors = sum(problem.severity == "error" for problem in one.problems)
        warnings = len(one.problems) - errors
        ruleset = one.ruleset
        period = ruleset.period.slug if ruleset and ruleset.period else ""
        criteria = str(len(list(ruleset.root.criteria()))) if ruleset else ""
        verdict = _counted(errors, warnings) or "fine"
        rows.append((str(one.path), ruleset.id if ruleset else "", period, criteria, verdict))
    columns = (
        Column("File"),
        Column("Ruleset"),
        Column("Period"),
        Column("Criteria", numeric=True),
        Column("Verdict"),
    )
    return [Table("", columns, tuple(rows))]


def _counted(errors: int, warnings: int) -> str:
    told = [(errors, "error"), (warnings, "warning")]
    return ", ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in told if n)
