"""Growth: what changed against an earlier evaluation, and whether the two may be compared."""

import polars as pl

from egovrules.errors import ComparisonError
from egovrules.result import Evaluation, RulesetInfo

CONTINUITY = ("same", "renamed", "merged", "split", "new")


def check_comparable(new: RulesetInfo, old: RulesetInfo, *, plugins: str = "") -> None:
    """Refuse two evaluations of different methods, unless the newer ruleset declares a bridge.

    Raises:
        ComparisonError: With what differs and what to do.
    """
    if new.method_digest == old.method_digest or new.bridge_from == old.id:
        return
    raise ComparisonError.of(
        f"{new.id} and {old.id} are different methods: their scores cannot be subtracted",
        where=f"method {new.method_digest[:12]} against {old.method_digest[:12]}{plugins}",
        hint=f"if the comparison is meant, declare it in {new.id}: "
        f"`bridge: {{from: {old.id}, because: …}}`",
    )


def previous_codes(agencies: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Tell for each agency which body of the earlier evaluation it continues.

    An agency continues the body of its own code, unless its ``predecessors`` (codes parted by
    ``;``) say otherwise: one predecessor is a new name, several are a merger; a predecessor that
    several agencies name was split. Merged, split and new bodies have no growth.

    Returns:
        agency, previous (code or null), continuity.
    """
    known = set(old["agency"].to_list())
    named = (
        agencies["predecessors"].to_list()
        if "predecessors" in agencies.columns
        else [None] * agencies.height
    )
    ancestors = [
        [code.strip() for code in (text or "").split(";") if code.strip() in known]
        for text in named
    ]
    claimed = [code for codes in ancestors for code in codes]
    rows: list[tuple[str, str | None, str]] = []
    for agency, codes in zip(agencies["agency"].to_list(), ancestors, strict=True):
        if len(codes) > 1:
            rows.append((agency, None, "merged"))
        elif codes and claimed.count(codes[0]) > 1:
            rows.append((agency, None, "split"))
        elif codes:
            rows.append((agency, codes[0], "same" if codes[0] == agency else "renamed"))
        elif agency in known and agency not in claimed:
            rows.append((agency, agency, "same"))
        else:
            rows.append((agency, None, "new"))
    schema = {"agency": pl.String, "previous": pl.String, "continuity": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def with_growth(agencies: pl.DataFrame, previous: Evaluation | None) -> pl.DataFrame:
    """Add ``growth`` (points of the total) and ``rank_growth`` (places won) after coverage.

    Both are null without an earlier evaluation, and for bodies that it does not have.
    """
    place = agencies.columns.index("coverage") + 1
    if previous is None:
        nothing = [pl.lit(None, pl.Float64).alias(n) for n in ("growth", "rank_growth")]
        table = agencies.with_columns(*nothing)
        added = ["growth", "rank_growth"]
    else:
        old = previous.agencies.select(
            pl.col("agency").alias("previous"),
            pl.col("total").alias("previous_total"),
            pl.col("rank").alias("previous_rank"),
        )
        codes = previous_codes(agencies, previous.agencies)
        table = agencies.join(codes, on="agency", how="left", maintain_order="left").join(
            old, on="previous", how="left", maintain_order="left"
        )
        table = table.with_columns(
            (pl.col("total") - pl.col("previous_total")).alias("growth"),
            (pl.col("previous_rank") - pl.col("rank")).cast(pl.Float64).alias("rank_growth"),
        )
        added = ["growth", "rank_growth", "previous_total", "previous_rank", "continuity"]
    kept = [c for c in agencies.columns if c not in added]
    return table.select(*kept[:place], *added, *kept[place:])


def vanished(agencies: pl.DataFrame, previous: Evaluation | None) -> pl.DataFrame:
    """List the bodies of the earlier evaluation that no agency continues."""
    if previous is None:
        return pl.DataFrame(schema={"agency": pl.String, "total": pl.Float64, "rank": pl.Int64})
    named = agencies["predecessors"].to_list() if "predecessors" in agencies.columns else []
    kept = set(agencies["agency"].to_list())
    kept |= {code.strip() for text in named if text for code in text.split(";")}
    names = [c for c in ("name", "name_en", "name_fa") if c in previous.agencies.columns]
    gone = previous.agencies.filter(~pl.col("agency").is_in(sorted(kept)))
    return gone.select("agency", *names, "total", "rank")
