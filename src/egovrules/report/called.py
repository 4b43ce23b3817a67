"""What people call the columns of agencies and services, and the texts in them."""

import re
from collections import Counter
from collections.abc import Iterable

from egovrules.model import AgencyKind, AnswerStatus, PointState
from egovrules.report.blocks import worded
from egovrules.report.plain import on_one_line
from egovrules.result import Manifest
from egovrules.text import pick, translate

_WORD = re.compile("[a-z][a-z0-9_]*")
_WORDS = frozenset(one.value for words in (PointState, AnswerStatus, AgencyKind) for one in words)
_NAMES = {
    "code": "Code",
    "name": "Name",
    "name_en": "Name in English",
    "name_fa": "Name in Persian",
}
# The model's own columns, and those that are counted from links and answers.
_OWN: dict[str, dict[str, str]] = {
    "agencies": {
        **_NAMES,
        "aliases": "Other names",
        "kind": "Kind",
        "parent": "Parent",
        "is_main": "Main body",
        "predecessors": "Predecessors",
        "valid_from": "Exists from",
        "valid_to": "Exists until",
        "declaration_gap": "Gap between declared and audited",
    },
    "services": {
        **_NAMES,
        "agency": "Agency code",
        "parent": "Parent service",
        "audience": "Audience",
        "eligible": "Can be electronic",
        "ineligible_because": "Why it cannot be electronic",
        "annual_volume": "Cases per year",
        "links_required": "Links required",
        "links_live": "Links live",
    },
}


def title_of(manifest: Manifest, table: str, column: str, language: str) -> str:
    """Return the title of a column, or of a derived value; empty where it has none.

    Args:
        manifest: Of the evaluation that read or derived it.
        table: ``agencies`` or ``services``.
        column: Its name.
        language: Of the title.
    """
    own = translate(_OWN.get(table, {}).get(column, ""), language)
    return on_one_line(pick(manifest.titles.get(table, {}).get(column), language, own))


def called(manifest: Manifest, table: str, column: str, language: str) -> str:
    """Return what a column is called: its title, else its name, with blanks for underscores."""
    title = title_of(manifest, table, column, language)
    return title or on_one_line(column.replace("_", " "))


def all_called(
    manifest: Manifest, table: str, columns: Iterable[str], language: str
) -> dict[str, str]:
    """Return what columns that stand together are called, by name.

    The name stands beside a title that several of them share.
    """
    found = {column: called(manifest, table, column, language) for column in columns}
    count = Counter(found.values())
    return {
        column: title if count[title] == 1 else f"{title} ({on_one_line(column)})"
        for column, title in found.items()
    }


def said(manifest: Manifest, table: str, column: str, text: str, language: str) -> str:
    """Say a text of a column: as its criterion calls it, else as a word of our own, else as it is.

    No catalogue knows what another word means in a column; it has blanks for underscores.
    """
    title = manifest.words.get(table, {}).get(column, {}).get(text)
    if title is None and text in _WORDS:
        return worded(text, language)
    plain = text.replace("_", " ") if _WORD.fullmatch(text) else text
    return on_one_line(pick(title, language, plain))


def grouped(manifest: Manifest, column: str, language: str) -> str:
    """Head the ranks inside the groups of a column; ``kind`` and ``parent`` are known words."""
    known = column in ("kind", "parent")
    group = worded(column, language) if known else called(manifest, "agencies", column, language)
    return translate("Rank in {group}", language, group=group)
