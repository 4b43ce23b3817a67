"""The indicators that scores were made of: of every service, and of every agency."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from egovrules.html.card.compact import Column, Lexicon, Part, constant, listed, spans_of, worded
from egovrules.html.card.packing import ALPHABET
from egovrules.html.card.services import service_criteria
from egovrules.model import PointState
from egovrules.report.scorecard import STATUS, read_by
from egovrules.result import Evaluation, NodeInfo
from egovrules.text import LANGUAGES, format_number

_ENTERED = frozenset({"exempt", "not_applicable"})  # said, and no gap
_WORD = re.compile("[a-z][a-z0-9_]*")


def answers_part(
    evaluation: Evaluation, table: pl.DataFrame, lexicon: Lexicon, *, whole: bool
) -> Part | None:
    """Show, for every service, the indicators that its criteria read.

    Args:
        evaluation: What to show.
        table: Its services, by agency.
        lexicon: Where texts go.
        whole: Whether all answers are told; else those of interaction points, and of all others
            only that they are missing, so that the page of a whole country stays small.
    """
    inputs = evaluation.inputs.get("services")
    if inputs is None:
        return None
    names = read_names(service_criteria(evaluation), inputs.columns)
    keys = table.select(pl.col("service").alias("code"))
    own = keys.join(inputs, on="code", how="left", maintain_order="left")
    columns = [
        _answers(own, name, lexicon)
        if whole or _is_point(own.get_column(name))
        else _gaps(own, name, lexicon)
        for name in names
    ]
    spans = spans_of(table.get_column("agency"))
    return Part("answers", lexicon.told("Indicators"), columns, spans) if columns else None


def _is_point(values: pl.Series) -> bool:
    return values.dtype == pl.String and set(values.drop_nulls().unique()) <= set(PointState)


def read_names(nodes: Iterable[NodeInfo], columns: Sequence[str]) -> list[str]:
    """Name the columns that criteria read, in the order of the tree."""
    known = dict.fromkeys(columns)
    return list(dict.fromkeys(name for one in nodes for name in read_by(one.parameters, known)))


def _answers(own: pl.DataFrame, name: str, lexicon: Lexicon) -> Column:
    """Show one indicator; the spec says which of its words mean that the value is missing."""
    heading = lexicon.words(indicator_title(name))
    pairs = _with_status(own, name)
    distinct = pairs.unique(maintain_order=True)
    if distinct.height <= len(ALPHABET):
        places = {
            (value, status): answer(value, status, lexicon)
            for value, status in distinct.iter_rows()
        }
        column = worded(heading, [places[row] for row in pairs.iter_rows()])
    else:
        places = {
            (None, one): answer(None, one, lexicon)
            for one in distinct["status"].unique(maintain_order=True)
        }
        cells = [_cell(value, status, lexicon) for value, status in pairs.iter_rows()]
        column = listed(heading, cells, numeric=False)
    gaps = {place for (value, status), place in places.items() if is_gap(value, status)}
    return Column({**column.spec, "gaps": sorted(gaps)}, column.whole)


def _gaps(own: pl.DataFrame, name: str, lexicon: Lexicon) -> Column:
    """Show of one indicator only where it is missing, and why."""
    pairs = _with_status(own, name)
    places = {
        (value, status): answer(value, status, lexicon) if is_gap(value, status) else None
        for value, status in pairs.filter(pl.col("value").is_null())
        .unique(maintain_order=True)
        .iter_rows()
    }
    cells = [places.get(row) for row in pairs.iter_rows()]
    gaps = sorted({one for one in cells if one is not None})
    heading, rest = lexicon.words(indicator_title(name)), lexicon.told("not told here")
    column = worded(heading, [rest if one is None else one for one in cells])
    return Column({**column.spec, "gaps": gaps, "rest": rest}, column.whole)


def _with_status(own: pl.DataFrame, name: str) -> pl.DataFrame:
    known = f"{name}{STATUS}" in own.columns
    status = pl.col(f"{name}{STATUS}") if known else pl.lit(None, pl.String)
    return own.select(pl.col(name).alias("value"), status.alias("status"))


def _cell(value: Any, status: str | None, lexicon: Lexicon) -> Any:
    """Show a value that few others have: whole numbers as they are, others as they print."""
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else [answer(value, status, lexicon)]


def is_gap(value: Any, status: str | None) -> bool:
    """Tell whether an answer should be there and is not."""
    return value is None and status not in _ENTERED


def answer(value: Any, status: str | None, lexicon: Lexicon) -> int:
    """Return the entry of an indicator's value, or of the status that stands for it."""
    if value is None:
        return lexicon.told((status or "missing").replace("_", " "))
    if isinstance(value, bool):
        return lexicon.told("yes" if value else "no")
    if isinstance(value, int | float):
        return lexicon.number(format_number(value, "en"))
    if isinstance(value, date):
        return lexicon.number(value.isoformat())
    if _WORD.fullmatch(value):
        return lexicon.told(value.replace("_", " "))
    return lexicon.words([value] * len(LANGUAGES))


def indicator_title(name: str) -> list[str]:
    """Name an indicator: by its column, since nothing else names it."""
    return [name.replace("_", " ")] * len(LANGUAGES)


def answers_of_agencies(
    evaluation: Evaluation, lexicon: Lexicon, titles: Mapping[str, list[str]]
) -> Part | None:
    """Show the indicators of agencies, each under the criterion that reads it."""
    inputs = evaluation.inputs.get("agencies")
    tree = evaluation.manifest.tree
    nodes = [one for one in tree if one.kind == "criterion" and one.level == "agency"]
    if inputs is None:
        return None
    pairs = [(node.id, name) for node in nodes for name in read_names([node], inputs.columns)]
    if not pairs:
        return None
    own = evaluation.agencies.sort("agency").select(pl.col("agency").alias("code"))
    own = own.join(inputs, on="code", how="left", maintain_order="left")
    by_name = {
        name: [answer(value, status, lexicon) for value, status in _with_status(own, name).rows()]
        for _, name in pairs
    }
    places = [by_name[name][row] for row in range(own.height) for _, name in pairs]
    columns = [
        constant(lexicon.told("Criterion"), [lexicon.words(titles[node]) for node, _ in pairs]),
        constant(lexicon.told("Indicator"), [lexicon.words(indicator_title(n)) for _, n in pairs]),
        worded(lexicon.told("Value"), places, numeric=True),
    ]
    spans = {
        code: (row * len(pairs), (row + 1) * len(pairs))
        for row, code in enumerate(own.get_column("code"))
    }
    return Part("indicators", lexicon.told("Indicators of the body"), columns, spans)
