"""How much room text takes, what to do when there is too little, and labels that never overlap.

Fonts are the reader's, so widths are estimates, on the wide side: what fits here fits there.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from egovrules.report.plain import on_one_line

_ELLIPSIS = "…"
_SLIM = "iIjlfrt.,:;'|!()[]- \u00b7اآأ"
_BROAD = "mwMWQ@%—…سشصضطظحج"


@lru_cache(maxsize=10_000)
def _width(character: str) -> float:
    """Estimate the width of a character in ems: a little more than it has in a wide typeface."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in _SLIM:
        return 0.38
    if character in _BROAD:
        return 1.0
    if unicodedata.bidirectional(character) in {"AL", "R"}:
        return 0.54  # on average, as most letters of a word are joined
    return 0.7 if character.isupper() else 0.64


def text_width(text: str, size: float) -> float:
    """Estimate how long a line of text is, in the unit of the font size."""
    return size * sum(map(_width, text))


def fitted(text: str, size: float, room: float) -> str:
    """Return *text* on one line, cut with an ellipsis where it is longer than *room*."""
    line = on_one_line(text)
    if text_width(line, size) <= room:
        return line
    used, kept = text_width(_ELLIPSIS, size), ""
    for character in line:
        used += text_width(character, size)
        if used > room:
            break
        kept += character
    return kept.rstrip(" \u200c") + _ELLIPSIS


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart, as little as it takes: in their order, *gap* apart, from *low* to *high*.

    Args:
        places: Where the labels would stand, ascending.
        gap: The least distance of two; it shrinks where there is too little room for all.
        low: Nothing stands before it.
        high: Nothing stands after it.

    Returns:
        New places, as close to the old ones as the least squares allow.
    """
    if len(places) > 1:
        gap = min(gap, (high - low) / (len(places) - 1))
    # Without their gaps, labels may touch but not swap: pool those that would, at their mean.
    pools: list[tuple[float, int]] = []
    for order, place in enumerate(places):
        mean, size = place - order * gap, 1
        while pools and pools[-1][0] > mean:
            before, count = pools.pop()
            mean, size = (before * count + mean * size) / (count + size), size + count
        pools.append((mean, size))
    top = high - gap * (len(places) - 1)
    level = [min(max(mean, low), max(top, low)) for mean, size in pools for _ in range(size)]
    return [place + order * gap for order, place in enumerate(level)]
