"""The answers that criteria read of one agency or service, as people call them."""

from collections.abc import Mapping
from typing import Any

from egovrules.report.called import all_called, said
from egovrules.result import Manifest

STATUS = "__status"  # ends the name of a column that goes with another


def read_by(parameters: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the indicators that a criterion's parameters name, with their values."""
    return {name: inputs[name] for name in columns_named(parameters) if name in inputs}


def columns_named(parameters: Mapping[str, Any]) -> list[str]:
    """Return the texts among parameters: names of columns, and other words."""
    found: list[Any] = []
    for value in parameters.values():
        found += value if isinstance(value, list) else [value]
    return [name for name in found if isinstance(name, str)]


def answered(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Put the status of a cell (``refused``, ``exempt``) in place of the value it has not."""
    return {
        name: inputs.get(f"{name}{STATUS}") if value is None else value
        for name, value in inputs.items()
        if not name.endswith(STATUS) and not name.startswith("_")
    }


def as_called(
    manifest: Manifest, table: str, answers: Mapping[str, Any], language: str
) -> dict[str, Any]:
    """Put what people call a column in place of its name, and of a text in place of that."""
    heads = all_called(manifest, table, answers, language)
    return {
        heads[name]: said(manifest, table, name, one, language) if isinstance(one, str) else one
        for name, one in answers.items()
    }
