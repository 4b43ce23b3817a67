"""What binding knows so far: the problems, and the names that conditions may use.

A name that is known, but not where it was written, gets a hint that says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from egovrules._yaml import Document, Loc
from egovrules.conditions import Condition, ConditionError, Field, FieldType, names, parse
from egovrules.entries import Rank, Subjects
from egovrules.errors import Problem, closest, did_you_mean
from egovrules.parameters import Indicator

TYPES: Mapping[FieldType, str] = {
    "number": "a number",
    "boolean": "true or false",
    "text": "text",
    "date": "a date",
}

_ENOUGH = 150  # problems after which no condition is looked at: nobody reads on

# What every agency has once it is scored, beside its indicators.
RESULTS: Mapping[str, Field] = {
    name: Field("number") for name in ("total", "rank", "coverage", "growth", "rank_growth")
}


def ranking_fields(rank: Rank) -> Mapping[str, Field]:
    """Return what the ranking adds to every agency besides its rank."""
    label = {} if rank.tied is None else {"rank_label": Field("text")}
    return label | {f"rank_in_{column}": Field("number") for column in rank.within}


def results_of(rank: Rank) -> Mapping[str, Field]:
    """Return all that every agency has once it is scored and ranked, beside its indicators."""
    return {**RESULTS, **ranking_fields(rank)}


@dataclass(frozen=True, slots=True)
class Known:
    """What a condition may name.

    Attributes:
        subjects: Whose values they are.
        fields: The names, with their types.
        elsewhere: Names that are known in other places only, with a hint for each.
    """

    subjects: Subjects
    fields: Mapping[str, Field]
    elsewhere: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Checker:
    """One pass over a ruleset.

    Attributes:
        document: Where everything stands, for messages.
        indicators: Contract of every column that may be read, by table.
        derived: Fields of the derived values bound so far, by table.
        failed: Names of derived values, criteria and axes that could not be bound; what uses them
            is passed over, because its fault has been told.
        unsure: Whether a criterion is missing that is like no known one, so that nobody can say
            which names it would have brought.
        used: Columns (with their table) that anything reads.
        learnt: Columns of agencies that nothing but treatment reads, and which step does.
        untyped: Declared columns (with their table) of which a criterion may still say what they
            hold; until then, numbers.
        problems: What was found wrong, and what is odd.
    """

    document: Document
    indicators: dict[Subjects, dict[str, Indicator]]
    derived: dict[Subjects, dict[str, Field]] = field(
        default_factory=lambda: {"services": {}, "agencies": {}}
    )
    failed: set[str] = field(default_factory=set)
    unsure: bool = False
    used: set[tuple[Subjects, str]] = field(default_factory=set)
    learnt: dict[str, str] = field(default_factory=dict)
    untyped: set[tuple[Subjects, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, loc: Loc, message: str, **more: Any) -> None:
        """Note a problem at a place of the file."""
        self.problems.append(self.document.problem(loc, message, **more))

    def before_reading(self, subjects: Subjects, column: str) -> Indicator | None:
        """Note that a criterion reads a column; return what it holds where that is settled."""
        self.used.add((subjects, column))
        if (subjects, column) in self.untyped:
            self.untyped.remove((subjects, column))
            return None
        return self.indicators[subjects].get(column)

    def known(
        self,
        subjects: Subjects,
        *,
        derived: bool = True,
        more: Mapping[str, Field] | None = None,
        elsewhere: Mapping[str, str] | None = None,
    ) -> Known:
        """Return what a condition on *subjects* may name.

        Args:
            subjects: Whose condition it is.
            derived: Whether derived values are known by then.
            more: Further names.
            elsewhere: Hints for names that cannot be used here; they go before our own.
        """
        other: Subjects = "agencies" if subjects == "services" else "services"
        fields = {
            name: Field(one.type, one.values) for name, one in self.indicators[subjects].items()
        }
        fields |= (self.derived[subjects] if derived else {}) | dict(more or {})
        hints = {
            name: _belongs(name, other) for name in (*self.indicators[other], *self.derived[other])
        }
        if subjects == "services":
            hints |= {name: _belongs(name, "agencies") for name in RESULTS}
        return Known(subjects, fields, {**hints, **(elsewhere or {})})

    def condition(
        self,
        text: str,
        known: Known,
        loc: Loc,
        *,
        want: FieldType | None = "boolean",
        prefix: str = "",
        offset: int = 0,
    ) -> Condition | None:
        """Parse a condition, or note what is wrong with it and return None.

        Args:
            text: The condition.
            known: What it may name.
            loc: Where it stands.
            want: The type it must have.
            prefix: Put before it (``electronization`` before ``< 50``); no caret points there.
            offset: Where *text* begins inside the scalar at *loc*.
        """
        whole = prefix + text
        if len(self.problems) >= _ENOUGH:
            return None
        try:
            if any(self.is_told(name, known) for name in names(whole)):
                return None
            condition = parse(whole, known.fields, want=want)
        except ConditionError as error:
            shift = offset - len(prefix)
            start, end = (max(offset, at + shift) for at in (error.start, error.end))
            found = whole[error.start : error.end]
            hint = error.hint if found in known.fields else known.elsewhere.get(found, error.hint)
            if error.message == f"unknown field '{found}'":
                hint = self.hint_for(found, known, error.hint)
            self.problem(loc, error.message, hint=hint, within=(start, end))
            return None
        self.used |= {(known.subjects, name) for name in condition.fields}
        return condition

    def is_told(self, name: str, known: Known) -> bool:
        """Tell whether a name is unknown because of a fault that has been told elsewhere."""
        if name in self.failed:
            return True
        is_strange = name not in known.fields and name not in known.elsewhere
        return self.unsure and is_strange and closest(name, known.fields) is None

    def hint_for(self, name: str, known: Known, hint: str, type_: str = "…") -> str:
        """Say what to do about a name that is unknown here.

        Args:
            name: The name.
            known: What may be named.
            hint: What is said where this knows no better.
            type_: Of a column that would do.
        """
        if name in known.elsewhere:
            return known.elsewhere[name]
        if hint.startswith("did you mean"):
            near = hint.removeprefix("did you mean '").removesuffix("'?")
            reader = self.learnt.get(near) if known.subjects == "agencies" else None
            return f"{reader} reads '{near}': one of the two is a slip" if reader else hint
        if any(name in one.values for one in known.fields.values()):
            return hint
        declared = f"`indicators: {{{known.subjects}: {{{name}: {{type: {type_}}}}}}}`"
        return f"a column that no criterion reads is declared: {declared}; {hint}"

    def named(self, name: str, known: Known, loc: Loc, want: FieldType = "number") -> None:
        """Check that a single name is that of a value of a type."""
        self.used.add((known.subjects, name))
        if self.is_told(name, known) or len(self.problems) >= _ENOUGH:
            return
        if name not in known.fields:
            hint = self.hint_for(name, known, did_you_mean(name, known.fields), want)
            self.problem(loc, f"there is no value '{name}' of {known.subjects}", hint=hint)
        elif known.fields[name].type != want:
            kind, wanted = TYPES[known.fields[name].type], TYPES[want]
            hint = "name a column of text" if want == "text" else f"name {wanted}, or derive one"
            self.problem(loc, f"'{name}' is {kind}, and {wanted} is needed", hint=hint)


def _belongs(name: str, owner: Subjects) -> str:
    if owner == "services":
        example = f"`mean of {name} over services`"
        return f"'{name}' belongs to services: derive a value, such as {example}"
    return f"'{name}' belongs to agencies, and services are looked at here"
