"""Which columns a ruleset reads, and what each must hold: what the contract is checked for."""

from operator import itemgetter

from egovrules.contract import Need
from egovrules.criteria import Criterion, Indicator, Read
from egovrules.entries import Subjects
from egovrules.placed import Placed, placed_conditions, subjects_of
from egovrules.ruleset import Ruleset
from egovrules.text import LANGUAGES, pick, placeholders
from egovrules.tree import Node


def needs(ruleset: Ruleset) -> dict[Subjects, list[Need]]:
    """Return every column that an evaluation reads, with its contract, by table."""
    found: dict[Subjects, list[Need]] = {"services": [], "agencies": []}
    for node in ruleset.root.criteria():
        assert node.criterion is not None  # noqa: S101 - criteria() yields nothing else
        table: Subjects = "services" if node.level == "service" else "agencies"
        found[table] += [_read_need(node, node.criterion, read) for read in node.criterion.reads()]
    for table, field, by in sorted(_named(ruleset), key=itemgetter(1, 2)):
        indicator = ruleset.indicators[table].get(field)
        if indicator is not None:
            found[table].append(_field_need(field, by, indicator))
    return found


def _named(ruleset: Ruleset) -> set[tuple[Subjects, str, str]]:
    """Return what conditions, lists, messages and the rollup name: table, field and by whom."""
    file = ruleset.file
    found: set[tuple[Subjects, str, str]] = {
        (one.subjects, field, _reader(one))
        for one in placed_conditions(ruleset)
        for field in one.condition.fields
    }
    for derived in ruleset.rules.derive:  # those that are calculations, too
        if derived.condition is not None:
            by = f"derived value {derived.name}"
            found |= {(subjects_of(derived), field, by) for field in derived.condition.fields}
    for name, entry in file.lists.items():
        if entry.by is not None:
            found.add((entry.of, entry.by, f"list {name}"))
    for name, finding in file.findings.items():
        for language in LANGUAGES:
            message = pick(finding.message, language)
            found |= {(finding.of, field, f"finding {name}") for field in placeholders(message)}
    if file.rollup.weight is not None:
        found.add(("services", file.rollup.weight, "rollup"))
    return found


def _reader(placed: Placed) -> str:
    """Name what a condition belongs to, for messages."""
    if placed.kind == "cap":
        return ".".join(map(str, placed.loc[:-1]))
    kind = {"scope": "scope of", "derive": "derived value"}.get(placed.kind, placed.kind)
    return f"{kind} {placed.name}"


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
