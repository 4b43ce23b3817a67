"""Where output goes: results to standard output, everything else to standard error."""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, TextIO

import click

from egovrules.errors import Problem
from egovrules.report.plain import printable

if TYPE_CHECKING:  # it loads more than `egovrules --help` should wait for
    from egovrules.report.blocks import Block

PIPED_WIDTH = 100  # columns, where there is no terminal to ask
NARROWEST = 40
PATIENCE = 1.0  # seconds of work after which a terminal shows that it goes on

# JSON itself escapes the control characters below 32.
_STEERING = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def show(blocks: "list[Block]") -> None:
    """Print blocks as a terminal shows them best."""
    terminal = import_module("egovrules.report.terminal")  # here, because it loads rich
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    colour = sys.stdout.isatty() and not plain
    write(terminal.render(blocks, width=_width(), colour=colour))


def _width() -> int:
    """Follow COLUMNS, then the terminal."""
    fallback = (PIPED_WIDTH, 24)
    return max(NARROWEST, shutil.get_terminal_size(fallback).columns)


def write_json(document: Any) -> None:
    """Print one JSON document; what could steer a terminal is escaped, so that nothing is lost."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str)
    write(_STEERING.sub(lambda match: json.dumps(match[0])[1:-1], text) + "\n")


def write_csv(text: str) -> None:
    """Print a table as CSV."""
    write(printable(text))


def write(text: str) -> None:
    """Write a result to standard output; a reader that has seen enough is no error."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        give_up(sys.stdout)


def give_up(stream: TextIO) -> None:
    """Drop what is still buffered: it would fail again, and loudly, when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell(message: str) -> None:
    """Write a message to standard error; where that fails, there is nobody left to tell."""
    try:
        click.echo(printable(message), err=True)
    except OSError:
        give_up(sys.stderr)


def tell_problems(problems: Iterable[Problem]) -> None:
    """Write problems to standard error, one after the other."""
    for problem in problems:
        tell(str(problem))


@contextmanager
def working(message: str) -> Iterator[None]:
    """Show on a terminal that the work goes on, once it has taken a second."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield
        return
    done = Event()
    thread = Thread(target=_turn, args=(message, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _turn(message: str, done: Event) -> None:
    if done.wait(PATIENCE):
        return
    console = import_module("rich.console").Console(stderr=True)
    with console.status(message):
        done.wait()
