"""How good the generator means each agency to be. All of it is made up.

Only the groups are not: who was named among the top ten, the highest growths and the undesirable
main bodies, and how many there were of each.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from egovrules.sample.draws import draws, shuffled, spread
from egovrules.sample.roster import Round, roster

# The criteria that an agency's profile is drawn over; electronization follows from the bands.
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

# Levels in autumn, 0 to 1. A total comes within some 2 points of 100 times the level, and hardly
# ever 6 off; the gaps between the groups are wide enough to keep them apart.
_TOP = (0.80, 0.87)
_DESIRABLE = (0.59, 0.69)
_UNDESIRABLE = (0.24, 0.43)
_GROWN = (0.57, 0.69)
_OTHERS = (0.16, 0.67)
_GROWTH_PUBLISHED = (0.16, 0.24)
_GROWTH_OTHERS = (-0.05, 0.07)
_UNDESIRABLE_MAIN = 12
_TOP_TEN = 10
_SILENT = 3  # undesirable main agencies that use nobody's data, so that the cap bites
_SILENT_INTEGRATED = 0.72


@dataclass(frozen=True, slots=True)
class Course:
    """How good an agency is meant to be, as levels of 0 to 1.

    Attributes:
        levels: In each round.
        silent: It uses no data of any other agency.
    """

    levels: Mapping[Round, float]
    silent: bool = False


def courses(seed: int) -> dict[str, Course]:
    """Draw how good every agency is meant to be, by lineage.

    Where fewer agencies were named than counted (4 of the top ten, 6 of the 12 undesirable), the
    seed chooses the rest.
    """
    everyone = {agency.lineage: agency for agency in roster()}
    named = {
        fact: [code for code, agency in everyone.items() if agency.published == fact]
        for fact in ("top_ten", "highest_growth", "undesirable")
    }
    plain = [code for code, agency in everyone.items() if not agency.published]
    main = shuffled([code for code in plain if everyone[code].is_main], seed, "main")
    rest = shuffled([code for code in plain if not everyone[code].is_main], seed, "rest")
    lacking = _UNDESIRABLE_MAIN - len(named["undesirable"])
    undesirable, desirable = named["undesirable"] + main[:lacking], main[lacking:]
    lacking = _TOP_TEN - len(named["top_ten"])
    top, others = named["top_ten"] + rest[:lacking], rest[lacking:]

    levels = {
        **_within(_TOP, top, seed, "top"),
        **_within(_DESIRABLE, desirable, seed, "desirable"),
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


def _within(bounds: tuple[float, float], codes: Sequence[str], *key: object) -> dict[str, float]:
    """Give every agency a level of its own, spread evenly between the bounds."""
    low, high = bounds
    places = spread(len(codes), *key)
    return {code: low + (high - low) * place for code, place in zip(codes, places, strict=True)}


def profile(seed: int, lineage: str, course: Course, when: Round) -> dict[str, float]:
    """Give an agency's level by criterion: its strong and weak sides, which even out.

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
