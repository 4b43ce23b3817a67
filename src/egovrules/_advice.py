"""What to say of a value that stands in the wrong place, and what to write instead."""

import math
import re
from collections.abc import Sequence
from typing import Any

from egovrules._yaml_rules import shorten
from egovrules.errors import SHOWN
from egovrules.text import latin_digits

WHOLE = 100  # per cent


def described(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text '{shorten(value)}'"
    if isinstance(value, list):
        return "a list"
    return "a mapping" if isinstance(value, dict) else f"the number {value}"


def advice_on(value: Any, wanted: str, keys: Sequence[str], most: float = math.inf) -> str:
    """Say what to write in place of a value of the wrong type.

    Args:
        value: What stands there.
        wanted: What is needed, in the words of the message.
        keys: Those of the mapping that is needed.
        most: The largest number that can stand there.
    """
    is_word = isinstance(value, str | int | float)
    advice = ""
    if value is None:
        has_lines = "list" in wanted or "mapping" in wanted
        repair = "indent the lines that belong to it" if has_lines else "give it a value"
        advice = f"{repair}, or remove the key"
    elif isinstance(value, str) and "number" in wanted:
        advice = number_advice(value, most)
    elif wanted == "true or false":
        advice = "write true or false" + (", without quotes" if isinstance(value, str) else "")
    elif wanted == "a text" and is_word:
        advice = "put it in quotes"
    elif wanted == "a list":
        advice = "put it in brackets: [...]" if is_word else "begin each entry with '- '"
    elif "mapping" in wanted and keys:
        rest = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
        advice = f"its keys: {', '.join(keys[:SHOWN])}{rest}"
    elif "mapping" in wanted and isinstance(value, list):
        advice = "write each entry as 'key: value', without '- '"
    return advice


def number_advice(text: str, most: float = math.inf) -> str:
    """Say how to write the number that a text seems to mean; nothing where it means none.

    Args:
        text: What stands there.
        most: The largest number that can; 1 for a share.
    """
    plain = "".join(latin_digits(text).split())
    number = plain.removesuffix("%")
    if re.fullmatch("[1-9][0-9]{0,2}(,[0-9]{3})+", number):
        number = number.replace(",", "")
    number = number.replace(",", ".")
    if not re.fullmatch(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?", number):
        return ""
    if plain.endswith("%"):
        share = f"{float(number) / WHOLE:g}"
        either = f"write {number}, or {share} where 1 stands for all"
        return f"write {share}" if most == 1 else either
    if number == text:
        return "remove the quotes"
    return f"write {number}" if text.isascii() else f"write it in Latin digits: {number}"
