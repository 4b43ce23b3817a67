"""What an evaluation claims beside its tables, held against its own text and what is given.

Each function yields the differences that it finds; see
:attr:`egovrules.verification.Verification.differences`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from egovrules import _yaml
from egovrules._yaml import Document
from egovrules.changes import ABSENT, changes_between, shown
from egovrules.dataset import Dataset
from egovrules.errors import EvaluationError, Problem, RulesetError
from egovrules.folding import LEDGERS, LINK_COLUMNS, count_links
from egovrules.growth import Previous, recorded_axes, rows_digest
from egovrules.inheritance import with_settings
from egovrules.plugins import Registry
from egovrules.result import Evaluation, Frozen
from egovrules.ruleset import Ruleset, bind
from egovrules.verification.differences import Path, Row, compare_tables, compare_values, table_of

MANIFEST = "evaluation.json"
COUNTED = "counted"  # under "dataset" in it: the columns that were counted from links
# These name, among the tables of differences, what was given to compare with.
FILES, PUBLISHED, EARLIER = "dataset", "ruleset", "previous"


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the plain values inside a value, each with its path."""
    if not isinstance(value, dict | list) or not value:
        yield path, value
        return
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(part, (*path, str(key)))


def own_claims(evaluation: Evaluation, dataset: Dataset) -> Iterator[Row]:
    """Hold against each other what the manifest says of the data and of the earlier evaluation.

    Args:
        evaluation: The recorded one.
        dataset: That of its recorded columns.
    """
    manifest = evaluation.manifest
    told: dict[Path, Any] = {}
    now: dict[Path, Any] = {}
    for key, value in manifest.dataset.items():
        if key != "files":
            told["dataset", key] = value
    if counted := _counted(evaluation):
        now["dataset", COUNTED] = counted
    if files := _files_of(evaluation):
        told["digests", "dataset"] = evaluation.digests["dataset"]
        now["digests", "dataset"] = replace(dataset, files=files).digest
    if manifest.previous is not None:
        told |= _unknown(manifest.previous, ("previous",))
        told["previous", "read"] = manifest.previous.read
        now["previous", "read"] = rows_digest(evaluation.inputs["previous"])
    return compare_values(MANIFEST, told, now, exact=True)


def counts_of_links(evaluation: Evaluation, in_scope: pl.Series) -> pl.DataFrame:
    """Hold the services' counts of links against the links, where they were counted from these.

    Args:
        evaluation: The recorded one.
        in_scope: Codes of the services in scope; links of others are not recorded.
    """
    counted = _counted(evaluation)
    if not counted:
        return table_of(())
    links = evaluation.inputs.get("links", pl.DataFrame(schema=LEDGERS["links"]))
    services = evaluation.inputs["services"].filter(pl.col("code").is_in(in_scope.implode()))
    again = services.select("code").join(
        count_links(links), on="code", how="left", maintain_order="left"
    )
    again = again.select("code", pl.col(counted).fill_null(0.0))
    return compare_tables("links", services.select("code", *counted), again, ("code",), exact=True)


def _counted(evaluation: Evaluation) -> list[str]:
    """Return what is said to have been counted from links, of the columns of services."""
    told = evaluation.manifest.dataset.get(COUNTED)
    services = evaluation.inputs.get("services", pl.DataFrame())
    named = [one for one in LINK_COLUMNS if isinstance(told, list) and one in told]
    return [one for one in named if one in services.columns]


def _unknown(part: Frozen, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield the keys that this version does not know."""
    for key, value in (part.model_extra or {}).items():
        yield (*path, key), value
    for name in type(part).model_fields:
        if isinstance(inner := getattr(part, name), Frozen):
            yield from _unknown(inner, (*path, name))


def _files_of(evaluation: Evaluation) -> Mapping[str, str]:
    files = evaluation.manifest.dataset.get("files")
    return {name: str(one) for name, one in files.items()} if isinstance(files, dict) else {}


def settings_hold(document: Document, settings: Sequence[str]) -> Iterator[Row]:
    """Yield the settings that a recorded ruleset does not have in force.

    Args:
        document: The recorded ruleset.
        settings: What it names at its head. One that a later one replaces need not be in force.
    """
    paths = [setting.partition("=")[0].strip().split(".") for setting in settings]
    again = document
    broken: list[tuple[str, str]] = []
    moved: list[tuple[str, str]] = []
    for place, (setting, path) in enumerate(zip(settings, paths, strict=True)):
        if any(later == path[: len(later)] for later in paths[place + 1 :]):
            continue
        try:
            changed = with_settings(again, [setting])
        except RulesetError as error:
            if not _removes(setting):  # what was removed is there no more
                broken.append((setting, error.problems[0].message))
            continue
        if _plain(changed.data) != _plain(again.data):
            moved.append((setting, "ruleset.yaml has another value there"))
        again = changed
    if _plain(again.data) == _plain(document.data):  # each undoes what another did
        moved = []
    for setting, reason in (*broken, *moved):
        yield MANIFEST, "ruleset.settings", None, setting, reason


def _removes(setting: str) -> bool:
    try:
        return _yaml.parse(setting.partition("=")[2], "").data is None
    except RulesetError:
        return False


def _plain(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


def as_published(
    evaluation: Evaluation, recorded: Ruleset, published: Ruleset, registry: Registry
) -> Iterator[Row]:
    """Hold the recorded ruleset against the published one, with the recorded settings applied.

    Args:
        evaluation: The recorded evaluation.
        recorded: Its ruleset, with the settings that its text names.
        published: The ruleset as published.
        registry: The plugins to bind to.
    """
    beneath = evaluation.manifest.ruleset.published
    if recorded.settings and beneath != published.digest:
        yield PUBLISHED, "published", None, beneath, published.digest
    try:
        document = with_settings(published.document, recorded.settings)
        expected = bind(document, registry)
    except RulesetError as error:
        reason = error.problems[0].message
        yield PUBLISHED, "settings", None, "; ".join(recorded.settings), reason
        return
    found = changes_between(expected, recorded)
    for change in found:
        sides = [None if one is ABSENT else shown(one) for one in (change.new, change.old)]
        yield PUBLISHED, ".".join(map(str, change.loc)), None, sides[0], sides[1]
    if not found and recorded.digest != expected.digest:  # the same rules, written otherwise
        yield PUBLISHED, "digest", None, recorded.digest, expected.digest


def as_earlier(evaluation: Evaluation, earlier: Evaluation) -> pl.DataFrame:
    """Hold what growth was measured against beside the earlier evaluation itself."""
    info = evaluation.manifest.previous
    if info is None:
        raise EvaluationError.of(
            "this evaluation measures no growth, so there is no earlier one to compare"
        )
    recorded = evaluation.inputs["previous"]
    previous = Previous.of(earlier, axes=bool(recorded_axes(recorded)))
    sides = [dict(leaves(one.model_dump(mode="json"))) for one in (info, previous.info)]
    tables = compare_tables(EARLIER, recorded, previous.agencies, ("agency",), exact=True)
    return pl.concat([table_of(compare_values(EARLIER, *sides, exact=True)), tables])


def as_files(evaluation: Evaluation, dataset: Dataset) -> Iterator[Row]:
    """Yield the files that are not those that the evaluation was made from."""
    recorded = _files_of(evaluation)
    if not recorded:
        raise EvaluationError.of(
            "the evaluation was made of tables in a program, so there are no files to compare"
        )
    for name in sorted({*recorded, *dataset.files}):
        before, now = recorded.get(name), dataset.files.get(name)
        if before != now:
            yield FILES, name, None, before, now


def same_warnings(told: Iterable[str], again: Iterable[Problem], *, read: bool) -> Iterator[Row]:
    """Hold the recorded warnings against those of now, wherever in a file they were.

    Args:
        told: The recorded ones.
        again: Those of now.
        read: Whether the files of the dataset were read again. Else a recorded warning with a
            place can be one of theirs, of which nothing is known, and those of now that have a
            place in tables count for nothing.
    """
    old = Counter(map(_said, told))
    new = Counter(
        _said(str(one)) for one in again if read or not one.source or one.source == "ruleset.yaml"
    )
    for text in new - old:
        yield MANIFEST, "warnings", None, None, text
    for text in old - new:
        if read or text.startswith("warning: "):
            yield MANIFEST, "warnings", None, text, None


def _said(text: str) -> str:
    """Return a warning without its place and the line there; one without a place as it is."""
    if text.startswith("warning: "):
        return text
    head, *rest = text.splitlines() or [""]
    hints = [line.strip() for line in rest if line.startswith("  hint: ")]
    return "\n".join([head.partition("warning: ")[2], *hints])
