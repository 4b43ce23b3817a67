"""Options that several commands have, each said once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from egovrules.text import languages

F = TypeVar("F", bound=Callable[..., Any])


def format_option(*forms: str) -> Callable[[F], F]:
    """Add ``--format`` to a command, as *form*; the first is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help="What to print to standard output.",
    )


def language_option(function: F) -> F:
    """Add ``--lang`` to a command, as *language*."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(languages()),
        default="en",
        show_default=True,
        help="Language of headings, names and digits in tables.",
    )(function)


def output_options(function: F) -> F:
    """Add ``--format`` and ``--lang`` to a command."""
    return format_option("table", "json", "csv")(language_option(function))


def period_option(function: F) -> F:
    """Add ``--period`` to a command."""
    return click.option(
        "--period", metavar="P", help="Which ruleset of a folder is meant, such as 1400-autumn."
    )(function)


def set_option(function: F) -> F:
    """Add ``--set`` to a command, as *settings*."""
    return click.option(
        "--set",
        "settings",
        metavar="PATH=VALUE",
        multiple=True,
        help="Change one value of the ruleset for a what-if, such as axes.integrated.weight=40; "
        "may be repeated.",
    )(function)


def data_option(purpose: str) -> Callable[[F], F]:
    """Add ``--data`` to a command, with what it is for."""
    return click.option("--data", type=click.Path(path_type=Path), metavar="DATASET", help=purpose)


def source_option(function: F) -> F:
    """Add ``--source`` to a command."""
    return click.option(
        "--source",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Source file that says which columns are which (*.source.yaml).",
    )(function)


def engine_option(function: F) -> F:
    """Add ``--engine`` to a command."""
    return click.option(
        "--engine",
        type=click.Choice(["polars", "duckdb"]),
        default="polars",
        show_default=True,
        help="Where services are scored; DuckDB holds more than fits in memory.",
    )(function)
