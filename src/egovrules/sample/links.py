"""Links of services to other agencies: whose data they need, how far it has come, what blocks them.

The news of the round names one bottleneck: smart identity cards that the Civil Registration
Organization has not issued yet. Which services wait for them is made up.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from egovrules.model import LinkKind, LinkStatus
from egovrules.sample.draws import chosen, draws, part, wobble
from egovrules.sample.indicators import Row
from egovrules.sample.roster import CIVIL_REGISTRATION
from egovrules.sample.services import SMART_CARD, Service

SMART_CARD_DATASET = "smart national identity card"
_WAITING = 0.11  # share of services that wait for the card
_NOT_ISSUED = 10_000_000  # cards (published)
_MOST = 3  # links of a service, besides the card


@dataclass(frozen=True, slots=True)
class Source:
    """What an agency has that services of others need."""

    provider: str
    dataset: str
    kind: LinkKind = LinkKind.DATA


SOURCES = (
    Source(CIVIL_REGISTRATION, "identity records"),
    Source("0022", "title deeds"),
    Source("0022", "company register"),
    Source("0023", "tax records"),
    Source("0024", "customs declarations"),
    Source("0028", "bank accounts"),
    Source("0095", "insurance records"),
    Source("0107", "postcodes"),
    Source("0083", "government service bus", LinkKind.ENABLER),
    Source("0012", "degrees"),
    Source("0063", "health insurance records"),
    Source("0088", "statistical codes"),
)
_UNFINISHED = (
    *(LinkStatus.NEEDED, LinkStatus.NEEDED, LinkStatus.REQUESTED, LinkStatus.REQUESTED),
    *(LinkStatus.REFUSED, LinkStatus.AGREED, LinkStatus.TEST, LinkStatus.DEGRADED),
)
_WAITING_STATUSES = (
    *(LinkStatus.REQUESTED, LinkStatus.REQUESTED, LinkStatus.NEEDED, LinkStatus.REFUSED),
)
_FIRST_DAY, _LAST_DAY = dt.date(2018, 3, 21), dt.date(2021, 3, 20)  # before both rounds
_DUE_AFTER = dt.timedelta(days=90)


def link_rows(
    seed: int, services: Sequence[Service], levels: Mapping[str, Mapping[str, float]]
) -> Iterator[Row]:
    """Draw the links of a round's services, service by service.

    Args:
        seed: As everywhere.
        services: The services of the round that can be electronic.
        levels: Level of every agency in that round by criterion, by lineage.
    """
    for service in services:
        if not service.eligible:
            continue
        toss = draws(3 + 6 * (_MOST + 1), seed, service.code, "links")
        sources = _sources(service, toss)
        level = levels[service.lineage]["live_links"]
        live = part(len(sources), level, service.sides["links"])
        for number, source in enumerate(sources):
            own = toss[3 + 6 * number : 9 + 6 * number]
            status = LinkStatus.LIVE if number < live else chosen(_UNFINISHED, own[0])
            yield _row(service, source, status, own)
        if toss[2] < _WAITING and service.lineage != CIVIL_REGISTRATION:
            yield _waiting(service, toss[-6:])


def _sources(service: Service, toss: Sequence[float]) -> list[Source]:
    """Choose what a service needs: up to three different sources of other agencies."""
    start, count = int(toss[0] * len(SOURCES)), int((_MOST + 1) * toss[1])
    around = SOURCES[start:] + SOURCES[:start]
    return [one for one in around if one.provider != service.lineage][:count]


def _row(service: Service, source: Source, status: LinkStatus, toss: Sequence[float]) -> Row:
    row = _common(service, source.provider, source.dataset, source.kind, status)
    if status is not LinkStatus.NEEDED:
        row |= _dates(toss[1])
    if status in (LinkStatus.LIVE, LinkStatus.DEGRADED):
        calls = 1 + int(service.volume * (0.5 + toss[2]))
        rate = wobble(0.92 if status is LinkStatus.LIVE else 0.4, toss[3])
        row |= {"calls": str(calls), "successes": str(part(calls, rate, 0))}
    blocking = status is not LinkStatus.LIVE and toss[4] < 1 / 3
    return row | {
        "blocking": "true" if blocking else "false",
        "affected_population": str(int(service.volume * (1 + 4 * toss[5]))),
    }


def _waiting(service: Service, toss: Sequence[float]) -> Row:
    """Make the link of a service that waits for the smart identity card."""
    status = chosen(_WAITING_STATUSES, toss[0])
    row = _common(service, CIVIL_REGISTRATION, SMART_CARD_DATASET, LinkKind.ENABLER, status)
    row["provider_service"] = SMART_CARD
    if status is not LinkStatus.NEEDED:
        row |= _dates(toss[1])
    people = min(_NOT_ISSUED, int(service.volume * (5 + 20 * toss[5])))
    return row | {"blocking": "true", "affected_population": str(people)}


def _common(
    service: Service, provider: str, dataset: str, kind: LinkKind, status: LinkStatus
) -> Row:
    return {
        "consumer": service.code,
        "provider": provider,
        "provider_service": "",
        "dataset": dataset,
        "kind": kind.value,
        "status": status.value,
        "requested_on": "",
        "due_on": "",
        "calls": "",
        "successes": "",
        "blocking": "",
        "affected_population": "",
    }


def _dates(draw: float) -> Row:
    """Draw when a link was requested, and by when it was due."""
    days = (_LAST_DAY - _FIRST_DAY).days
    requested = _FIRST_DAY + dt.timedelta(days=int(draw * days))
    return {
        "requested_on": requested.isoformat(),
        "due_on": (requested + _DUE_AFTER).isoformat(),
    }
