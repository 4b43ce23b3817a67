"""An evaluation in half a page of Markdown, to be quoted.

Every figure comes from the blocks of the national summary, so that both say the same.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from egovrules.report.blocks import Block, Line, Table, name_of, shortened, titled
from egovrules.report.plain import on_one_line
from egovrules.report.summary import LISTED, bands, counts, gaps, growth, heading, lists
from egovrules.result import Evaluation
from egovrules.text import NO_VALUE, direction, format_number, translate

_STEERING = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")  # what Markdown and HTML take for their own


def write_press(evaluation: Evaluation, path: Path, language: str) -> None:
    """Write the summary for the press as Markdown in UTF-8."""
    path.write_text(press_summary(evaluation, language), encoding="utf-8", newline="\n")


def press_summary(evaluation: Evaluation, language: str = "en") -> str:
    """Say in half a page what an evaluation found: counts, bands, lists, growth, findings.

    Args:
        evaluation: What to tell of.
        language: ``en``, or ``fa`` for Persian with its digits, from right to left.

    Returns:
        Markdown. What a person typed (a name, a title) is text in it and never a mark.
    """
    title, which, *told = (_text(block) for block in heading(evaluation, language))
    points = [
        *_lines(counts(evaluation, language)),
        *[
            _bands(block, language)
            for block in bands(evaluation, language)
            if isinstance(block, Table)
        ],
        *_lines(gaps(evaluation, language)),
        *_lists(lists(evaluation, language), language),
        *_lines(growth(evaluation, language)),
        *_findings(evaluation, language),
    ]
    what = translate("the scores", language)
    digest = translate("Digest of {what} (SHA-256)", language, what=what)
    lines = [
        f"# {title}",
        which,
        *[f"**{mark}**" for mark in told],
        "\n".join(f"- {escaped(point)}" for point in points),
        f"{digest}: `{evaluation.digests['scores']}`",
    ]
    body = "\n\n".join(lines) + "\n"
    if direction(language) == "rtl":
        return f'<div dir="rtl" lang="{language}">\n\n{body}\n</div>\n'
    return body


def escaped(text: str) -> str:
    """Return a text on one line that Markdown shows as it is."""
    return _STEERING.sub(r"\\\1", on_one_line(text))


def _text(block: Block) -> str:
    return escaped(block.text) if isinstance(block, Line) else ""


def _lines(blocks: Iterable[Block]) -> list[str]:
    """Return the lines that say something, without headings."""
    lines = (one for one in blocks if isinstance(one, Line) and one.tone != "heading")
    return [line.text for line in lines if line.text]


def _bands(table: Table, language: str) -> str:
    """Tell the bands with both shares, in one sentence."""
    *rows, (_, whole, *_) = table.rows
    parts = []
    for label, count, of_all, of_assessed in rows:
        known = of_assessed not in ("", NO_VALUE)
        text = "{label} {count} ({all} of all, {assessed} of assessed)"
        text = text if known else "{label} {count} ({all} of all)"
        parts.append(
            translate(text, language, label=label, count=count, all=of_all, assessed=of_assessed)
        )
    head = f"{table.title} ({table.columns[1].heading}: {whole})"
    return f"{head}: {shortened(parts, len(parts), language)}"


def _lists(blocks: Iterable[Block], language: str) -> list[str]:
    """Tell every list of agencies in one sentence, and of lists of services how long they are."""
    told = []
    for table in (block for block in blocks if isinstance(block, Table)):
        if len(table.columns) == 2:  # noqa: PLR2004 - the lists of services: title and count
            told += [f"{title}: {count}" for title, count in table.rows]
            continue
        parts = [_entry(*row) for row in table.rows]
        told.append(f"{table.title}: {shortened(parts, len(parts), language)}")
    return told


def _entry(position: str, name: str, _: str, *value: str) -> str:
    ranked = "" if position == NO_VALUE else f"{position}. "
    return f"{ranked}{name}" + (f" ({value[0]})" if value else "")


def _findings(evaluation: Evaluation, language: str) -> list[str]:
    """Count every rule that fired, and name the agencies."""
    names = {
        row["agency"]: name_of(row, language) for row in evaluation.agencies.iter_rows(named=True)
    }
    told = []
    for rule in evaluation.findings.partition_by("finding", maintain_order=True):
        key = str(rule["finding"][0])
        known = evaluation.manifest.findings.get(key)
        title = titled(known.title if known else None, key, language)
        text = f"{title}: {format_number(rule.height, language)}"
        if rule["of"][0] == "agencies":
            bodies = [names.get(code, code) for code in rule["agency"]]
            text = f"{text} ({shortened(bodies, LISTED, language)})"
        told.append(text)
    return told
