"""Who is ranked, and at which place: by the total, inside groups, and at every node."""

import narwhals as nw
import polars as pl

from egovrules.conditions import Condition
from egovrules.ranking import labelled, rank
from egovrules.result import DIGITS
from egovrules.ruleset import Ruleset

_ERROR = 1e-15  # by how much of itself a product of two floats can be off: eight times enough


def rank_agencies(agencies: pl.DataFrame, known: pl.DataFrame, ruleset: Ruleset) -> pl.DataFrame:
    """Add ``rank`` (1 = best) and what else ``rank:`` asks for, before the total.

    The total is ranked as it prints where ``rank.decimals`` is set, else unrounded but for the
    noise of floats, which would part equal totals, and part them differently by engine; with
    ``rank.exact`` it is ranked to the last bit.

    Args:
        agencies: With total and coverage.
        known: The same rows, with all that ``among`` and ``within`` may name.
        ruleset: The rules.

    Returns:
        The table with ``rank``, null for those whose coverage is too low and those outside
        ``among``; with ``tied`` also ``rank_label``, and ``rank_in_<column>`` for each of
        ``within``, ranked among those of the same text, null without one.
    """
    rule, least = ruleset.file.rank, ruleset.file.missing.min_coverage
    ranked = agencies.get_column("coverage").fill_null(0.0) >= least - 1e-12
    if ruleset.rules.among is not None:
        ranked &= true_of(ruleset.rules.among, known).fill_null(value=False)
    total = ranked_total(agencies, ruleset).set(~ranked, None)
    added = [rank(total, rule.ties).alias("rank")]
    if rule.tied is not None:
        added.append(labelled(added[0], rule.tied).alias("rank_label"))
    for column in rule.within:
        inside = rank(total, rule.ties, within=known.get_column(column))
        added.append(inside.alias(f"rank_in_{column}"))
    place = agencies.columns.index("total")
    columns = agencies.get_columns()
    return pl.DataFrame([*columns[:place], *added, *columns[place:]])


def rank_nodes(criteria: pl.DataFrame, agencies: pl.DataFrame, ruleset: Ruleset) -> pl.DataFrame:
    """Add ``rank`` after the score: at each node, among the agencies that are ranked by the total.

    Args:
        criteria: The table of nodes.
        agencies: With the ranks of :func:`rank_agencies`.
        ruleset: The rules; scores are rounded, and ties broken, as those of the total.

    Returns:
        The table with ``rank``; null for an agency without a rank, and without a score there.
        With ``tied`` also ``rank_label``.
    """
    rule, node = ruleset.file.rank, criteria.get_column("node")
    ranked = agencies.filter(pl.col("rank").is_not_null()).get_column("agency")
    score = _rounded(criteria.get_column("score"), ruleset)
    score = score.set(~criteria.get_column("agency").is_in(ranked.implode()), None)
    added = [rank(score, rule.ties, within=node).alias("rank")]
    if rule.tied is not None:
        added.append(labelled(added[0], rule.tied, within=node).alias("rank_label"))
    place = criteria.columns.index("score") + 1
    columns = criteria.get_columns()
    return pl.DataFrame([*columns[:place], *added, *columns[place:]])


def ranked_total(agencies: pl.DataFrame, ruleset: Ruleset) -> pl.Series:
    """Return the totals as they are ranked: rounded to ``rank.decimals``, else free of noise."""
    return _rounded(agencies.get_column("total"), ruleset)


def _rounded(scores: pl.Series, ruleset: Ruleset) -> pl.Series:
    rule = ruleset.file.rank
    if rule.exact:
        return scores
    return round_exactly(scores, DIGITS if rule.decimals is None else rule.decimals)


def round_exactly(values: pl.Series, decimals: int) -> pl.Series:
    """Round to 0 to 12 decimals, half to even on the exact binary value, as Python's ``round``.

    Multiplied out, a number is off by less than :data:`_ERROR` of itself, so Python itself has to
    look only at those that then lie that near to a half, as all large ones do, or leave the range.
    """
    unit, value = 10.0**decimals, pl.col("value")
    scaled = value * unit
    near = (scaled - scaled.floor() - 0.5).abs() <= scaled.abs() * _ERROR
    table = (
        values.alias("value")
        .to_frame()
        .select(
            scaled.round(0, mode="half_to_even").alias("whole"),
            # Divided by a column: by a constant, Polars would multiply by 1 / unit, a bit off.
            pl.repeat(unit, pl.len()).alias("unit"),
            (near | scaled.is_infinite()).alias("unsure"),
        )
    )
    rounded = table.get_column("whole") / table.get_column("unit")
    unsure = table.get_column("unsure").arg_true()
    exact = [round(one, decimals) for one in values.gather(unsure)]
    return rounded.scatter(unsure, exact).alias(values.name)


def true_of(condition: Condition, agencies: pl.DataFrame) -> pl.Series:
    """Tell for which agencies a condition is true, null where it is unknown."""
    frame = nw.from_native(agencies).with_columns(_eg_found=condition.expression())
    found: pl.Series = frame.get_column("_eg_found").to_native()
    return found
