"""The bodies of the sample rounds, and how good the generator means each of them to be.

Their names are real, and `bodies.csv` says what was published of them; every level drawn here
is made up. Eight entries of the register are made up as well: a body that is renamed between the
rounds, two that merge, one that goes, two that come.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from egovrules.sample.draws import draws, shuffled, spread

Round = Literal["spring", "autumn"]
ROUNDS: tuple[Round, ...] = ("spring", "autumn")

CIVIL_REGISTRATION = "0021"

# The criteria that a body's profile is drawn over; electronization follows from the bands.
CRITERIA: Mapping[str, tuple[str, ...]] = {
    "user_centric": ("visits", "on_time", "accessible", "online_uptake", "help", "satisfaction"),
    "transparent": ("register", "tracking", "terms", "personal_data", "open_data", "honesty"),
    "integrated": (
        *("live_links", "once_only", "single_window", "shared_enablers"),
        *("exchange_success", "data_requests", "no_duplicates"),
    ),
    "participatory": (
        *("consultations", "comments", "complaints"),
        *("features", "improved", "inclusive"),
    ),
}

# Levels in autumn, 0 to 1. Wide gaps between the groups keep what was published true whatever
# the draws of single services come to: 6 points between groups, against noise of 2.
_TOP = (0.78, 0.90)
_DESIRABLE = (0.58, 0.70)
_UNDESIRABLE = (0.24, 0.43)
_GROWN = (0.56, 0.70)
_OTHERS = (0.16, 0.70)
_GROWTH_PUBLISHED = (0.16, 0.24)
_GROWTH_OTHERS = (-0.05, 0.07)
_MAIN_UNDESIRABLE = 12
_TOP_TEN = 10
_SILENT = 3  # undesirable main bodies that share no data, and that the cap is to bite
_SILENT_INTEGRATED = 0.72


@dataclass(frozen=True, slots=True)
class Body:
    """A row of the register of bodies; see :class:`egovrules.model.Agency`.

    Attributes:
        code: Four digits.
        rounds: The rounds in which it exists.
        kind: As :class:`egovrules.model.AgencyKind`.
        is_main: One of the 20 main bodies.
        sector: Which titles its services bear.
        published: What the news of the eighth round says of it: ``top_ten``,
            ``highest_growth``, ``undesirable``, or nothing.
        name_en: English name.
        name_fa: Persian name.
        predecessors: Codes of the bodies that it continues.
    """

    code: str
    rounds: tuple[Round, ...]
    kind: str
    is_main: bool
    sector: str
    published: str
    name_en: str
    name_fa: str
    predecessors: tuple[str, ...]

    @property
    def lineage(self) -> str:
        """The code under which its services are registered: a new name leaves them theirs."""
        return self.predecessors[0] if len(self.predecessors) == 1 else self.code


@dataclass(frozen=True, slots=True)
class Course:
    """How good a body is meant to be, as levels of 0 to 1.

    Attributes:
        levels: In each round.
        silent: It shares no data with any other body.
    """

    levels: Mapping[Round, float]
    silent: bool = False


@cache
def bodies() -> tuple[Body, ...]:
    """Return the register of bodies, of both rounds."""
    return tuple(
        Body(
            code=row["code"],
            rounds=ROUNDS[ROUNDS.index(_round(row["first"])) : ROUNDS.index(_round(row["last"])) + 1],
            kind=row["kind"],
            is_main=row["is_main"] == "true",
            sector=row["sector"],
            published=row["published"],
            name_en=row["name_en"],
            name_fa=row["name_fa"],
            predecessors=tuple(filter(None, row["predecessors"].split(";"))),
        )
        for row in read_rows("bodies.csv")
    )


def read_rows(name: str) -> list[dict[str, str]]:
    """Read a table that lies beside this module."""
    text = files("egovrules.sample").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _round(name: str) -> Round:
    return "spring" if name == "spring" else "autumn"


def courses(seed: int) -> dict[str, Course]:
    """Draw how good every body is meant to be, by lineage.

    Where fewer bodies were named than counted (4 of the top ten, 6 of the 12 undesirable), the
    seed chooses the rest.
    """
    everyone = {body.lineage: body for body in bodies()}
    named = {
        fact: [code for code, body in everyone.items() if body.published == fact]
        for fact in ("top_ten", "highest_growth", "undesirable")
    }
    plain = [code for code, body in everyone.items() if not body.published]
    main = shuffled([code for code in plain if everyone[code].is_main], seed, "main")
    rest = shuffled([code for code in plain if not everyone[code].is_main], seed, "rest")
    lacking = _MAIN_UNDESIRABLE - len(named["undesirable"])
    undesirable = named["undesirable"] + main[:lacking]
    lacking = _TOP_TEN - len(named["top_ten"])
    top, others = named["top_ten"] + rest[:lacking], rest[lacking:]

    levels = {
        **_within(_TOP, top, seed, "top"),
        **_within(_DESIRABLE, main[_MAIN_UNDESIRABLE - len(named["undesirable"]) :], seed, "good"),
        **_within(_UNDESIRABLE, undesirable, seed, "undesirable"),
        **_within(_GROWN, named["highest_growth"], seed, "grown"),
        **_within(_OTHERS, others, seed, "others"),
    }
    usual = [code for code in everyone if code not in named["highest_growth"]]
    growth = {
        **_within(_GROWTH_OTHERS, usual, seed, "growth"),
        **_within(_GROWTH_PUBLISHED, named["highest_growth"], seed, "highest growth"),
    }
    silent = set(shuffled(undesirable, seed, "silent")[:_SILENT])
    return {
        code: Course({"spring": level - growth[code], "autumn": level}, silent=code in silent)
        for code, level in levels.items()
    }


def _within(
    bounds: tuple[float, float], codes: Sequence[str], *key: object
) -> dict[str, float]:
    """Give every body a level of its own, spread evenly between the bounds."""
    low, high = bounds
    places = spread(len(codes), *key)
    return {code: low + (high - low) * place for code, place in zip(codes, places, strict=True)}


def profile(seed: int, lineage: str, course: Course, when: Round) -> dict[str, float]:
    """Give a body's level by criterion: its strong and weak sides, which even out.

    The sides are the same in both rounds, so that growth is growth and not chance.
    """
    level = course.levels[when]
    reach = 0.6 * min(level, 1 - level)  # the best and the worst have little room
    names = tuple(CRITERIA)
    axes = dict(zip(names, _even(draws(len(names), seed, lineage, "axes")), strict=True))
    found: dict[str, float] = {}
    for axis, criteria in CRITERIA.items():
        middle = level + 0.4 * reach * axes[axis]
        if course.silent:
            # One of seven criteria is 0; the other six carry the axis over the cap of 50.
            middle = _SILENT_INTEGRATED if axis == "integrated" else (4 * level - 0.5) / 3
        sides = _even(draws(len(criteria), seed, lineage, axis))
        reach_here = min(reach, middle, 1 - middle)
        for criterion, side in zip(criteria, sides, strict=True):
            found[criterion] = middle + reach_here * side
    if course.silent:
        found["live_links"] = 0.0
    return found


def _even(values: Iterable[float]) -> list[float]:
    """Shift values so that they even out to zero."""
    listed = list(values)
    mean = sum(listed) / len(listed)
    return [value - mean for value in listed]
