"""Worked examples that were run, and what they reached, as blocks and as JUnit's XML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from egovrules.cases import Cases
from egovrules.cases.running import Ran
from egovrules.reached import Reached
from egovrules.report.blocks import Block, Table, enumerated, headed, number, percent
from egovrules.report.plain import on_one_line, printable
from egovrules.ruleset import Ruleset
from egovrules.text import format_number, translate

_MOST_DIGITS = 9  # decimals of a share


@dataclass(frozen=True)
class Tested:
    """One ruleset, its cases, and what they reached, if that was asked for.

    Attributes:
        ruleset: What was tested.
        cases: Its file of cases; None where it has none.
        ran: The cases, each as it ran.
        reached: What they reached and what not; None where nobody asked.
    """

    ruleset: Ruleset
    cases: Cases | None
    ran: tuple[Ran, ...] = ()
    reached: tuple[Reached, ...] | None = None

    @property
    def failed(self) -> int:
        """The number of cases that failed."""
        return sum(not one.passed for one in self.ran)

    @property
    def missed(self) -> tuple[Reached, ...]:
        """What no case reached."""
        return tuple(one for one in self.reached or () if not one.reached)

    @property
    def share(self) -> float:
        """The share of all that can be reached that was, 0 to 1; 1 where there is nothing."""
        whole = len(self.reached or ())
        return 1 - len(self.missed) / whole if whole else 1.0

    def is_below(self, least: float) -> bool:
        """Tell whether less than *least* per cent was reached; by whole numbers, so exactly."""
        whole = len(self.reached or ())
        return 100 * (whole - len(self.missed)) < least * whole

    def shortfall(self, least: float, language: str) -> str:
        """Say how much was reached, with as many decimals as tell it from *least* per cent."""
        share, digits = 100 * self.share, 1
        while digits < _MOST_DIGITS and float(f"{share:.{digits}f}") >= least:
            digits += 1
        return translate(
            "{path}: coverage is {share} per cent, and {least} per cent is asked for",
            language,
            path=str(self.path),
            share=format_number(share, language, digits),
            least=f"{least:g}",
        )

    @property
    def path(self) -> Path:
        """The file that stands for it."""
        return self.cases.path if self.cases else Path(self.ruleset.document.source)


def verdicts(tested: Sequence[Tested], language: str) -> list[Block]:
    """Tell of each file how many cases passed and, where asked for, how much they reached."""
    covered = any(one.reached is not None for one in tested)
    rows = []
    for one in tested:
        row = [
            on_one_line(str(one.path)),
            format_number(len(one.ran), language),
            format_number(one.failed, language),
        ]
        if covered:
            told = (len(one.reached or ()) - len(one.missed), len(one.reached or ()))
            row += [
                f"{format_number(told[0], language)} / {format_number(told[1], language)}",
                percent(one.share, language),
            ]
        rows.append(tuple(row))
    columns = headed(language, "File", number("Cases"), number("Failed"))
    if covered:
        columns += headed(language, number("Reached"), number("Coverage"))
    return [Table("", columns, tuple(rows))]


def missed_lines(tested: Sequence[Tested], language: str) -> list[str]:
    """Tell what no case reached, a line each that begins with ``file:line:``.

    A ruleset without any case is told by its share alone.
    """
    missed = [(one, item) for one in tested if one.ran for item in one.missed]
    told = [missed_line(one.ruleset, item, language) for one, item in missed]
    return [translate("No case reached", language) + ":", *told] if told else []


def missed_line(ruleset: Ruleset, item: Reached, language: str) -> str:
    """Say what no case reached, where it stands, and what would reach it."""
    place = ruleset.document.place(item.loc)
    line = (place.key or place.value).line if item.kind != "condition" else place.value.line
    told = translate(
        _MISSED[item.kind],
        language,
        name=on_one_line(item.name),
        outcome=translate(item.outcome, language) if item.outcome else "",
    )
    if item.example:
        told = translate(
            "{told} (try {example})",
            language,
            told=told,
            example=_example(item.example, language),
        )
    return on_one_line(f"{place.source}:{line}: {told}")


_MISSED: Mapping[str, str] = {
    "criterion": "criterion {name} is never scored",
    "cap": "this cap of {name} never bounds a score",
    "condition": "'{name}' is never {outcome}",
    "label": "nothing gets the label {name}",
    "finding": "finding {name} never fires",
}


def _example(values: Mapping[str, Any], language: str) -> str:
    missing = translate("missing", language)
    told = [
        f"{name} {missing}" if value is None else f"{name} = {_written(value)}"
        for name, value in values.items()
    ]
    return enumerated(told, language)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def junit(tested: Sequence[Tested], least: float | None = None) -> str:
    """Write the cases as JUnit's XML, a suite per file; what no case reached as properties.

    Where at least some per cent must be reached, that is one more case, called ``coverage``.
    """
    root = ET.Element("testsuites", name="egovrules")
    for one in tested:
        is_short = least is not None and one.is_below(least)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=_clean(str(one.path)),
            tests=str(len(one.ran) + (least is not None)),
            failures=str(one.failed + is_short),
            errors="0",
            skipped="0",
        )
        if one.reached is not None:
            properties = ET.SubElement(suite, "properties")
            ET.SubElement(properties, "property", name="coverage", value=f"{100 * one.share:.2f}")
            for item in one.missed:
                ET.SubElement(
                    properties,
                    "property",
                    name="missed",
                    value=_clean(missed_line(one.ruleset, item, "en")),
                )
        for ran in one.ran:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=_clean(one.ruleset.id),
                name=_clean(ran.name),
                file=_clean(str(one.path)),
                line=str(ran.line),
            )
            for problem in ran.problems:
                failure = ET.SubElement(case, "failure", message=_clean(problem.message))
                failure.text = _clean(str(problem))
        if least is not None:
            name, path = _clean(one.ruleset.id), _clean(str(one.path))
            case = ET.SubElement(suite, "testcase", classname=name, name="coverage", file=path)
            if is_short:
                failure = ET.SubElement(case, "failure", message=_clean(one.shortfall(least, "en")))
                failure.text = _clean("\n".join(missed_lines([one], "en")))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(one for one in printable(text) if one not in "\ufffe\uffff")


def as_document(tested: Sequence[Tested]) -> dict[str, Any]:
    """Put everything into one document."""
    return {"files": [_file(one) for one in tested]}


def _file(one: Tested) -> dict[str, Any]:
    document: dict[str, Any] = {
        "file": str(one.path),
        "ruleset": one.ruleset.id,
        "cases": [
            {
                "name": ran.name,
                "line": ran.line,
                "passed": ran.passed,
                "problems": [str(problem) for problem in ran.problems],
            }
            for ran in one.ran
        ],
    }
    if one.reached is not None:
        document["coverage"] = one.share
        document["missed"] = [
            {
                "kind": item.kind,
                "name": item.name,
                "path": ".".join(map(str, item.loc)),
                "outcome": item.outcome or None,
                "where": missed_line(one.ruleset, item, "en"),
            }
            for item in one.missed
        ]
    return document
