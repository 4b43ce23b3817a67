"""``egovrules test``: the worked examples of rulesets, and what of the rulesets they reach."""

from collections.abc import Sequence
from pathlib import Path

import click

from egovrules import _yaml
from egovrules.cases import SUFFIX, Cases, load_cases
from egovrules.cases.running import run_cases
from egovrules.cli.options import format_option, language_option
from egovrules.cli.output import show, tell, tell_problems, working, write, write_json
from egovrules.errors import EgovrulesError, Problem, RulesetError
from egovrules.plugins import Registry
from egovrules.reached import reached
from egovrules.report.cases import Tested, as_document, junit, missed_lines, verdicts
from egovrules.ruleset import Ruleset, load_ruleset
from egovrules.text import translate

FAILED = 1


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--coverage", is_flag=True, help="Tell what of each ruleset no case reached.")
@click.option(
    "--min",
    "least",
    type=click.FloatRange(0, 100),
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
        tested = _tested(_files(paths or (Path(),)), wanted=wanted)
    if form == "json":
        write_json(as_document(tested))
    elif form == "junit":
        write(junit(tested))
    else:
        for one in tested:
            tell_problems(problem for ran in one.ran for problem in ran.problems)
        show(verdicts(tested, language))
        if lines := missed_lines(tested, language):
            write("\n".join(["", *lines, ""]))
    short = [one for one in tested if least is not None and 100 * one.share < least]
    for one in short:
        message = "{path}: coverage is below {least} per cent"
        tell(translate(message, language, path=str(one.path), least=f"{least:g}"))
    return FAILED if short or any(one.failed for one in tested) else 0


def _files(paths: Sequence[Path]) -> list[Path]:
    """Return the files of cases that are meant, and the rulesets of folders that have none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*.yaml") if not _is_hidden(one, path))
            found += [one for one in inside if one.name.endswith(SUFFIX) or _is_bare(one)]
        elif path.name.endswith(SUFFIX):
            found.append(path)
        else:
            found.append(path.with_name(path.name.removesuffix(".yaml") + SUFFIX))
    if not any(path.name.endswith(SUFFIX) for path in found):
        hint = f"cases stand beside their ruleset: my-round{SUFFIX} beside my-round.yaml"
        message = "there are no worked examples here, so nothing was tested"
        raise RulesetError.of(message, source=", ".join(map(str, paths)), hint=hint)
    return list(dict.fromkeys(found))


def _is_hidden(path: Path, under: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(under).parts)


def _is_bare(path: Path) -> bool:
    """Tell whether a file is a ruleset without cases beside it."""
    if path.name.endswith(".source.yaml") or path.with_suffix(SUFFIX).is_file():
        return False
    try:
        data = _yaml.read(path).data
    except RulesetError:
        return False  # some other YAML
    return isinstance(data, dict) and str(data.get("schema")).startswith("egovrules/")


def _tested(files: Sequence[Path], *, wanted: bool) -> list[Tested]:
    """Load everything, all problems at once, and only then run it."""
    registry = Registry.installed()
    loaded: list[tuple[Ruleset, Cases | None]] = []
    problems: list[Problem] = []
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
