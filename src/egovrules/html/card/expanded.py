"""A scorecard's data taken apart again, for the page that is written here.

``agency.js`` does the same in the page of all agencies; a test holds the two against each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import floor
from typing import Any

from egovrules.html.card.compact import COLON
from egovrules.html.card.packing import ALPHABET
from egovrules.text import LANGUAGES, NO_VALUE, format_number, local_number, translate


@dataclass(frozen=True)
class Heading:
    """The heading of a column."""

    heading: str
    numeric: bool


@dataclass(frozen=True)
class Shown:
    """A part of a scorecard, as it reads.

    Attributes:
        id: What it is, for the style.
        title: Its heading.
        columns: The headings of its table; none where it has lines alone.
        rows: The cells.
        depth: How deep each row stands; empty where all stand alike.
        bars: How much of the scale the score of each row fills, in thousandths; else empty.
        answers: For each row, the indicators behind it with their values.
        missing: For each row, which of these are missing, by the reason.
        notes: What there is to know of its table.
        lines: How grave, and what it says.
    """

    id: str
    title: str
    columns: Sequence[Heading]
    rows: Sequence[Sequence[str]]
    depth: Sequence[int]
    bars: Sequence[int]
    answers: Sequence[Sequence[tuple[str, str]]]
    missing: Sequence[str]
    notes: Sequence[str]
    lines: Sequence[tuple[str, str]]


def expanded(layout: Mapping[str, Any], data: Sequence[Any], language: str) -> list[Shown]:
    """Take one agency's data apart.

    Args:
        layout: What all agencies share; see :class:`egovrules.html.card.Cards`.
        data: The agency's own.
        language: One of :data:`egovrules.text.LANGUAGES`.

    Returns:
        The parts that say anything. Answers stand with their services, not as a part.
    """
    reader = _Reader(layout["words"], layout["scale"], language)
    own = {spec["id"]: (spec, part) for spec, part in zip(layout["parts"], data, strict=True)}
    answers = own.pop("answers", None)
    parts = [reader.part(spec, part) for spec, part in own.values()]
    if answers and "services" in own:
        spec, part = answers
        told = [reader.behind(spec, part[0])] if part[0] else []
        parts = [
            replace(one, answers=answers_, missing=missing)
            for one in parts
            for answers_, missing in (told if one.id == "services" and told else [([], [])])
        ]
    return [one for one in parts if one.rows or one.lines]


class _Reader:
    """The entries of the lexicon in one language."""

    def __init__(
        self, entries: Sequence[str | Sequence[str]], scale: Sequence[float], language: str
    ) -> None:
        self.entries, self.scale, self.language = entries, scale, language
        self.number = LANGUAGES.index(language)

    def word(self, told: int | Sequence[str]) -> str:
        """Return a text that is given in every language, or by its place among the entries."""
        entry = self.entries[told] if isinstance(told, int) else told
        if isinstance(entry, str):
            return _with_minus(local_number(entry, self.language))
        return entry[min(self.number, len(entry) - 1)]

    def part(self, spec: Mapping[str, Any], data: Sequence[Any]) -> Shown:
        columns, lines = data
        cells = self.columns(spec["columns"], columns) if columns else []
        return Shown(
            spec["id"],
            self.word(spec["title"]),
            [Heading(self.word(one["h"]), bool(one["n"])) for one in spec["columns"]],
            [list(row) for row in zip(*cells, strict=True)],
            spec["depth"] if columns else [],
            self.bars(spec["columns"], columns) if columns else [],
            [],
            [],
            [self.word(note) for note in spec["notes"]] if columns else [],
            [(tone, COLON.join(map(self.word, pieces))) for tone, *pieces in lines],
        )

    def bars(self, specs: Sequence[Mapping[str, Any]], columns: Sequence[Any]) -> list[int]:
        low, high = self.scale
        for spec in specs:
            if "bar" in spec:
                cells = _cells(spec, columns[spec["in"]])
                values = [low if one is None else one / 10 ** spec["d"] for one in cells]
                shares = [min(max((one - low) / (high - low), 0.0), 1.0) for one in values]
                return [floor(1000 * share + 0.5) for share in shares]
        return []

    def columns(
        self, specs: Sequence[Mapping[str, Any]], columns: Sequence[Any]
    ) -> list[list[str]]:
        """Return the cells of every column; those that are alike for all are not in the data."""
        return [self.cells(spec, columns[spec["in"]] if "in" in spec else ()) for spec in specs]

    def cells(self, spec: Mapping[str, Any], data: Any) -> list[str]:
        kind = spec["k"]
        if kind == "same":
            return [self.word(place) for place in spec["v"]]
        if kind == "text":
            head, *rests = self.word(data).split(spec["between"])
            return [head + rest for rest in rests]
        if kind == "cell":
            return [self.cell(one, spec) for one in _cells(spec, data)]
        words = [self.word(place) for place in spec["v"]]
        return [words[number // spec["by"] % len(words)] for number in _numbers(spec, data)]

    def cell(self, cell: Any, spec: Mapping[str, Any]) -> str:
        if cell is None:
            return NO_VALUE
        if isinstance(cell, list):
            return self.word(cell[0])
        form, decimals = spec["f"], spec["d"]
        value = cell / 10**decimals
        return _with_minus(
            format_number(value, self.language, decimals, signed=form == "+", percent=form == "%")
        )

    def behind(
        self, spec: Mapping[str, Any], columns: Sequence[Any]
    ) -> tuple[list[list[tuple[str, str]]], list[str]]:
        """Return the answers of every service, and what of them is missing and why."""
        cells = self.columns(spec["columns"], columns)
        heads = [self.word(one["h"]) for one in spec["columns"]]
        gaps = [{self.word(place) for place in one["gaps"]} for one in spec["columns"]]
        rests = [self.word(one["rest"]) if "rest" in one else None for one in spec["columns"]]
        answers, missing = [], []
        for row in zip(*cells, strict=True):
            given = [
                (head, text)
                for head, text, rest in zip(heads, row, rests, strict=True)
                if text != rest
            ]
            reasons: dict[str, list[str]] = {}
            for head, text, gap in zip(heads, row, gaps, strict=True):
                if text in gap:
                    reasons.setdefault(text, []).append(head)
            answers.append(given)
            missing.append(self.listed(reasons))
        return answers, missing

    def listed(self, reasons: Mapping[str, Sequence[str]]) -> str:
        """Join names under their reasons: ``refused: payment, tracking; missing: fee``."""
        comma, semicolon = (f"{translate(mark, self.language)} " for mark in (",", ";"))
        return semicolon.join(f"{why}: {comma.join(names)}" for why, names in reasons.items())


def _with_minus(number: str) -> str:
    """Set a hyphen before a number as the minus sign that the rest of the page has."""
    return f"\N{MINUS SIGN}{number[1:]}" if number.startswith("-") else number


def _cells(spec: Mapping[str, Any], data: str | Sequence[Any]) -> Sequence[Any]:
    """Return numbers, and what stands in place of some."""
    if not spec["w"]:
        return data
    others = spec["x"]
    return [
        others[number] if number < len(others) else number - len(others) + spec["min"]
        for number in _numbers(spec, data)
    ]


def _numbers(spec: Mapping[str, Any], data: str | Sequence[int]) -> Sequence[int]:
    """Read what is written in some characters for each row, or as it is."""
    if not isinstance(data, str):
        return data
    rows: Iterable[str] = (data[n : n + spec["w"]] for n in range(0, len(data), spec["w"]))
    return [
        reduce(lambda number, one: number * len(ALPHABET) + ALPHABET.index(one), row, 0)
        for row in rows
    ]
