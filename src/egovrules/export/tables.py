"""The tables that leave an evaluation, their keys, and how they hang together."""

import polars as pl
import polars.selectors as cs

from egovrules import verification
from egovrules.export.meanings import KNOWN
from egovrules.result import TABLES, Evaluation, Manifest
from egovrules.text import pick

# What names a row of a table; where it has other columns, it has no key.
KEYS = {**verification.KEYS, "nodes": ("node",), "codebook": ("table", "column")}
# Columns that name a row of another table.
REFERENCES = {
    "nodes": {"parent": ("nodes", "node")},
    "criteria": {"agency": ("agencies", "agency"), "node": ("nodes", "node")},
    "services": {"agency": ("agencies", "agency")},
    "lists": {"agency": ("agencies", "agency")},
    "findings": {"agency": ("agencies", "agency")},
    "treatments": {"agency": ("agencies", "agency")},
}
_TITLES = {
    "agencies": "Agencies",
    "nodes": "Axes and criteria",
    "criteria": "Scores by criterion",
    "services": "Services",
    "bands": "Bands",
    "lists": "Lists",
    "findings": "Findings",
    "reconciliations": "Reconciliations",
    "vanished": "Vanished bodies",
    "treatments": "Treatments",
    "codebook": "Codebook",
}


def tables_of(evaluation: Evaluation, language: str = "en") -> dict[str, pl.DataFrame]:
    """Return every table of an evaluation, and the tree as table ``nodes``, with plain cells.

    Args:
        evaluation: What to take them from; its services are computed or read by this.
        language: Of the nodes' titles.

    Returns:
        Tables by name, without those that are empty as nothing of the kind was asked for (the
        services of an index). Numbers that are none (NaN, infinities) are null.
    """
    found = {"agencies": evaluation.agencies, "nodes": nodes(evaluation.manifest, language)}
    found |= {"criteria": evaluation.criteria, "services": evaluation.services}
    found |= {name: getattr(evaluation, name) for name in TABLES if name not in found}
    found["vanished"] = evaluation.vanished
    manifest = evaluation.manifest
    asked = {
        "services": _has_services(manifest),
        "bands": manifest.bands,
        "lists": manifest.lists,
        "findings": manifest.findings,
        "reconciliations": manifest.reconciliations,
        "treatments": manifest.treatments,
        "vanished": manifest.previous,
    }
    return {
        name: plain(table) for name, table in found.items() if table.height or asked.get(name, True)
    }


def _has_services(manifest: Manifest) -> bool:
    """Tell whether services are counted or scored, be there none in this round."""
    counted = any(manifest.counts.get(f"services{one}", 0) for one in ("", "_out_of_scope"))
    return counted or any(node.level == "service" for node in manifest.tree)


def title_of(table: str) -> str:
    """Return the English title of a table."""
    return _TITLES.get(table, table.replace("_", " ").capitalize())


def nodes(manifest: Manifest, language: str) -> pl.DataFrame:
    """Make one row per node of the tree, parents first."""
    rows = [
        (
            node.id,
            node.parent,
            node.kind,
            pick(node.title, language, node.id),
            node.weight,
            node.missing,
            node.level,
            node.criterion,
            node.aggregation,
            node.normalisation,
            node.direction,
            node.formula or None,
        )
        for node in manifest.tree
    ]
    schema = dict.fromkeys(KNOWN["nodes"], pl.String) | {"weight": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def plain(table: pl.DataFrame) -> pl.DataFrame:
    """Make numbers that are none (NaN, infinities) null, and text of anything out of the way."""
    other = ~(cs.string() | cs.integer() | cs.float() | cs.boolean())
    finite = pl.when(cs.float().is_finite()).then(cs.float())
    return table.with_columns(finite, other.cast(pl.String))
