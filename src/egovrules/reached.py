"""What of a ruleset a set of evaluations has reached: the coverage of its worked examples.

Counted are criteria (scored at least once), caps (that bit), the outcomes of conditions that can
come about at all, the labels of bands, and findings (that fired).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw
import polars as pl

from egovrules._yaml import Loc
from egovrules.classification import as_printed
from egovrules.conditions import Condition
from egovrules.entries import Subjects
from egovrules.outcomes import Outcome, domains, labels_reach, reach
from egovrules.placed import Placed, placed_conditions, placed_nodes
from egovrules.result import Evaluation
from egovrules.ruleset import Ruleset
from egovrules.schema import Band, Finding, ListEntry

Kind = Literal["criterion", "cap", "condition", "label", "finding"]
_OUTCOMES: tuple[Outcome, ...] = ("true", "false", "unknown")


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
    found = [*_criteria(ruleset, seen), *_caps(ruleset, seen), *_conditions(ruleset, seen)]
    found += [*_labels(ruleset, seen), *_findings(ruleset, seen)]
    return tuple(found)


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

    def outcomes(self, placed: Placed) -> set[Outcome]:
        """Return what came of a condition on any row."""
        frames = self.unscoped if placed.kind == "scope" else self.frames
        entry = self.sections.get(placed.kind, {}).get(placed.name)
        frame = self.printed if entry and entry.rounded else frames.get(placed.subjects)
        return set() if frame is None else _outcomes(placed.condition, frame)

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


def _outcomes(condition: Condition, frame: pl.DataFrame) -> set[Outcome]:
    came = nw.from_native(frame).select(came=condition.expression())["came"].to_list()
    words: dict[bool | None, Outcome] = {True: "true", False: "false", None: "unknown"}
    return {words[one] for one in came}


def _criteria(ruleset: Ruleset, seen: Sequence[_Seen]) -> Iterator[Reached]:
    for loc, node in placed_nodes(ruleset.root):
        if node.criterion is not None:
            scored = any("scored" in one.states(node.id) for one in seen)
            yield Reached("criterion", node.id, loc, "", scored, {})


def _caps(ruleset: Ruleset, seen: Sequence[_Seen]) -> Iterator[Reached]:
    for loc, node in placed_nodes(ruleset.root):
        for number, cap in enumerate(node.caps):
            bit = any(cap.where in one.caps(node.id) for one in seen)
            yield Reached("cap", node.id, (*loc, "caps", number), "", bit, {})


def _conditions(ruleset: Ruleset, seen: Sequence[_Seen]) -> Iterator[Reached]:
    for placed in placed_conditions(ruleset):
        possible = reach(placed.condition, domains(ruleset, placed.subjects))
        came = set().union(*[one.outcomes(placed) for one in seen])
        for outcome in _OUTCOMES:
            # Of what cannot be settled, true and false count; unknown needs an example.
            open_end = not possible.exact and outcome != "unknown"
            if outcome in possible.outcomes or open_end or outcome in came:
                example = possible.outcomes.get(outcome, {})
                text = placed.condition.text
                yield Reached("condition", text, placed.loc, outcome, outcome in came, example)


def _labels(ruleset: Ruleset, seen: Sequence[_Seen]) -> Iterator[Reached]:
    for name, band in ruleset.file.bands.items():
        possible = labels_reach(ruleset.rules.bands[name], domains(ruleset, band.of))
        came = set().union(*[one.labels(band.of, name) for one in seen])
        loc: Loc = ("bands", name)
        places = [(*loc, "labels", number) for number in range(len(band.labels))]
        labels = [*(label.name for label in band.labels), band.otherwise]
        for label, place, example in zip(
            labels, [*places, (*loc, "otherwise")], possible.examples, strict=True
        ):
            if example is not None or not possible.exact or label in came:
                yield Reached("label", label, place, "", label in came, example or {})


def _findings(ruleset: Ruleset, seen: Sequence[_Seen]) -> Iterator[Reached]:
    for name in ruleset.file.findings:
        fired = any(name in set(one.evaluation.findings["finding"].to_list()) for one in seen)
        yield Reached("finding", name, ("findings", name), "", fired, {})
