"""What charts are drawn from, names and numbers as plain data, and the figure that comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from egovrules.report.blocks import Table


class Number(NamedTuple):
    """A number twice: as it is, for lengths and places (None: there is none), and as printed."""

    raw: float | None
    printed: str


@dataclass(frozen=True, slots=True)
class Part:
    """One label of a band: how many have it, of all and of those assessed (shares 0 to 1).

    A label without a share of the assessed stands for those that were not assessed.
    """

    title: str
    count: int
    of_all: float | None
    of_assessed: float | None


class Standing(NamedTuple):
    """An agency in the ranking, with one number per axis: a contribution in points, or a score."""

    rank: str
    name: str
    total: Number
    parts: Sequence[Number]


class Rivals(NamedTuple):
    """Who may stand among the first by weights of a reader's own.

    ``names`` are those of all agencies, as the data of the page lists them, and ``total`` is the
    longest total there can be, as printed.
    """

    names: Sequence[str]
    total: str


class Movement(NamedTuple):
    """An agency's ranks in two periods; some have one alone.

    ``continuity`` says, in a word that can be translated, why there is none before: ``new``,
    ``merged``. Without it that is not known.
    """

    name: str
    before: Number
    after: Number
    continuity: str = ""


class Change(NamedTuple):
    """An agency and its growth in points."""

    name: str
    value: Number


class Peer(NamedTuple):
    """A score of an agency, and the quartiles (the middle one is the median) of its kind."""

    title: str
    own: Number
    low: Number
    middle: Number
    high: Number


@dataclass(frozen=True, slots=True)
class Means:
    """A kind of agency: how many there are, and their mean score on each axis."""

    title: str
    count: int
    means: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart and what stands behind it.

    Attributes:
        name: What the page and its script call it: ``figure[data-chart=NAME]``.
        caption: Its heading.
        svg: Markup, safe to put into a page: two drawings, for a wide and for a narrow place, of
            which the style sheet shows one. Each has a title and a description.
        table: The numbers that it shows.
    """

    name: str
    caption: str
    svg: str
    table: Table


def share_of(value: float | None, scale: tuple[float, float]) -> float:
    """Tell how far along the scale a value lies, from 0 to 1; nothing lies at 0."""
    low, high = scale
    if value is None or high <= low:
        return 0.0
    return min(max((value - low) / (high - low), 0.0), 1.0)
