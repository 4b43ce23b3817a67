"""The tables of a sample round, as rows of text: what the generator comes to."""

from collections.abc import Mapping
from dataclasses import dataclass

from egovrules.sample.indicators import Row, agency_cells, service_cells
from egovrules.sample.levels import courses, profile
from egovrules.sample.links import link_rows
from egovrules.sample.points import Place, places
from egovrules.sample.roster import ROUNDS, Agency, Round, roster
from egovrules.sample.services import Service, register

# The last column of every row of every table, so that none can be taken for a real one.
_MARK = {"synthetic": "true"}
# A service that cannot be electronic has next to nothing online.
_OUT_OF_SCOPE = Place("under_50", 0.0)


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of a round, column by column in one order in every row of a table."""

    agencies: list[Row]
    services: list[Row]
    links: list[Row]


def tables(seed: int) -> dict[Round, Tables]:
    """Draw both rounds.

    Args:
        seed: Any whole number; the same one gives the same rows, on every platform.
    """
    services, levels = register(seed), courses(seed)
    found: dict[Round, Tables] = {}
    for when in ROUNDS:
        here = [agency for agency in roster() if when in agency.rounds]
        theirs = [service for service in services if when in service.rounds]
        profiles = {
            agency.lineage: profile(seed, agency.lineage, levels[agency.lineage], when)
            for agency in here
        }
        stands = places(seed, theirs, levels, when)
        owners = {agency.lineage: agency.code for agency in here}
        found[when] = Tables(
            agencies=[_agency(seed, agency, profiles[agency.lineage]) for agency in here],
            services=[
                _service(seed, one, owners[one.lineage], stands, profiles[one.lineage])
                for one in sorted(theirs, key=lambda one: one.code)
            ],
            links=[row | _MARK for row in link_rows(seed, theirs, profiles)],
        )
    return found


def _agency(seed: int, agency: Agency, levels: Mapping[str, float]) -> Row:
    return {
        "code": agency.code,
        "name_fa": agency.name_fa,
        "name_en": agency.name_en,
        "kind": agency.kind,
        "is_main": "true" if agency.is_main else "false",
        "predecessors": ";".join(agency.predecessors),
        **agency_cells(seed, agency.lineage, levels),
        **_MARK,
    }


def _service(
    seed: int,
    service: Service,
    agency: str,
    stands: Mapping[str, Place],
    levels: Mapping[str, float],
) -> Row:
    return {
        "code": service.code,
        "agency": agency,
        "name_fa": service.name_fa,
        "name_en": service.name_en,
        "parent": service.parent,
        "audience": service.audience,
        "eligible": "true" if service.eligible else "false",
        "ineligible_because": service.ineligible_because,
        **service_cells(seed, service, stands.get(service.code, _OUT_OF_SCOPE), levels),
        **_MARK,
    }
