"""Collecting what is wrong with tables: everything, yet no more than a person will read."""

from collections.abc import Sequence
from dataclasses import dataclass

from egovrules.errors import DatasetError, EgovrulesError, Problem
from egovrules.readers.common import SHOWN

EXAMPLES = 3  # cells of every kind that are shown, however many others came before


@dataclass(frozen=True, slots=True)
class _Cells:
    """Wrong cells of one kind: the first of them, and how many there are."""

    found: Sequence[Problem]
    total: int
    source: str
    column: str

    def told(self, count: int) -> list[Problem]:
        """Tell *count* of them in full, and of the rest their number."""
        kept = list(self.found[:count])
        rest = self.total - len(kept)
        if rest > 0:
            what = "wrong cell here" if rest == 1 else "wrong cells here"
            message = f"and {rest:,} more like these" if kept else f"{rest:,} {what}"
            kept.append(Problem(message, self.source, where=f"column {self.column}"))
        return kept


class Tally:
    """The problems found so far: a hundred cells in full, some of each kind, and their number."""

    def __init__(self) -> None:
        self.warnings: list[Problem] = []
        self._noted: list[Problem | _Cells] = []

    @property
    def room(self) -> int:
        """How many cells of the next kind are worth looking up."""
        return max(SHOWN - sum(len(one.found) for one in self._kinds()), EXAMPLES)

    def _kinds(self) -> list[_Cells]:
        return [one for one in self._noted if isinstance(one, _Cells)]

    def add(self, *problems: Problem) -> None:
        """Note problems that are no cells, such as a column that is missing."""
        self._noted += problems

    def cells(self, found: Sequence[Problem], total: int, source: str, column: str) -> None:
        """Note cells of one kind.

        Args:
            found: The first of them; at most :attr:`room` are kept.
            total: How many there are in all; may be none.
            source: Their file.
            column: Their column.
        """
        if total:
            self._noted.append(_Cells(found[: self.room], total, source, column))

    def take(self, error: EgovrulesError) -> None:
        """Note the problems of an error, so that the next part can still be looked at."""
        self._noted += error.problems

    def places_first(self) -> None:
        """Put what points at a line of a text before the rest, by position."""

        def position(one: Problem | _Cells) -> tuple[bool, int, int]:
            if isinstance(one, _Cells) or one.line is None:
                return True, 0, 0
            return False, one.line, one.column or 0

        self._noted.sort(key=position)

    def settle(self) -> None:
        """Raise what was found, if anything.

        Raises:
            DatasetError: With all problems, and the warnings, which may say how they came about.
        """
        if self._noted:
            counts = iter(_shares([len(one.found) for one in self._kinds()]))
            problems: list[Problem] = []
            for one in self._noted:
                problems += one.told(next(counts)) if isinstance(one, _Cells) else [one]
            raise DatasetError([*problems, *self.warnings])


def _shares(found: Sequence[int]) -> list[int]:
    """Say how many cells of each kind are shown: a few of each, then as they came, to a hundred."""
    few = max(1, min(EXAMPLES, SHOWN // max(len(found), 1)))
    shares = [0] * len(found)
    room = SHOWN
    for most in (few, SHOWN):
        for at, count in enumerate(found):
            more = min(count, most) - shares[at]
            more = max(0, min(more, room))
            shares[at] += more
            room -= more
    return shares
