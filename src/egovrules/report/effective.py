"""The effective ruleset as YAML in which every value says which file and line it came from."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from egovrules._yaml import Document, Loc, parse
from egovrules._yaml_writing import written
from egovrules.report.plain import on_one_line

_FARTHEST = 64  # columns of text beyond which an origin is not aligned with the others


def effective_text(document: Document) -> str:
    """Write a document as YAML that reads back to the same, with ``# file:line`` behind values.

    A file stands there by its name, and in full where two of the same name took part.
    """
    data = _effective(document)
    text = written(data, width=1 << 20)  # so that every value has one line, or ends on its own
    places, lines = parse(text, "").places, text.splitlines()
    labels = _labels({place.source for place in document.places.values()})
    told = {
        places[loc].value.end_line - 1: f"{labels[place.source]}:{place.value.line}"
        for loc, _ in _leaves(data, ())
        for place in [document.place(loc)]
    }
    width = max((len(lines[n]) for n in told if len(lines[n]) <= _FARTHEST), default=0)
    for number, origin in told.items():
        lines[number] = f"{lines[number]:<{width}}  # {origin}"
    return "\n".join(lines) + "\n"


def origins(document: Document) -> Iterator[dict[str, Any]]:
    """Give for every value (not for lists and mappings) its path, itself, file, line, column."""
    for loc, value in _leaves(_effective(document), ()):
        place = document.place(loc)
        yield {
            "path": ".".join(map(str, loc)),
            "value": value,
            "file": place.source,
            "line": place.value.line,
            "column": place.value.column,
        }


def _effective(document: Document) -> dict[str, Any]:
    return {key: value for key, value in document.data.items() if key != "extends"}


def _leaves(value: Any, loc: Loc) -> Iterator[tuple[Loc, Any]]:
    """Yield every value without parts, by its path, in order; an empty list is one, too."""
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    if not value or not parts:
        yield loc, value
    for key, part in parts:
        yield from _leaves(part, (*loc, key))


def _labels(sources: set[str]) -> dict[str, str]:
    names = [PurePath(source).name for source in sources]
    return {
        source: on_one_line(source if names.count(name) > 1 else name)
        for source in sources
        for name in [PurePath(source).name]
    }
