"""``egovrules plugins``: what is installed, and what is broken."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import click

from egovrules.cli.options import output_options
from egovrules.cli.output import show, tell_problems, write_csv, write_json
from egovrules.plugins import Plugin, Registry
from egovrules.report.blocks import Block, Line, Table, enumerated, headed, parted
from egovrules.text import translate

# What a plugin brings besides criteria, as it holds it.
_WAYS = ("treatments", "normalisations", "aggregations", "reports")


@click.command()
@output_options
def plugins(form: str, language: str) -> None:
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
        show(_table(registry, language))


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
    return {kind: [one.id for one in getattr(plugin, kind)] for kind in _WAYS}


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


def _table(registry: Registry, language: str) -> list[Block]:
    columns = headed(language, "Plugin", "Version", "Axes", "Brings")
    rows = tuple(
        (
            plugin.distribution,
            plugin.version,
            enumerated((axis.id for axis in plugin.axes), language),
            parted(_brings(plugin, language), language),
        )
        for plugin in registry.plugins
    )
    slow = any(one.slow for plugin in registry.plugins for one in plugin.criteria)
    note = "(slow): scored row by row in Python, on the local engine only"
    told = Line(translate(note, language), "quiet")
    return [Table("", columns, rows), *([told] if slow else [])]


def _brings(plugin: Plugin, language: str) -> Iterator[str]:
    """Name what a plugin brings, or that it is broken."""
    if plugin.problems:
        yield translate("broken, see above", language)
    mark = translate("slow", language)
    criteria = [f"{one.id} ({mark})" if one.slow else one.id for one in plugin.criteria]
    if criteria:
        yield enumerated(criteria, language)
    for kind in _WAYS:
        if methods := _methods(plugin)[kind]:
            yield f"{translate(kind, language)}: {enumerated(methods, language)}"
