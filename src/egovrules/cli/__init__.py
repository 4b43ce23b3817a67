"""The command line: ``egovrules COMMAND``, one module for each command.

Modules of commands are imported when their command is called, so that ``egovrules --help`` loads
neither Polars nor any plugin. Results go to standard output, everything else to standard error.

Exit codes: 0 fine · 1 a finding or reconciliation of severity error · 2 unusable input ·
3 a bug · 130 interrupted.
"""

import sys
import traceback
from importlib import import_module
from io import TextIOWrapper

import click

from egovrules import __version__
from egovrules.cli.output import give_up, tell, tell_problems
from egovrules.errors import EgovrulesError, did_you_mean

UNUSABLE, BUG, INTERRUPTED = 2, 3, 130

# What `egovrules --help` lists; each command is the function of that name in the module.
COMMANDS = {
    "evaluate": "Score, rank and classify a dataset by a ruleset.",
    "check": "Find everything that is wrong or odd in rulesets.",
    "show": "Print a ruleset as it is in effect, each value with its origin.",
    "test": "Run the worked examples of rulesets (*.test.yaml).",
    "fmt": "Lay rulesets out evenly, comments kept.",
    "diff": "Say what changed from one ruleset to another, and what that does.",
    "explain": "Say why an agency has its score.",
    "compare": "Compare two saved evaluations.",
    "export": "Write an evaluation as a workbook, CSV, Data Package and others.",
    "report": "Write an evaluation as one page that opens offline.",
    "verify": "Compute a saved evaluation anew, and say what differs.",
    "plugins": "List the installed plugins, the sound and the broken.",
    "schema": "Write the JSON Schema by which editors check rulesets.",
    "sample": "Write the synthetic sample rounds.",
}


class _Commands(click.Group):
    """The commands, imported one by one, and what becomes of errors that leave them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - Click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"egovrules.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 - our own modules
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"there is no command '{args[0]}': {did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> None:
        try:
            code = super().invoke(ctx)
        except EgovrulesError as error:
            tell_problems(error.problems)
            code = UNUSABLE
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            code = INTERRUPTED
        except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback
            code = _unforeseen(error, debug=bool(ctx.params.get("debug")))
        ctx.exit(code or 0)


def _unforeseen(error: Exception, *, debug: bool) -> int:
    """Answer an error that nothing below foresaw, and return the exit code."""
    if debug:
        tell("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, OSError) and error.strerror:
        if error.filename:
            tell(f"{error.filename}: the file cannot be used: {error.strerror}")
        else:  # files that are opened have a name; standard output has none
            tell(f"the output cannot be written: {error.strerror}")
        return UNUSABLE
    tell(
        "This is a bug in egovrules or in a plugin, please report it together with the command.\n"
        f"  {type(error).__name__}: {error}"
    )
    if not debug:
        tell("  `egovrules --debug COMMAND …` shows where it happened.")
    return BUG


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="egovrules")
@click.option(
    "--debug",
    is_flag=True,
    envvar="EGOVRULES_DEBUG",
    help="Show where in the program an error happened (or set EGOVRULES_DEBUG=1).",
)
def cli(debug: bool) -> None:
    """Evaluate government bodies and their e-services by rule."""


def main() -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a letter shows a mark; files and pipes get UTF-8.
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="replace")
    if sys.stdout is None:
        tell("the output cannot be written: standard output is closed")
        sys.exit(UNUSABLE)
    try:
        cli.main(prog_name="egovrules")
    except OSError as error:  # from --help and --version, which are printed before any command
        sys.exit(_unforeseen(error, debug=False))
    finally:
        _flush()


def _flush() -> None:
    """Drop what standard output will not take, so that Python does not complain at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        give_up(sys.stdout)
