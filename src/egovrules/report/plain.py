"""Text from data and rulesets, made safe to print. Imports nothing, so that errors print fast."""

import re

# Control characters save the line break, surrogates, breaks of lines and paragraphs, and what
# embeds, overrides or isolates a direction.
_STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """Return *text* without characters that could steer a terminal or reorder a line.

    Line breaks stay, tabs become a space; marks that Persian needs (ZWNJ, direction marks) stay.
    """
    return _STEERING.sub("", text.replace("\t", " "))


def on_one_line(text: str) -> str:
    """Return *text* fit for a cell: printable, all white space folded."""
    return " ".join(printable(text).split())
