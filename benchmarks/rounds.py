"""Made-up rounds of any size, with every column that the ruleset ``ir-1400-spring`` reads."""

import sys
from pathlib import Path

import numpy as np
import polars as pl

RULESET = Path(__file__).parents[1] / "rulesets" / "ir-1400-spring.yaml"
MISSING = 0.03  # share of cells that are empty
MISSING_POINTS = 0.02  # of interaction points: nine of them make one service in six unassessed

POINTS = (
    "point_information",
    "point_identity",
    "point_application",
    "point_documents",
    "point_payment",
    "point_tracking",
    "point_decision",
    "point_issuance",
    "point_complaint",
)
REGISTER = (
    "register_audience",
    "register_level",
    "register_life_event",
    "register_documents",
    "register_duration",
    "register_visits",
    "register_fee",
    "register_channels",
    "register_complaint_route",
)
TERMS = ("published_time", "published_fee", "published_steps", "published_legal_basis")
ENABLERS = ("enabler_eid", "enabler_esignature", "enabler_epayment", "enabler_edocument")
SERVICE_PAIRS = (
    ("cases_on_time", "cases"),
    ("requests_online", "requests"),
    ("links_live", "links_required"),
    ("documents_already_held", "documents_asked"),
)
AGENCY_PAIRS = (
    ("accessibility_passed", "accessibility_applicable"),
    ("datasets_open", "datasets_listed"),
    ("calls_successful", "calls"),
    ("data_requests_met", "data_requests"),
    ("systems_duplicate", "systems"),
    ("consultations_with_outcome", "consultations_held"),
    ("comments_answered_in_time", "comments_received"),
    ("complaints_resolved_in_time", "complaints_received"),
)
HELP = ("help_phone", "help_chat", "help_guide", "help_faq", "help_video")
PERSONAL_DATA = ("personal_data_view", "personal_data_correct", "personal_data_access_log")
FEATURES = ("participation_inform", "participation_consult", "participation_decide")
PROVISIONS = ("inclusive_counter", "inclusive_languages", "inclusive_disability")


def make_round(services: int, agencies: int, seed: int = 1400) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make a table of services and one of agencies.

    Args:
        services: Rows of services; every agency has at least one, and few have most of them.
        agencies: Rows of agencies.
        seed: Of the random numbers; the same one gives the same round.
    """
    draw = np.random.default_rng(seed)
    return _services(draw, services, agencies), _agencies(draw, agencies)


def _services(draw: np.random.Generator, rows: int, agencies: int) -> pl.DataFrame:
    size = 1 / np.arange(1, agencies + 1) ** 0.7
    owner = draw.choice(agencies, rows, p=size / size.sum())
    owner[:agencies] = np.arange(agencies)
    draw.shuffle(owner)
    number = pl.Series("n", np.arange(rows)).cast(pl.String).str.zfill(8)
    columns = {
        "code": ("S" + number),
        "agency": ("A" + pl.Series(owner).cast(pl.String).str.zfill(6)),
        "name_en": ("Service number " + number),
        "name_fa": ("خدمت شمارهٔ " + number),
        "eligible": pl.Series(draw.random(rows) < 0.98),
    }
    maturity = draw.beta(0.9, 1.1, rows)
    columns |= {name: _point(draw, maturity) for name in POINTS}
    visits = draw.integers(0, 6, rows) * (draw.random(rows) > maturity)
    columns["visits"] = _numbers(draw, visits)
    for part, whole in SERVICE_PAIRS:
        columns |= _pair(draw, rows, part, whole, 12 if "links" in part else 400)
    shares_nothing = pl.Series(owner % 12 == 5)  # so that the cap bites somewhere
    live = pl.DataFrame({"live": columns["links_live"], "none": shares_nothing})
    none_live = pl.when("none").then(0.0).otherwise("live")
    columns["links_live"] = live.select(none_live.alias("live"))["live"]
    columns["satisfaction_mean"] = _numbers(draw, 1 + 4 * draw.random(rows))
    columns["satisfaction_answers"] = _numbers(draw, draw.integers(0, 200, rows))
    texts = ["known", "citizens; firms", "to be said in the register of services", " "]
    columns |= {name: _texts(draw, draw.integers(0, 4, rows), texts) for name in REGISTER}
    tracking = ["none", "status", "status_and_date"]
    columns["tracking"] = _texts(draw, draw.integers(0, 3, rows), tracking)
    flags = (*TERMS, "agency_window", "national_window", "improved_from_feedback")
    columns |= {name: _flags(draw, rows) for name in flags}
    enabler = ["used", "unused", "not_applicable"]
    columns |= {name: _texts(draw, draw.integers(0, 3, rows), enabler) for name in ENABLERS}
    return pl.DataFrame(columns)


def _agencies(draw: np.random.Generator, rows: int) -> pl.DataFrame:
    number = pl.Series(np.arange(rows)).cast(pl.String).str.zfill(6)
    columns = {
        "code": ("A" + number),
        "name_en": ("Agency " + number),
        "name_fa": ("دستگاه " + number),
        "is_main": pl.Series(np.arange(rows) % 8 == 0),
        "declaration_gap": _numbers(draw, 30 * draw.random(rows)),
    }
    for part, whole in AGENCY_PAIRS:
        columns |= _pair(draw, rows, part, whole, 60)
    flags = (*HELP, *PERSONAL_DATA, *FEATURES, *PROVISIONS)
    columns |= {name: _flags(draw, rows) for name in flags}
    return pl.DataFrame(columns)


def _point(draw: np.random.Generator, maturity: np.ndarray) -> pl.Series:
    """Draw one interaction point: the riper a service, the more likely online."""
    chance = draw.random(maturity.size)
    state = np.where(chance < maturity, 2, np.where(chance < maturity + 0.1, 1, 0))
    state[draw.random(maturity.size) < 0.05] = 3
    states = ["offline", "partial", "online", "not_applicable"]
    return _texts(draw, state, states, MISSING_POINTS)


def _pair(
    draw: np.random.Generator, rows: int, part: str, whole: str, most: int
) -> dict[str, pl.Series]:
    """Draw a whole, nought for a few, and a part of it."""
    all_of_it = draw.integers(0, most + 1, rows)
    some_of_it = np.floor(draw.random(rows) * (all_of_it + 1))
    return {part: _numbers(draw, some_of_it), whole: _numbers(draw, all_of_it)}


def _numbers(draw: np.random.Generator, values: np.ndarray) -> pl.Series:
    return _with_gaps(draw, pl.Series(values.astype(np.float64)), MISSING)


def _flags(draw: np.random.Generator, rows: int) -> pl.Series:
    return _with_gaps(draw, pl.Series(draw.random(rows) < 0.6), MISSING)


def _texts(
    draw: np.random.Generator, which: np.ndarray, texts: list[str], missing: float = MISSING
) -> pl.Series:
    return _with_gaps(draw, pl.Series(texts).gather(which), missing)


def _with_gaps(draw: np.random.Generator, values: pl.Series, share: float) -> pl.Series:
    gaps = pl.Series(draw.random(values.len()) < share)
    frame = pl.DataFrame({"value": values, "gap": gaps})
    return frame.select(pl.when(~pl.col("gap")).then("value")).to_series()


def write_round(folder: Path, services: int, agencies: int) -> None:
    """Write a round as two Parquet files."""
    made = make_round(services, agencies)
    for name, table in zip(("services", "agencies"), made, strict=True):
        table.write_parquet(folder / f"{name}.parquet")


if __name__ == "__main__":
    write_round(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
