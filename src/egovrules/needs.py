"""Which columns a ruleset reads, and what each must hold: what the contract is checked for."""

from egovrules.conditions import Condition
from egovrules.contract import Need
from egovrules.criteria import Criterion, Indicator, Read
from egovrules.ruleset import Ruleset
from egovrules.schema import Subjects
from egovrules.text import LANGUAGES, pick, placeholders
from egovrules.tree import Node


def needs(ruleset: Ruleset) -> dict[Subjects, list[Need]]:
    """Return every column that an evaluation reads, with its contract, by table."""
    found: dict[Subjects, list[Need]] = {"services": [], "agencies": []}
    for node in ruleset.root.criteria():
        assert node.criterion is not None  # noqa: S101 - criteria() yields nothing else
        table: Subjects = "services" if node.level == "service" else "agencies"
        found[table] += [_read_need(node, node.criterion, read) for read in node.criterion.reads()]
    rules, caps = ruleset.rules, [cap for node in ruleset.root.walk() for cap in node.caps]
    conditions: list[tuple[str, Condition | None]] = [
        *((f"scope of {subjects}", one) for subjects, one in rules.scope.items()),
        *((f"derived value {one.name}", one.condition) for one in rules.derive),
        *(
            (f"band {name}", test)
            for name, labels in rules.bands.items()
            for label in labels
            for test in label.tests
        ),
        *((f"list {name}", one) for name, one in rules.lists.items()),
        *((f"finding {name}", one) for name, one in rules.findings.items()),
        *((cap.where, cap.condition) for cap in caps),
    ]
    named = {(field, by) for by, one in conditions if one is not None for field in one.fields}
    named |= {(entry.by, f"list {name}") for name, entry in ruleset.file.lists.items() if entry.by}
    named |= {
        (field, f"finding {name}")
        for name, entry in ruleset.file.findings.items()
        for language in LANGUAGES
        for field in placeholders(pick(entry.message, language))
    }
    if ruleset.file.rollup.weight is not None:
        named.add((ruleset.file.rollup.weight, "rollup"))
    for field, by in sorted(named):
        for table, wanted in found.items():
            indicator = ruleset.indicators[table].get(field)
            if indicator is not None and _meant(ruleset, table, field, by):
                wanted.append(_field_need(field, by, indicator))
    return found


def _meant(ruleset: Ruleset, table: Subjects, field: str, by: str) -> bool:
    """Tell whether a rule that names a field means this table's column of that name."""
    kind, _, name = by.partition(" ")
    other: Subjects = "agencies" if table == "services" else "services"
    if field not in ruleset.indicators[other]:
        return True
    file = ruleset.file
    if kind == "band":
        return file.bands[name].of == table
    if kind == "list":
        return file.lists[name].of == table
    if kind == "finding":
        return file.findings[name].of == table
    return kind != "scope" or name == f"of {table}"


def _read_need(node: Node, criterion: Criterion, read: Read) -> Need:
    one = read.indicator
    return Need(
        column=read.column,
        type=one.type,
        by=f"criterion {node.id}",
        low=one.low,
        high=one.high,
        values=one.values,
        required=not one.optional,
        at_most=getattr(criterion, one.at_most) if one.at_most else None,
    )


def _field_need(field: str, by: str, one: Indicator) -> Need:
    return Need(
        column=field,
        type=one.type,
        by=by,
        low=one.low,
        high=one.high,
        values=one.values,
        required=not one.optional,
        at_most=None,
    )
