"""What columns, and texts in them, are called: as the ruleset says, else as the criteria do.

Titles decide nothing. They are recorded with an evaluation, so that reading it needs no plugin.
"""

from collections.abc import Iterator, Mapping

from egovrules.binding.criteria import plain
from egovrules.entries import IndicatorEntry
from egovrules.parameters import Title
from egovrules.placed import placed_nodes
from egovrules.ruleset import Ruleset
from egovrules.text import Localised


def titles(ruleset: Ruleset) -> dict[str, dict[str, Localised]]:
    """Return the titles of the columns that a ruleset reads and of the values that it derives.

    Of a column the first title holds of those that the ruleset gives it under ``indicators:``,
    that a criterion or a step of treatment gives to what it reads, and that the ruleset gives to
    the criterion which reads this column alone. One that has none of these is left out.
    """
    found: dict[str, dict[str, Localised]] = {"services": {}, "agencies": {}}
    for table, name, title in (*_declared(ruleset), *_of_readers(ruleset), *_of_criteria(ruleset)):
        if title:
            found[table].setdefault(name, plain(title))
    return found


def words(ruleset: Ruleset) -> dict[str, dict[str, dict[str, Localised]]]:
    """Return what the criteria call the texts of closed lists, by table, column and text."""
    found: dict[str, dict[str, dict[str, Localised]]] = {}
    for node in ruleset.root.criteria():
        for read in node.criterion.reads() if node.criterion else ():
            if read.indicator.words:
                said = {text: plain(title) for text, title in read.indicator.words.items()}
                found.setdefault(_table(node.level), {}).setdefault(read.column, said)
    return found


def _declared(ruleset: Ruleset) -> Iterator[tuple[str, str, Title]]:
    """Yield what the ruleset itself calls its columns and derived values."""
    file = ruleset.file
    tables: tuple[tuple[str, Mapping[str, IndicatorEntry]], ...] = (
        ("services", file.indicators.services),
        ("agencies", file.indicators.agencies),
    )
    for table, entries in tables:
        yield from ((table, name, entry.title or "") for name, entry in entries.items())
    for derived in ruleset.rules.derive:
        for level in sorted(derived.levels):
            yield _table(level), derived.name, file.derive[derived.name].title or ""


def _of_readers(ruleset: Ruleset) -> Iterator[tuple[str, str, Title]]:
    for node in ruleset.root.criteria():
        reads = node.criterion.reads() if node.criterion else ()
        yield from ((_table(node.level), read.column, read.indicator.title) for read in reads)
    for step in ruleset.treatment:
        for read in step.treatment.reads():
            yield "agencies", read.column, read.indicator.title


def _of_criteria(ruleset: Ruleset) -> Iterator[tuple[str, str, Title]]:
    """Yield the ruleset's titles of criteria that read one column: they are about nothing else.

    Where such criteria call one column otherwise, each tells its own use of it.
    """
    found: dict[tuple[str, str], list[Title]] = {}
    for loc, node in placed_nodes(ruleset.root):
        reads = node.criterion.reads() if node.criterion else ()
        if len(reads) == 1 and (*loc, "title") in ruleset.document.places:
            found.setdefault((_table(node.level), reads[0].column), []).append(node.title)
    for (table, name), said in found.items():
        if all(title == said[0] for title in said):
            yield table, name, said[0]


def _table(level: str | None) -> str:
    return "services" if level == "service" else "agencies"
