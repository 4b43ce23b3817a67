"""Columns of cells as strings, with one to three characters for each row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import Any

# One printable character for each word of a column; JSON and HTML leave all of these as they are.
# The letters with accents take two bytes, and are there so that a score of 0 to 100 with two
# decimals needs two characters, and not three.
_ONE_BYTE = (chr(code) for code in range(0x20, 0x7F) if chr(code) not in '"\\<&')
ALPHABET = "".join(_ONE_BYTE) + "ÀÁÂÃÄÅÆÇÈÉ"


@dataclass
class Written:
    """Cells as they are written: of numbers a string, with some characters for each row.

    Attributes:
        cells: Numbers from 0, or other cells.
        characters: Of each row; 0 where the cells are a list.
        used: How many different numbers one character stands for.
        between: What parts texts; empty for other cells.
    """

    cells: Sequence[Any]
    characters: int = 0
    used: int = len(ALPHABET)
    between: str = ""

    def stretch(self, start: int, stop: int) -> Sequence[Any]:
        """Return some rows as they stand in the page."""
        if self.characters:
            return self._text[start * self.characters : stop * self.characters]
        cells = self.cells[start:stop]
        if not self.between:
            return cells
        texts = [self.between.join(_beheaded(one)) for one in zip(*cells, strict=True)]
        return texts[:1] if len(set(texts)) == 1 else texts

    @cached_property
    def _text(self) -> str:
        """All cells in characters; asked for when no other column is put in any more."""
        known = {cell: _coded(cell, self.characters) for cell in set(self.cells)}
        return "".join([known[cell] for cell in self.cells])


@lru_cache(maxsize=2 * len(ALPHABET) ** 2)
def _coded(number: int, characters: int) -> str:
    """Write a number in some characters, that of the highest value first."""
    text = ""
    for _ in range(characters):
        number, place = divmod(number, len(ALPHABET))
        text = ALPHABET[place] + text
    return text


def written(
    columns: Iterable[tuple[Mapping[str, Any], Sequence[Any] | None]],
) -> tuple[list[dict[str, Any]], list[Written]]:
    """Write columns down; several that have few words go into one character.

    Args:
        columns: Of each, what is known of it, and its cells; None where they are alike for all.

    Returns:
        The specs, with ``in`` (which of the following holds the cells), where that is a string
        ``w`` (its characters of each row), of words ``by`` (what their number is multiplied by
        there), and of other numbers what :func:`_counted` adds; and what holds the cells.
    """
    specs: list[dict[str, Any]] = []
    found: list[Written] = []
    for known, whole in columns:
        spec = dict(known)
        specs.append(spec)
        if whole is None:
            continue
        cells, size = whole, len(spec.get("v", ()))
        if spec["k"] == "cell":
            more, cells, size = _counted(whole)
            spec |= more
        places = (n for n, one in enumerate(found) if spec["k"] == "word" and _fit(one, size))
        place = next(places, None)
        if place is None:
            characters = next((n for n in (1, 2, 3) if 0 < size <= len(ALPHABET) ** n), 0)
            used = size if spec["k"] == "word" and characters == 1 else len(ALPHABET)
            found.append(Written(cells, characters, used, spec.get("between", "")))
            spec |= {"in": len(found) - 1, "by": 1, "w": characters}
        else:
            held = found[place]
            spec |= {"in": place, "by": held.used, "w": 1}
            held.cells = [a + held.used * b for a, b in zip(held.cells, cells, strict=True)]
            held.used *= size
    return specs, found


def _counted(cells: Sequence[Any]) -> tuple[dict[str, Any], Sequence[Any], int]:
    """Count what is no number first, then the numbers from the lowest.

    Returns:
        ``x`` (what is no number) and ``min`` for the spec; the cells so counted, and how many
        different ones there can be; the cells as they are, and 0, where these are too many.
    """
    others = {str(one): one for one in cells if not isinstance(one, int)}
    whole = [one for one in cells if isinstance(one, int)]
    low = min(whole, default=0)
    size = len(others) + max(whole, default=0) - low + 1
    if size > len(ALPHABET) ** 3:
        return {}, cells, 0
    places = {key: place for place, key in enumerate(others)}
    counted = [
        len(others) + one - low if isinstance(one, int) else places[str(one)] for one in cells
    ]
    return {"x": list(others.values()), "min": low}, counted, size


def _fit(held: Written, size: int) -> bool:
    return held.characters == 1 and held.used * size <= len(ALPHABET)


def _beheaded(texts: Sequence[str]) -> list[str]:
    """Put first what all texts begin with, and leave it off the others."""
    first, last = min(texts), max(texts)
    pairs = zip(first, last, strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return [first[:same], *(text[same:] for text in texts)]
