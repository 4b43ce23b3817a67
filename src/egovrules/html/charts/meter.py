"""A small bar for a table cell, and what it is as long as: a value's place on the scale."""

from egovrules.html.charts.element import element
from egovrules.text import direction

_METER = (60, 8)


def meter(value: float | None, *, scale: tuple[float, float], language: str) -> str:
    """Draw a small bar for a table cell; the number stands beside it, so it is hidden from readers.

    Args:
        value: A score; without one, the bar is empty.
        scale: The lowest and the highest score.
        language: The language of the page.

    Returns:
        Markup. Its ``[data-part=value]`` is as wide as the value's share of the scale, of 60.
    """
    wide, tall = _METER
    length = wide * share_of(value, scale)
    left = wide - length if direction(language) == "rtl" else 0
    box: dict[str, str | float | None] = {"width": wide, "height": tall}
    hidden = {"aria-hidden": "true", "data-meter": "", "viewBox": f"0 0 {wide} {tall}"}
    bar: dict[str, str | float | None] = {"x": left, "width": length, "height": tall}
    return element(
        "svg",
        {"class": "meter"} | hidden | box,
        element("rect", {"class": "track"} | box),
        element("rect", {"class": "bar", "data-part": "value"} | bar),
    )


def share_of(value: float | None, scale: tuple[float, float]) -> float:
    """Tell how far along the scale a value lies, from 0 to 1; nothing lies at 0."""
    low, high = scale
    if value is None or high <= low:
        return 0.0
    return min(max((value - low) / (high - low), 0.0), 1.0)
