"""What a view says, apart from how it is printed: lines and tables of plain text.

Views are functions from results to blocks. They know nothing of terminals, so that they can be
tested as data, and the library that draws tables is loaded only when something is printed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

from egovrules.report.plain import on_one_line
from egovrules.text import LANGUAGES, Localised, format_number, pick, translate

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
# What is made of a missing score, as people call it.
POLICIES = {"zero": "counts as zero", "skip": "is left out", "exclude": "leaves no score"}
_OWN = frozenset({"total", "not_assessed"})  # names of the program's own, or that it recommends


def titled(title: Localised | Mapping[str, str] | None, name: str, language: str) -> str:
    """Return a title, or the name that stands for it: ``over_90`` reads ``over 90``.

    Names are their author's, and no catalogue knows what they mean: ``high`` may be a height.
    """
    text = pick(title, language, name)
    if text != name:
        return text
    return worded(name, language) if name in _OWN else name.replace("_", " ")


def worded(word: str, language: str) -> str:
    """Say a word of the program's own in a language: ``not_applicable``, ``geometric``."""
    return translate(word.replace("_", " "), language)


def name_of(row: Mapping[str, Any], language: str) -> str:
    """Return the name of an agency or service in a language, else any name, else its code."""
    order = (f"name_{language}", "name", "name_en", "name_fa", "agency", "service", "subject")
    return next((str(row[key]) for key in order if row.get(key)), "")


def message_column(language: str) -> str:
    """Name the column of findings that has their messages; English where none is in a language."""
    return f"message_{language if language in LANGUAGES else 'en'}"


def rank_of(row: Mapping[str, Any], tied: str, language: str) -> str:
    """Show an agency's rank, at a node too; where several share it, with the mark of that: =3."""
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
    text = parted(parts[:most], language)
    rest = len(parts) - most
    return text if rest <= 0 else f"{text} {translate('and {count} more', language, count=rest)}"


def parted(parts: Iterable[str], language: str) -> str:
    """Join with the semicolon of a language."""
    return f"{translate(';', language)} ".join(parts)


def enumerated(parts: Iterable[str], language: str) -> str:
    """Join with the comma of a language."""
    pair = "{one}, {other}"
    told = [*parts] or [""]
    return reduce(lambda one, other: translate(pair, language, one=one, other=other), told)


def counted(count: int, one: str, many: str, language: str) -> str:
    """Fill a count into the message for one, or into that for none and several."""
    return translate(one if count == 1 else many, language, count=count)


def percent(share: float | None, language: str, decimals: int = 1) -> str:
    """Show a share (0 to 1) in per cent."""
    value = None if share is None else 100 * share
    return format_number(value, language, decimals, percent=True)


def percent_of(part: float, whole: float | None, language: str) -> str:
    """Show in per cent what a part is of a whole; of nothing it is no share."""
    return percent(part / whole if whole else None, language)


def pairs(values: Mapping[str, Any], language: str) -> str:
    """Show numbers or texts with their names: ``mean = 1,250.5, n = 20``."""
    told = (f"{key} = {shown(value, language)}" for key, value in values.items())
    return enumerated(told, language)


def parameters(values: Mapping[str, Any], language: str) -> str:
    """Show parameters as rulesets have them, digits and all: ``low = 0, at = [25, 75]``."""
    return enumerated((f"{key} = {_written(value)}" for key, value in values.items()), language)


def _written(value: Any) -> str:
    """Write a value so that it can be copied into a ruleset."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {_written(one)}' for key, one in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    return on_one_line(value) if isinstance(value, str) else json.dumps(value)


def shown(value: Any, language: str) -> str:
    """Show any value that an indicator or a population number can have."""
    if isinstance(value, bool):
        return translate("yes" if value else "no", language)
    if value is None or isinstance(value, int | float):
        return format_number(value, language)
    if isinstance(value, Mapping):
        return f"({pairs(value, language)})"
    if isinstance(value, list):
        return enumerated((shown(one, language) for one in value), language)
    return on_one_line(str(value))
