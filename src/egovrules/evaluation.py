"""``evaluate``: the walk from a ruleset and a dataset to an :class:`Evaluation`, step by step."""

from typing import Any

import narwhals as nw
import polars as pl

from egovrules import classification, growth, placing
from egovrules.agencies import score_agencies
from egovrules.agency_tables import agency_table, node_table
from egovrules.contract import Prepared, prepare
from egovrules.dataset import Dataset
from egovrules.errors import EvaluationError, Problem
from egovrules.folding import LEDGERS
from egovrules.manifest import make_manifest, recorded_text, ruleset_info
from egovrules.needs import history_needs, needs
from egovrules.nodes import MISSING, NOT_APPLICABLE, STATES, t
from egovrules.plan import Plan, band_column, number_nodes, plan_services, scoped, sums
from egovrules.population import IN_ORDER, local, measure
from egovrules.result import Evaluation
from egovrules.rollup import UNWEIGHTED
from egovrules.ruleset import Ruleset
from egovrules.soundness import outside_scale, undone_means, without_values
from egovrules.treating import treat
from egovrules.tree import join_services


def evaluate(
    ruleset: Ruleset, dataset: Dataset, *, previous: Evaluation | growth.Previous | None = None
) -> Evaluation:
    """Score, rank and classify every agency of a dataset.

    Args:
        ruleset: What counts as good.
        dataset: Agencies and, where the ruleset scores them, services.
        previous: An earlier evaluation, or what growth needs of one.

    Raises:
        DatasetError: When the data break the contract of what the ruleset reads.
        ComparisonError: When *previous* was made by another method and no bridge is declared.
        EvaluationError: When a criterion yields something that is no score.
    """
    joined = join_services(ruleset.root, ruleset.file.rollup.after)
    numbers = number_nodes(ruleset.root, joined)
    wanted = needs(ruleset)
    prepared = prepare(dataset, wanted, history_needs(ruleset))
    _check_services(ruleset, prepared)
    if isinstance(previous, Evaluation):
        previous = growth.Previous.of(previous)
    text = recorded_text(ruleset)
    if previous is not None:
        growth.check_comparable(ruleset_info(ruleset), text, ruleset.versions, previous)

    # By code, so that a sum has the same last digit however the rows stand in the file.
    agencies = scoped(prepared.agencies, ruleset, "agencies").sort("code")
    treated = treat(ruleset, agencies, prepared.history)
    agencies = treated.frame
    services, counts = _services_in_scope(ruleset, prepared, agencies)
    at_agencies = prepared.statuses.get("agencies", frozenset())
    agencies, figures = measure(agencies, ruleset.root.criteria("agency"), numbers, at_agencies)
    plan = None
    rolled: pl.DataFrame | None = None
    if services is not None:
        in_order = counts["services"] <= IN_ORDER
        at_services = prepared.statuses.get("services", frozenset())
        criteria = ruleset.root.criteria("service")
        if in_order and services.implementation.is_polars():
            # As with agencies; and at once, or Polars would leave out what seems to change nothing.
            services = local(services.sort("code"), in_order=True).lazy()
        services, found = measure(services, criteria, numbers, at_services, in_order=in_order)
        figures |= found
        plan = plan_services(ruleset, services, joined, numbers, figures, at_services)
        rolled = local(sums(ruleset, plan), in_order=in_order).to_native()
        keyed = nw.from_native(rolled).rename({"agency": "code"})
        agencies = agencies.join(keyed, on="code", how="left")
    counts["agencies"] = agencies.shape[0]
    working = score_agencies(ruleset, agencies, plan, joined, numbers, figures, at_agencies)
    working = working.sort("code")

    table = agency_table(working, ruleset, joined, numbers)
    known = _with_indicators(table, prepared, agencies)
    table = placing.rank_agencies(table, known, ruleset)
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
        *treated.warnings,
        *figures.warnings,
        *_weight_warnings(ruleset, rolled),
        *without_values(working.to_native(), joined, numbers, figures),
        *outside_scale(working.to_native(), joined, numbers, ruleset.file.scale),
        *undone_means(working.to_native(), joined, numbers),
    )
    manifest = make_manifest(
        ruleset,
        dataset,
        joined,
        counts,
        figures,
        treated.done,
        rolled,
        numbers,
        warnings,
        None if previous is None else previous.info,
        prepared.counted,
    )
    return Evaluation(
        manifest=manifest,
        ruleset_text=text,
        agencies=table,
        criteria=placing.rank_nodes(node_table(working, joined, numbers), table, ruleset),
        bands=bands,
        lists=classification.make_lists(ruleset, known, flagged),
        findings=classification.make_findings(ruleset, known, flagged),
        reconciliations=classification.reconcile(ruleset, counts, bands),
        vanished=growth.vanished(table, previous),
        warnings=warnings,
        treatments=treated.table,
        _services=lambda: service_table(ruleset, plan),
        _inputs=lambda: (
            _inputs(prepared, previous, synthetic=dataset.synthetic)
            | _ledgers(prepared, table["agency"], plan)
        ),
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
        if part.node.caps:
            chosen.append(nw.col(names.uncapped).alias(f"{node}.uncapped"))
            chosen.append(nw.col(names.cap).alias(f"{node}.cap"))
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


def _inputs(
    prepared: Prepared, previous: growth.Previous | None, *, synthetic: bool
) -> dict[str, pl.DataFrame]:
    """Collect what was read, so that it makes the same evaluation again."""
    agencies: pl.DataFrame = prepared.agencies.to_native()
    if synthetic and "synthetic" not in agencies.columns:
        agencies = agencies.with_columns(pl.lit(value=True).alias("synthetic"))
    found = {"agencies": agencies}
    if prepared.services is not None:
        found["services"] = local(prepared.services).to_native()
    if prepared.history is not None:
        found["history"] = prepared.history.to_native()
    if previous is not None:
        found["previous"] = previous.agencies
    return found


def _ledgers(prepared: Prepared, agencies: pl.Series, plan: Plan | None) -> dict[str, pl.DataFrame]:
    """Collect the links and answers of those in scope, however they stand in their files."""
    if prepared.links is None and not prepared.answers:
        return {}
    services = pl.Series(dtype=pl.String)
    if plan is not None:
        services = local(plan.frame.select("code")).to_native()["code"]
    found = {}
    if prepared.links is not None:
        links: pl.DataFrame = local(prepared.links).to_native()
        own = links.filter(pl.col("consumer").is_in(services.implode()))
        found["links"] = own.sort(own.columns)
    if prepared.answers:
        subjects = {"agencies": agencies, "services": services}
        of, *columns = LEDGERS["answers"]
        found["answers"] = pl.concat(
            answers.filter(pl.col("subject").is_in(subjects[name].implode())).select(
                pl.lit(name).alias(of), *columns
            )
            for name, answers in prepared.answers.items()
        ).sort(of, "subject", "indicator")
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
