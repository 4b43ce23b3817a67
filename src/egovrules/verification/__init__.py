"""An evaluation computed anew from what it recorded, and every cell held against the old one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import polars as pl

from egovrules.dataset import Dataset, Engine
from egovrules.errors import EvaluationError, Problem, RulesetError
from egovrules.evaluation import evaluate
from egovrules.folding import LEDGERS
from egovrules.growth import Previous
from egovrules.manifest import settings_in
from egovrules.plugins import Registry
from egovrules.population import IN_ORDER
from egovrules.result import Evaluation, Manifest
from egovrules.ruleset import Ruleset, read_ruleset
from egovrules.verification import claims
from egovrules.verification.claims import EARLIER, FILES, MANIFEST, PUBLISHED
from egovrules.verification.differences import Path, Row, compare_tables, compare_values, table_of

KEYS: Mapping[str, tuple[str, ...]] = {  # what tells the rows of a table apart
    "agencies": ("agency",),
    "criteria": ("agency", "node"),
    "services": ("service",),
    "bands": ("band", "label"),
    "lists": ("list", "subject"),
    "findings": ("finding", "subject"),
    "reconciliations": ("reconciliation",),
    "vanished": ("agency",),
    "treatments": ("step", "indicator", "agency"),
}
_READ = {
    "agencies": ("code",),
    "services": ("code",),
    "history": ("code", "period"),
    "links": ("consumer", "provider"),
    "answers": ("of", "subject", "indicator"),
}
INPUTS = "inputs/"  # begins the names of the columns that were read, which --data checks
# What of the manifest does not follow from ruleset and inputs, and is looked at by itself.
_GIVEN = {"engine", "plugins", "dataset", "previous", "warnings"}


@dataclass(frozen=True, eq=False)
class Verification:
    """What became of computing an evaluation anew.

    Attributes:
        evaluation: The recorded one.
        exact: Whether numbers were compared to the last bit; else within 1e-9, or large ones
            within 1e-12 of their size. Versions that differ, DuckDB, and Polars beyond
            :data:`egovrules.scoring.IN_ORDER` services add up in another order.
        versions: Version recorded and version here, by name, where they differ; empty where there
            is none.
        cells: How many cells were compared, by table; ``evaluation.json`` is the manifest.
        files: How many files of a dataset were compared; None where none was given.
        differences: table, key (of the row; null where a whole column is meant), column (null
            where a whole row is meant), recorded, now: as texts, null where there is nothing.
            In the table ``dataset`` the keys are files, and what is compared is their SHA-256; in
            ``ruleset`` and ``previous`` it is what the published ruleset and the earlier
            evaluation say; in ``links`` counts of services are held against the recorded links.
        unchecked: What was taken as recorded, since nothing was given to compare it with, of
            ``dataset`` (its files, its digest, what was said on reading them), ``ruleset``
            (whether it is the published one) and ``previous`` (the earlier evaluation, if any).
    """

    evaluation: Evaluation
    exact: bool
    versions: Mapping[str, tuple[str, str]]
    cells: Mapping[str, int]
    files: int | None
    differences: pl.DataFrame
    unchecked: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences.height


def verify(
    evaluation: Evaluation,
    *,
    dataset: Dataset | None = None,
    published: Ruleset | None = None,
    previous: Evaluation | None = None,
    registry: Registry | None = None,
) -> Verification:
    """Compute an evaluation anew from its recorded ruleset and inputs, and compare every cell.

    Args:
        evaluation: A fresh or a saved one.
        dataset: What it is said to have been made from: its files are compared as well, and where
            they are the same, the columns that were read of them.
        published: The ruleset that it is said to have been made with, without settings.
        previous: What growth is said to have been measured against.
        registry: The plugins to bind to; the installed ones by default.

    Raises:
        EvaluationError: When the ruleset cannot be bound here (with what to install), or what
            was recorded is not enough.
        DatasetError: When the inputs, or *dataset*, are not what the ruleset reads.
    """
    manifest, registry = evaluation.manifest, registry or Registry.installed()
    bound = _bind(evaluation, registry)
    # Versions are compared by themselves, so that digests differ for other reasons only.
    # Settings are those that the text names: the manifest's are held against them.
    settings = settings_in(evaluation.ruleset_text)
    beneath = manifest.ruleset.published if settings else None
    ruleset = replace(bound, versions=manifest.plugins, settings=settings, published=beneath)
    recorded, earlier = _recorded(evaluation), _previous(evaluation, ruleset)
    anew = evaluate(ruleset, recorded, previous=earlier)
    warnings = anew.warnings
    versions = _versions(
        {**manifest.engine, **manifest.plugins}, {**anew.manifest.engine, **bound.versions}
    )
    in_order = anew.manifest.counts["services"] <= IN_ORDER
    exact = not versions and anew.manifest.engine["engine"] == "polars" and in_order
    pairs = {name: (getattr(evaluation, name), getattr(anew, name), KEYS[name]) for name in KEYS}
    files: list[Row] = []
    if dataset is not None:
        files = list(claims.as_files(evaluation, dataset))
        if not files:  # else it is another dataset, and may not even fit the ruleset
            fresh = evaluate(ruleset, dataset, previous=earlier)
            pairs |= _inputs(evaluation, fresh)
            warnings = fresh.warnings
    read = dataset is not None and not files
    told, again = (_leaves(one, manifest, exact=exact) for one in (evaluation, anew))
    found = [
        *(compare_tables(name, *pair, exact=exact) for name, pair in pairs.items()),
        table_of(compare_values(MANIFEST, told, again, exact=exact)),
        table_of(claims.own_claims(evaluation, recorded)),
        claims.counts_of_links(evaluation, anew.services["service"]),
        table_of(claims.settings_hold(bound.document, settings)),
        table_of(claims.same_warnings(manifest.warnings, warnings, read=read)),
        table_of(files),
    ]
    if published is not None:
        found.append(table_of(claims.as_published(evaluation, ruleset, published, registry)))
    if previous is not None:
        found.append(claims.as_earlier(evaluation, previous))
    given = {FILES: dataset, PUBLISHED: published, EARLIER: previous}
    return Verification(
        evaluation=evaluation,
        exact=exact,
        versions=versions,
        cells={name: now.width * now.height for name, (_, now, _) in pairs.items()}
        | {MANIFEST: len(again)},
        files=None if dataset is None else len(dataset.files),
        differences=pl.concat(found),
        unchecked=tuple(
            name
            for name, one in given.items()
            if one is None and (name != EARLIER or manifest.previous is not None)
        ),
    )


def _bind(evaluation: Evaluation, registry: Registry) -> Ruleset:
    """Bind the recorded ruleset, or say what has to be installed for that."""
    manifest = evaluation.manifest
    try:
        return read_ruleset(evaluation.ruleset_text, source="ruleset.yaml", registry=registry)
    except RulesetError as error:
        here = {one.distribution: one.version for one in registry.plugins}
        lacking = [
            Problem(
                f"the evaluation was made with {name} {version}, "
                + (f"and here is {here[name]}" if name in here else "which is not installed"),
                hint=f"pip install '{name}=={version}'",
            )
            for name, version in manifest.plugins.items()
            if here.get(name) != version
        ]
        raise EvaluationError([*lacking, *error.problems]) from None


def _recorded(evaluation: Evaluation) -> Dataset:
    """Make a dataset of the columns that were read."""
    name, known = evaluation.manifest.engine.get("engine"), get_args(Engine)
    engine: Engine | None = next((one for one in known if one == name), None)
    if engine is None:
        raise EvaluationError.of(
            f"the evaluation was made on an engine that is not known here: {name}",
            hint=f"known: {', '.join(known)}",
        )
    inputs = evaluation.inputs
    if "agencies" not in inputs:
        raise _lacking("the columns that were read")
    return Dataset.of(
        agencies=inputs["agencies"],
        services=inputs.get("services"),
        history=inputs.get("history"),
        engine=engine,
    )


def _previous(evaluation: Evaluation, ruleset: Ruleset) -> Previous | None:
    """Return what growth was measured against, as recorded."""
    info = evaluation.manifest.previous
    if info is None:
        if "continuity" in evaluation.agencies.columns:
            raise _lacking("the earlier evaluation that growth was measured against")
        return None
    table = evaluation.inputs.get("previous")
    if table is None:
        raise _lacking("the earlier evaluation that growth was measured against")
    kinds = {name: table.schema.get(name) for name in ("agency", "total", "rank")}
    numbers = [kind is not None and kind.is_numeric() for kind in (kinds["total"], kinds["rank"])]
    if kinds["agency"] != pl.String or not all(numbers):
        raise EvaluationError.of(
            "the recorded earlier evaluation lacks a column, or has one of another kind",
            source="inputs/previous.parquet",
            hint="restore it, or evaluate anew",
        )
    if ruleset.method_digest != evaluation.manifest.ruleset.method_digest:
        # The text is not that of the evaluation: that is told, whatever growth would say to it.
        method = {"method_digest": ruleset.method_digest}
        info = info.model_copy(update={"ruleset": info.ruleset.model_copy(update=method)})
    return Previous(info, table)


def _lacking(what: str) -> EvaluationError:
    return EvaluationError.of(
        f"the evaluation does not hold {what}, so it cannot be computed anew",
        hint="evaluate anew with this version of egovrules",
    )


def _versions(recorded: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    names = dict.fromkeys((*recorded, *now))
    pairs = {name: (recorded.get(name, ""), now.get(name, "")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _inputs(
    evaluation: Evaluation, fresh: Evaluation
) -> dict[str, tuple[pl.DataFrame, pl.DataFrame, tuple[str, ...]]]:
    """Pair the recorded inputs with those of a dataset; an absent table has no columns."""
    empty = pl.DataFrame()
    return {
        f"{INPUTS}{name}": (recorded, now, keys)
        for name, keys in _READ.items()
        for recorded, now in [(evaluation.inputs.get(name, empty), fresh.inputs.get(name, empty))]
        # Earlier versions recorded neither ledgers nor titles.
        if name not in LEDGERS or name in evaluation.inputs or evaluation.manifest.titles
    }


def _leaves(evaluation: Evaluation, recorded: Manifest, *, exact: bool) -> dict[Path, Any]:
    """Return what follows from ruleset and inputs in the manifest, by its path in the file.

    Nothing that the recorded one, of an earlier version, could not have.
    """
    untold = {key for key in ("titles", "words") if not getattr(recorded, key)}  # earlier versions
    told = evaluation.manifest.model_dump(mode="json", exclude=_GIVEN | untold)
    leaves = dict(claims.leaves(told))
    if exact:  # a digest knows no tolerance; the scores themselves are compared in any case
        leaves["digests", "scores"] = evaluation.digests["scores"]
    return leaves
