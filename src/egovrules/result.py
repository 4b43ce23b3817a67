"""What an evaluation is: tables, and a manifest that says how they came about.

Everything that reads results (explanation, comparison, store, reports) needs this module only:
no ruleset has to be bound and no plugin installed to read an evaluation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from egovrules.errors import Problem
from egovrules.plugins import Registry
from egovrules.reports import chosen, deliver
from egovrules.rounding import Rule
from egovrules.text import Localised

MANIFEST_SCHEMA = "egovrules-evaluation/1"
DIGITS = 9  # decimals of a score that count: engines agree within 1e-12, not to the bit
EXACT = 0.5 * 10**-DIGITS  # by which two scores may differ and count as equal


class Frozen(BaseModel):
    """Base of the manifest's parts; unknown keys are kept, and named when it is verified."""

    model_config = ConfigDict(frozen=True, extra="allow")


class NodeInfo(Frozen):
    """A node of the tree that was scored, as far as reading results needs it."""

    id: str
    parent: str | None
    kind: Literal["total", "axis", "criterion", "services"]
    title: Localised
    weight: float
    missing: Literal["zero", "skip", "exclude"]
    aggregation: str | None = None
    aggregation_parameters: dict[str, Any] = {}
    min_share: float = 0.0
    round: tuple[int, Rule] | None = None  # decimals and rule
    normalisation: str | None = None
    normalisation_parameters: dict[str, Any] = {}
    direction: Literal["up", "down"] = "up"
    level: Literal["service", "agency"] | None = None
    criterion: str | None = None
    formula: str = ""
    parameters: dict[str, Any] = {}
    pooled: bool = False
    inside: bool = False


class TreatmentInfo(Frozen):
    """What one step of treatment did to one column.

    Attributes:
        step: Its place among the steps, from 1.
        do: The treatment.
        title: Its title.
        parameters: What it was told.
        indicator: The column.
        figures: How the values came about: statistics, limits that were met, what was imputed.
    """

    step: int
    do: str
    title: Localised
    parameters: dict[str, Any] = {}
    indicator: str
    figures: dict[str, Any] = {}


class RuleTitle(Frozen):
    """What people read of a band, list, finding or reconciliation."""

    title: Localised
    of: str = ""
    by: str = ""
    labels: dict[str, Localised] = {}


class RulesetInfo(Frozen):
    """The ruleset of an evaluation."""

    id: str
    title: Localised
    description: Localised | None = None
    period: str | None = None
    period_title: Localised | None = None
    digest: str
    method_digest: str
    bridge_from: str | None = None
    scale: tuple[float, float] = (0.0, 100.0)
    decimals: int | None = None
    tied: str = ""  # what is put before a rank that several share
    min_coverage: float = 0.0
    rollup_weight: str | None = None
    settings: list[str] = []  # what a what-if changed; none for a ruleset as it was published
    published: str | None = None  # digest of the ruleset beneath the settings of a what-if


class EarlierInfo(Frozen):
    """The evaluation that growth was measured against.

    Attributes:
        ruleset: Its ruleset.
        scores: The digest of its scores.
        read: The digest of what growth reads of it; see :func:`rows_digest`.
    """

    ruleset: RulesetInfo
    scores: str
    read: str = ""


class Manifest(Frozen):
    """How an evaluation came about.

    Attributes:
        schema_: Version of this form.
        engine: The engine that held the services; and the versions of this package, of Python,
            of the libraries that reckon, and the platform.
        ruleset: Which ruleset, with its digests.
        plugins: Version of every plugin used, by distribution.
        dataset: Under ``files`` the SHA-256 of each file read, by name; under ``counted`` the
            columns of services that were counted from the table of links, if any were.
        counts: How many agencies and services there were, in scope and out.
        population: Population numbers, by node and name.
        normalised: Population numbers of the values that are normalised, by node and name.
        treatments: What steps of treatment did, by step and column.
        unassessed: For each band of services, why services have no label of their own.
        tree: The nodes, parents first.
        bands, lists, findings, reconciliations: Their titles.
        titles: What columns of services and agencies, and derived values, are called, by table
            and name; see :func:`egovrules.titles.titles`. Those without a title are left out, and
            evaluations of earlier versions have none.
        words: What texts in such columns are called, by table, column and text, likewise.
        previous: What growth was measured against, if it was.
        synthetic: Whether the data say that they are made up.
        warnings: What was odd.
    """

    schema_: str = MANIFEST_SCHEMA
    engine: dict[str, str]
    ruleset: RulesetInfo
    plugins: dict[str, str]
    dataset: dict[str, Any]
    counts: dict[str, int]
    population: dict[str, dict[str, Any]]
    normalised: dict[str, dict[str, Any]] = {}
    treatments: list[TreatmentInfo] = []
    unassessed: dict[str, dict[str, int]] = {}
    tree: list[NodeInfo] = Field(min_length=1)
    bands: dict[str, RuleTitle] = {}
    lists: dict[str, RuleTitle] = {}
    findings: dict[str, RuleTitle] = {}
    reconciliations: dict[str, RuleTitle] = {}
    titles: dict[str, dict[str, Localised]] = {}
    words: dict[str, dict[str, dict[str, Localised]]] = {}
    previous: EarlierInfo | None = None
    synthetic: bool = False
    warnings: list[str] = []


TABLES = ("agencies", "criteria", "bands", "lists", "findings", "reconciliations", "treatments")
TREATMENTS: Mapping[str, Any] = MappingProxyType(
    {
        "step": pl.Int64,
        "do": pl.String,
        "indicator": pl.String,
        "agency": pl.String,
        "before": pl.Float64,
        "after": pl.Float64,
    }
)


@dataclass(frozen=True, eq=False)  # tables have no plain equality: compare digests
class Evaluation:
    """The result of an evaluation.

    Attributes:
        manifest: How it came about.
        ruleset_text: The effective ruleset as YAML.
        agencies: One row per agency in scope, best first: agency, names, rank, what else
            :func:`egovrules.placing.rank_agencies` adds, total, coverage, growth, one column per
            axis id, derived values.
        criteria: One row per agency and node; see :func:`egovrules.agency_tables.node_table` and
            :func:`egovrules.placing.rank_nodes`.
        bands: band, of, label, count, share_of_all, share_of_assessed.
        lists: list, of, position, subject, agency, name, value.
        findings: finding, severity, of, subject, agency, message per language.
        reconciliations: reconciliation, total, parts, gap, holds, severity.
        vanished: Bodies of the previous evaluation that this one has not.
        warnings: What was odd.
        treatments: One row for each value that treatment changed: step, do, indicator, agency,
            before, after; null = missing.
    """

    manifest: Manifest
    ruleset_text: str
    agencies: pl.DataFrame
    criteria: pl.DataFrame
    bands: pl.DataFrame
    lists: pl.DataFrame
    findings: pl.DataFrame
    reconciliations: pl.DataFrame
    vanished: pl.DataFrame
    warnings: tuple[Problem, ...] = ()
    treatments: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TREATMENTS))
    _services: Callable[[], pl.DataFrame] = field(default=pl.DataFrame, repr=False)
    _inputs: Callable[[], Mapping[str, pl.DataFrame]] = field(default=dict, repr=False)
    _dataset_digest: Callable[[], str] = field(default=str, repr=False)

    @cached_property
    def services(self) -> pl.DataFrame:
        """One row per service in scope, computed when first asked for.

        Columns: service, agency, names, weight, derived values, ``band_<id>``; per service-level
        node its score under its id, ``<id>.state``, for a pooled ratio ``<id>.numerator`` and
        ``<id>.denominator``, and where the node has caps ``<id>.uncapped`` and ``<id>.cap`` (the
        path of the one that bit).
        """
        return self._services()

    @cached_property
    def inputs(self) -> Mapping[str, pl.DataFrame]:
        """The columns that were read, by table, before treatment; computed when first asked for.

        ``previous`` is what growth read of the earlier evaluation: agency, names, total, rank,
        and the score on each axis under its id (evaluations of earlier versions have no axes).
        Where the dataset has such tables, ``links`` holds the links of the services in scope, and
        ``answers`` the answers in force that put a status in the place of a value: ``of`` (agencies
        or services), subject, indicator, status, source, evidence, date, assessor.
        """
        return self._inputs()

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of the ruleset, of its method, of the dataset, and of the scores as published.

        The scores are rounded to :data:`DIGITS` decimals first.
        """
        info = self.manifest.ruleset
        return {
            "ruleset": info.digest,
            "method": info.method_digest,
            "dataset": self._dataset_digest(),
            "scores": scores_digest(self.agencies, self.manifest),
        }

    @property
    def failed(self) -> bool:
        """Whether a finding, or a failed reconciliation, has the severity error."""
        fired = self.findings.filter(pl.col("severity") == "error").height
        broken = self.reconciliations.filter(~pl.col("holds") & (pl.col("severity") == "error"))
        return bool(fired or broken.height)

    def report(
        self,
        path: str | Path,
        *,
        language: str = "en",
        report: str = "html",
        replace: bool = False,
        **options: Any,
    ) -> Path:
        """Write a report: by default one HTML file that opens offline, in both languages.

        Args:
            path: The file; folders above it are made.
            language: In which it opens.
            report: Id of the report; plugins may bring others.
            replace: Whether a file there may be replaced.
            options: What may be chosen of the report, such as ``agency="0135"``.

        Returns:
            The path.

        Raises:
            EvaluationError: There is no such report or option, or the place is taken.
        """
        path = Path(path)
        made = chosen(Registry.installed().reports, report, options)
        deliver(made, self, path, language=language, replace=replace)
        return path

    def _repr_html_(self) -> str:
        """Show the report in a notebook."""
        return chosen(Registry.installed().reports, "html", {}).notebook(self, language="en")


def axis_ids(manifest: Manifest, agencies: pl.DataFrame) -> list[str]:
    """Name the axes that a table of agencies has a column of scores for, outer ones first."""
    axes = [node.id for node in manifest.tree if node.kind == "axis"]
    return [axis for axis in axes if axis in agencies.columns]


def scores_digest(agencies: pl.DataFrame, manifest: Manifest) -> str:
    """Return the SHA-256 of agencies, ranks, totals and axes, rounded to DIGITS decimals."""
    shown = ["total", *axis_ids(manifest, agencies)]
    rounded = pl.col(shown).round(DIGITS) + 0.0  # adding zero takes the sign from a minus zero
    table = agencies.select("agency", "rank", rounded).sort("agency")
    return sha256(table.write_csv(float_precision=DIGITS).encode()).hexdigest()
