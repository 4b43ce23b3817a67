"""Elements of SVG as text: what is put in is escaped, so that a name can never become markup."""

from collections.abc import Mapping
from html import escape

from egovrules.report.plain import on_one_line


class Markup(str):
    """Text that is markup already; every other text is escaped."""

    __slots__ = ()


def element(
    tag: str, attributes: Mapping[str, str | float | None], *children: str | Markup
) -> Markup:
    """Make an element; an attribute that is None is left out, numbers have two decimals at most."""
    shown = "".join(
        f' {name}="{_value(value)}"' for name, value in attributes.items() if value is not None
    )
    if not children:
        return Markup(f"<{tag}{shown}/>")
    inside = "".join(child if isinstance(child, Markup) else text(child) for child in children)
    return Markup(f"<{tag}{shown}>{inside}</{tag}>")


def text(plain: str) -> Markup:
    """Escape text; for names see :func:`isolated`."""
    return Markup(escape(plain, quote=False))


def isolated(name: str) -> str:
    """Set a name apart, so that its direction (that of its first letter) touches nothing else."""
    return f"\u2068{on_one_line(name)}\u2069"


def plain(value: float, decimals: int = 2) -> str:
    """Show a coordinate as short as it can be: 12, 12.5, 0.25."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}".rstrip("0").rstrip(".")


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else plain(value)
