"""The laws of normalisations, tried on a few columns that are known to be awkward."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isfinite

import narwhals as nw
import polars as pl

from egovrules.builtin import Value
from egovrules.normalisation import Normalisation
from egovrules.population import local, measure, normalised
from egovrules.testing.trial import TOLERANCE, close, on_duckdb, slack
from egovrules.tree import Node

Cells = Sequence[float | None]

# Gaps, ties, negative numbers, a constant, one value, none, very large and very small ones.
_COLUMNS: tuple[Cells, ...] = (
    (3.0, None, 1.0, 2.0, 2.0, 10.0),
    (-5.0, 0.0, 5.0, None, -0.5),
    (7.0, 7.0, None, 7.0),
    (4.0,),
    (None, None),
    (),
    (1e12, 1e-12, 3.5, -1e6),
)


def check_normalisation(method: Normalisation, *, rising: bool = True) -> None:
    """Put a normalisation under every law that applies to it.

    Where a value is missing there is no score; scores are finite, do not hang on the order of the
    rows, are the same on Polars and DuckDB (unless ``whole``), and the same again when the
    direction is turned twice.

    Args:
        method: Bound to the parameters to try.
        rising: Whether better must never score worse.

    Raises:
        AssertionError: With everything that is wrong.
    """
    faults = [
        f"{list(column)}, {direction}: {fault}"
        for column in _COLUMNS
        for direction in ("up", "down")
        for fault in _faults(method, column, direction, rising=rising)
    ]
    if faults:
        raise AssertionError("\n".join([f"normalisation {method.id} breaks its laws:", *faults]))


def _scored(
    method: Normalisation,
    column: Cells,
    direction: str,
    *,
    backwards: bool = False,
    duckdb: bool = False,
) -> Cells:
    """Normalise a column as the engine does; its rows have the codes 0, 1, 2 and so on."""
    node = Node(
        "a.v",
        "criterion",
        "",
        1.0,
        "skip",
        criterion=Value(column="v"),
        normalisation=method,
        direction="down" if direction == "down" else "up",
    )
    schema = {"row": pl.Int64, "code": pl.String, "v": pl.Float64}
    rows = [(number, str(number), value) for number, value in enumerate(column)]
    table = pl.DataFrame(rows, schema=schema, orient="row")
    table = table.reverse() if backwards else table
    frame = nw.from_native(on_duckdb(table) if duckdb else table)
    frame, figures = measure(frame, [node], {node.id: 0}, frozenset())
    scores = normalised(node, 0, figures.values.get(node.id, {}))
    found: list[float | None] = local(frame.select("row", s=scores)).sort("row")["s"].to_list()
    return found


def _faults(method: Normalisation, column: Cells, direction: str, *, rising: bool) -> Iterator[str]:
    scores = _scored(method, column, direction)
    known = [(v, s) for v, s in zip(column, scores, strict=True) if v is not None and s is not None]
    yield from (f"{value} scores {score}" for value, score in known if not isfinite(score))
    sign = -1 if direction == "down" else 1
    in_order = sorted(known, key=lambda pair: sign * pair[0])
    for (worse, less), (better, more) in pairwise(in_order):
        if rising and more < less - slack(less):
            yield f"{better} scores {more}, and {worse}, which is worse, {less}"
    others = {
        "turned about twice": _scored(method.reversed().reversed(), column, direction),
        "in reverse order": _scored(method, column, direction, backwards=True),
    }
    if not method.whole:
        others["on DuckDB"] = _scored(method, column, direction, duckdb=True)
    for when, again in others.items():
        for value, one, other in zip(column, scores, again, strict=True):
            if not close(one, other, TOLERANCE):
                yield f"{value} scores {one}, and {when} {other}"
