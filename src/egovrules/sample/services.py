"""The register of services of the sample rounds: codes, names, who gives them, since when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from egovrules.sample.draws import apportion, chosen, draws, size, spread
from egovrules.sample.roster import CIVIL_REGISTRATION, ROUNDS, Agency, Round, read_rows, roster

ELIGIBLE = 5989  # services that can be electronic, autumn 1400 (published)
INELIGIBLE = 431  # ours, as all that follows
_FEWEST = 6  # services of the smallest agency
_NEW = 0.03  # share of services first registered in autumn
_RETIRED = 0.02  # and, on top of them, last registered in spring

SMART_CARD = f"{CIVIL_REGISTRATION}0001"  # the service that others wait for
_SMART_CARD_NAMES = ("Issuing smart national identity cards", "صدور کارت هوشمند ملی")

ACTIONS = (
    ("Issuing {}", "صدور {}"),
    ("Renewing {}", "تمدید {}"),
    ("Amending {}", "اصلاح {}"),
    ("Issuing duplicates of {}", "صدور المثنای {}"),
    ("Cancelling {}", "ابطال {}"),
    ("Transferring {}", "انتقال {}"),
    ("Answering inquiries about {}", "استعلام {}"),
    ("Verifying {}", "تأیید اصالت {}"),
    ("Reviewing applications for {}", "بررسی درخواست {}"),
    ("Suspending {}", "تعلیق {}"),
    ("Certifying copies of {}", "تصدیق رونوشت {}"),
    ("Keeping records of {}", "ثبت سوابق {}"),
)
REASONS = (
    "نیازمند حضور فیزیکی متقاضی",  # the applicant must be there in person
    "خدمت محرمانه",  # confidential
    "عملیات میدانی",  # field work
    "فاقد متقاضی بیرونی",  # no applicant from outside
)
AUDIENCES = ("g2c", "g2c", "g2c;g2b", "g2b", "g2b", "g2g", "g2b;g2g", "g2e")

# One draw of a service for each, spread evenly over the services of its agency.
_SIDES = (
    *("electronization", "visits", "on_time", "online_uptake", "satisfaction", "register"),
    *("tracking", "terms", "links", "once_only", "agency_window", "national_window"),
    *("enablers", "improved", "new"),
)


@dataclass(frozen=True, slots=True)
class Service:
    """A row of the register of services; see :class:`egovrules.model.Service`.

    Attributes:
        code: Eight digits, the first four those of the agency that registered it.
        rounds: The rounds in which it exists.
        eligible: It can be electronic.
        ineligible_because: Why not.
        name_en: English name.
        name_fa: Persian name.
        parent: Code of the service that it is a part of, or empty.
        audience: As in the table, several parted by ``;``.
        volume: Cases per year.
        sides: How well it does for a service of its agency, 0 to 1, by indicator.
    """

    code: str
    rounds: tuple[Round, ...]
    eligible: bool
    ineligible_because: str
    name_en: str
    name_fa: str
    parent: str
    audience: str
    volume: int
    sides: Mapping[str, float]

    @property
    def lineage(self) -> str:
        """The agency that registered it; see :attr:`egovrules.sample.roster.Agency.lineage`."""
        return self.code[:4]


def register(seed: int) -> list[Service]:
    """Draw every service of both rounds, so that autumn has exactly :data:`ELIGIBLE` of them."""
    # The agency as it is in autumn, where it has a new name by then.
    owners = {agency.lineage: agency for agency in roster()}
    here = [code for code, agency in owners.items() if "autumn" in agency.rounds]
    gone = [code for code, agency in owners.items() if "autumn" not in agency.rounds]
    weights = {code: _weight(seed, owners[code]) for code in owners}
    spare = ELIGIBLE - _FEWEST * len(here)
    eligible = {
        code: _FEWEST + more
        for code, more in apportion(spare, {code: weights[code] for code in here}).items()
    }
    eligible |= dict.fromkeys(gone, 3 * _FEWEST)
    ineligible = apportion(INELIGIBLE, weights)
    return [
        service
        for code, agency in owners.items()
        for service in _of_agency(seed, agency, eligible[code], ineligible[code])
    ]


def _weight(seed: int, agency: Agency) -> float:
    """Weigh an agency by how many services it has: main agencies many, most others few."""
    (draw,) = draws(1, seed, agency.lineage, "weight")
    return 5 + 4 * draw if agency.is_main else 1 + 5 * draw * draw


def _of_agency(seed: int, agency: Agency, eligible: int, ineligible: int) -> Iterator[Service]:
    retired = int(eligible * _RETIRED + 0.5) if agency.rounds == ROUNDS else 0
    count = eligible + retired + ineligible
    sides = {name: spread(count, seed, agency.lineage, name) for name in _SIDES}
    names = _names(agency, count)
    for place in range(count):
        code = f"{agency.lineage}{place + 1:04d}"
        toss = draws(20, seed, code, "register")
        own = {name: values[place] for name, values in sides.items()}
        is_eligible = place < eligible + retired
        is_retired = eligible <= place < eligible + retired
        name_en, name_fa = _SMART_CARD_NAMES if code == SMART_CARD else names[place]
        part_of = place > _FEWEST and toss[0] < 1 / 8
        yield Service(
            code=code,
            rounds=_rounds(agency, place, retired=is_retired, new=own["new"] < _NEW),
            eligible=is_eligible,
            ineligible_because="" if is_eligible else chosen(REASONS, toss[1]),
            name_en=name_en,
            name_fa=name_fa,
            # The first services of an agency stay in both rounds, so that a parent is always there.
            parent=f"{agency.lineage}{int(toss[2] * _FEWEST) + 1:04d}" if part_of else "",
            audience=chosen(AUDIENCES, toss[3]),
            volume=size(25, 14, toss[4:19]),
            sides=own,
        )


def _rounds(agency: Agency, place: int, *, retired: bool, new: bool) -> tuple[Round, ...]:
    if agency.rounds != ROUNDS and not _renamed(agency):
        return agency.rounds
    if retired:
        return ("spring",)
    return ("autumn",) if new and place >= _FEWEST else ROUNDS


def _renamed(agency: Agency) -> bool:
    return agency.lineage != agency.code


def _names(agency: Agency, count: int) -> Sequence[tuple[str, str]]:
    """Return names in English and Persian: titles of the sector with every action, in turn."""
    titles = [*_titles().get(agency.sector, ()), *_titles()["*"]]
    # Each action passes over all titles before the next one begins, the agency's first service
    # being the issue of its sector's first document.
    pairs = [
        (action_en.format(en), action_fa.format(fa))
        for action_en, action_fa in ACTIONS
        for en, fa in titles
    ]
    return pairs[:count]


@cache
def _titles() -> Mapping[str, tuple[tuple[str, str], ...]]:
    rows = read_rows("titles.csv")
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row["sector"], []).append((row["name_en"], row["name_fa"]))
    return {sector: tuple(pairs) for sector, pairs in found.items()}


def in_round(services: Iterable[Service], when: Round) -> list[Service]:
    """Return the services of one round."""
    return [service for service in services if when in service.rounds]
