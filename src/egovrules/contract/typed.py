"""From the column that a table has to the type that is needed, on the engine where it lives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from egovrules import cells
from egovrules.contract.need import Wanted
from egovrules.fields import FieldType

DTYPES: Mapping[FieldType, Any] = {
    "number": nw.Float64(),
    "boolean": nw.Boolean(),
    "text": nw.String(),
    "date": nw.Date(),
}
_TEXTS = (nw.String, nw.Categorical, nw.Enum)
# Columns of codes, whose Persian digits are read as Latin in text files: both name one body.
_CODES = ("code", "agency", "parent", "consumer", "provider", "provider_service", "subject")


@dataclass(frozen=True, slots=True)
class Typed:
    """How one column becomes what is needed.

    Attributes:
        wanted: What is needed of it.
        value: Its value; null where it is missing or cannot be read.
        shown: The column that holds what was typed, for messages.
        token: The status that a cell holds in place of a value; None where it cannot.
        fallible: Whether a cell may hold something that cannot be read.
    """

    wanted: Wanted
    value: nw.Expr
    shown: str
    token: nw.Expr | None = None
    fallible: bool = False


@dataclass(frozen=True, slots=True)
class Spellings:
    """What the strange cells of a column with a closed list stand for.

    Attributes:
        values: Another spelling → the value.
        statuses: A cell → the status that it is.
    """

    values: Mapping[str, str]
    statuses: Mapping[str, str]


def read_texts(
    frame: pl.LazyFrame, wanted: Sequence[Wanted], schema: Mapping[str, Any], *, is_file: bool
) -> pl.LazyFrame:
    """Read columns of text as what is needed.

    Adds ``__raw_<column>``, the text, and ``__token_<column>``, its status.
    """
    made = []
    for one in wanted:
        name = one.column
        if schema.get(name) not in _TEXTS:
            continue
        text = pl.col(name).cast(pl.String)
        if one.type != "text":
            text = pl.when(text.str.strip_chars() != "").then(text.str.strip_chars())
            made += [
                cells.read(text, one.type).alias(name),
                text.alias(f"__raw_{name}"),
                cells.status(text).alias(f"__token_{name}"),
            ]
        elif is_file and name in _CODES:
            made.append(cells.latin(text).alias(name))
    return frame.with_columns(made)


def typed(one: Wanted, dtype: Any, spellings: Spellings | None, *, was_text: bool) -> Typed | str:
    """Say how a column that is there becomes what is needed, or why it cannot."""
    name, column = one.column, nw.col(one.column)
    if was_text:
        return Typed(one, column, f"__raw_{name}", nw.col(f"__token_{name}"), fallible=True)
    if dtype == nw.Unknown:  # a column without any value
        return Typed(one, column.cast(DTYPES[one.type]), name)
    if one.type == "text" and dtype in _TEXTS:
        return _text(one, column.cast(nw.String()), spellings)
    if one.type == "boolean" and dtype.is_numeric():
        no = nw.when(column == 0).then(nw.lit(value=False))
        flag = nw.when(column == 1).then(nw.lit(value=True)).otherwise(no)
        return Typed(one, flag, name, fallible=True)
    fits = {
        "number": dtype.is_numeric(),
        "boolean": dtype == nw.Boolean,
        "text": dtype.is_integer(),
        "date": dtype in (nw.Date, nw.Datetime),
    }
    if not fits[one.type]:
        return f"holds {_described(dtype)}, and {cells.expected(one.type)} is needed"
    value = column.cast(DTYPES[one.type])
    return Typed(one, value.fill_nan(None) if has_nan(dtype) else value, name)


def _text(one: Wanted, column: nw.Expr, spellings: Spellings | None) -> Typed:
    if one.values and spellings is None:  # every cell is as it should be
        return Typed(one, column, one.column)
    text = nw.when(column != "").then(column)
    if spellings is None:
        return Typed(one, text, one.column)
    known: nw.Expr = nw.when(text.is_in(one.values)).then(text)
    if spellings.values:
        known = nw.coalesce(known, _mapped(text, spellings.values))
    token = _mapped(text, spellings.statuses) if spellings.statuses else None
    return Typed(one, known, one.column, token, fallible=True)


def _mapped(text: nw.Expr, mapping: Mapping[str, str]) -> nw.Expr:
    return text.replace_strict(
        list(mapping), list(mapping.values()), default=None, return_dtype=nw.String()
    )


def has_nan(dtype: Any) -> bool:
    """Tell whether a column of this type can hold NaN."""
    return bool(dtype.is_float())


def _described(dtype: Any) -> str:
    if dtype in _TEXTS:
        return "text, which is not read here (write it as its own type, or use the polars engine)"
    if dtype == nw.Boolean:
        return "true and false"
    if dtype.is_numeric():
        return "numbers"
    if dtype in (nw.Date, nw.Datetime):
        return "dates"
    return f"values of type {dtype}"
