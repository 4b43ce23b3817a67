"""How an evaluation came about, written down: ruleset, versions, counts, tree, titles."""

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import takewhile
from typing import Any

import polars as pl

from egovrules import __version__
from egovrules._yaml_writing import written
from egovrules.dataset import Dataset, Engine
from egovrules.errors import Problem
from egovrules.parameters import Parameters
from egovrules.population import Figures
from egovrules.result import (
    EarlierInfo,
    Manifest,
    NodeInfo,
    RulesetInfo,
    RuleTitle,
    TreatmentInfo,
)
from egovrules.ruleset import Ruleset
from egovrules.titles import titles, words
from egovrules.tree import Node, outside_services, parents

_WHAT_IF = (
    "# what-if: "  # begins the lines at the head of a recorded ruleset that name its settings
)


def recorded_text(ruleset: Ruleset) -> str:
    """Write the effective ruleset as YAML; that of a what-if names its settings at its head."""
    lines = [
        f"{_WHAT_IF}{json.dumps(setting, ensure_ascii=not setting.isprintable())}\n"
        for setting in ruleset.settings
    ]
    return "".join(lines) + written(ruleset.effective)


def settings_in(text: str) -> tuple[str, ...]:
    """Return the settings that a recorded ruleset names at its head."""
    lines = takewhile(lambda line: line.startswith("#"), text.split("\n"))
    return tuple(
        _setting(line.removeprefix(_WHAT_IF)) for line in lines if line.startswith(_WHAT_IF)
    )


def _setting(written_as: str) -> str:
    try:
        found = json.loads(written_as)
        json.dumps(found, ensure_ascii=False).encode()  # no half of a character
    except (ValueError, RecursionError):  # written by hand
        return written_as
    return found if isinstance(found, str) else written_as


def ruleset_info(ruleset: Ruleset) -> RulesetInfo:
    """Say which ruleset an evaluation was made with."""
    file, period = ruleset.file, ruleset.period
    return RulesetInfo(
        id=ruleset.id,
        title=ruleset.title,
        description=file.description,
        period=period.slug if period else None,
        period_title={lang: period.display(lang) for lang in ("en", "fa")} if period else None,
        digest=ruleset.digest,
        method_digest=ruleset.method_digest,
        bridge_from=file.bridge.from_ if file.bridge else None,
        scale=(file.scale.low, file.scale.high),
        decimals=file.rank.decimals,
        tied=file.rank.tied or "",
        min_coverage=file.missing.min_coverage,
        rollup_weight=file.rollup.weight,
        settings=list(ruleset.settings),
        published=ruleset.published,
    )


def made_with(engine: Engine, more: Iterable[str] = ()) -> dict[str, str]:
    """Name the engine, and the version here of everything that an evaluation is reckoned with."""
    libraries = ("polars", "narwhals", *([engine] if engine != "polars" else []), *sorted({*more}))
    return {
        "egovrules": __version__,
        "engine": engine,
        "python": platform.python_version(),
        **{name: version(name) for name in libraries},
        "platform": f"{platform.system()} {platform.machine()}",
    }


def make_manifest(
    ruleset: Ruleset,
    dataset: Dataset,
    joined: Node,
    counts: Mapping[str, int],
    figures: Figures,
    treatments: Iterable[TreatmentInfo],
    rolled: pl.DataFrame | None,
    numbers: Mapping[str, int],
    warnings: tuple[Problem, ...],
    previous: EarlierInfo | None,
    counted: Sequence[str],
) -> Manifest:
    """Write down how an evaluation came about; titles and tree are enough to read it by."""
    file = ruleset.file
    libraries = [name for step in ruleset.treatment for name in step.treatment.libraries]
    return Manifest(
        engine=made_with(dataset.engine, libraries),
        ruleset=ruleset_info(ruleset),
        plugins=dict(ruleset.versions),
        dataset={"files": dict(dataset.files)} | ({"counted": list(counted)} if counted else {}),
        counts=dict(counts),
        population={node: dict(values) for node, values in figures.criteria.items()},
        normalised={node: dict(values) for node, values in figures.values.items()},
        treatments=list(treatments),
        unassessed=_unassessed(ruleset, rolled, counts, numbers),
        tree=_tree(joined),
        bands={
            name: RuleTitle(
                title=band.title or name,
                of=band.of,
                by=band.by,
                labels={one.name: one.title or one.name for one in band.labels}
                | {band.otherwise: band.otherwise},
            )
            for name, band in file.bands.items()
        },
        lists={
            n: RuleTitle(title=e.title or n, of=e.of, by=e.by or "") for n, e in file.lists.items()
        },
        findings={n: RuleTitle(title=e.title or n, of=e.of) for n, e in file.findings.items()},
        reconciliations={n: RuleTitle(title=e.title or n) for n, e in file.reconcile.items()},
        titles=titles(ruleset),
        words=words(ruleset),
        previous=previous,
        synthetic=dataset.synthetic,
        warnings=[str(problem) for problem in warnings],
    )


def _unassessed(
    ruleset: Ruleset,
    rolled: pl.DataFrame | None,
    counts: Mapping[str, int],
    numbers: Mapping[str, int],
) -> dict[str, dict[str, int]]:
    """Count why services have no value to be banded by: missing, or not applicable."""
    found: dict[str, dict[str, int]] = {}
    nodes = {one.name: one.node for one in ruleset.rules.derive if one.node is not None}
    for name, band in ruleset.file.bands.items():
        node = nodes.get(band.by)
        if rolled is None or band.of != "services" or node is None or node not in numbers:
            continue
        number = numbers[node]
        scored = int(rolled[f"_eg_n_{number}"].sum())
        off = f"_eg_off{number}"
        not_applicable = int(rolled[off].sum()) if off in rolled.columns else 0
        found[name] = {
            "missing": counts["services"] - scored - not_applicable,
            "not_applicable": not_applicable,
        }
    return found


def _parameters(method: Parameters | None) -> dict[str, Any]:
    return method.model_dump(mode="json") if method else {}


def _tree(joined: Node) -> list[NodeInfo]:
    above, outside = parents(joined), {node.id for node in outside_services(joined)}
    return [
        NodeInfo(
            id=node.id,
            parent=above.get(node.id),
            kind=node.kind,
            title=node.title,
            weight=node.weight,
            missing=node.missing,
            aggregation=node.aggregation.id if node.aggregation else None,
            aggregation_parameters=_parameters(node.aggregation),
            min_share=node.min_share,
            round=(node.round.decimals, node.round.rule) if node.round else None,
            normalisation=node.normalisation.id if node.normalisation else None,
            normalisation_parameters=_parameters(node.normalisation),
            direction=node.direction,
            level=node.level,
            criterion=node.criterion.id if node.criterion else None,
            formula=(type(node.criterion).__doc__ or "").strip() if node.criterion else "",
            parameters=_parameters(node.criterion),
            pooled=node.pooled,
            inside=node.id not in outside,
        )
        for node in joined.walk()
    ]
