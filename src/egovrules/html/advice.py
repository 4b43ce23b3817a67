"""What would help an agency most: each of its criteria at full, one at a time, computed anew.

Full is the high end of the scale: of what is rolled up from services, all of them at the top.
Everything else stays as it is: the other criteria, the other agencies, the shares of services.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping

import polars as pl

from egovrules.entries import Rank
from egovrules.html.full_marks import FullMarks
from egovrules.html.recorded import holds
from egovrules.placing import round_exactly
from egovrules.plugins import Registry
from egovrules.result import DIGITS, Evaluation

SHOWN = 5  # criteria that are named for each agency
_NOISE = 1e-9  # points below which nothing is gained
_ENOUGH = 1e-12  # by which coverage may fall short, as where agencies are ranked

ADVICE = {
    "agency": pl.String,
    "node": pl.String,
    "score": pl.Float64,
    "gain": pl.Float64,
    "total": pl.Float64,
    "rank": pl.Float64,
}


def advise(
    evaluation: Evaluation, *, most: int = SHOWN, registry: Registry | None = None
) -> pl.DataFrame:
    """Tell for every agency which criteria at full would gain it most.

    Args:
        evaluation: A fresh or a saved one.
        most: How many are told of each agency.
        registry: Where aggregations of plugins are found; the built-in ones need none.

    Returns:
        agency, node, score (now; null = none), gain (points of the total, above 0), total (then)
        and rank (then; null = still without one), the largest gain first. Agencies without a
        total have no rows, nor has what does not apply to an agency. Nothing is told of criteria
        of services that have caps, nor of what is combined by comparing agencies with each other
        or by a plugin that is not installed.
    """
    marks = FullMarks(evaluation, registry)
    ranks = _Ranks(evaluation, marks.file.rank, marks.facts)
    table = (
        marks.full()
        .with_columns((pl.col("then") - pl.col("now")).alias("gain"))
        .filter(pl.col("gain") > _NOISE)
        .sort(["row", "gain"], descending=[False, True], maintain_order=True)
        .group_by("row", maintain_order=True)
        .head(most)
    )
    as_ranked = ranks.as_ranked(table.get_column("then"))
    then = zip(table.get_column("row"), as_ranked, table.get_column("coverage"), strict=True)
    rank = pl.Series("rank", [ranks.then(*one) for one in then], dtype=pl.Float64)
    found = table.with_columns(rank, pl.col("leaf").alias("node"), pl.col("then").alias("total"))
    return found.select(list(ADVICE))


class _Ranks:
    """The places of the official ranking, and which of them another total would take."""

    def __init__(self, evaluation: Evaluation, rank: Rank, facts: pl.DataFrame) -> None:
        self.rank, self.least = rank, evaluation.manifest.ruleset.min_coverage
        table = evaluation.agencies
        self.was = table.get_column("rank").to_list()
        everyone = pl.repeat(value=True, n=table.height, eager=True)
        self.among = (everyone if rank.among is None else holds(rank.among, facts)).to_list()
        self.totals = self.as_ranked(table.get_column("total")).to_list()
        codes = table.get_column("agency")
        self.rows: list[tuple[str, float | None, float | None]] = list(
            zip(codes, self.totals, self.was, strict=True)
        )
        pairs = zip(self.totals, self.was, strict=True)
        self.ranked = sorted(one for one, was in pairs if was is not None)

    def as_ranked(self, totals: pl.Series) -> pl.Series:
        """Round totals as they are ranked."""
        decimals = DIGITS if self.rank.decimals is None else self.rank.decimals
        return totals if self.rank.exact else round_exactly(totals, decimals)

    def then(self, row: int, own: float, coverage: float | None) -> float | None:
        """Return the place of one agency with another total (as ranked), where it gets one."""
        if not self.among[row] or (coverage or 0.0) < self.least - _ENOUGH:
            return None
        others: list[float] = self.ranked
        if self.was[row] is not None:  # this agency leaves the place that it has
            others = others.copy()
            del others[bisect_left(others, self.totals[row])]
        equal = bisect_left(others, own), bisect_right(others, own)
        better, same = others[equal[1] :], equal[1] - equal[0]
        if self.rank.ties == "dense":
            return 1 + len(set(better))
        if self.rank.ties == "ordinal":  # equal totals are in the order of their codes
            before = [code for code, total, was in self.rows if was is not None and total == own]
            return 1 + len(better) + sum(code < self.rows[row][0] for code in before)
        shared: Mapping[str, float] = {"max": same, "average": same / 2}
        return 1 + len(better) + shared.get(self.rank.ties, 0)
