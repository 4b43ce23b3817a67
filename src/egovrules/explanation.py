"""Why a score is what it is: the tree of one agency, down to the services that carried it.

Reads a saved evaluation and nothing else. ``recomputing`` adds the printed parts up again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from egovrules import _yaml
from egovrules.errors import EvaluationError, did_you_mean
from egovrules.result import Evaluation, NodeInfo
from egovrules.text import Localised, name_key

_SHOWN = 5  # agencies that a message names


@dataclass(frozen=True)
class ExplainedCap:
    """A cap that bit: its bound, its condition as written, its reason and its place."""

    at: float
    when: str
    because: Localised | None
    where: str


@dataclass(frozen=True, eq=False)
class Explained:
    """One node for one agency.

    Attributes:
        info: What the node is.
        score: Its effective score; None where it has none.
        rank: Its place by that score, among the agencies that are ranked; None for any other.
        rank_label: The rank as printed; None also where the ruleset has no mark of shared ranks.
        raw: Its score before the missing-data policy.
        uncapped: Its score before caps; equal to *score* where none bit.
        value: Of an agency's criterion that is normalised, the value before that; else None.
        share: The share of its parent's weight that it carries, 0 to 1; None where it has none.
        contribution: Points that it brings to its parent; None where these do not add up.
        coverage: Share of its weight that could be assessed, 0 to 1.
        state: scored, missing or not_applicable.
        cap: The cap that bit.
        counts: Numbers of services scored, missing, not_applicable; empty where it has none.
        population: Population numbers that the criterion used.
        normalised: Those that its normalisation used, of values that are negated where less is
            better.
        services: service, name, score (after caps), state, cap (path of the one that bit), share,
            contribution: for what was rolled up, the largest contribution first; None otherwise.
        children: The nodes below it.
    """

    info: NodeInfo
    score: float | None
    rank: float | None
    rank_label: str | None
    raw: float | None
    uncapped: float | None
    value: float | None
    share: float | None
    contribution: float | None
    coverage: float | None
    state: str
    cap: ExplainedCap | None
    counts: Mapping[str, int]
    population: Mapping[str, Any]
    normalised: Mapping[str, Any]
    services: pl.DataFrame | None
    children: tuple["Explained", ...]

    def walk(self) -> Iterator["Explained"]:
        """Yield this node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, eq=False)
class Explanation:
    """An agency's row, its tree, and the findings and services that belong to it.

    Attributes:
        evaluation: Where it comes from.
        agency: The agency's row of the table of agencies.
        root: The tree; of it only the path to one criterion, where one was asked for.
        findings: Rules that fired for the agency or one of its services.
        service: One service's row of scores, where one was asked for.
        inputs: The indicators that were read of that service, or else of the agency.
        treatments: What treatment changed of the agency's indicators; see
            :attr:`egovrules.result.Evaluation.treatments`.
    """

    evaluation: Evaluation
    agency: Mapping[str, Any]
    root: Explained
    findings: pl.DataFrame
    service: Mapping[str, Any] | None
    inputs: Mapping[str, Any]
    treatments: pl.DataFrame


def explain(
    evaluation: Evaluation, agency: str, *, criterion: str | None = None, service: str | None = None
) -> Explanation:
    """Explain an agency's score.

    Args:
        evaluation: A fresh or a saved one.
        agency: Its code, or one of its names.
        criterion: Id of a node: keep only the path to it.
        service: Code of one of its services: keep only that one.

    Raises:
        EvaluationError: When there is no such agency, node, or service of that agency.
    """
    row = find_agency(evaluation, agency)
    code = row["agency"]
    services = evaluation.services.filter(pl.col("agency") == code)
    if service is not None:
        services = _one_service(evaluation, services, service, row)
    nodes = {
        r["node"]: r
        for r in evaluation.criteria.filter(pl.col("agency") == code).iter_rows(named=True)
    }
    reader = _Reader(evaluation, nodes, services)
    root = reader.node(evaluation.manifest.tree[0])
    if criterion is not None:
        root = _path_to(root, criterion)
    return Explanation(
        evaluation=evaluation,
        agency=row,
        root=root,
        findings=evaluation.findings.filter(pl.col("agency") == code),
        service=None if service is None else services.row(0, named=True),
        inputs=_inputs(evaluation, code, service),
        treatments=evaluation.treatments.filter(pl.col("agency") == code),
    )


def find_agency(evaluation: Evaluation, text: str) -> dict[str, Any]:
    """Find an agency by its code, else by a name, whatever its letters, digits and spaces.

    Raises:
        EvaluationError: When none or several fit.
    """
    rows = {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}
    if text in rows:
        return rows[text]
    columns = [c for c in ("name", "name_en", "name_fa") if c in evaluation.agencies.columns]
    names = {code: [row[c] for c in columns if row[c]] for code, row in rows.items()}
    key = name_key(text)
    fits = [code for code in rows if name_key(code) == key]
    fits = fits or [code for code in rows if key in map(name_key, names[code])]
    fits = fits or [code for code in rows if key and any(key in name_key(n) for n in names[code])]
    if len(fits) == 1:
        return rows[fits[0]]
    if fits:
        shown = ", ".join(f"{names[code][0]} ({code})" for code in sorted(fits)[:_SHOWN])
        more = f" and {len(fits) - _SHOWN} more" if len(fits) > _SHOWN else ""
        message = f"several agencies are called '{text}': {shown}{more}"
        raise EvaluationError.of(message, hint="give the code")
    known = [*rows, *(name for own in names.values() for name in own)]
    raise EvaluationError.of(f"there is no agency '{text}'", hint=did_you_mean(text, known))


def cap_at(ruleset: Any, where: str) -> ExplainedCap:
    """Look a cap up in the plain data of a ruleset by its path."""
    found = ruleset
    for step in where.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return ExplainedCap(float(found["at"]), found["when"], found.get("because"), where)


@dataclass(frozen=True)
class _Reader:
    """What is needed to put the tree of one agency together."""

    evaluation: Evaluation
    nodes: Mapping[str, Mapping[str, Any]]
    services: pl.DataFrame

    @cached_property
    def ruleset(self) -> Any:
        return _yaml.parse(self.evaluation.ruleset_text, "ruleset.yaml").data

    def node(self, info: NodeInfo) -> Explained:
        row = self.nodes[info.id]
        children = [one for one in self.evaluation.manifest.tree if one.parent == info.id]
        counts = {k: row[k] for k in ("scored", "missing", "not_applicable") if row[k] is not None}
        return Explained(
            info=info,
            score=row["score"],
            rank=row.get("rank"),  # evaluations of earlier versions have none
            rank_label=row.get("rank_label"),
            raw=row["raw"],
            uncapped=row["uncapped"],
            value=row.get("value"),
            share=row["share"],
            contribution=row["contribution"],
            coverage=row["coverage"],
            state=row["state"],
            cap=None if row["cap"] is None else cap_at(self.ruleset, row["cap"]),
            counts=counts,
            population=self.evaluation.manifest.population.get(info.id, {}),
            normalised=self.evaluation.manifest.normalised.get(info.id, {}),
            services=self.carried(info) if info.level == "service" else None,
            children=tuple(self.node(child) for child in children),
        )

    def carried(self, info: NodeInfo) -> pl.DataFrame:
        """List the services behind a rolled-up node, with the share that each carries."""
        table = self.services
        name = pl.coalesce(
            *[pl.col(c) for c in ("name", "name_en", "name_fa") if c in table.columns],
            pl.col("service"),
        )
        low = self.evaluation.manifest.ruleset.scale[0]
        state = pl.col(f"{info.id}.state")
        counted = pl.col(info.id).is_not_null()
        cap = pl.col(f"{info.id}.cap") if f"{info.id}.cap" in table.columns else pl.lit(None)
        if f"{info.id}.zero" in table.columns:
            counted |= pl.col(f"{info.id}.zero")
        elif info.missing == "zero" and info.kind == "criterion" and not info.pooled:
            counted |= state == "missing"
        table = table.select(
            "service",
            name.alias("name"),
            pl.when(counted).then(pl.col(info.id).fill_null(low)).alias("score"),
            state.alias("state"),
            cap.cast(pl.String).alias("cap"),
            pl.when(counted).then(self.size(info)).otherwise(0.0).alias("size"),
        )
        sized = table["size"].sum()
        share = pl.col("size") / sized if sized else pl.lit(None, pl.Float64)
        table = table.with_columns(share.alias("share")).drop("size")
        gained = (pl.col("share") * pl.col("score")).alias("contribution")
        return table.with_columns(gained).sort(
            ["contribution", "service"], descending=[True, False], nulls_last=True
        )

    def size(self, info: NodeInfo) -> pl.Expr:
        """Give what a service weighs in a rollup: its denominator, its weight, or 1."""
        if info.pooled:
            return pl.col(f"{info.id}.denominator")
        scored = self.services.filter(pl.col(info.id).is_not_null())
        weighted = "weight" in scored.columns and (scored["weight"].sum() or 0) > 0
        return pl.col("weight").fill_null(0.0) if weighted else pl.lit(1.0)


def _one_service(
    evaluation: Evaluation, services: pl.DataFrame, code: str, agency: Mapping[str, Any]
) -> pl.DataFrame:
    found = services.filter(pl.col("service") == code)
    if found.height:
        return found
    owner = evaluation.services.filter(pl.col("service") == code)
    if owner.height:
        message = f"service '{code}' belongs to {owner['agency'][0]}, not to {agency['agency']}"
        raise EvaluationError.of(message)
    hint = did_you_mean(code, services["service"].to_list())
    raise EvaluationError.of(f"'{agency['agency']}' has no service '{code}' in scope", hint=hint)


def _path_to(node: Explained, wanted: str) -> Explained:
    """Keep only the way from the root to one node, and what is below it."""
    pruned = _pruned(node, wanted)
    if pruned is None:
        known = [one.info.id for one in node.walk()]
        raise EvaluationError.of(f"there is no node '{wanted}'", hint=did_you_mean(wanted, known))
    return pruned


def _pruned(node: Explained, wanted: str) -> Explained | None:
    if node.info.id == wanted:
        return node
    kept = tuple(one for one in (_pruned(child, wanted) for child in node.children) if one)
    return replace(node, children=kept) if kept else None


def _inputs(evaluation: Evaluation, agency: str, service: str | None) -> dict[str, Any]:
    table = evaluation.inputs.get("agencies" if service is None else "services")
    if table is None:
        return {}
    found = table.filter(pl.col("code") == (agency if service is None else service))
    return found.row(0, named=True) if found.height else {}
