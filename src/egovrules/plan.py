"""The walk of the services: from the columns they came with to one row of sums per agency.

Everything here stays lazy and runs where the services live. The same working frame serves the
rollup, the bands, the lists and findings of services, and the table of services itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from egovrules import nodes
from egovrules.conditions import Condition
from egovrules.entries import Subjects
from egovrules.population import Figures
from egovrules.rollup import Rolled, roll_up
from egovrules.rules import BoundLabel, Derived
from egovrules.ruleset import Ruleset
from egovrules.scoring import Rows, score_rows
from egovrules.tree import Node


@dataclass(frozen=True)
class Plan:
    """The services of an evaluation, scored but not yet summed.

    Attributes:
        frame: Services in scope with working columns, lazy, on the dataset's engine.
        rows: The criteria that score services, by node id.
        parts: What is rolled up, in the order of the joined tree.
        fields: Column of every field of a condition on services whose name differs from it.
        weight: Column that weighs services, or None.
    """

    frame: Any
    rows: Mapping[str, Rows]
    parts: tuple[Rolled, ...]
    fields: Mapping[str, str]
    weight: str | None


def number_nodes(root: Node, joined: Node) -> dict[str, int]:
    """Number every node of the tree as written, and the ``services`` nodes of the joined tree."""
    ids = [node.id for node in root.walk()] + [node.id for node in joined.walk()]
    return {name: number for number, name in enumerate(dict.fromkeys(ids))}


def plan_services(
    ruleset: Ruleset,
    frame: Any,
    joined: Node,
    numbers: Mapping[str, int],
    figures: Figures,
    statuses: frozenset[str],
) -> Plan:
    """Score the services in scope, and name the values and bands that are derived from scores."""
    criteria = ruleset.root.criteria("service")
    frame, scored = score_rows(frame, numbers, ruleset, criteria, figures, statuses)
    rows = {one.node.id: one for one in scored}
    parts: list[Rolled] = []
    for node in joined.walk():
        if node.kind == "services":
            frame = nodes.combine_rows(frame, node, rows, numbers, ruleset.file.scale.low)
            parts += [Rolled(one, numbers[one.id]) for one in node.walk() if one.children]
    parts += [Rolled(one.node, numbers[one.node.id], one) for one in scored]
    frame, fields = _derive(ruleset, frame, rows)
    bands = {
        band_column(name): band_index(ruleset.rules.bands[name], fields)
        for name, band in ruleset.file.bands.items()
        if band.of == "services"
    }
    frame = frame.with_columns(**bands) if bands else frame
    return Plan(frame, rows, tuple(parts), fields, ruleset.file.rollup.weight)


def sums(ruleset: Ruleset, plan: Plan) -> Any:
    """Roll everything up: one lazy frame with one row per agency that has services in scope."""
    extra: dict[str, nw.Expr] = {}
    for name, band in ruleset.file.bands.items():
        if band.of == "services":
            for index in range(len(band.labels) + 1):
                hit = nw.col(band_column(name)) == index
                extra[count_column(name, index)] = hit.cast(nw.Int8)
    for derived in ruleset.rules.derive:
        if derived.operation is not None:
            extra |= over_services(derived, plan.fields)
    return roll_up(plan.frame, plan.parts, plan.weight, extra)


def band_column(name: str) -> str:
    """Name the column that holds the number of a subject's label."""
    return f"_eg_band_{name}"


def count_column(name: str, index: int) -> str:
    """Name the column that counts an agency's services with a label."""
    return f"_eg_band_{name}_{index}"


def band_index(labels: tuple[BoundLabel, ...], fields: Mapping[str, str]) -> nw.Expr:
    """Give the number of the first label whose tests are all true, else the number of labels."""
    index = nw.lit(len(labels))
    for number in reversed(range(len(labels))):
        fits = all_true(labels[number].tests, fields)
        index = nw.when(fits).then(nw.lit(number)).otherwise(index)
    return index


def all_true(tests: tuple[Condition, ...], fields: Mapping[str, str]) -> nw.Expr:
    """Tell where all conditions are true; unknown is not true."""
    return nw.all_horizontal(*[test.expression(fields) for test in tests], ignore_nulls=False)


def over_services(derived: Derived, fields: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Give the columns whose sums per agency a value over services is computed from."""
    assert derived.condition is not None  # noqa: S101 - operations always run over one
    value = derived.condition.expression(fields)
    known = (~value.is_null()).cast(nw.Int8)
    name = f"_eg_over_{derived.name}"
    if derived.condition.type == "boolean":
        value = value.cast(nw.Int8)
    return {name: value.cast(nw.Float64), f"{name}_known": known}


def settle_over(derived: Derived, services: str) -> nw.Expr:
    """Turn such sums into the value: unknown where no service is known, 0 where there is none.

    ``share`` (0 to 1) is of the services for which the condition is known; ``any`` is unknown
    rather than false while a service that is unknown might still make it true.
    """
    name = f"_eg_over_{derived.name}"
    total = nw.col(name).cast(nw.Float64).fill_null(0.0)
    known = nw.col(f"{name}_known").cast(nw.Float64).fill_null(0.0)
    everyone = nw.col(services).cast(nw.Float64).fill_null(0.0)
    if derived.operation in ("sum", "count"):
        return nw.when((known > 0) | (everyone == 0)).then(total)
    if derived.operation == "any":
        return nw.when((total > 0) | (known == everyone)).then(total > 0)
    return nw.when(known > 0).then(total / known)


def _derive(ruleset: Ruleset, frame: Any, rows: Mapping[str, Rows]) -> tuple[Any, dict[str, str]]:
    """Add the values that services derive, one after the other, and where each is found."""
    fields: dict[str, str] = {}
    for derived in ruleset.rules.derive:
        if "service" not in derived.levels:
            continue
        if derived.node is not None:
            fields[derived.name] = rows[derived.node].columns.score
        elif derived.condition is not None:
            column = f"_eg_derived_{derived.name}"
            expression = derived.condition.expression(fields)
            frame = frame.with_columns(expression.alias(column))
            fields[derived.name] = column
    return frame, fields


def scoped(frame: Any, ruleset: Ruleset, subjects: Subjects) -> Any:
    """Keep the subjects for which the ruleset's scope is true."""
    condition = ruleset.rules.scope[subjects]
    if condition is None:
        return frame
    here = condition.expression()
    # What names no field has no rows of its own, and a filter refuses that; every row has a code.
    return frame.filter(here if condition.fields else here & ~nw.col("code").is_null())
