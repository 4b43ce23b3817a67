"""Tables of all agencies in few characters: each text once, numbers as whole numbers.

A scorecard's data is made of these, and ``agency.js`` takes them apart again; see
:func:`egovrules.html.card.expanded.expanded` for what each form means.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

import polars as pl

from egovrules.html.card.packing import Written, written
from egovrules.placing import round_exactly
from egovrules.report.plain import on_one_line
from egovrules.text import LANGUAGES, translate

Format = Literal["", "+", "%"]
Lines = Mapping[str, Sequence[tuple[str, Sequence[int | list[str]]]]]  # by agency; see Part
COLON = ": "  # between the pieces of a line


@dataclass
class Lexicon:
    """Every text once: a number as it prints, or a list with one text for each language."""

    entries: list[str | list[str]] = field(default_factory=list)
    _known: dict[str | tuple[str, ...], int] = field(default_factory=dict)

    def number(self, printed: str) -> int:
        """Return the place of a number; the page shows it in the digits of its language."""
        return self._place(printed, printed)

    def words(self, texts: Iterable[str]) -> int:
        """Return the place of a text that is given in every language."""
        found = tuple(_clean(one) for one in texts)
        return self._place(found, _entry(found))

    def told(self, message: str, **values: Any) -> int:
        """Return the place of a message; see :func:`told`."""
        return self.words(told(message, **values))

    def parted(self, lines: Mapping[str, Sequence[tuple[str, Sequence[str]]]]) -> Lines:
        """Part lines at their colons, and take in what several of them say, or others said."""
        parted = {
            code: [(tone, _pieces(texts)) for tone, texts in own] for code, own in lines.items()
        }
        counts = Counter(one for own in parted.values() for _, pieces in own for one in pieces)
        shared = {one: self.words(one) for one in counts if counts[one] > 1 or one in self._known}
        return {
            code: [(tone, [shared.get(one, _entry(one)) for one in pieces]) for tone, pieces in own]
            for code, own in parted.items()
        }

    def _place(self, key: str | tuple[str, ...], entry: str | list[str]) -> int:
        if key not in self._known:
            self._known[key] = len(self.entries)
            self.entries.append(entry)
        return self._known[key]


def _entry(texts: Sequence[str]) -> list[str]:
    """Return a text in every language, once where it is alike in all."""
    return list(texts[:1] if len(set(texts)) == 1 else texts)


def _pieces(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Part a line at its colons, if it has as many in every language."""
    parts = [_clean(one).split(COLON) for one in texts]
    alike = len({len(one) for one in parts}) == 1
    return list(zip(*parts, strict=True)) if alike else [tuple(map(_clean, texts))]


def told(message: str, **values: Any) -> list[str]:
    """Translate a message into every language; a list among the values is a text for each."""
    return [
        translate(
            message, one, **{k: v[n] if isinstance(v, list) else v for k, v in values.items()}
        )
        for n, one in enumerate(LANGUAGES)
    ]


@dataclass(frozen=True)
class Column:
    """One column of a part for all agencies, row after row.

    Attributes:
        spec: What the page must know of it once.
        whole: A sequence of which each agency has a stretch; None where it is alike for all.
    """

    spec: Mapping[str, Any]
    whole: Sequence[Any] | None = None


def constant(heading: int, places: Sequence[int], *, numeric: bool = False) -> Column:
    """Make a column that is alike for all agencies, of entries of the lexicon."""
    return Column({"h": heading, "n": int(numeric), "k": "same", "v": list(places)})


def worded(heading: int, places: Sequence[int], *, numeric: bool = False) -> Column:
    """Make a column of entries of the lexicon, each counted by its place among those used.

    Args:
        heading: Its entry.
        places: Entries of all rows.
        numeric: Whether it stands to the right.
    """
    # The most frequent first, in every column alike: that is what a compressor likes.
    known = {place: number for number, (place, _) in enumerate(Counter(places).most_common())}
    spec = {"h": heading, "n": int(numeric), "k": "word", "v": list(known)}
    return Column(spec, [known[place] for place in places])


def listed(
    heading: int,
    cells: Sequence[Any],
    *,
    decimals: int = 0,
    form: Format = "",
    numeric: bool = True,
) -> Column:
    """Make a column of single cells.

    Args:
        heading: Its entry.
        cells: Whole numbers in units of the last decimal; ``[entry]`` for a word; None.
        decimals: How many the numbers have.
        form: ``+`` for numbers with their sign, ``%`` for shares in per cent.
        numeric: Whether it stands to the right.
    """
    spec = {"h": heading, "n": int(numeric), "k": "cell", "d": decimals, "f": form}
    return Column(spec, cells)


def texts(heading: int, cells: Sequence[Sequence[str]]) -> Column:
    """Make a column of texts that are shown as they are, and of which few are alike.

    Args:
        heading: Its entry.
        cells: Of each row its text in every language, or one for all; without line breaks.
    """
    between = "\n" if any(" " in one for texts in cells for one in texts) else " "
    return Column({"h": heading, "n": 0, "k": "text", "between": between}, cells)


def units(values: pl.Series, decimals: int) -> list[int | None]:
    """Round to decimals, as numbers are printed, and count in units of the last decimal."""
    rounded = round_exactly(values.cast(pl.Float64), decimals) * 10.0**decimals
    return rounded.round().cast(pl.Int64).to_list()


@dataclass(frozen=True)
class Part:
    """A part of the scorecard for all agencies.

    Attributes:
        id: What it is, for the style.
        title: Its entry.
        columns: Of its table.
        spans: First row and the row after the last, of each agency that has any.
        depth: How deep each row stands, where rows are alike for all agencies.
        notes: Entries of lines beneath the table, which all agencies have in common.
        lines: Lines of one agency: how grave, and the pieces between its colons, each an entry,
            or the text in every language.
    """

    id: str
    title: int
    columns: Sequence[Column]
    spans: Mapping[str, tuple[int, int]]
    depth: Sequence[int] = ()
    notes: Sequence[int] = ()
    lines: Lines = field(default_factory=dict)

    def layout(self) -> dict[str, Any]:
        """Return what the page must know once."""
        return {
            "id": self.id,
            "title": self.title,
            "columns": self._written[0],
            "depth": list(self.depth),
            "notes": list(self.notes),
        }

    def of(self, agency: str) -> list[Any]:
        """Return one agency's stretch of what is not alike for all, then its lines.

        Of an agency without rows, nothing but the lines.
        """
        start, stop = self.spans.get(agency, (0, 0))
        own = [one.stretch(start, stop) for one in self._written[1]] if stop > start else []
        return [own, [[tone, *pieces] for tone, pieces in self.lines.get(agency, ())]]

    @cached_property
    def _written(self) -> tuple[list[dict[str, Any]], list[Written]]:
        return written((one.spec, one.whole) for one in self.columns)


_clean = lru_cache(maxsize=100_000)(on_one_line)


def spans_of(agencies: pl.Series) -> dict[str, tuple[int, int]]:
    """Find the stretch of every agency in a column that is sorted by agency."""
    runs = agencies.rle().struct.unnest()
    stops = runs.get_column("len").cum_sum().to_list()
    starts = [0, *stops[:-1]]
    return {
        code: (start, stop)
        for code, start, stop in zip(runs.get_column("value"), starts, stops, strict=True)
    }
