"""The indicators that scores were made of: of every service, and of every agency."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from egovrules.html.card.compact import Column, Lexicon, Part, constant, listed, spans_of, worded
from egovrules.html.card.packing import ALPHABET
from egovrules.html.card.services import service_criteria
from egovrules.model import PointState
from egovrules.report.answers import STATUS, read_by
from egovrules.report.called import all_called, said
from egovrules.result import Evaluation, Manifest, NodeInfo
from egovrules.text import LANGUAGES, format_number

_ENTERED = frozenset({"exempt", "not_applicable"})  # said, and no gap


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
        _answers(own, one, lexicon)
        if whole or _is_point(own.get_column(one.name))
        else _gaps(own, one, lexicon)
        for one in _asked(evaluation, "services", names)
    ]
    spans = spans_of(table.get_column("agency"))
    return Part("answers", lexicon.told("Indicators"), columns, spans) if columns else None


def _is_point(values: pl.Series) -> bool:
    return values.dtype == pl.String and set(values.drop_nulls().unique()) <= set(PointState)


def read_names(nodes: Iterable[NodeInfo], columns: Sequence[str]) -> list[str]:
    """Name the columns that criteria read, in the order of the tree."""
    known = dict.fromkeys(columns)
    return list(dict.fromkeys(name for one in nodes for name in read_by(one.parameters, known)))


@dataclass(frozen=True)
class _Asked:
    """An indicator: its column, the table of that, and its title in every language."""

    manifest: Manifest
    table: str
    name: str
    title: Sequence[str]

    def said(self, text: str) -> list[str]:
        """Say a text of the column in every language."""
        return [said(self.manifest, self.table, self.name, text, one) for one in LANGUAGES]


def _asked(evaluation: Evaluation, table: str, names: Sequence[str]) -> list[_Asked]:
    manifest = evaluation.manifest
    heads = [all_called(manifest, table, names, language) for language in LANGUAGES]
    return [_Asked(manifest, table, name, [one[name] for one in heads]) for name in names]


def _answers(own: pl.DataFrame, asked: _Asked, lexicon: Lexicon) -> Column:
    """Show one indicator; the spec says which of its words mean that the value is missing."""
    heading = lexicon.words(asked.title)
    pairs = _with_status(own, asked.name)
    distinct = pairs.unique(maintain_order=True)
    if distinct.height <= len(ALPHABET):
        places = {
            (value, status): _answer(value, status, lexicon, asked)
            for value, status in distinct.iter_rows()
        }
        column = worded(heading, [places[row] for row in pairs.iter_rows()])
    else:
        places = {
            (None, one): _answer(None, one, lexicon, asked)
            for one in distinct["status"].unique(maintain_order=True)
        }
        cells = [_cell(value, status, lexicon, asked) for value, status in pairs.iter_rows()]
        column = listed(heading, cells, numeric=False)
    gaps = {place for (value, status), place in places.items() if is_gap(value, status)}
    return Column({**column.spec, "gaps": sorted(gaps)}, column.whole)


def _gaps(own: pl.DataFrame, asked: _Asked, lexicon: Lexicon) -> Column:
    """Show of one indicator only where it is missing, and why."""
    heading, rest = lexicon.words(asked.title), lexicon.told("not told here")
    why = pl.when(pl.col("value").is_null()).then(pl.col("status").fill_null("missing"))
    reasons = _with_status(own, asked.name).select(why).to_series()
    places = {
        one: rest if one is None or one in _ENTERED else _answer(None, one, lexicon, asked)
        for one in reasons.unique(maintain_order=True)
    }
    column = worded(heading, [places[one] for one in reasons.to_list()])
    gaps = sorted({*places.values()} - {rest})
    return Column({**column.spec, "gaps": gaps, "rest": rest}, column.whole)


def _with_status(own: pl.DataFrame, name: str) -> pl.DataFrame:
    known = f"{name}{STATUS}" in own.columns
    status = pl.col(f"{name}{STATUS}") if known else pl.lit(None, pl.String)
    return own.select(pl.col(name).alias("value"), status.alias("status"))


def _cell(value: Any, status: str | None, lexicon: Lexicon, asked: _Asked) -> Any:
    """Show a value that few others have: whole numbers as they are, others as they print."""
    whole = isinstance(value, float) and value.is_integer()
    return int(value) if whole else [_answer(value, status, lexicon, asked)]


def is_gap(value: Any, status: str | None) -> bool:
    """Tell whether an answer should be there and is not."""
    return value is None and status not in _ENTERED


def _answer(value: Any, status: str | None, lexicon: Lexicon, asked: _Asked) -> int:
    """Return the entry of an indicator's value, or of the status that stands for it."""
    if value is None:
        return lexicon.told((status or "missing").replace("_", " "))
    if isinstance(value, bool):
        return lexicon.told("yes" if value else "no")
    if isinstance(value, int | float):
        return lexicon.number(format_number(value, "en"))
    if isinstance(value, date):
        return lexicon.number(value.isoformat())
    return lexicon.words(asked.said(value))


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
    names = dict.fromkeys(name for _, name in pairs)
    asked = {one.name: one for one in _asked(evaluation, "agencies", list(names))}
    own = evaluation.agencies.sort("agency").select(pl.col("agency").alias("code"))
    own = own.join(inputs, on="code", how="left", maintain_order="left")
    by_name = {}
    for name, one in asked.items():
        rows = _with_status(own, name).rows()
        told = {row: _answer(row[0], row[1], lexicon, one) for row in dict.fromkeys(rows)}
        by_name[name] = [told[row] for row in rows]
    places = [by_name[name][row] for row in range(own.height) for _, name in pairs]
    columns = [
        constant(lexicon.told("Criterion"), [lexicon.words(titles[node]) for node, _ in pairs]),
        constant(lexicon.told("Indicator"), [lexicon.words(asked[n].title) for _, n in pairs]),
        worded(lexicon.told("Value"), places, numeric=True),
    ]
    spans = {
        code: (row * len(pairs), (row + 1) * len(pairs))
        for row, code in enumerate(own.get_column("code"))
    }
    return Part("indicators", lexicon.told("Indicators of the body"), columns, spans)
