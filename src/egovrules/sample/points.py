"""Electronization: first the band of every service, then states of its points that realise it.

The numbers of services by band were published for autumn 1400, and are met exactly; which
service is in which band is made up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from egovrules.model import AnswerStatus, PointState
from egovrules.sample.draws import apportion, chosen, draws, shuffled
from egovrules.sample.levels import Course
from egovrules.sample.roster import Round
from egovrules.sample.services import Service

POINTS = (
    *("point_information", "point_identity", "point_application", "point_documents"),
    *("point_payment", "point_tracking", "point_decision", "point_issuance", "point_complaint"),
)
# Not every service asks for these. At least six of the nine points always apply.
_SOMETIMES = ("point_identity", "point_documents", "point_payment", "point_decision")
_MOST_LEFT_OUT = 3

NOT_ASSESSED = "not_assessed"
BANDS = ("not_started", "under_50", "mid", "over_90")
# Services by band. Autumn as published, with the 1,021 that its bands leave over; spring made up.
AUTUMN = {"not_started": 260, "under_50": 2309, "mid": 2238, "over_90": 161, NOT_ASSESSED: 1021}
_SPRING_SHARES = {
    "not_started": 0.06,
    "under_50": 0.42,
    "mid": 0.32,
    "over_90": 0.015,
    NOT_ASSESSED: 0.185,
}

# Why points are empty: mostly nobody filled them in.
_REASONS = (
    *("", "", "", "", "", ""),
    *(AnswerStatus.NOT_ANSWERED, AnswerStatus.NOT_ANSWERED, AnswerStatus.REFUSED),
    AnswerStatus.UNVERIFIABLE,
)
_STATES = (PointState.OFFLINE, PointState.PARTIAL, PointState.ONLINE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service stands.

    Attributes:
        band: Its band; :data:`NOT_ASSESSED` where some of its points are left empty.
        depth: How far up it is within its band, 0 to 1.
    """

    band: str
    depth: float


def places(
    seed: int, services: Iterable[Service], courses: Mapping[str, Course], when: Round
) -> dict[str, Place]:
    """Give every eligible service of a round its band, by code, in the exact numbers.

    Services that are left unassessed are drawn first, mostly the same ones in both rounds. The
    others stand in one line, by their agency's level and their own side, and the bands are cut
    off it from the lower end.
    """
    eligible = [service for service in services if service.eligible]
    numbers = AUTUMN if when == "autumn" else apportion(len(eligible), _SPRING_SHARES)
    careless = {code: draws(1, seed, code, "careless")[0] for code in courses}
    order = sorted(
        eligible,
        key=lambda one: (
            draws(1, seed, one.code, "empty points")[0] + 0.3 * careless[one.lineage],
            one.code,
        ),
    )
    empty, rest = order[: numbers[NOT_ASSESSED]], order[numbers[NOT_ASSESSED] :]
    line = sorted(rest, key=lambda one: (_standing(one, courses, when), one.code))
    found = {one.code: Place(NOT_ASSESSED, _standing(one, courses, when)) for one in empty}
    start = 0
    for band in BANDS:
        members = line[start : start + numbers[band]]
        start += numbers[band]
        for index, one in enumerate(members):
            found[one.code] = Place(band, index / len(members))
    return found


def _standing(service: Service, courses: Mapping[str, Course], when: Round) -> float:
    level = courses[service.lineage].levels[when]
    return max(0.0, min(0.99, level + 0.6 * (service.sides["electronization"] - 0.5)))


def point_states(seed: int, service: Service, place: Place, visits: int) -> dict[str, str]:
    """Draw the states of a service's points so that they put it into its band.

    Args:
        seed: As everywhere.
        service: The service.
        place: Its band, and how far up it is there.
        visits: Visits that it takes: no service without any is online at every point, since
            none was published as fully electronic.

    Returns:
        A cell for each of :data:`POINTS`: a state, or for an unassessed service here and there
        nothing, or the status of an answer that was not given.
    """
    toss = draws(4, seed, service.code, "points")
    left_out = shuffled(_SOMETIMES, seed, service.code, "left out")[: int(4 * toss[0] * toss[0])]
    points = [point for point in POINTS if point not in left_out[:_MOST_LEFT_OUT]]
    halves = _halves(place, len(points), visits)
    filled = _order(seed, service, points)[:halves]
    cells = dict.fromkeys(POINTS, PointState.NOT_APPLICABLE.value)
    cells |= {point: _STATES[filled.count(point)].value for point in points}
    if place.band == NOT_ASSESSED:
        reason = chosen(_REASONS, toss[1])
        empty = shuffled(points, seed, service.code, "empty")[: 1 + int(4 * toss[2])]
        cells |= dict.fromkeys(empty, str(reason))
    return cells


def _halves(place: Place, points: int, visits: int) -> int:
    """Choose how many half points are online, of two per point, between the band's bounds."""
    full = 2 * points
    last_mid = full * 9 // 10  # 90 % is still mid
    low, high = {
        "not_started": (0, 0),
        "under_50": (1, points - 1),
        "mid": (points, last_mid),
        "over_90": (last_mid + 1, full),
        NOT_ASSESSED: (0, full - 1),
    }[place.band]
    halves = low + int(place.depth * (high - low + 1))
    return min(halves, full - 1) if visits == 0 else halves


def _order(seed: int, service: Service, points: Sequence[str]) -> list[str]:
    """Return each point twice, in the order in which its halves come online.

    Information and identity come early, complaints late. The order is the service's own and the
    same in both rounds, so that a point that is online stays so while the service grows.
    """
    toss = draws(2 * len(POINTS), seed, service.code, "order")
    keys = [
        (toss[2 * i + half] + 0.1 * i + 0.4 * half, point)
        for i, point in enumerate(points)
        for half in (0, 1)
    ]
    return [point for _, point in sorted(keys)]
