"""How a report is verified: the command, and what there is to know of it."""

from egovrules.html.words import Words
from egovrules.report.plain import on_one_line
from egovrules.result import Evaluation

_SOURCE = (".yaml", ".yml")  # no table of a dataset ends so


def verify_command(evaluation: Evaluation) -> str:
    """Return the command that verifies an evaluation, with placeholders in capitals."""
    data = " --data DATASET" if _files(evaluation) else ""
    source = " --source FILE" if _sources(evaluation) else ""
    return f"egovrules verify DIR{data}{source}"


def verify_note(evaluation: Evaluation, words: Words) -> str:
    """Say what is to be known of that command; empty where nothing is.

    Of a source file its name is recorded, and not where it lies.
    """
    if not _files(evaluation):
        return words.t("No data files are recorded: the data came from a program.")
    sources = _sources(evaluation)
    if not sources:
        return ""
    return words.say(
        "FILE is the source file that says which columns are which. Recorded is: {names}.",
        names=", ".join(sources),
    )


def _files(evaluation: Evaluation) -> list[str]:
    return list(evaluation.manifest.dataset.get("files") or ())


def _sources(evaluation: Evaluation) -> list[str]:
    return [on_one_line(name) for name in _files(evaluation) if name.endswith(_SOURCE)]
