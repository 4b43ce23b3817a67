"""What a change of the rules does to one dataset, as a page that a council can read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import polars as pl

from egovrules.impact import Impact, of_both
from egovrules.report.blocks import (
    Block,
    Line,
    Table,
    counted,
    headed,
    name_of,
    number,
    shortened,
    titled,
)
from egovrules.report.causes import Causes
from egovrules.report.plain import on_one_line
from egovrules.report.ruleset_changes import heading, quiet
from egovrules.report.summary import LISTED, SYNTHETIC, decimals_of
from egovrules.report.wording import Wording
from egovrules.result import DIGITS, Evaluation, RuleTitle
from egovrules.text import format_number, translate

MOVES = 5  # agencies that are shown at either end
_EVENTS = {
    "enters": "{title}, entering ({count})",
    "leaves": "{title}, leaving ({count})",
    "fires": "{title}, newly ({count})",
    "ends": "{title}, no longer ({count})",
}


@dataclass(frozen=True)
class _Page:
    """What the parts of one page share.

    Attributes:
        impact: What the change does.
        wording: What changed, in words.
        causes: Which rule did it.
        rows: Agencies with both totals, the largest gain first: ``before``, ``now`` and ``move``
            are in steps of the last printed decimal, so that a reader's subtraction agrees.
    """

    impact: Impact
    wording: Wording
    causes: Causes
    rows: Sequence[Mapping[str, Any]]

    def say(self, message: str, **values: str) -> str:
        return translate(message, self.wording.language, **values)

    def count(self, value: float) -> str:
        return format_number(value, self.wording.language)

    def score(self, steps: int) -> str:
        decimals = self.causes.decimals
        return format_number(steps / 10**decimals, self.wording.language, decimals)

    def names(self, rows: Sequence[Mapping[str, Any]]) -> str:
        names = [on_one_line(name_of(row, self.wording.language)) for row in rows]
        return shortened(names, LISTED, self.wording.language)

    def subjects(self, of: str, count: int) -> str:
        one = "{count} service" if of == "services" else "{count} agency"
        return counted(count, one, f"{{count}} {of}", self.wording.language)

    def title(self, titles: Mapping[str, RuleTitle], key: str) -> str:
        return on_one_line(titled(titles[key].title, key, self.wording.language))


def impact_page(impact: Impact, wording: Wording) -> list[Block]:
    """Say what a change does: in sentences first, then in tables of what matters most."""
    infos = [one.manifest.ruleset for one in (impact.old, impact.new)]
    decimals = min(DIGITS, max(map(decimals_of, infos)))
    rows = _rows(impact, decimals)
    causes = Causes(impact, wording, decimals, {row["agency"]: row["move"] for row in rows})
    page = _Page(impact, wording, causes, rows)
    blocks = [*heading(wording), Line(page.say("What if: both applied to the same data"), "quiet")]
    if impact.new.manifest.synthetic:
        blocks.append(Line(page.say(SYNTHETIC), "warning"))
    if infos[0].scale != infos[1].scale:
        blocks.append(Line(page.say("The scales differ: a point is not what it was"), "warning"))
    sentences = [*_scope(page), *_rules(page), *_moves(page), *_ranked(page), *_crossings(page)]
    blocks += [Line(""), *map(Line, sentences)]
    if any(row["move"] for row in page.rows):
        blocks += [*causes.blocks(), *_leagues(page), _deciles(page)]
    blocks += [*_bands(page), *_services(page)]
    ruled = {change.loc for part in causes.parts for one in part.rules for change in one.changes}
    further = [change for change in wording.of_kind("outcome") if change.loc not in ruled]
    if further:
        head = page.say("Differs too, in what is made of the scores")
        blocks += [Line(""), Line(f"{head}: {wording.names(further)}", "quiet")]
    return [*blocks, *quiet(wording)]


def _rows(impact: Impact, decimals: int) -> list[dict[str, Any]]:
    rows = []
    for row in impact.agencies.drop_nulls("shift").iter_rows(named=True):
        before, now = (
            round(round(row[key], decimals) * 10**decimals) for key in ("old_total", "total")
        )
        rows.append({**row, "before": before, "now": now, "move": now - before})
    return sorted(rows, key=lambda row: (-row["move"], -row["shift"], row["agency"]))


def _scope(page: _Page) -> Iterator[str]:
    """Say how many come into scope, and how many fall out of it."""
    rows = page.impact.scope.to_dicts()
    for event, head in (("leaves", "No longer in scope"), ("enters", "Newly in scope")):
        counts = [page.subjects(row["of"], row[event]) for row in rows if row[event]]
        if counts:
            yield f"{page.say(head)}: {page.wording.enumerated(counts)}."


def _rules(page: _Page) -> Iterator[str]:
    """Say which rules differ; several are told in the table of causes."""
    parts = page.causes.parts
    if not parts:
        yield page.say("Nothing differs that decides scores or ranks.")
    elif len(parts) == 1:
        rule = page.causes.told(parts[0])
        yield page.say("One rule differs that decides scores or ranks: {rule}.", rule=rule)
    else:
        count = page.count(sum(len(part.rules) for part in parts))
        yield page.say("{count} rules differ that decide scores or ranks.", count=count)


def _moves(page: _Page) -> Iterator[str]:
    """Say how many agencies move, and how far."""
    moved = [row for row in page.rows if row["move"]]
    agencies = page.impact.agencies.height
    (crossing,) = page.impact.scope.filter(pl.col("of") == "agencies").to_dicts()
    stay = agencies - crossing["enters"] - crossing["leaves"]
    if not moved and stay == agencies:
        yield page.say("No agency's total moves.")
    elif not moved:
        yield page.say("Of those in scope before and now, no total moves.")
    else:
        most = max(moved, key=lambda row: (abs(row["move"]), row["agency"]))
        yield page.say(
            "{moved} of {all} agencies move, {up} up and {down} down, by {points} points at most "
            "({name}: {new}, before {old}).",
            moved=page.count(len(moved)),
            all=page.count(stay),
            up=page.count(sum(row["move"] > 0 for row in moved)),
            down=page.count(sum(row["move"] < 0 for row in moved)),
            points=page.score(abs(most["move"])),
            name=page.names([most]),
            new=page.score(most["now"]),
            old=page.score(most["before"]),
        )
    placed = [row for row in page.rows if row["places"]]
    if placed:
        most = max(placed, key=lambda row: (abs(row["places"]), row["agency"]))
        yield page.say(
            "{count} change their rank, by one place at most ({name}: {new}, before {old})."
            if abs(most["places"]) == 1
            else "{count} change their rank, by {places} places at most "
            "({name}: {new}, before {old}).",
            count=page.count(len(placed)),
            places=page.count(abs(most["places"])),
            name=page.names([most]),
            new=page.count(most["rank"]),
            old=page.count(most["old_rank"]),
        )


def _ranked(page: _Page) -> Iterator[str]:
    """Name the agencies that only one of the two ranks."""
    old, new = (pl.col(column).is_null() for column in ("old_rank", "rank"))
    for head, chosen in (("Ranked now, not before", old & ~new), ("No longer ranked", new & ~old)):
        rows = page.impact.agencies.filter(chosen).to_dicts()
        if rows:
            yield f"{page.say(head)}: {page.names(rows)}"


def _crossings(page: _Page) -> Iterator[str]:
    """Say who enters or leaves a list, and for whom a finding fires or ends."""
    impact, language, same = page.impact, page.wording.language, list[str]()
    old, new = impact.old.manifest, impact.new.manifest
    names = {row["agency"]: row for row in impact.agencies.iter_rows(named=True)}
    lists = [*of_both(old.lists, new.lists, "agencies")]
    findings = old.findings | new.findings
    for kind, titles, keys in (("list", new.lists, lists), ("finding", findings, [*findings])):
        crossing = impact.lists if kind == "list" else impact.findings
        everyone = impact.new.lists if kind == "list" else impact.new.findings
        for key in keys:
            title, found = page.title(titles, key), crossing.filter(pl.col(kind) == key)
            there = everyone.filter(pl.col(kind) == key).height
            if not found.height and (there or kind == "finding"):
                same.append(f"{title} ({page.count(there)})")
            for (event,), rows in found.group_by("event", maintain_order=True):
                agencies = [names[code] for code in dict.fromkeys(rows["agency"]) if code in names]
                count = page.count(rows.height)
                if kind == "finding" and titles[key].of == "services":  # and agencies are named
                    parts = (("services", rows.height), ("agencies", len(agencies)))
                    count, total = (page.subjects(*part) for part in parts)
                    count = page.say("{count} of {total}", count=count, total=total)
                head = page.say(_EVENTS[str(event)], title=title, count=count)
                yield f"{head}: {page.names(agencies)}"
    for of, table in (("agencies", impact.bands), ("services", impact.services)):
        still = [key for key in of_both(old.bands, new.bands, of) if key not in set(table["band"])]
        same += [page.title(new.bands, key) for key in still]
    if same:
        yield page.say("As before: {titles}.", titles=shortened(same, LISTED, language))


def _leagues(page: _Page) -> Iterator[Table]:
    """Show the largest gains and losses, each with what caused it."""
    gains = [row for row in page.rows if row["move"] > 0][:MOVES]
    losses = [row for row in reversed(page.rows) if row["move"] < 0][:MOVES]
    columns = headed(
        page.wording.language,
        *("Agency", number("Before"), number("Now"), number("Points")),
    )
    ends = headed(page.wording.language, number("Rank"), number("Places"))
    for title, rows in (("Largest gains", gains), ("Largest losses", losses)):
        cells = tuple(
            (
                page.names([row]),
                page.score(row["before"]),
                page.score(row["now"]),
                page.causes.points(row["move"]),
                *page.causes.cells(row["agency"]),
                page.count(row["rank"]),
                format_number(row["places"], page.wording.language, 0, signed=True),
            )
            for row in rows
        )
        if cells:
            yield Table(page.say(title), (*columns, *page.causes.columns(), *ends), cells)


def _deciles(page: _Page) -> Table:
    """Show the shift by tenths of the agencies."""
    language, decimals = page.wording.language, page.causes.decimals
    rows = []
    for row in page.impact.deciles.filter(pl.col("agencies") > 0).iter_rows(named=True):
        low, high = (format_number(row[key], language, decimals) for key in ("low", "high"))
        moves = [one["move"] for one in page.rows if row["low"] <= one["old_total"] <= row["high"]]
        figures = [page.causes.points(one) for one in (fmean(moves), max(moves), min(moves))]
        spans = page.say("{low} to {high}", low=low, high=high)
        rows.append((page.count(row["decile"]), spans, page.count(row["agencies"]), *figures))
    columns = headed(
        language,
        number("Tenth"),
        *map(number, ("Total before", "Agencies", "Mean", "Most", "Least")),
    )
    return Table(
        page.say("Points by tenth of the agencies, the lowest first"), columns, tuple(rows)
    )


def _bands(page: _Page) -> Iterator[Block]:
    """Show the agencies that cross from one band to another."""
    language, table = page.wording.language, page.impact.bands
    names = {row["agency"]: row for row in page.impact.agencies.iter_rows(named=True)}
    for (key,), found in table.group_by("band", maintain_order=True):
        rows = [
            (page.names([names[row["agency"]]]), *_labels(page, str(key), row))
            for row in found.head(LISTED).iter_rows(named=True)
        ]
        columns = headed(language, "Agency", "Before", "Now")
        yield Table(page.title(page.impact.new.manifest.bands, str(key)), columns, tuple(rows))
        if found.height > LISTED:
            count = page.count(found.height - LISTED)
            yield Line(page.say("and {count} more", count=count), "quiet")


def _services(page: _Page) -> Iterator[Table]:
    """Count the services that cross from one band to another."""
    for (key,), found in page.impact.services.group_by("band", maintain_order=True):
        rows = tuple(
            (*_labels(page, str(key), row), page.count(row["services"]))
            for row in found.iter_rows(named=True)
        )
        columns = headed(page.wording.language, "Before", "Now", number("Services"))
        yield Table(page.title(page.impact.new.manifest.bands, str(key)), columns, rows)


def _labels(page: _Page, band: str, row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the titles of the labels before and now; out of scope where there is none."""

    def title(evaluation: Evaluation, label: str | None) -> str:
        if label is None:
            return page.say("out of scope")
        labels = evaluation.manifest.bands[band].labels
        return on_one_line(titled(labels.get(label), label, page.wording.language))

    return title(page.impact.old, row["old"]), title(page.impact.new, row["new"])
