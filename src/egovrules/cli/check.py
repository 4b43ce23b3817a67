"""``egovrules check``: everything that is wrong or odd in rulesets, before any data are touched."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import click

from egovrules._excerpt import in_order
from egovrules.cases import SUFFIX, load_cases
from egovrules.cli.files import SOURCE_SUFFIX, find
from egovrules.cli.options import format_option, language_option
from egovrules.cli.output import show, tell_problems, write_json
from egovrules.conditions import date_advice, plain_date
from egovrules.entries import Subjects
from egovrules.errors import EgovrulesError, Problem
from egovrules.lint import lint
from egovrules.needs import needs
from egovrules.plugins import Registry
from egovrules.report.blocks import Block, Table, enumerated, headed, number
from egovrules.report.plain import on_one_line
from egovrules.ruleset import Ruleset, load_ruleset
from egovrules.source import Source, load_source
from egovrules.source.unused import unused_columns, unused_tables
from egovrules.text import format_number, translate

UNUSABLE = 2


@dataclass(frozen=True, slots=True)
class Checked:
    """A file, its problems, and the ruleset or source that it holds if it can be used."""

    path: Path
    problems: tuple[Problem, ...]
    ruleset: Ruleset | None = None
    source: Source | None = None

    def passes(self, *, strict: bool) -> bool:
        """Tell whether no problem, or none graver than a warning, was found."""
        return not any(strict or problem.severity == "error" for problem in self.problems)


def _as_day(_context: click.Context, _option: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    day = plain_date(text)
    if day is None:
        message = f"'{text}' is no day that can be used: {date_advice(text)}"
        raise click.BadParameter(message)
    return day


@click.command()
@click.argument(
    "rulesets", metavar="RULESET...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option("--strict", is_flag=True, help="Take warnings for errors.")
@click.option(
    "--today",
    callback=_as_day,
    metavar="YYYY-MM-DD",
    help="Warn of periods that ended before this day.",
)
@format_option("table", "json")
@language_option
def check(
    rulesets: tuple[Path, ...], strict: bool, today: date | None, form: str, language: str
) -> int:
    """Find everything that is wrong or odd in rulesets.

    RULESET is a YAML file, or a folder, searched with the folders in it. Sources (*.source.yaml)
    are checked, too, and files of cases (*.test.yaml), though these are not run: `egovrules test`
    does that.
    Exits with 2 when one cannot be used; with --strict also when there are warnings.
    """
    registry = Registry.installed()
    files, misnamed = find(rulesets)
    checked = [_check(path, registry, today) for path in files]
    checked += [Checked(Path(one.source), (one,)) for one in misnamed]
    checked = _with_unused(checked)
    if form == "json":
        write_json({"rulesets": [_document(one) for one in checked]})
    else:
        for one in checked:
            tell_problems(one.problems)
        show(_verdicts(checked, language))
    return 0 if all(one.passes(strict=strict) for one in checked) else UNUSABLE


def _check(path: Path, registry: Registry, today: date | None) -> Checked:
    try:
        if path.name.endswith(SOURCE_SUFFIX):
            source = load_source(path)
            return Checked(path, tuple(unused_tables(source)), source=source)
        if path.name.endswith(SUFFIX):
            load_cases(path, registry=registry)
            return Checked(path, ())
        ruleset = load_ruleset(path, registry=registry)
    except EgovrulesError as error:
        return Checked(path, error.problems)
    problems = in_order([*ruleset.warnings, *lint(ruleset, today=today)])
    return Checked(path, tuple(problems), ruleset=ruleset)


def _with_unused(checked: Sequence[Checked]) -> list[Checked]:
    """Add the columns of sources that no ruleset reads, where all rulesets could be read."""
    rulesets = [one.ruleset for one in checked if one.ruleset]
    if not rulesets or not all(one.passes(strict=False) for one in checked):
        return list(checked)
    wanted = [needs(ruleset) for ruleset in rulesets]
    read: dict[Subjects, set[str]] = {
        "agencies": {need.column for one in wanted for need in one["agencies"]},
        "services": {need.column for one in wanted for need in one["services"]},
    }
    found = []
    for one in checked:
        more = tuple(unused_columns(one.source, read)) if one.source else ()
        found.append(replace(one, problems=tuple(in_order([*one.problems, *more]))))
    return found


def _document(one: Checked) -> dict[str, object]:
    ruleset = one.ruleset
    return {
        "file": str(one.path),
        "usable": one.passes(strict=False),
        "id": ruleset.id if ruleset else None,
        "period": ruleset.period.slug if ruleset and ruleset.period else None,
        "problems": [asdict(problem) for problem in one.problems],
    }


def _verdicts(checked: Sequence[Checked], language: str) -> list[Block]:
    rows = []
    for one in checked:
        ruleset = one.ruleset
        period = ruleset.period.slug if ruleset and ruleset.period else ""
        criteria = format_number(len(ruleset.root.criteria()), language) if ruleset else ""
        verdict = _counted(one.problems, language) or translate("fine", language)
        rows.append(
            (on_one_line(str(one.path)), ruleset.id if ruleset else "", period, criteria, verdict)
        )
    columns = headed(language, "File", "Ruleset", "Period", number("Criteria"), "Verdict")
    return [Table("", columns, tuple(rows))]


def _counted(problems: Sequence[Problem], language: str) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    told = [(errors, "error", "errors"), (len(problems) - errors, "warning", "warnings")]
    parts = [
        f"{format_number(n, language)} {translate(one if n == 1 else several, language)}"
        for n, one, several in told
        if n
    ]
    return enumerated(parts, language)
