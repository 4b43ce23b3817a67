"""What a view says, apart from how it is printed: lines and tables of plain text.

Views are functions from results to blocks. They know nothing of terminals, so that they can be
tested as data, and the library that draws tables is loaded only when something is printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from egovrules.report.plain import on_one_line
from egovrules.text import Localised, format_number, pick, translate

Tone = Literal["plain", "heading", "quiet", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line or paragraph, and how much it matters."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; numbers stand to the right and are never broken."""

    heading: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its title; every row has one text per column."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Line | Table


def titled(title: Localised | Mapping[str, str] | None, name: str, language: str) -> str:
    """Return a title, or the name that stands for it: ``not_assessed`` reads ``not assessed``."""
    text = pick(title, language, name)
    return translate(name.replace("_", " "), language) if text == name else text


def name_of(row: Mapping[str, Any], language: str) -> str:
    """Return the name of an agency or service in a language, else any name, else its code."""
    order = (f"name_{language}", "name", "name_en", "name_fa", "agency", "service", "subject")
    return next((str(row[key]) for key in order if row.get(key)), "")


def rank_of(row: Mapping[str, Any], tied: str, language: str) -> str:
    """Show an agency's rank; where several share it, with the mark of shared ranks: =3."""
    shared = bool(tied) and (row.get("rank_label") or "").startswith(tied)
    return f"{on_one_line(tied) if shared else ''}{format_number(row['rank'], language)}"


def headed(language: str, *columns: str | Column) -> tuple[Column, ...]:
    """Make translated columns; a plain text is a column of text."""
    made = [one if isinstance(one, Column) else Column(one) for one in columns]
    return tuple(Column(translate(one.heading, language), one.numeric) for one in made)


def number(heading: str) -> Column:
    """Make a column of numbers."""
    return Column(heading, numeric=True)


def shortened(parts: Sequence[str], most: int, language: str) -> str:
    """Join names with semicolons, the first *most* of them, and count the rest."""
    text = f"{translate(';', language)} ".join(parts[:most])
    rest = len(parts) - most
    return text if rest <= 0 else f"{text} {translate('and {count} more', language, count=rest)}"


def counted(count: int, one: str, many: str, language: str) -> str:
    """Fill a count into the message for one, or into that for none and several."""
    return translate(one if count == 1 else many, language, count=count)


def percent(share: float | None, language: str, decimals: int = 1) -> str:
    """Show a share (0 to 1) in per cent."""
    value = None if share is None else 100 * share
    return format_number(value, language, decimals, percent=True)


def pairs(values: Mapping[str, Any], language: str) -> str:
    """Show parameters or numbers with their names: ``low = 0, high = 20``."""
    return ", ".join(f"{key} = {shown(value, language)}" for key, value in values.items())


def shown(value: Any, language: str) -> str:
    """Show any value that a parameter, an indicator or a population number can have."""
    if isinstance(value, bool):
        return translate("yes" if value else "no", language)
    if value is None or isinstance(value, int | float):
        return format_number(value, language)
    if isinstance(value, Mapping):
        return f"({pairs(value, language)})"
    if isinstance(value, list):
        return ", ".join(shown(one, language) for one in value)
    return on_one_line(str(value))
