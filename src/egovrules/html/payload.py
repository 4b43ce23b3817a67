"""What the page's script reads: the official result as numbers, and what it takes to weigh anew.

Numbers are raw, as the script calculates with them; what it shows of the official result stands
printed in the page. Texts are in every language that the page speaks.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from egovrules.aggregation import BUILT_IN
from egovrules.conditions import names
from egovrules.entries import Rank
from egovrules.html.ranking import band_of_agencies
from egovrules.html.recorded import bound_by, caps_of_nodes, facts_of_agencies, holds
from egovrules.html.shown_axes import shown_axes, whole_of
from egovrules.report.blocks import name_of, titled, worded
from egovrules.report.plain import on_one_line
from egovrules.report.recorded import recorded_form
from egovrules.report.summary import decimals_of
from egovrules.result import DIGITS, Evaluation, NodeInfo, axis_ids, scores_digest
from egovrules.schema import RulesetFile
from egovrules.text import LANGUAGES, Localised, translate

SCORED, MISSING, NOT_APPLICABLE, FORBIDS = 0, 1, 2, 3  # what an axis is for an agency
_BELOW_NOISE = 12  # decimals of coverage; who is ranked may hang on more than is noise
_STATES = {"scored": SCORED, "missing": MISSING, "not_applicable": NOT_APPLICABLE}
_SIMPLE = frozenset(one.id for one in BUILT_IN if not one.whole)  # what the script can combine

Texts = Mapping[str, str]  # one per language


def payload(evaluation: Evaluation) -> dict[str, Any]:
    """Collect what the script needs for the ranking, and to weigh the axes anew.

    Returns:
        Plain data: ``languages``, ``ruleset``, ``axes`` (of an index of one axis, what that is
        made of), ``total`` (how these become the total, and why the script must not do so, where
        that is so), ``kinds``, ``bands``, ``agencies`` (columns of equal length, in the order of
        the table of agencies), and ``digest`` of the scores with the axes that are ``digested``.
    """
    file, table = recorded_form(evaluation), evaluation.agencies
    axes, decimals = shown_axes(evaluation), decimals_of(evaluation.manifest.ruleset)
    bands, band = _bands(evaluation), band_of_agencies(evaluation)
    kinds = list(dict.fromkeys(_column(table, "kind")))
    kinds = [kind for kind in kinds if kind is not None]
    labels = [one["id"] for one in bands["labels"]] if bands else []
    of_band = _column(table, f"band_{band}") if band else [None] * table.height
    facts = facts_of_agencies(evaluation)
    tree, whole = evaluation.manifest.tree, whole_of(evaluation)
    parts = [_of_axis(evaluation, axis, whole) for axis in axes]
    caps = caps_of_nodes(file)
    bounds = [*caps.get(tree[0].id, ()), *(caps.get(whole.id, ()) if whole != tree[0] else ())]
    return {
        "languages": list(LANGUAGES),
        "ruleset": _ruleset(evaluation, file.rank, decimals),
        "axes": [{"id": axis.id, "weight": axis.weight} for axis in axes],
        "total": _total(evaluation, file, axes, whole),
        "kinds": [
            {"id": kind, "title": {one: worded(kind, one) for one in LANGUAGES}} for kind in kinds
        ],
        "bands": bands,
        "agencies": {
            "code": table.get_column("agency").to_list(),
            "name": [names_of(row) for row in table.iter_rows(named=True)],
            "alias": _aliases(facts),
            "kind": [None if one is None else kinds.index(one) for one in _column(table, "kind")],
            "band": [None if one is None else labels.index(one) for one in of_band],
            "rank": table.get_column("rank").to_list(),
            "total": table.get_column("total").to_list(),
            "axis": [part["score"].to_list() for part in parts],
            "state": [_states(axis, part) for axis, part in zip(axes, parts, strict=True)],
            "bound": bound_by(bounds, facts).to_list(),
            "among": _among(file.rank, facts, table),
            "growth": _short(_column(table, "growth")),
            "change": _column(table, "rank_growth"),
            "services": _column(table, "services"),
            "coverage": _short(_column(table, "coverage")),
            "axisCoverage": [_short(part["coverage"].to_list(), _BELOW_NOISE) for part in parts],
        },
        "digest": scores_digest(table, evaluation.manifest),
        "digested": axis_ids(evaluation.manifest, table),
    }


def as_json(data: Any) -> str:
    """Write data so that it can stand inside a ``script`` element, whatever its texts hold."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")  # neither </script> nor <!-- can begin


def names_of(row: Mapping[str, Any]) -> list[str]:
    """Return a body's name in every language, else any name, else its code."""
    return [on_one_line(name_of(row, one)) for one in LANGUAGES]


def titles_of(title: Localised | None, name: str) -> Texts:
    """Return a title in every language, else the name that stands for it in words."""
    return {one: on_one_line(titled(title, name, one)) for one in LANGUAGES}


def _short(values: list[float | None], decimals: int = DIGITS) -> list[float | None]:
    """Leave off digits that nothing hangs on."""
    return [None if one is None else round(one, decimals) for one in values]


def _column(table: pl.DataFrame, name: str) -> list[Any]:
    known = name in table.columns
    return table.get_column(name).to_list() if known else [None] * table.height


def _ruleset(evaluation: Evaluation, rank: Rank, decimals: int) -> dict[str, Any]:
    info = evaluation.manifest.ruleset
    return {
        "digest": info.digest,
        "decimals": info.decimals,
        "shown": decimals,
        "tied": info.tied,
        "minCoverage": info.min_coverage,
        "ties": rank.ties,
        "exact": rank.exact,
    }


def _of_axis(evaluation: Evaluation, axis: NodeInfo, whole: NodeInfo) -> pl.DataFrame:
    """Return every agency's score, as it goes into the total, with its state and coverage."""
    table = evaluation.agencies
    if axis.parent == whole.id:
        part = evaluation.criteria.filter(pl.col("node") == axis.id)
        return table.select("agency").join(part, on="agency", how="left", maintain_order="left")
    # Combined for each service, it is no node of the agency's tree.
    scored = pl.when(pl.col(axis.id).is_not_null()).then(pl.lit("scored"))
    return table.select(
        pl.col(axis.id).alias("score"),
        scored.otherwise(pl.lit("missing")).alias("state"),
        pl.lit(None, dtype=pl.Float64).alias("coverage"),
    )


def _states(axis: NodeInfo, part: pl.DataFrame) -> list[int]:
    found = []
    for state, score in part.select("state", "score").iter_rows():
        forbids = state == "missing" and score is None and axis.missing == "exclude"
        found.append(FORBIDS if forbids else _STATES[state])
    return found


def _total(
    evaluation: Evaluation, file: RulesetFile, axes: Sequence[NodeInfo], whole: NodeInfo
) -> dict[str, Any]:
    """Say how the axes become the total, and whether a reader may weigh them anew."""
    why = _why_not(evaluation, file, axes, whole)
    return {
        "by": whole.aggregation,
        "with": whole.aggregation_parameters,
        "minShare": whole.min_share,
        "adjustable": not why,
        "why": {one: translate(why, one) for one in LANGUAGES} if why else None,
    }


def _why_not(
    evaluation: Evaluation, file: RulesetFile, axes: Sequence[NodeInfo], whole: NodeInfo
) -> str:
    total = evaluation.manifest.tree[0]
    if any(one.kind == "services" and one.parent == total.id for one in evaluation.manifest.tree):
        return "The axes are combined for each service, and not for each agency"
    if whole.aggregation not in _SIMPLE or (whole != total and _hangs_on(whole, total, axes, file)):
        return "The axes are combined in a way that only the program itself can follow"
    if total.round is not None or whole.round is not None:
        return "The total is rounded by a rule that only the program itself can follow"
    if len(axes) < 2:  # noqa: PLR2004 - one has no rival
        return "There is only one axis"
    if names(file.rank.among or "true") & {"total", "coverage", whole.id}:
        return "Who is ranked hangs on the total itself"
    return ""


def _hangs_on(
    whole: NodeInfo, total: NodeInfo, parts: Sequence[NodeInfo], file: RulesetFile
) -> bool:
    """Tell whether more than its weights decides what the one axis, and so the total, comes to.

    That is a total that is not just the axis, a cap of it that looks at the axis, an axis that
    counts as zero where it is missing, and criteria of which single cells forbid a score.
    """
    policies = {*file.missing.status.values(), *(part.missing for part in parts)}
    forbidding = file.missing.status and "exclude" in policies
    looking = any(whole.id in names(cap.when) for cap in file.caps)
    alone = total.aggregation == "arithmetic" and whole.missing != "zero"
    return bool(forbidding) or looking or not alone


def _among(rank: Rank, facts: pl.DataFrame, table: pl.DataFrame) -> list[int]:
    """Tell who may be ranked, whatever the coverage is."""
    if rank.among is None:
        return [1] * table.height
    return holds(rank.among, facts).cast(pl.Int8).to_list()


def _bands(evaluation: Evaluation) -> dict[str, Any] | None:
    """List the labels, in order, of the band that the ranking shows."""
    name = band_of_agencies(evaluation)
    if name is None:
        return None
    titles = evaluation.manifest.bands[name].labels
    labels = evaluation.bands.filter(pl.col("band") == name).get_column("label")
    return {"labels": [{"id": one, "title": titles_of(titles.get(one), one)} for one in labels]}


def _aliases(facts: pl.DataFrame) -> list[list[str]]:
    """List other names by which a body is known, beside those that are shown."""
    return [
        [on_one_line(one) for one in (text or "").split(";") if one.strip()]
        for text in _column(facts, "aliases")
    ]
