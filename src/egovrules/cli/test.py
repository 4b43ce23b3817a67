"""``egovrules test``: the worked examples of rulesets, and what of the rulesets they reach."""

import math
from collections.abc import Sequence
from pathlib import Path

import click

from egovrules.cases import SUFFIX, Cases, load_cases
from egovrules.cases.running import run_cases
from egovrules.cli.files import find, is_source
from egovrules.cli.options import format_option, language_option
from egovrules.cli.output import show, tell, tell_problems, working, write, write_json
from egovrules.errors import EgovrulesError, Problem, RulesetError
from egovrules.plugins import Registry
from egovrules.reached import reached
from egovrules.report.cases import Tested, as_document, junit, missed_lines, verdicts
from egovrules.report.plain import on_one_line
from egovrules.ruleset import Ruleset, load_ruleset

FAILED = 1


def _as_share(
    _context: click.Context, _option: click.Parameter, share: float | None
) -> float | None:
    if share is not None and math.isnan(share):  # which lies in every range, and is never missed
        raise click.BadParameter("write a number from 0 to 100")
    return share


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--coverage", is_flag=True, help="Tell what of each ruleset no case reached.")
@click.option(
    "--min",
    "least",
    type=click.FloatRange(0, 100),
    callback=_as_share,
    metavar="N",
    help="Fail where the coverage of a ruleset is below N per cent.",
)
@format_option("text", "junit", "json")
@language_option
def test(
    *, paths: tuple[Path, ...], coverage: bool, least: float | None, form: str, language: str
) -> int:
    """Run the worked examples of rulesets (*.test.yaml).

    PATH is such a file, a ruleset with one beside it, or a folder, searched with the folders in
    it; the current folder by default. Exits with 1 when a case fails or --min is not reached,
    with 2 when there is nothing to run.
    """
    wanted = coverage or least is not None
    with working("Running the cases"):
        tested = _tested(paths or (Path(),), wanted=wanted)
    if form == "json":
        write_json(as_document(tested))
    elif form == "junit":
        write(junit(tested, least))
    else:
        for one in tested:
            tell_problems(problem for ran in one.ran for problem in ran.problems)
        show(verdicts(tested, language))
        if lines := missed_lines(tested, language):
            write("\n".join(["", *lines, ""]))
    short = [one for one in tested if least is not None and one.is_below(least)]
    for one in short:
        tell(on_one_line(one.shortfall(least or 0.0, language)))
    return FAILED if short or any(one.failed for one in tested) else 0


def _files(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the files of cases that are meant, and the rulesets of folders that have none.

    With the problems of files that are called wrongly; and of a ruleset that was named and has
    no cases.
    """
    found, problems = find(paths)
    files: list[Path] = []
    for path in found:
        beside = path.with_name(path.name.removesuffix(".yaml") + SUFFIX)
        if path.name.endswith(SUFFIX) or not path.exists():
            files.append(path)
        elif beside.is_file():
            files.append(beside)
        elif path in paths:
            message = "this ruleset has no worked examples beside it, so nothing was tested"
            hint = f"write them to '{beside.name}', in the same folder"
            problems.append(Problem(message, source=str(path), hint=hint))
        elif not is_source(path):
            files.append(path)
    if not problems and all(one.exists() and not one.name.endswith(SUFFIX) for one in files):
        hint = f"cases stand beside their ruleset: my-round{SUFFIX} beside my-round.yaml"
        message = "there are no worked examples here, so nothing was tested"
        raise RulesetError.of(message, source=", ".join(map(str, paths)), hint=hint)
    return list(dict.fromkeys(files)), problems


def _tested(paths: Sequence[Path], *, wanted: bool) -> list[Tested]:
    """Load everything, all problems at once, and only then run it."""
    files, problems = _files(paths)
    registry = Registry.installed()
    loaded: list[tuple[Ruleset, Cases | None]] = []
    for path in files:
        try:
            if path.name.endswith(SUFFIX):
                cases = load_cases(path, registry=registry)
                loaded.append((cases.ruleset, cases))
            else:
                loaded.append((load_ruleset(path, registry=registry), None))
        except EgovrulesError as error:
            problems += error.problems
    if problems:
        raise RulesetError(dict.fromkeys(problems))
    tested = []
    for ruleset, known in loaded:
        ran = tuple(run_cases(known)) if known else ()
        evaluations = [one.evaluation for one in ran if one.evaluation is not None]
        came = reached(ruleset, evaluations) if wanted else None
        tested.append(Tested(ruleset, known, ran, came))
    return tested
