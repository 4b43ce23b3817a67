"""What the parts of the dossier share: names, words, and how a part is put together."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any

import polars as pl

from egovrules import _yaml
from egovrules._yaml import Document, Loc
from egovrules.html.card.expanded import Heading, Shown
from egovrules.report.blocks import Column, counted, headed, name_of
from egovrules.report.plain import on_one_line
from egovrules.result import Evaluation
from egovrules.text import NO_VALUE, format_date, format_number, translate

FILE = "ruleset.yaml"  # of the saved evaluation
MOST = 1_000  # rows of a list that are shown


class Teller:
    """An evaluation, and how it is told in a language."""

    def __init__(self, evaluation: Evaluation, language: str) -> None:
        self.evaluation, self.language = evaluation, language
        self.document: Document = _yaml.parse(evaluation.ruleset_text, FILE)

    def t(self, message: str, **values: object) -> str:
        """Say a message in the language."""
        return translate(message, self.language, **values)

    def figure(self, value: float | None) -> str:
        """Show a number."""
        return format_number(value, self.language)

    def day(self, day: date | None) -> str:
        """Show a date: Jalali in Persian, but for one that lies before that calendar."""
        if day is None:
            return NO_VALUE
        try:
            return format_date(day, self.language)
        except ValueError:
            return day.isoformat()

    def counted(self, count: int, one: str, many: str) -> str:
        """Fill a count into the message for one, or into that for several."""
        return counted(count, one, many, self.language)

    def headed(self, *columns: str | Column) -> list[Heading]:
        """Head the columns of a table."""
        made = headed(self.language, *columns)
        return [Heading(one.heading, one.numeric) for one in made]

    def input(self, name: str) -> pl.DataFrame:
        """Return what was read of a table; one that was not read has no columns."""
        return self.evaluation.inputs.get(name, pl.DataFrame())

    def in_scope(self, name: str) -> pl.DataFrame:
        """Return what was read of ``agencies`` or ``services``, of those in scope alone."""
        table, code = self.input(name), {"agencies": "agency", "services": "service"}[name]
        if "code" not in table.columns:
            return table
        results: pl.DataFrame = getattr(self.evaluation, name)
        return table.join(results.select(code=code), on="code", how="semi")

    def agency(self, code: str) -> str:
        """Name an agency, be it out of scope; by its code where there is no name."""
        return self._agencies.get(code, code)

    def service(self, code: str) -> str:
        """Name a service, be it out of scope; by its code where there is no name."""
        return self._services.get(code, code)

    @cached_property
    def _agencies(self) -> dict[str, str]:
        return self._names("agencies")

    @cached_property
    def _services(self) -> dict[str, str]:
        return self._names("services")

    def _names(self, table: str) -> dict[str, str]:
        rows = self.input(table).select(pl.col("^(code|name(_.+)?)$")).iter_rows(named=True)
        named = ((row["code"], name_of(row, self.language)) for row in rows)
        return {code: on_one_line(name) for code, name in named if name}

    def place(self, loc: Loc) -> str:
        """Name the file and line of a rule."""
        line = self.document.problem(loc, "", at="key").line
        return f"{FILE}:{line}"

    def part(
        self,
        name: str,
        title: str,
        columns: Sequence[Heading],
        rows: Sequence[Sequence[str]],
        *,
        nothing: str,
        above: Sequence[str] = (),
        below: Sequence[str] = (),
    ) -> Shown:
        """Make a part, with what there is to know above and below its table.

        Without rows it says *nothing*.
        """
        told = [*above] if rows else [nothing, *above]
        lines = [("quiet", one) for one in told]
        return Shown(name, title, columns, rows, [], [], [], [], below, lines)

    def with_count(self, title: str, count: int) -> str:
        """Say in a title how many there are, once there are any."""
        return f"{title} ({self.figure(count)})" if count else title

    def first(self, table: pl.DataFrame) -> Iterator[dict[str, Any]]:
        """Give the rows of a list that are shown."""
        return table.head(MOST).iter_rows(named=True)

    def not_shown(self, count: int, where: str) -> list[str]:
        """Say of how many rows there is more to read elsewhere, if of any."""
        if count <= MOST:
            return []
        message = (
            "The first {shown} of {count} are listed; all are in {file} of the saved evaluation."
        )
        return [self.t(message, shown=MOST, count=count, file=where)]
