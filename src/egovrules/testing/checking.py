"""What a law is, and how it is tried: on many small tables, always the same ones."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import polars as pl
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import Flaky

from egovrules.criteria import Criterion
from egovrules.parameters import Read
from egovrules.testing.strategies import tables

_FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))  # a multiplier for long runs
MANY = 25 * _FUZZ
FEW = 8 * _FUZZ  # for laws about the code rather than the rows

_SETTINGS = settings(
    max_examples=MANY,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,  # the message below holds the table already
)

Faults = Callable[[Criterion, pl.DataFrame], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Law:
    """One law.

    Attributes:
        name: Its name, as test reports show it.
        doc: What it demands, in one sentence.
        applies: Whether a criterion declares what the law is about.
        faults: Yields what is wrong with a criterion on one table.
        tables: How many tables are drawn to try it on.
    """

    name: str
    doc: str
    applies: Callable[[Criterion], bool]
    faults: Faults
    tables: int

    def check(self, criterion: Criterion) -> None:
        """Try the law on one criterion.

        Raises:
            AssertionError: When it is broken, with criterion, law and the smallest such table.
        """
        reads = criterion.reads()
        tried = (self._fault(criterion, table) for table in _drawn(reads)[: self.tables])
        first = next(filter(None, tried), None)
        if first is None:
            return

        def refuse(table: pl.DataFrame) -> None:
            fault = self._fault(criterion, table)
            if fault is not None:
                raise AssertionError(fault)

        with suppress(Flaky):  # a fault that comes and goes has no smallest table
            _try_tables(reads, refuse)
        raise AssertionError(first)

    def _fault(self, criterion: Criterion, table: pl.DataFrame) -> str | None:
        """Describe the first fault on a table, or give None."""
        try:
            fault = next(self.faults(criterion, table), None)
        except Exception as error:  # noqa: BLE001 - an author's code may fail in any way
            fault = f"it failed with {type(error).__name__}: {error}"
        if fault is None:
            return None
        with pl.Config(tbl_rows=-1, tbl_cols=-1, tbl_hide_dataframe_shape=True):
            shown = str(table)
        return (
            f"{criterion.id} breaks the law '{self.name}': {self.doc}\n"
            f"  {fault}\n  with {criterion!r}\n{shown}"
        )


def _try_tables(reads: tuple[Read, ...], visit: Callable[[pl.DataFrame], None]) -> None:
    """Draw the tables, always the same; where one makes `visit` raise, raise for the smallest."""

    @_SETTINGS
    @given(table=tables(reads))
    def one(table: pl.DataFrame) -> None:
        visit(table)

    one()


@lru_cache(maxsize=8)
def _drawn(reads: tuple[Read, ...]) -> list[pl.DataFrame]:
    """Keep the tables from one law to the next: drawing costs more than most laws do."""
    found: list[pl.DataFrame] = []
    _try_tables(reads, found.append)
    return found


def law(
    faults: Faults,
    declares: Callable[[Criterion], object] = lambda _: True,
    tables: int = MANY,
) -> Law:
    """Make a law of a function that yields faults: its name and docstring are the law's.

    Args:
        faults: See :class:`Law`.
        declares: Gives what a criterion declares that the law is about; nothing, and it is exempt.
        tables: See :class:`Law`.
    """

    def applies(criterion: Criterion) -> bool:
        try:
            return bool(declares(criterion))
        except Exception:  # noqa: BLE001 - a broken declaration must fail the law, not hide it
            return True

    return Law(faults.__name__, (faults.__doc__ or "").strip(), applies, faults, tables)
