"""Which columns a ruleset reads, and what each must hold: what the contract is checked for."""

from dataclasses import replace
from operator import itemgetter

from egovrules.contract import Need
from egovrules.entries import Subjects
from egovrules.parameters import Indicator, Parameters, Read
from egovrules.placed import Placed, placed_conditions, subjects_of
from egovrules.ruleset import Ruleset
from egovrules.text import LANGUAGES, pick, placeholders


def needs(ruleset: Ruleset) -> dict[Subjects, list[Need]]:
    """Return every column that an evaluation reads, with its contract, by table."""
    found: dict[Subjects, list[Need]] = {"services": [], "agencies": []}
    for node in ruleset.root.criteria():
        assert node.criterion is not None  # noqa: S101 - criteria() yields nothing else
        table: Subjects = "services" if node.level == "service" else "agencies"
        by = f"criterion {node.id}"
        found[table] += [_read_need(by, node.criterion, read) for read in node.criterion.reads()]
    for step in ruleset.treatment:
        reads = step.treatment.reads()
        found["agencies"] += [_read_need(step.name, step.treatment, read) for read in reads]
    for table, field, by in sorted(_named(ruleset), key=itemgetter(1, 2)):
        indicator = ruleset.indicators[table].get(field)
        if indicator is not None:
            found[table].append(_field_need(field, by, indicator))
    return found


def history_needs(ruleset: Ruleset) -> list[Need]:
    """Return the columns that steps of treatment look up in the table ``history``."""
    return [
        replace(
            _field_need(column, step.name, ruleset.indicators["agencies"][column]), required=True
        )
        for step in ruleset.treatment
        if step.treatment.historical
        for column in step.of
    ]


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
    found |= {("agencies", column, "ranking of agencies") for column in file.rank.within}
    found |= {("agencies", name, step.name) for step in ruleset.treatment for name in step.of}
    if file.rollup.weight is not None:
        found.add(("services", file.rollup.weight, "rollup"))
    return found


def _reader(placed: Placed) -> str:
    """Name what a condition belongs to, for messages."""
    if placed.kind == "cap":
        return ".".join(map(str, placed.loc[:-1]))
    kinds = {"scope": "scope of", "derive": "derived value", "rank": "ranking of"}
    kind = kinds.get(placed.kind, placed.kind)
    return f"{kind} {placed.name}"


def _read_need(by: str, reader: Parameters, read: Read) -> Need:
    need, bound = _field_need(read.column, by, read.indicator), read.indicator.at_most
    return replace(need, at_most=getattr(reader, bound)) if bound else need


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
