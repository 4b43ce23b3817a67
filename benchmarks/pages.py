"""The page of the documentation that the benchmarks write, each a part of it."""

import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"
GIB = 2**30


def put(part: str) -> None:
    """Write a part of the page, from its heading on, in place of what stands there.

    The first part goes from the page's title to the first heading below it.
    """
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = re.split(r"^(?=##? )", text, flags=re.MULTILINE)
    parts = {_heading(one): one.strip() for one in found if one}
    parts[_heading(part)] = part.strip()
    PAGE.write_text("\n\n".join(parts.values()) + "\n", encoding="utf-8")


def _heading(part: str) -> str:
    return part.split("\n", 1)[0]


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Draw a table in Markdown: the first column to the left, numbers to the right."""
    rule = ("---", *["---:"] * (len(head) - 1))
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *rows))


def circumstances() -> str:
    """Say when, where and with what was measured."""
    packages = {name: version(name) for name in ("polars", "narwhals", "egovrules")}
    named = ", ".join(f"{name} {number}" for name, number in packages.items())
    machine = f"{os.cpu_count()} cores, {_memory()} of memory, Python {platform.python_version()}"
    return f"{datetime.now(tz=UTC).date().isoformat()}: {machine}, {named}"


def _memory() -> str:
    names: Any = os.sysconf_names
    if "SC_PHYS_PAGES" not in names:
        return "an unknown amount"
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / GIB:.0f} GiB"
