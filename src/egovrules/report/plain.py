"""Text from data and rulesets, made safe to print. Imports nothing, so that errors print fast."""

import unicodedata


def printable(text: str) -> str:
    """Return *text* without characters that could steer a terminal or reorder a line.

    Line breaks stay, tabs become a space; marks that Persian needs (ZWNJ, direction marks) stay.
    """
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\n":
        return character
    if character == "\t":
        return " "
    if "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069":
        return ""
    return "" if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character


def on_one_line(text: str) -> str:
    """Return *text* fit for a cell: printable, all white space folded."""
    return " ".join(printable(text).split())
