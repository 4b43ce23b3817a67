"""Collecting what is wrong with tables: everything, yet no more than a person will read."""

from collections.abc import Sequence

from egovrules.errors import DatasetError, EgovrulesError, Problem
from egovrules.readers.common import SHOWN


class Tally:
    """The problems found so far: the first hundred cells in full, of the rest their number."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self._cells = 0

    @property
    def room(self) -> int:
        """How many more cells are shown in full."""
        return SHOWN - self._cells

    def add(self, *problems: Problem) -> None:
        """Note problems that are no cells, such as a column that is missing."""
        self.problems += problems

    def cells(self, found: Sequence[Problem], total: int, source: str, column: str) -> None:
        """Note cells of one kind.

        Args:
            found: The first of them; at most :attr:`room` are kept.
            total: How many there are in all.
            source: Their file.
            column: Their column.
        """
        kept = found[: self.room]
        self._cells += len(kept)
        self.problems += kept
        rest = total - len(kept)
        if rest > 0:
            message = f"and {rest:,} more like these" if kept else f"and {rest:,} wrong cells here"
            self.problems.append(Problem(message, source, where=f"column {column}"))

    def take(self, error: EgovrulesError) -> None:
        """Note the problems of an error, so that the next part can still be looked at."""
        self.problems += error.problems

    def settle(self) -> None:
        """Raise what was found, if anything.

        Raises:
            DatasetError: With all problems.
        """
        if self.problems:
            raise DatasetError(self.problems)
