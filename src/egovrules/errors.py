"""Problems, and the errors that carry them. Imports nothing of this package.

Whatever a person typed (a ruleset, a source file, data, an option) is answered by one
:class:`EgovrulesError` that lists *every* problem found, each with its place and a hint.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, Self

SHOWN = 10  # alternatives named when none is close
_LONGEST = 100  # characters of a word that is compared with others, which takes their product

Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    Attributes:
        message: What is wrong, in words for an analyst.
        source: The file (or frame) that it is in; empty when it is in none.
        line: Line in that file, counted from 1; None for tables.
        column: Character in that line, counted from 1; None when the whole line is meant.
        where: A path inside the file (``axes.integrated.weight``) or a cell (``row 12, visits``).
        hint: What to do; empty when the message says it.
        severity: ``error`` stops the work; ``warning`` and ``info`` are told and passed over.
        excerpt: The line of the file with a caret line beneath it, ready to print.
    """

    message: str
    source: str = ""
    line: int | None = None
    column: int | None = None
    where: str = ""
    hint: str = ""
    severity: Severity = "error"
    excerpt: str = ""

    def __str__(self) -> str:
        """Render as ``file:line:column: message (where)``, the excerpt and the hint beneath."""
        source = " ".join(self.source.splitlines())  # a file's name may hold line breaks
        place = ":".join(str(part) for part in (source, self.line, self.column) if part)
        head = f"{place}: " if place else ""
        kind = "" if self.severity == "error" else f"{self.severity}: "
        where = f"  ({self.where})" if self.where else ""
        lines = [f"{head}{kind}{self.message}{where}"]
        if self.excerpt:
            lines.append(self.excerpt)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class EgovrulesError(Exception):
    """Base of every error that this package raises on purpose; holds all problems at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def of(cls, message: str, *, source: str = "", where: str = "", hint: str = "") -> Self:
        """Make an error of a single problem."""
        return cls([Problem(message, source=source, where=where, hint=hint)])


class RulesetError(EgovrulesError):
    """A ruleset does not say something that the engine can carry out."""


class DatasetError(EgovrulesError):
    """A source file or a table cannot be read, or breaks its contract."""


class PluginError(EgovrulesError):
    """A plugin cannot be loaded, clashes with another, or is missing."""


class EvaluationError(EgovrulesError):
    """An evaluation cannot be made, read or written."""


class ComparisonError(EgovrulesError):
    """Two evaluations cannot be compared."""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the one of *known* that *word* is most likely a slip of, if any is near."""
    if len(word) > _LONGEST:
        return None
    return next(iter(get_close_matches(word, sorted(set(known)), n=1)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the closest of *known*, or name the first ten."""
    options = sorted(set(known))
    if close := closest(str(word), options):
        return f"did you mean '{close}'?"
    if not options:
        return "there are none"
    shown, rest = options[:SHOWN], len(options) - SHOWN
    return f"known: {', '.join(shown)}" + (f" and {rest} more" if rest > 0 else "")
