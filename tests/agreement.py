"""How far the rulesets under rulesets/published agree with what the publishers printed.

Run by tests, and by ``make agreement``, which writes a page from the same comparisons. All go the
way that anyone goes: a ruleset and a source of this repository, and a folder of data.
"""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import egovrules as eg

PUBLISHED = Path(__file__).parents[1] / "rulesets" / "published"
EDITIONS = ("2010", "2012", "2014", "2016", "2018")

Cells = Mapping[tuple[str, str], Any]  # by unit and variable; None: blank


@dataclass(frozen=True, slots=True)
class Agreement:
    """One comparison with published figures.

    Attributes:
        index: Whose figures.
        edition: Which edition, or which ruleset.
        what: What is compared.
        cells: How many figures there are, published or calculated.
        blanks: How many cells are blank on both sides.
        one_sided: How many of the figures are blank on the other side.
        residual: The largest difference where both have a value; above 1, as a share of the value.
        ranks: How many ranks are published.
        bands: How many groups are published.
        unequal: Every rank and group that is not as published, in words.
        note: What a reader should know of it.
        allowed: How large the residual may be: the publisher's rounding, or the noise of floats.
    """

    index: str
    edition: str
    what: str
    cells: int = 0
    blanks: int = 0
    one_sided: int = 0
    residual: float = 0.0
    ranks: int = 0
    bands: int = 0
    unequal: tuple[str, ...] = ()
    note: str = ""
    allowed: float = 1e-9


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a published CSV file, every cell as text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def number(cell: str) -> float | None:
    """Read a published cell."""
    return None if cell in ("", "NA") else float(cell)


@lru_cache(maxsize=2)
def _dataset(folder: Path, source: str) -> eg.Dataset:
    return eg.load_dataset(folder, PUBLISHED / f"{source}.source.yaml")


def evaluated(folder: Path, ruleset: str, source: str = "") -> eg.Evaluation:
    """Evaluate published data by files of rulesets/published, named without their endings."""
    dataset = _dataset(folder, source or ruleset)
    return eg.evaluate(eg.load_ruleset(PUBLISHED / f"{ruleset}.yaml"), dataset)


def nodes(evaluation: eg.Evaluation, value: str = "score") -> Cells:
    """Return scores (or ranks) by agency and node."""
    rows = evaluation.criteria.select("agency", "node", value).rows()
    return {(agency, node): one for agency, node, one in rows}


def compared(got: Cells, want: Cells) -> dict[str, Any]:
    """Count cells and blanks, and find the largest residual; a cell that is lacking is an error."""
    pairs = [(got[key], value) for key, value in want.items()]
    both = [(ours, theirs) for ours, theirs in pairs if ours is not None and theirs is not None]
    return {
        "cells": sum((ours, theirs) != (None, None) for ours, theirs in pairs),
        "blanks": sum((ours, theirs) == (None, None) for ours, theirs in pairs),
        "one_sided": sum((ours is None) != (theirs is None) for ours, theirs in pairs),
        "residual": max((abs(a - b) / max(1.0, abs(b)) for a, b in both), default=0.0),
    }


def unequal(got: Cells, want: Cells) -> tuple[str, ...]:
    """Say which ranks or groups are not as published."""
    return tuple(
        f"{unit}, {variable}: {got[unit, variable]}, published {theirs}"
        for (unit, variable), theirs in want.items()
        if got[unit, variable] != theirs
    )


def _rank(cell: str) -> int | None:
    return None if cell == "" else int(float(cell))  # some are printed as 5.0


def _published(rows: Sequence[Mapping[str, str]], code: str, columns: Collection[str]) -> Cells:
    return {(row[code], column): number(row[column]) for row in rows for column in columns}


# --- EGDI, DGI, GTMI ------------------------------------------------------------------------------

_EGDI = {
    "2010": "Weights .34, .33, .33. Nine countries without one of the components have 0 and share "
    "rank 184; South Sudan, without all three, has neither index nor rank.",
    "2012": "Three countries with an Online Service Index of 0 have 0 and share rank 191.",
    "2014": "From here on, an Online Service Index of 0 counts as it is. Ranks are of the "
    "unrounded index, as in 2010, 2012 and 2016.",
    "2018": "Ranks are of the index rounded to four decimals; unrounded, those of Iraq and Serbia "
    "would be one off.",
}


def compare_egdi(shared: Path) -> Iterator[Agreement]:
    """Compare index and rank of all five editions; components are printed rounded."""
    for edition in EDITIONS:
        evaluation = evaluated(shared / "egdi", f"egdi-{edition}")
        rows = rows_of(shared / "egdi" / f"egdi-{edition}.csv")
        ranks = {(row["country-code"], "total"): _rank(row["e-gov-rank"]) for row in rows}
        index = {(row["country-code"], "total"): number(row["e-gov-index"]) for row in rows}
        yield Agreement(
            "UN EGDI",
            edition,
            "index from three components",
            **compared(nodes(evaluation), index),
            ranks=sum(rank is not None for rank in ranks.values()),
            unequal=unequal(nodes(evaluation, "rank"), ranks),
            note=_EGDI.get(edition, ""),
            allowed=1e-4,
        )


def compare_dgi(shared: Path) -> Iterator[Agreement]:
    """Compare the composite, which is printed to three decimals, and the ranks of members."""
    evaluation = evaluated(shared / "dgi", "dgi-2023")
    rows = rows_of(shared / "dgi" / "dgi-2023.csv")
    index = {(row["cc_iso3c"], "total"): number(row["composite_index"]) for row in rows}
    ranks = {(row["cc_iso3c"], "total"): _rank(row["composite_rank"]) for row in rows}
    scores = nodes(evaluation)
    halves = {key[0]: theirs - scores[key] for key, theirs in index.items() if theirs is not None}
    halves = {code: off for code, off in halves.items() if abs(abs(off) - 0.0005) < 1e-9}
    up, down = ([code for code, off in halves.items() if off * sign > 0] for sign in (1, -1))
    yield Agreement(
        "OECD DGI",
        "2023",
        "composite from six dimensions",
        **compared(scores, index),
        ranks=sum(rank is not None for rank in ranks.values()),
        unequal=unequal(nodes(evaluation, "rank"), ranks),
        note=f"Composites are printed to three decimals. {len(halves)} lie on a half between two; "
        f"{', '.join(up)} are printed as the upper, {', '.join(down)} as the lower. No "
        "usual rule of rounding gives all of these, so the composite is left unrounded. Only the "
        "33 members are ranked.",
        allowed=0.0005 + 1e-9,
    )


def compare_gtmi(shared: Path) -> Iterator[Agreement]:
    """Compare the index and the groups; there are no ranks."""
    evaluation = evaluated(shared / "gtmi", "gtmi-2020")
    rows = rows_of(shared / "gtmi" / "gtmi-2020.csv")
    index = {(row["country_code"], "total"): number(row["gtmi"]) for row in rows}
    groups = {(row["country_code"], "group"): row["grp"] for row in rows}
    agencies = evaluation.agencies.select("agency", "band_gtmi_group").rows()
    yield Agreement(
        "World Bank GTMI",
        "2020",
        "index from four focus areas, and its group",
        **compared(nodes(evaluation), index),
        bands=len(groups),
        unequal=unequal({(code, "group"): band.upper() for code, band in agencies}, groups),
        note="The publisher means no ranking, so there are no ranks to compare.",
        allowed=1e-12,
    )


def compare_bipa(shared: Path) -> Iterator[Agreement]:
    """Compare all that is aggregated, and the ranks of all, metrics included."""
    evaluation = evaluated(shared / "bipa", "bipa-2024")
    structure = rows_of(shared / "bipa" / "bipa2024_data_structure.csv")
    tree = {node.id.rpartition(".")[2]: node.id for node in evaluation.manifest.tree}
    named = {row["structure_id"]: tree[row["name"]] for row in structure if row["level"] != "index"}
    named |= {row["structure_id"]: "total" for row in structure if row["level"] == "index"}
    rows = rows_of(shared / "bipa" / "bipa2024_all_data.csv")
    values = {(row["cc_iso3c"], named[row["structure_id"]]): float(row["value"]) for row in rows}
    ranks = {(row["cc_iso3c"], named[row["structure_id"]]): int(row["rank"]) for row in rows}
    above = {named[row["structure_id"]] for row in structure if row["level"] != "metric"}
    units = {row["cc_iso3c"] for row in rows}
    yield Agreement(
        "BIPA",
        "2024",
        "32 indicators, 16 themes, 4 domains and the index, from 82 metrics",
        **compared(nodes(evaluation), {(u, n): values.get((u, n)) for u in units for n in above}),
        ranks=len(ranks),
        unequal=unequal(nodes(evaluation, "rank"), ranks),
        note="Every mean is rounded to two decimals before it is used: to the nearer of the two "
        "neighbouring decimals as they are stored, a tie to the even one. The mean is corrected by "
        "the mean of what is left, as R's is; rounded only once, it would be off in two cells. "
        "Without rounding on the way, 46 ranks of the index would move. Ranks are of all nodes, "
        "the metrics included.",
    )


# --- eGovernment Benchmark 2023 -------------------------------------------------------------------

_DIMENSIONS = {
    "0": "total",
    "1": "user_centricity",
    "2": "transparency",
    "3": "key_enablers",
    "4": "cross_border",
}
_BY_SERVICE = {
    "1.1": "online_availability",
    "1.2": "user_centricity.mobile_friendliness",
    "2.1": "transparency.service_delivery",
    "3.1": "key_enablers.eid",
    "3.2": "key_enablers.edocuments",
    "3.3": "key_enablers.prefilled_forms",
}
_EU = "EU eGovernment Benchmark"


def compare_eu(shared: Path) -> Iterator[Agreement]:
    """Compare life events, countries, and the indicators that come from services."""
    folder, name = shared / "eu", "eu-egov-2023"
    evaluation = evaluated(folder, name)
    rows = rows_of(folder / "indicators-2021-2022.csv")
    rows = [row for row in rows if row["country"] not in ("AVERAGE_EU27", "EU27+")]
    events: dict[tuple[str, str], float | None] = {}
    countries: dict[tuple[str, str], float | None] = {}
    by_service: dict[tuple[str, str], float | None] = {}
    for row in rows:
        country, event, code = row["country"], row["column"], row["indicator"]
        value = number(row["value"])
        if event == "Biennial average 2021 + 2022" and code in _DIMENSIONS:
            countries[country, _DIMENSIONS[code]] = value
        elif not event.startswith(("Average", "Biennial")) and code in _DIMENSIONS:
            events[f"{country} {event}", _DIMENSIONS[code]] = value
        elif not event.startswith(("Average", "Biennial")) and code in _BY_SERVICE:
            plain = event.rpartition(" (")[0].replace("Regular business operations", "Economic")
            by_service[f"{country} {plain}", _BY_SERVICE[code]] = value
    services = evaluation.services.rename({"total.services": "total"})
    wide = services.unpivot(list(_DIMENSIONS.values()), index="service").rows()
    what = "overall and four dimensions of 9 life events of 35 countries"
    got = {(service, node): value for service, node, value in wide}
    yield Agreement(_EU, "2023", f"{what}, from 14 indicators", **compared(got, events))
    overall = {code: value for (code, node), value in countries.items() if node == "total"}
    ranks = {
        (code, "total"): 1 + sum(other > value for other in overall.values())
        for code, value in overall.items()
    }
    yield Agreement(
        _EU,
        "2023",
        "overall and four dimensions of 35 countries",
        **compared(nodes(evaluation), countries),
        ranks=len(ranks),
        unequal=unequal(nodes(evaluation, "rank"), ranks),
        note="Life events are averaged, not indicators, which would move eight ranks. The table "
        "prints no ranks; they are those of its overall scores.",
    )
    yield Agreement(
        _EU,
        "2023",
        "six indicators of 9 life events, from 3,220 services",
        **compared(nodes(evaluated(folder, f"{name}-life-events")), by_service),
        note="Without any exception. Turkey/Health agrees in these six as well; its cross-border "
        "eID and eDocuments, printed as 0, cannot be compared, nor can anyone's: the table of "
        "services has no columns for them.",
    )


# --- ASEM, as COINr computes it -------------------------------------------------------------------

NORMALISED = {
    "asem-none": "none",
    "asem-min-max-0-1": "minmax_0_1",
    "asem": "minmax_0_100",
    "asem-min-max-1-100": "minmax_1_100",
    "asem-scaled": "scaled_0_100",
    "asem-goalposts": "goalposts_0_100",
    "asem-z-score": "zscore_0_1",
    "asem-z-score-10-2": "zscore_10_2",
    "asem-rank": "rank",
    "asem-rank-average": "rank_avg",
    "asem-borda": "borda",
    "asem-percentile-rank": "prank",
    "asem-distance-to-maximum": "dist2max",
    "asem-distance-to-target": "dist2targ_cap",
}
AGGREGATED = {
    "asem-min-max-1-100": "amean",
    "asem-geometric": "gmean",
    "asem-harmonic": "hmean",
    "asem-min-share-65": "amean_thresh_0.65",
    "asem-min-share-90": "amean_thresh_0.9",
}
_ASEM = "ASEM (COINr)"


def compare_asem(shared: Path) -> Iterator[Agreement]:
    """Compare each normalisation, each aggregation, and the example of the package."""
    what = "49 indicators, normalised"
    for name, file in NORMALISED.items():
        yield _asem(shared, name, f"03_norm_Raw_{file}.csv", what)
    what = "the same, and from them pillars, sub-indexes and index"
    for name, file in AGGREGATED.items():
        yield _asem(shared, name, f"04_agg_NRaw1_a_{file}.csv", what)
    yield _asem(
        shared,
        "asem-full",
        "02_pipe_Aggregated.csv",
        "raw data through all steps to the index, and the ranks of every node",
        "09_results_Full_ranks.csv",
        note="COINr ranks to the last bit. Greece's tolerance for minorities is 5.1000000000000005 "
        "where two others have 5.1, so it is 26th there, and not 24th as they are.",
    )


def _asem(
    shared: Path, name: str, scores: str, what: str, ranks: str = "", note: str = ""
) -> Agreement:
    evaluation = evaluated(shared / "asem", f"asem/{name}", "asem/asem")
    tree = {node.id.rpartition(".")[2]: node.id for node in evaluation.manifest.tree}
    tree |= {"index": "total", "services": tree["services_trade"]}

    def cells(file: str) -> Cells:
        rows = rows_of(shared / "asem" / file)
        plain = _published(rows, "uCode", rows[0].keys() - {"uCode"})
        return {(code, tree[column.lower()]): value for (code, column), value in plain.items()}

    ranked = {key: int(rank) for key, rank in cells(ranks).items()} if ranks else {}
    return Agreement(
        _ASEM,
        name,
        what,
        **compared(nodes(evaluation), cells(scores)),
        ranks=len(ranked),
        unequal=unequal(nodes(evaluation, "rank"), ranked),
        note=note,
    )


COMPARISONS = (compare_egdi, compare_dgi, compare_gtmi, compare_bipa, compare_eu, compare_asem)
