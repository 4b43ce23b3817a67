"""``evaluate``: the walk from a ruleset and a dataset to an :class:`Evaluation`, step by step."""

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl
import yaml

from egovrules import __version__, classification, growth
from egovrules._yaml import parse
from egovrules.agencies import agency_table, node_table, outside_services, score_agencies
from egovrules.contract import Prepared, prepare
from egovrules.dataset import Dataset
from egovrules.errors import EgovrulesError, EvaluationError, Problem
from egovrules.nodes import MISSING, NOT_APPLICABLE, STATES, t
from egovrules.plan import Plan, band_column, number_nodes, plan_services, scoped, sums
from egovrules.result import Evaluation, Manifest, NodeInfo, RulesetInfo, RuleTitle
from egovrules.rollup import UNWEIGHTED
from egovrules.ruleset import Ruleset
from egovrules.scoring import local, needs, population
from egovrules.soundness import outside_scale
from egovrules.tree import Node, join_services, parents


def evaluate(
    ruleset: Ruleset, dataset: Dataset, *, previous: Evaluation | None = None
) -> Evaluation:
    """Score, rank and classify every agency of a dataset.

    Args:
        ruleset: What counts as good.
        dataset: Agencies and, where the ruleset scores them, services.
        previous: An earlier evaluation, for growth.

    Raises:
        DatasetError: When the data break the contract of what the ruleset reads.
        ComparisonError: When *previous* was made by another method and no bridge is declared.
        EvaluationError: When a criterion yields something that is no score.
    """
    joined = join_services(ruleset.root, ruleset.file.rollup.after)
    numbers = number_nodes(ruleset.root, joined)
    wanted = needs(ruleset)
    prepared = prepare(dataset, wanted)
    _check_services(ruleset, prepared)
    if previous is not None:
        info = ruleset_info(ruleset)
        growth.check_comparable(info, previous.manifest.ruleset)

    agencies = scoped(prepared.agencies, ruleset, "agencies")
    services, counts = _services_in_scope(ruleset, prepared, agencies)
    figures = population(agencies, ruleset.root.criteria("agency"))
    plan = None
    rolled: pl.DataFrame | None = None
    if services is not None:
        figures |= population(services, ruleset.root.criteria("service"))
        statuses = prepared.statuses.get("services", frozenset())
        plan = plan_services(ruleset, services, joined, numbers, figures, statuses)
        rolled = local(sums(ruleset, plan)).to_native()
        keyed = nw.from_native(rolled).rename({"agency": "code"})
        agencies = agencies.join(keyed, on="code", how="left")
    counts["agencies"] = agencies.shape[0]
    statuses = prepared.statuses.get("agencies", frozenset())
    working = score_agencies(ruleset, agencies, plan, joined, numbers, figures, statuses)
    working = working.sort("code")

    table = agency_table(working, ruleset, joined, numbers)
    table = classification.rank_agencies(table, ruleset)
    table = growth.with_growth(table, previous)
    table = table.sort(
        ["rank", "total", "agency"], descending=[False, True, False], nulls_last=True
    )
    known = _with_indicators(table, prepared, agencies)
    known = classification.band_agencies(known, ruleset)
    table = known.select(*table.columns, *[c for c in known.columns if c.startswith("band_")])
    bands = classification.count_bands(ruleset, table, rolled)
    flagged = classification.flag_services(ruleset, plan) if plan else None
    warnings = (
        *ruleset.warnings,
        *prepared.warnings,
        *_weight_warnings(ruleset, rolled),
        *outside_scale(working.to_native(), joined, numbers, ruleset.file.scale),
    )
    manifest = _manifest(ruleset, dataset, joined, counts, figures, rolled, numbers, warnings)
    return Evaluation(
        manifest=manifest,
        ruleset_text=ruleset_text(ruleset),
        agencies=table,
        criteria=node_table(working, joined, numbers),
        bands=bands,
        lists=classification.make_lists(ruleset, known, flagged),
        findings=classification.make_findings(ruleset, known, flagged),
        reconciliations=classification.reconcile(ruleset, counts, bands),
        vanished=growth.vanished(table, previous),
        warnings=warnings,
        _services=lambda: service_table(ruleset, plan),
        _inputs=lambda: _inputs(prepared),
        _dataset_digest=lambda: dataset.digest,
    )


def _with_indicators(table: pl.DataFrame, prepared: Prepared, agencies: Any) -> pl.DataFrame:
    """Add the agencies' own indicators, which bands, lists and findings may name."""
    own = [name for name in prepared.agencies.columns if name not in table.columns]
    facts: pl.DataFrame = agencies.select(*own).to_native()
    return table.join(
        facts.with_columns(agencies.get_column("code").to_native().alias("agency")),
        on="agency",
        how="left",
        maintain_order="left",
    )


def _check_services(ruleset: Ruleset, prepared: Prepared) -> None:
    if prepared.services is None and ruleset.root.criteria("service"):
        names = ", ".join(node.id for node in ruleset.root.criteria("service")[:5])
        raise EvaluationError.of(
            f"the ruleset scores services ({names}, …), and the dataset has none",
            hint="add a table `services`, or use a ruleset for agencies only",
        )


def _services_in_scope(
    ruleset: Ruleset, prepared: Prepared, agencies: Any
) -> tuple[Any, dict[str, int]]:
    """Filter the services: in scope themselves, and of an agency in scope; and count them."""
    everyone = prepared.agencies.shape[0]
    counts = {"agencies_out_of_scope": everyone - agencies.shape[0]}
    if prepared.services is None:
        return None, counts | {"services": 0, "services_out_of_scope": 0}
    services = scoped(prepared.services, ruleset, "services")
    if counts["agencies_out_of_scope"]:
        services = services.filter(nw.col("agency").is_in(agencies.get_column("code").to_list()))
    within = int(local(services.select(nw.len().alias("n"))).item())
    whole = int(local(prepared.services.select(nw.len().alias("n"))).item())
    return services, counts | {"services": within, "services_out_of_scope": whole - within}


def service_table(ruleset: Ruleset, plan: Plan | None) -> pl.DataFrame:
    """Make the table of services in scope; see :attr:`Evaluation.services`."""
    if plan is None:
        return pl.DataFrame(schema={"service": pl.String, "agency": pl.String})
    columns = plan.frame.collect_schema().names()
    own = [c for c in ("name", "name_en", "name_fa") if c in columns]
    chosen = [nw.col("code").alias("service"), nw.col("agency"), *[nw.col(c) for c in own]]
    if plan.weight is not None:
        chosen.append(nw.col(plan.weight).cast(nw.Float64).alias("weight"))
    chosen += [nw.col(column).alias(name) for name, column in plan.fields.items()]
    bands = {n: b for n, b in ruleset.file.bands.items() if b.of == "services"}
    chosen += [nw.col(band_column(name)).alias(f"band_{name}") for name in bands]
    for part in plan.parts:
        node = part.node.id
        chosen.append(nw.col(part.score).alias(node))
        if part.rows is None:
            chosen.append(nw.col(t(part.number)).alias(f"{node}.state"))
            continue
        names = part.rows.columns
        state = nw.when(nw.col(names.score).is_null()).then(nw.lit(MISSING)).otherwise(nw.lit(0))
        if part.rows.may_be_off:
            state = nw.when(nw.col(names.off) == 1).then(nw.lit(NOT_APPLICABLE)).otherwise(state)
        chosen.append(state.alias(f"{node}.state"))
        if part.rows.by_status:
            chosen.append((nw.col(names.zero) == 1).alias(f"{node}.zero"))
        if part.node.pooled:
            chosen.append(nw.col(names.numerator).alias(f"{node}.numerator"))
            chosen.append(nw.col(names.denominator).alias(f"{node}.denominator"))
    table: pl.DataFrame = local(plan.frame.select(*chosen)).to_native()
    states = [c for c in table.columns if c.endswith(".state")]
    labels = {
        f"band_{name}": dict(enumerate([*(one.name for one in band.labels), band.otherwise]))
        for name, band in bands.items()
    }
    return table.with_columns(
        *[
            pl.col(c).replace_strict(dict(enumerate(STATES)), return_dtype=pl.String)
            for c in states
        ],
        *[pl.col(c).replace_strict(names, return_dtype=pl.String) for c, names in labels.items()],
    ).sort("agency", "service")


def _inputs(prepared: Prepared) -> dict[str, pl.DataFrame]:
    found: dict[str, pl.DataFrame] = {"agencies": prepared.agencies.to_native()}
    if prepared.services is not None:
        found["services"] = local(prepared.services).to_native()
    return found


def _weight_warnings(ruleset: Ruleset, rolled: pl.DataFrame | None) -> tuple[Problem, ...]:
    """Tell of services that the rollup's weight leaves out."""
    weight = ruleset.file.rollup.weight
    if weight is None or rolled is None:
        return ()
    left_out = int(rolled[UNWEIGHTED].sum())
    if not left_out:
        return ()
    return (
        Problem(
            f"{left_out} services have no '{weight}' and are left out of weighted means; "
            "where none of an agency's services has one, they weigh equally",
            severity="warning",
        ),
    )


def ruleset_text(ruleset: Ruleset) -> str:
    """Write the effective ruleset as YAML that reads back to the same."""
    data = dict(ruleset.effective)
    text = _dump(data)
    try:
        same = parse(text, "effective ruleset").data == data
    except EgovrulesError:
        same = False
    # A text such as 1e3 needs quotes that YAML 1.1 does not know of; JSON quotes every text.
    return text if same else _dump(data, default_style='"')


def _dump(data: Mapping[str, Any], default_style: str | None = None) -> str:
    return yaml.dump(
        data,
        Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper),  # libyaml where PyYAML has it
        allow_unicode=True,
        sort_keys=False,
        width=100,
        default_style=default_style,
    )


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
        min_coverage=file.missing.min_coverage,
        rollup_weight=file.rollup.weight,
    )


def _manifest(
    ruleset: Ruleset,
    dataset: Dataset,
    joined: Node,
    counts: Mapping[str, int],
    figures: Mapping[str, Mapping[str, Any]],
    rolled: pl.DataFrame | None,
    numbers: Mapping[str, int],
    warnings: tuple[Problem, ...],
) -> Manifest:
    file = ruleset.file
    return Manifest(
        engine={"egovrules": __version__, "engine": dataset.engine, "polars": pl.__version__},
        ruleset=ruleset_info(ruleset),
        plugins=dict(ruleset.versions),
        dataset={"files": dict(dataset.files)},
        counts=dict(counts),
        population={node: dict(values) for node, values in figures.items()},
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
            aggregation=node.aggregation.name if node.aggregation else None,
            level=node.level,
            criterion=node.criterion.id if node.criterion else None,
            formula=(type(node.criterion).__doc__ or "").strip() if node.criterion else "",
            parameters=node.criterion.model_dump(mode="json") if node.criterion else {},
            pooled=node.pooled,
            inside=node.id not in outside,
        )
        for node in joined.walk()
    ]
