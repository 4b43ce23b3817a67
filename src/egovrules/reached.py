"""What of a ruleset a set of evaluations has reached: the coverage of its worked examples.

Counted are criteria (scored at least once), caps (that bit), the outcomes of conditions that can
come about at all, the labels of bands, and findings (that fired). A test of a band counts only on
rows that come to it, past all labels before it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Any, Literal

import narwhals as nw
import polars as pl

from egovrules._yaml import Loc
from egovrules.classification import as_printed
from egovrules.entries import Subjects
from egovrules.outcomes import Domain, Outcome, domains, reach_together, rows_by_outcome
from egovrules.placed import Placed, placed_conditions, placed_nodes
from egovrules.result import Evaluation
from egovrules.rules import BoundLabel
from egovrules.ruleset import Ruleset
from egovrules.schema import Band, Finding, ListEntry

Kind = Literal["criterion", "cap", "condition", "label", "finding"]
_WORDS: Mapping[bool | None, Outcome] = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing that cases can reach.

    Attributes:
        kind: What it is.
        name: Its id; of a condition its text.
        loc: Its path in the effective ruleset.
        outcome: Of a condition, which of its outcomes this is; else empty.
        reached: Whether any case did.
        example: Values that would reach it, where known.
    """

    kind: Kind
    name: str
    loc: Loc
    outcome: str
    reached: bool
    example: Mapping[str, Any]


def reached(ruleset: Ruleset, evaluations: Sequence[Evaluation]) -> tuple[Reached, ...]:
    """Tell of everything in a ruleset whether any of its evaluations reached it."""
    seen = [_Seen(one, ruleset) for one in evaluations]
    chains = tuple(_chains(ruleset))
    both: tuple[Subjects, ...] = ("services", "agencies")
    known = {subjects: domains(ruleset, subjects) for subjects in both}
    possible = {
        chain.tests[0].loc: _Possible(chain, known[chain.tests[0].subjects]) for chain in chains
    }
    return (
        *_criteria(ruleset, seen),
        *_caps(ruleset, seen, possible),
        *_conditions(chains, seen, possible),
        *_labels(ruleset, chains, seen, possible),
        *_findings(ruleset, seen, possible),
    )


class _Seen:
    """One evaluation, with the values that its conditions looked at."""

    def __init__(self, evaluation: Evaluation, ruleset: Ruleset) -> None:
        inputs = evaluation.inputs
        self.evaluation = evaluation
        self.unscoped = dict(inputs)
        agencies = evaluation.agencies.rename({"agency": "code"})
        self.frames = {"agencies": _joined(agencies, inputs["agencies"])}
        file, own = ruleset.file, self.frames["agencies"]
        self.sections: Mapping[str, Mapping[str, Band | ListEntry | Finding]] = {
            "band": file.bands,
            "list": file.lists,
            "finding": file.findings,
        }
        self.printed = own if file.rank.decimals is None else as_printed(own, ruleset)
        if "services" in inputs:
            services = evaluation.services.rename({"service": "code"})
            self.frames["services"] = _joined(services, inputs["services"])

    def outcomes(self, chain: "_Chain") -> list[set[Outcome]]:
        """Return what came of each test on the rows that it decided on."""
        first = chain.tests[0]
        frames = self.unscoped if first.kind == "scope" else self.frames
        entry = self.sections.get(first.kind, {}).get(first.name)
        frame = self.printed if entry and entry.rounded else frames.get(first.subjects)
        if frame is None:
            return [set() for _ in chain.tests]
        tests = {f"\x1f{n}": one.condition.expression() for n, one in enumerate(chain.tests)}
        table: pl.DataFrame = nw.from_native(frame).with_columns(**tests).to_native()
        results = [table[name] for name in tests]
        arriving, _ = chain.walk(results, table.height)
        return [
            {_WORDS[came] for came in result.filter(rows)}
            for result, rows in zip(results, arriving, strict=True)
        ]

    def states(self, node: str) -> set[str]:
        """Return the states that a node had, on services or agencies."""
        table = self.evaluation.criteria.filter(pl.col("node") == node)
        states = set(table["state"].to_list())
        if f"{node}.state" in self.evaluation.services.columns:
            states |= set(self.evaluation.services[f"{node}.state"].to_list())
        return states

    def caps(self, node: str) -> set[str]:
        """Return the paths of the caps that bound the node's score anywhere."""
        table = self.evaluation.criteria.filter(pl.col("node") == node)
        caps = set(table["cap"].to_list())
        if f"{node}.cap" in self.evaluation.services.columns:
            caps |= set(self.evaluation.services[f"{node}.cap"].to_list())
        return caps

    def labels(self, of: Subjects, band: str) -> set[str]:
        """Return the labels of a band that any subject had."""
        table = self.evaluation.agencies if of == "agencies" else self.evaluation.services
        column = f"band_{band}"
        return set(table[column].to_list()) if column in table.columns else set()


def _joined(results: pl.DataFrame, inputs: pl.DataFrame) -> pl.DataFrame:
    """Put the values that came out beside those that went in; the former go before."""
    own = [column for column in inputs.columns if column not in results.columns]
    return results.join(inputs.select("code", *own), on="code", how="left")


@dataclass(frozen=True, slots=True)
class _Chain:
    """Tests that are looked at one after the other: those of a band, or any other condition alone.

    Attributes:
        tests: The tests, in order.
        labels: The same tests, by the label that fits where all of its own are true.
    """

    tests: Sequence[Placed]
    labels: Sequence[BoundLabel]

    def walk(
        self, results: Sequence[pl.Series], height: int
    ) -> tuple[list[pl.Series], list[pl.Series]]:
        """Follow rows from label to label.

        A label is looked at where none before it fits, and its ``when`` where its comparison is
        true; elsewhere what they say decides nothing.

        Args:
            results: Of each test, its result on every row.
            height: The number of rows.

        Returns:
            Of each test the rows on which it decides; of each label, and of what is left at the
            end, the rows that get it.
        """
        came = iter(results)
        left = pl.repeat(value=True, n=height, eager=True)
        arriving, given = [], []
        for label in self.labels:
            fits = left
            for _ in label.tests:
                arriving.append(fits)
                fits &= next(came).fill_null(value=False)
            given.append(fits)
            left &= ~fits
        return arriving, [*given, left]

    def fields(self, tests: int) -> list[str]:
        """Name the fields that the first tests read, which are all that matters up to there."""
        return sorted({name for one in self.tests[:tests] for name in one.condition.fields})


def _chains(ruleset: Ruleset) -> Iterator[_Chain]:
    placed = placed_conditions(ruleset)
    for kind, tests in groupby(placed, key=lambda one: (one.kind, one.kind == "band" and one.name)):
        own = tuple(tests)
        if kind[0] == "band":
            yield _Chain(own, ruleset.rules.bands[own[0].name])
        else:
            yield from (_Chain((one,), (BoundLabel("", (one.condition,)),)) for one in own)


class _Possible:
    """What can come of the tests of a chain, and what its labels can take."""

    def __init__(self, chain: _Chain, known: Mapping[str, Domain]) -> None:
        tried = reach_together([one.condition for one in chain.tests], known)
        arriving, given = chain.walk(tried.results, tried.rows.height)
        self.exact = tried.exact
        self.outcomes: list[Mapping[Outcome, Mapping[str, Any] | None]] = []
        for number, (rows, result) in enumerate(zip(arriving, tried.results, strict=True), 1):
            fields = chain.fields(number)
            self.outcomes.append(
                {
                    outcome: _example(tried.rows, rows & where, fields)
                    for outcome, where in rows_by_outcome(result).items()
                }
            )
        counts = [*accumulate(len(label.tests) for label in chain.labels), len(chain.tests)]
        self.labels = [
            _example(tried.rows, rows, chain.fields(count))
            for rows, count in zip(given, counts, strict=True)
        ]


def _example(
    values: pl.DataFrame, where: pl.Series, fields: Sequence[str]
) -> Mapping[str, Any] | None:
    """Return values that bring it about, if any do: rather none missing and none below zero."""
    found = values.filter(where).select(fields)
    if found.is_empty():
        return {} if where.any() else None
    odd = [pl.col(name).is_null() for name in fields]
    odd += [pl.col(name) < 0 for name in fields if found.schema[name].is_numeric()]
    oddness = found.select(pl.sum_horizontal(one.fill_null(value=False) for one in odd))
    return found.row(oddness.to_series().arg_min() or 0, named=True)


def _criteria(ruleset: Ruleset, seen: Sequence[_Seen]) -> Iterator[Reached]:
    for loc, node in placed_nodes(ruleset.root):
        if node.criterion is not None:
            scored = any("scored" in one.states(node.id) for one in seen)
            yield Reached("criterion", node.id, loc, "", scored, {})


def _caps(
    ruleset: Ruleset, seen: Sequence[_Seen], possible: Mapping[Loc, _Possible]
) -> Iterator[Reached]:
    for loc, node in placed_nodes(ruleset.root):
        for number, cap in enumerate(node.caps):
            here: Loc = (*loc, "caps", number)
            bit = any(cap.where in one.caps(node.id) for one in seen)
            if bit or _can_be_true(possible[*here, "when"]):
                yield Reached("cap", node.id, here, "", bit, {})


def _can_be_true(possible: _Possible) -> bool:
    return possible.outcomes[0]["true"] is not None or not possible.exact


def _conditions(
    chains: Sequence[_Chain], seen: Sequence[_Seen], possible: Mapping[Loc, _Possible]
) -> Iterator[Reached]:
    for chain in chains:
        can = possible[chain.tests[0].loc]
        came = [one.outcomes(chain) for one in seen]
        for number, placed in enumerate(chain.tests):
            reached_ = set().union(*[one[number] for one in came])
            for outcome, example in can.outcomes[number].items():
                # Of what cannot be settled, true and false count; unknown needs an example.
                open_end = not can.exact and outcome != "unknown"
                if example is not None or open_end or outcome in reached_:
                    name, has = placed.condition.text, outcome in reached_
                    yield Reached("condition", name, placed.loc, outcome, has, example or {})


def _labels(
    ruleset: Ruleset,
    chains: Sequence[_Chain],
    seen: Sequence[_Seen],
    possible: Mapping[Loc, _Possible],
) -> Iterator[Reached]:
    for chain in chains:
        first = chain.tests[0]
        if first.kind != "band":
            continue
        came = set().union(*[one.labels(first.subjects, first.name) for one in seen])
        loc: Loc = ("bands", first.name)
        places = [(*loc, "labels", number) for number in range(len(chain.labels))]
        labels = [*(one.name for one in chain.labels), ruleset.file.bands[first.name].otherwise]
        can = possible[first.loc]
        for label, place, example in zip(
            labels, [*places, (*loc, "otherwise")], can.labels, strict=True
        ):
            if example is not None or not can.exact or label in came:
                yield Reached("label", label, place, "", label in came, example or {})


def _findings(
    ruleset: Ruleset, seen: Sequence[_Seen], possible: Mapping[Loc, _Possible]
) -> Iterator[Reached]:
    for name in ruleset.file.findings:
        fired = any(name in set(one.evaluation.findings["finding"].to_list()) for one in seen)
        if fired or _can_be_true(possible["findings", name, "when"]):
            yield Reached("finding", name, ("findings", name), "", fired, {})
