"""What agencies declare in a round: the indicators of agencies and services, cell by cell.

Every criterion is drawn the same way: of the whole (features asked about, cases, documents, ...)
a part is fulfilled that comes, on average, to the agency's level in that criterion.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from egovrules.model import AnswerStatus
from egovrules.sample.draws import chosen, draws, part, shuffled, size, wobble
from egovrules.sample.points import Place, point_states
from egovrules.sample.services import Service
from egovrules.text import persian_digits

Row = dict[str, str]
Levels = Mapping[str, float]

_TERMS = ("published_time", "published_fee", "published_steps", "published_legal_basis")
_HELP = ("help_phone", "help_chat", "help_guide", "help_faq", "help_video")
_PERSONAL_DATA = ("personal_data_view", "personal_data_correct", "personal_data_access_log")
_FEATURES = ("participation_inform", "participation_consult", "participation_decide")
_INCLUSIVE = ("inclusive_counter", "inclusive_languages", "inclusive_disability")
_ENABLERS = ("enabler_eid", "enabler_esignature", "enabler_epayment", "enabler_edocument")
_TRACKING = ("none", "status", "status_and_date")
_MOST_VISITS = 3
_MOST_ANSWERS = 400

# What a register form may say, by field; the Persian one is the record.
_REGISTER = {
    "register_audience": ("مردم", "کسب‌وکار", "دستگاه‌های دیگر"),
    "register_level": ("ملی", "استانی", "شهرستانی"),
    "register_life_event": ("تولد", "آموزش", "اشتغال", "کسب‌وکار", "ازدواج", "بازنشستگی"),
    "register_documents": ("کارت ملی", "کارت ملی؛ شناسنامه", "اظهارنامه", "مدرک تحصیلی"),
    "register_duration": ("یک روز کاری", "۳ روز کاری", "۱۰ روز کاری", "۳۰ روز"),
    "register_visits": ("بدون مراجعه", "۱ بار", "۲ بار", "۳ بار"),
    "register_fee": ("رایگان", "۲۵۰٬۰۰۰ ریال", "۱٬۲۰۰٬۰۰۰ ریال", "طبق تعرفه"),
    "register_channels": ("درگاه", "درگاه؛ پیشخوان", "پیشخوان", "برنامک"),
    "register_complaint_route": ("سامانهٔ ۱۱۱", "درگاه دستگاه", "بازرسی"),
}

# Cells that real declarations leave open, now and then, and what stands there instead.
_OPEN_SERVICE = (
    *("visits", "cases_on_time", "requests_online", "satisfaction_mean", "tracking"),
    *("published_fee", "documents_already_held", "national_window", "improved_from_feedback"),
    *("enabler_esignature", "annual_volume"),
)
_OPEN_AGENCY = ("accessibility_passed", "datasets_open", "data_requests_met", "declaration_gap")
_TOKENS = (
    *("", ""),
    *(AnswerStatus.NOT_ANSWERED, AnswerStatus.REFUSED, AnswerStatus.UNVERIFIABLE),
    *(AnswerStatus.EXEMPT, AnswerStatus.AUDITOR_UNABLE),
)
_SHARE_OPEN = 0.12  # of rows, each in one cell

_IN_PERSIAN_DIGITS = 0.06  # share of agencies that type their services' numbers so
_NUMBERS = (
    *("annual_volume", "visits", "cases", "cases_on_time", "requests", "requests_online"),
    *("satisfaction_mean", "satisfaction_answers", "documents_asked", "documents_already_held"),
)


def service_cells(seed: int, service: Service, place: Place, levels: Levels) -> Row:
    """Draw the indicators of a service in a round.

    Args:
        seed: As everywhere.
        service: The service.
        place: Where it stands in electronization.
        levels: Its agency's level in that round, by criterion.
    """
    toss = draws(11 + len(_REGISTER), seed, service.code, "cells")
    sides = service.sides
    visits = _MOST_VISITS - part(_MOST_VISITS, levels["visits"], sides["visits"])
    points = point_states(seed, service, place, visits)
    cases = 1 + int(service.volume * (0.4 + 0.2 * toss[0]))
    requests = 1 + int(cases * (1 + 0.3 * toss[1]))
    uptake = wobble(levels["online_uptake"], sides["online_uptake"])
    nothing_online = place.band == "not_started"
    satisfaction = 1 + 4 * wobble(levels["satisfaction"], sides["satisfaction"])
    documents = 1 + int(5 * toss[2])
    needed = part(documents, levels["once_only"], sides["once_only"])
    cells: Row = {
        "annual_volume": str(service.volume),
        **points,
        "visits": str(visits),
        "cases": str(cases),
        "cases_on_time": str(part(cases, wobble(levels["on_time"], sides["on_time"]), toss[3])),
        "requests": str(requests),
        "requests_online": "0" if nothing_online else str(part(requests, uptake, toss[4])),
        "satisfaction_mean": f"{satisfaction:.1f}",
        "satisfaction_answers": str(min(_MOST_ANSWERS, part(cases, 0.05, toss[5]))),
        **_register(service, levels["register"], toss[6], toss[11:]),
        "tracking": _TRACKING[part(2, levels["tracking"], sides["tracking"])],
        **_yes_or_no(_TERMS, levels["terms"], sides["terms"], seed, service.code),
        "documents_asked": str(documents),
        "documents_already_held": str(documents - needed),
        "agency_window": _boolean(part(1, levels["single_window"], sides["agency_window"])),
        "national_window": _boolean(part(1, levels["single_window"], sides["national_window"])),
        **_enablers(seed, service, levels["shared_enablers"], toss[7]),
        "improved_from_feedback": _boolean(part(1, levels["improved"], sides["improved"])),
    }
    _leave_open(cells, _OPEN_SERVICE, toss[8:11])
    if _types_persian_digits(seed, service.lineage):
        cells |= {name: _persian(cells[name]) for name in _NUMBERS}
    return cells


def agency_cells(seed: int, code: str, levels: Levels) -> Row:
    """Draw an agency's own indicators in a round.

    Args:
        seed: As everywhere.
        code: Its lineage.
        levels: Its level in that round, by criterion.
    """
    toss = draws(60, seed, code, "cells")
    sides = iter(toss[40:])
    wholes = {
        "accessibility_applicable": 20 + int(30 * toss[0]),
        "datasets_listed": 5 + int(55 * toss[1]),
        "calls": size(200, 14, toss[2:17]),
        "data_requests": 4 + int(60 * toss[17]),
        "systems": 6 + int(50 * toss[18]),
        "consultations_held": int(12 * toss[19]),  # none here and there: not applicable
        "comments_received": size(5, 10, toss[20:31]),
        "complaints_received": 3 + size(1, 8, toss[31:40]),
    }

    def of(whole: str, criterion: str) -> int:
        return part(wholes[whole], levels[criterion], next(sides))

    gap = 40 * (1 - wobble(levels["honesty"], next(sides)))
    cells: Row = {
        "accessibility_applicable": str(wholes["accessibility_applicable"]),
        "accessibility_passed": str(of("accessibility_applicable", "accessible")),
        **_yes_or_no(_HELP, levels["help"], next(sides), seed, code),
        **_yes_or_no(_PERSONAL_DATA, levels["personal_data"], next(sides), seed, code),
        "datasets_listed": str(wholes["datasets_listed"]),
        "datasets_open": str(of("datasets_listed", "open_data")),
        "declaration_gap": f"{gap:.1f}",
        "calls": str(wholes["calls"]),
        "calls_successful": str(of("calls", "exchange_success")),
        "data_requests": str(wholes["data_requests"]),
        "data_requests_met": str(of("data_requests", "data_requests")),
        "systems": str(wholes["systems"]),
        "systems_duplicate": str(wholes["systems"] - of("systems", "no_duplicates")),
        "consultations_held": str(wholes["consultations_held"]),
        "consultations_with_outcome": str(of("consultations_held", "consultations")),
        "comments_received": str(wholes["comments_received"]),
        "comments_answered_in_time": str(of("comments_received", "comments")),
        "complaints_received": str(wholes["complaints_received"]),
        "complaints_resolved_in_time": str(of("complaints_received", "complaints")),
        **_yes_or_no(_FEATURES, levels["features"], next(sides), seed, code),
        **_yes_or_no(_INCLUSIVE, levels["inclusive"], next(sides), seed, code),
    }
    _leave_open(cells, _OPEN_AGENCY, toss[57:60])
    return cells


def _yes_or_no(names: Sequence[str], level: float, side: float, seed: int, code: str) -> Row:
    """Say yes to as many as the level calls for, in an order that is the subject's own."""
    order = shuffled(names, seed, code, names[0])
    present = order[: part(len(names), level, side)]
    return {name: _boolean(name in present) for name in names}


def _register(service: Service, level: float, start: float, toss: Sequence[float]) -> Row:
    """Fill as many fields of the register form as the level calls for, and leave others empty."""
    names = tuple(_REGISTER)
    filled = part(len(names), level, service.sides["register"])
    first = int(start * len(names))
    order = names[first:] + names[:first]
    cells = dict.fromkeys(names, "")
    return cells | {
        name: chosen(_REGISTER[name], toss[names.index(name)]) for name in order[:filled]
    }


def _enablers(seed: int, service: Service, level: float, toss: float) -> Row:
    """Use as many of the applicable enablers as the level calls for; at least two are."""
    order = shuffled(_ENABLERS, seed, service.code, "enablers")
    applicable = order[: len(order) - int(3 * toss * toss)]
    used = applicable[: part(len(applicable), level, service.sides["enablers"])]
    cells = dict.fromkeys(_ENABLERS, "not_applicable") | dict.fromkeys(applicable, "unused")
    return cells | dict.fromkeys(used, "used")


def _leave_open(cells: Row, columns: Sequence[str], toss: Sequence[float]) -> None:
    """Leave one cell of some rows open, or put the status of an answer there."""
    if toss[0] < _SHARE_OPEN:
        cells[chosen(columns, toss[1])] = str(chosen(_TOKENS, toss[2]))


@cache
def _types_persian_digits(seed: int, lineage: str) -> bool:
    (draw,) = draws(1, seed, lineage, "digits")
    return draw < _IN_PERSIAN_DIGITS


def _boolean(value: bool | int) -> str:
    return "true" if value else "false"


def _persian(cell: str) -> str:
    return persian_digits(cell.replace(".", "٫"))
