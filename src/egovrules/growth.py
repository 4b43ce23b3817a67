"""Growth: what changed against an earlier evaluation, and whether the two may be compared."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Self

import polars as pl

from egovrules._yaml import parse
from egovrules.changes import changes, told
from egovrules.errors import ComparisonError, RulesetError
from egovrules.result import (
    EXACT,
    EarlierInfo,
    Evaluation,
    RulesetInfo,
    axis_ids,
    scores_digest,
)

_NAMED = 5  # differences that a message names
_NAMES = ("name", "name_en", "name_fa")
_NO_AXES = frozenset(("agency", *_NAMES, "total", "rank"))  # no axis may have such an id
_GROWN = ("growth", "rank_growth", "previous_total", "previous_rank", "continuity")


@dataclass(frozen=True, eq=False)
class Previous:
    """An earlier evaluation, as far as growth needs it.

    Attributes:
        info: Its ruleset, and the digests of its scores and of *agencies*.
        agencies: agency, names, total, rank, and the score on each axis under its id.
        ruleset_text: Its effective ruleset, to say what differs; empty where only *info* is known.
        plugins: The versions of its plugins, likewise.
    """

    info: EarlierInfo
    agencies: pl.DataFrame
    ruleset_text: str = ""
    plugins: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, evaluation: Evaluation, *, axes: bool = True) -> Self:
        """Take from an evaluation what growth needs.

        Args:
            evaluation: The earlier one.
            axes: Whether the axes are taken too; earlier versions of this package took none.
        """
        agencies = evaluation.agencies
        names = [c for c in _NAMES if c in agencies.columns]
        scored = axis_ids(evaluation.manifest, agencies) if axes else []
        read = agencies.select("agency", *names, "total", "rank", *scored)
        return cls(
            EarlierInfo(
                ruleset=evaluation.manifest.ruleset,
                scores=scores_digest(agencies, evaluation.manifest),
                read=rows_digest(read),
            ),
            read,
            evaluation.ruleset_text,
            evaluation.manifest.plugins,
        )


def recorded_axes(earlier: pl.DataFrame) -> list[str]:
    """Name the axes of a recorded earlier evaluation; none where only the total was taken."""
    kinds = earlier.schema.items()
    return [name for name, kind in kinds if name not in _NO_AXES and kind.is_numeric()]


def rows_digest(table: pl.DataFrame) -> str:
    """Return the SHA-256 of a table's columns and rows, every number to the last bit."""
    return sha256(json.dumps([table.columns, *table.rows()], default=str).encode()).hexdigest()


def check_comparable(
    new: RulesetInfo, ruleset_text: str, plugins: Mapping[str, str], previous: Previous
) -> None:
    """Refuse two evaluations of different methods, unless the newer ruleset declares a bridge.

    Args:
        new: The newer ruleset.
        ruleset_text: Its effective text, to say what differs.
        plugins: The versions of its plugins, likewise.
        previous: The earlier evaluation.

    Raises:
        ComparisonError: With what differs and what to do.
    """
    old = previous.info.ruleset
    if new.method_digest == old.method_digest:
        return
    where = f"method {new.method_digest[:12]} against {old.method_digest[:12]}"
    if new.bridge_from != old.id:
        bridge = f"`bridge: {{from: {old.id}, because: …}}`"
        hint = f"if the comparison is meant, declare it in {new.id}: {bridge}"
        if new.id == old.id:
            hint = "evaluate the earlier round anew by this ruleset, with the plugins of today"
        elif old.bridge_from == new.id:
            hint = f"{old.id} declares a bridge from {new.id}: give the earlier evaluation first"
        message = f"{new.id} and {old.id} are different methods: their scores cannot be subtracted"
        differing = _differing(ruleset_text, plugins, previous)
        if differing:
            rest = len(differing) - _NAMED
            named = [*differing[:_NAMED], *([f"and {rest} more"] if rest > 0 else [])]
            message += f"; what differs: {'; '.join(named)}"
        raise ComparisonError.of(message, where=where, hint=hint)
    if new.scale != old.scale:  # a bridge vouches for the method, yet points must be points
        spans = " and ".join(f"{low:g} to {high:g}" for low, high in (new.scale, old.scale))
        raise ComparisonError.of(
            f"{new.id} and {old.id} score on different scales, {spans}: "
            "their scores cannot be subtracted",
            where=where,
            hint=f"evaluate {old.id} anew on the scale of {new.id}",
        )


def _differing(ruleset_text: str, plugins: Mapping[str, str], previous: Previous) -> list[str]:
    """Say what decides scores and differs: parts of the rulesets, and versions of plugins."""
    if not previous.ruleset_text:
        return []
    try:
        old, new = (_effective(text) for text in (previous.ruleset_text, ruleset_text))
        parts = [told(change) for change in changes(old, new) if change.kind == "method"]
    except RulesetError:  # of a form that this version does not know
        parts = []
    names = sorted({*previous.plugins, *plugins})
    versions = [(n, previous.plugins.get(n, "none"), plugins.get(n, "none")) for n in names]
    return [*parts, *(f"plugin {n} {was} → {now}" for n, was, now in versions if was != now)]


def _effective(text: str) -> Mapping[str, Any]:
    data = parse(text, "ruleset.yaml").data
    return data if isinstance(data, dict) else {}


def previous_codes(agencies: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Tell for each agency which body of the earlier evaluation it continues.

    An agency continues the body of its own code, unless its ``predecessors`` (codes parted by
    ``;``) say otherwise: one predecessor is a new name, several are a merger; a predecessor that
    several agencies continue was split. Merged, split and new bodies have no growth.

    Returns:
        agency, previous (code or null), continuity (same, renamed, merged, split or new).
    """
    known = set(old["agency"].to_list())
    ancestors: dict[str, list[str]] = {}
    for agency, named in _predecessors(agencies).items():
        earlier = [code for code in named if code in known]
        ancestors[agency] = earlier or [code for code in (agency,) if code in known]
    heirs = Counter(code for codes in ancestors.values() for code in codes)
    rows: list[tuple[str, str | None, str]] = []
    for agency, codes in ancestors.items():
        if not codes:
            rows.append((agency, None, "new"))
        elif len(codes) > 1:
            rows.append((agency, None, "merged"))
        elif heirs[codes[0]] > 1:
            rows.append((agency, None, "split"))
        else:
            rows.append((agency, codes[0], "same" if codes[0] == agency else "renamed"))
    schema = {"agency": pl.String, "previous": pl.String, "continuity": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _predecessors(agencies: pl.DataFrame) -> dict[str, list[str]]:
    """Read each agency's predecessors, each of them once."""
    codes = agencies["agency"].to_list()
    if "predecessors" not in agencies.columns:
        return {code: [] for code in codes}
    texts = agencies["predecessors"].to_list()
    return {
        code: list(dict.fromkeys(one.strip() for one in (text or "").split(";") if one.strip()))
        for code, text in zip(codes, texts, strict=True)
    }


def with_growth(agencies: pl.DataFrame, previous: Previous | None) -> pl.DataFrame:
    """Add what changed since an earlier evaluation, after coverage.

    Args:
        agencies: With ``total``, ``rank`` and ``coverage``; growth that it has is replaced.
        previous: The earlier evaluation, if there is one.

    Returns:
        The table with ``growth`` (points of the total) and ``rank_growth`` (places won), both
        null for bodies that do not continue exactly one. Where there is an earlier evaluation
        also ``previous_total``, ``previous_rank`` and ``continuity``.
    """
    agencies = agencies.drop(_GROWN, strict=False)
    place = agencies.columns.index("coverage") + 1
    if previous is None:
        added = ["growth", "rank_growth"]
        table = agencies.with_columns(pl.lit(None, pl.Float64).alias(name) for name in added)
    else:
        added = list(_GROWN)
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
            points_won("total", "previous_total").alias("growth"),
            (pl.col("previous_rank") - pl.col("rank")).cast(pl.Float64).alias("rank_growth"),
        )
    return table.select(*agencies.columns[:place], *added, *agencies.columns[place:])


def points_won(now: str, before: str) -> pl.Expr:
    """Subtract two columns of scores; what is less than counts as a score is no growth."""
    won = pl.col(now) - pl.col(before)
    return pl.when(won.abs() < EXACT).then(0.0).otherwise(won)


def vanished(agencies: pl.DataFrame, previous: Previous | None) -> pl.DataFrame:
    """List the bodies of the earlier evaluation that no agency continues.

    Returns:
        agency, the names that the earlier evaluation has, total, rank.
    """
    if previous is None:
        return pl.DataFrame(schema={"agency": pl.String, "total": pl.Float64, "rank": pl.Int64})
    named = _predecessors(agencies)
    kept = {*named, *(code for codes in named.values() for code in codes)}
    names = [c for c in _NAMES if c in previous.agencies.columns]
    gone = previous.agencies.filter(~pl.col("agency").is_in(sorted(kept)))
    return gone.select("agency", *names, "total", "rank").sort("agency")
