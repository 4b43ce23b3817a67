"""Which changed rule moved whom by how much, as blocks and as cells of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from egovrules.impact import UNITS, Impact, Part, apportion
from egovrules.report.blocks import Block, Column, Line, Table, headed, name_of, number, shortened
from egovrules.report.plain import on_one_line
from egovrules.report.summary import LISTED
from egovrules.report.wording import Wording
from egovrules.result import DIGITS
from egovrules.text import NO_VALUE, format_number, translate

_CHANGES = 3  # of one rule that are told
_COLUMNS = 4  # for the parts of a move; where there are more parts, the last holds the smallest


@dataclass(frozen=True)
class Causes:
    """What each changed rule did, and how it is printed.

    Attributes:
        impact: What the change does.
        wording: What changed, in words.
        decimals: That points are printed with.
        moves: What each agency moves, in steps of the last decimal that is printed.
    """

    impact: Impact
    wording: Wording
    decimals: int
    moves: Mapping[str, int]

    @property
    def parts(self) -> Sequence[Part]:
        """The changed rules."""
        return self.impact.attribution.parts

    @cached_property
    def units(self) -> dict[str, list[int]]:
        """What each part moved each agency, in units of 1e-9; without those it is not known of."""
        rows = self.impact.attribution.table.drop_nulls("points").iter_rows(named=True)
        found: dict[str, list[int]] = {}
        for row in rows:  # in the order of the parts, agency by agency
            found.setdefault(row["agency"], []).append(round(row["points"] * UNITS))
        return found

    @cached_property
    def printed(self) -> dict[str, list[int]]:
        """The parts in steps of the last decimal, so that they add up to the printed move."""
        step = 10 ** (DIGITS - self.decimals)
        return {
            agency: apportion(units, step, self.moves[agency])
            for agency, units in self.units.items()
        }

    def blocks(self) -> list[Block]:
        """Sum up what each of several rules does; of a single one, the headline has told."""
        language = self.wording.language
        if len(self.parts) == 1:
            return []
        rows = []
        for place, part in enumerate(self.parts):
            points = [parts[place] for parts in self.printed.values()] or [0]
            figures = [self.points(one) for one in (fmean(points), max(points), min(points))]
            moves = format_number(sum(one != 0 for one in points), language)
            rows.append((self._sign(place), self.told(part), moves, *figures))
        columns = headed(
            language,
            *("", "Rule", number("Moves"), number("Mean"), number("Most"), number("Least")),
        )
        title = translate("What each rule causes, in points", language)
        return [Table(title, columns, tuple(rows)), *self._notes()]

    def told(self, part: Part) -> str:
        """Say what changed of a rule."""
        found = [change for rule in part.rules for change in rule.changes]
        return shortened([*map(self.wording.sentence, found)], _CHANGES, self.wording.language)

    def columns(self) -> tuple[Column, ...]:
        """Head the columns of :meth:`cells`: one for each part, numbered as in the table."""
        if len(self.parts) == 1:
            return ()
        shown = [number(self._sign(place)) for place in self._shown]
        rest = [number("others")] if len(shown) < len(self.parts) else []
        return headed(self.wording.language, *shown, *rest)

    def cells(self, agency: str) -> tuple[str, ...]:
        """Share the printed move of an agency out among the columns, so that they add up."""
        width = len(self.columns())
        if agency not in self.units:
            return (NO_VALUE,) * width
        values = [self.printed[agency][place] for place in self._shown]
        values.append(self.moves[agency] - sum(values))
        return tuple(self.points(value) for value in values[:width])

    def points(self, steps: float) -> str:
        """Print points that are counted in steps of the last decimal."""
        value = steps / 10**self.decimals
        return format_number(value, self.wording.language, self.decimals, signed=True)

    @cached_property
    def _shown(self) -> list[int]:
        """The parts that have a column: all, or those that move most."""
        places = range(len(self.parts))
        if len(self.parts) <= _COLUMNS:
            return list(places)
        weight = [sum(abs(units[place]) for units in self.units.values()) for place in places]
        return sorted(sorted(places, key=lambda place: -weight[place])[: _COLUMNS - 1])

    def _sign(self, place: int) -> str:
        return f"({format_number(place + 1, self.wording.language)})"

    def _notes(self) -> list[Block]:
        """Say how the parts were found, and of whom they are not known."""
        language, notes = self.wording.language, []
        if not self.impact.attribution.exact:
            text = (
                "With so many rules, a part is the mean of two orders in which they change: "
                "that of the file, and its reverse."
            )
            notes.append(translate(text, language))
        if any(len(part.rules) > 1 for part in self.parts):
            notes.append(translate("Rules that stand only together are taken as one.", language))
        moved = self.impact.agencies.drop_nulls("shift").iter_rows(named=True)
        names = [
            on_one_line(name_of(row, language)) for row in moved if row["agency"] not in self.units
        ]
        if names:
            head = translate("Without a total under some of the rules, so not shared out", language)
            notes.append(f"{head}: {shortened(names, LISTED, language)}")
        return [Line(note, "quiet") for note in notes]
