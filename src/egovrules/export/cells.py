"""Text from strangers, made harmless in the cells of a spreadsheet."""

import re

import polars as pl
import polars.selectors as cs

# A text is taken for a formula by its first character that is no space, and after a tab or a line
# break whatever follows; the wide forms count where keyboards are East Asian. Polars and
# Python differ in whether the separators 1c to 1f are spaces, so these are named.
_SIGN = r"^'*([\s\x1c-\x1f]*[=+\-@＝＋－＠]|[\t\r\n])"
_BREAKS = r"[\t\r\f\v\x85\p{Zl}\p{Zp}]"
_STEERING = r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"


def taken_for_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula."""
    return re.match(_SIGN, text) is not None


def neutral(text: str) -> str:
    """Put an apostrophe before a text that could be taken for a formula."""
    return f"'{text}" if taken_for_formula(text) else text


def neutralised(table: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before every text that could be taken for a formula.

    Texts that have apostrophes before such a beginning get one more, so that taking one off gives
    every text back as it was. Numbers stay numbers.
    """
    return table.with_columns(cs.string().str.replace(f"({_SIGN})", "'$1"))


def legible(table: pl.DataFrame) -> pl.DataFrame:
    """Drop the characters that steer or reorder, as the terminal does; line breaks stay."""
    texts = cs.string().str.replace_all(_BREAKS, " ").str.replace_all(_STEERING, "")
    return table.with_columns(texts)
