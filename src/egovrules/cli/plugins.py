"""``egovrules plugins``: what is installed, and what is broken."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import click

from egovrules.cli.options import format_option
from egovrules.cli.output import show, tell_problems, write_csv, write_json
from egovrules.plugins import Plugin, Registry
from egovrules.report.blocks import Block, Column, Line, Table


@click.command()
@format_option("table", "json", "csv")
def plugins(form: str) -> None:
    """List the installed plugins, the sound and the broken.

    What is broken is told on standard error; it stops only a ruleset that needs it, so the exit
    code is 0.
    """
    registry = Registry.installed()
    tell_problems(registry.problems)
    if form == "json":
        write_json({"plugins": [_document(plugin) for plugin in registry.plugins]})
    elif form == "csv":
        write_csv(_as_csv(registry))
    else:
        show(_table(registry))


def _document(plugin: Plugin) -> dict[str, Any]:
    return {
        "distribution": plugin.distribution,
        "version": plugin.version,
        "axes": [axis.id for axis in plugin.axes],
        "criteria": [
            {"id": one.id, "level": one.level, "slow": one.slow} for one in plugin.criteria
        ],
        **_methods(plugin),
        "problems": [str(problem) for problem in plugin.problems],
    }


def _methods(plugin: Plugin) -> dict[str, list[str]]:
    """Name the other ways that a plugin brings, by kind."""
    return {
        "treatments": [one.id for one in plugin.treatments],
        "normalisations": [one.id for one in plugin.normalisations],
        "aggregations": [one.id for one in plugin.aggregations],
    }


def _as_csv(registry: Registry) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["distribution", "version", "kind", "id", "level", "slow", "problem"])
    for plugin in registry.plugins:
        named = [plugin.distribution, plugin.version]
        for one in plugin.criteria:
            rows.writerow([*named, "criterion", one.id, one.level, str(one.slow).lower(), ""])
        for kind, methods in _methods(plugin).items():
            for method in methods:
                rows.writerow([*named, kind.removesuffix("s"), method, "", "", ""])
        for problem in plugin.problems:
            rows.writerow([*named, "", "", "", "", problem.message])
    return text.getvalue()


def _table(registry: Registry) -> list[Block]:
    columns = (Column("Plugin"), Column("Version"), Column("Axes"), Column("Brings"))
    rows = tuple(
        (
            plugin.distribution,
            plugin.version,
            ", ".join(axis.id for axis in plugin.axes),
            "; ".join(_brings(plugin)),
        )
        for plugin in registry.plugins
    )
    slow = any(one.slow for plugin in registry.plugins for one in plugin.criteria)
    note = "(slow): scored row by row in Python, on the local engine only"
    return [Table("", columns, rows), *([Line(note, "quiet")] if slow else [])]


def _brings(plugin: Plugin) -> Iterator[str]:
    """Name what a plugin brings, or that it is broken."""
    if plugin.problems:
        yield "broken, see above"
    criteria = [f"{one.id} (slow)" if one.slow else one.id for one in plugin.criteria]
    if criteria:
        yield ", ".join(criteria)
    for kind, methods in _methods(plugin).items():
        if methods:
            yield f"{kind}: {', '.join(methods)}"
