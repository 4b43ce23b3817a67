"""The agencies of the sample rounds.

Their names are real, and `agencies.csv` says what was published of them. Eight entries are made
up: one that is renamed between the rounds, two that merge into one, one that goes, two that come.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Round = Literal["spring", "autumn"]
ROUNDS: tuple[Round, ...] = ("spring", "autumn")

_ROUNDS: dict[str, tuple[Round, ...]] = {
    "both": ROUNDS,
    "spring": ("spring",),
    "autumn": ("autumn",),
}

CIVIL_REGISTRATION = "0021"


@dataclass(frozen=True, slots=True)
class Agency:
    """A row of the register of agencies; see :class:`egovrules.model.Agency`.

    Attributes:
        code: Four digits.
        rounds: The rounds in which it exists.
        kind: As :class:`egovrules.model.AgencyKind`.
        is_main: One of the 20 main agencies.
        sector: Which titles its services bear.
        published: What the news of the eighth round says of it: ``top_ten``,
            ``highest_growth``, ``undesirable``, or nothing.
        name_en: English name.
        name_fa: Persian name.
        predecessors: Codes of the agencies that it continues.
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


@cache
def roster() -> tuple[Agency, ...]:
    """Return the register of agencies, of both rounds."""
    return tuple(
        Agency(
            code=row["code"],
            rounds=_ROUNDS[row["rounds"]],
            kind=row["kind"],
            is_main=row["is_main"] == "true",
            sector=row["sector"],
            published=row["published"],
            name_en=row["name_en"],
            name_fa=row["name_fa"],
            predecessors=tuple(filter(None, row["predecessors"].split(";"))),
        )
        for row in read_rows("agencies.csv")
    )


def read_rows(name: str) -> list[dict[str, str]]:
    """Read a table that lies beside this module."""
    text = files("egovrules.sample").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
