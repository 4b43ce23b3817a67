"""Thresholds on scores that are printed with fewer decimals than they are compared with."""

from collections.abc import Iterator, Mapping

from egovrules._grammar import COMPARISONS, Node, names_in, read
from egovrules.errors import Problem
from egovrules.placed import Placed, placed_conditions
from egovrules.ruleset import Ruleset
from egovrules.schema import Band, Finding, ListEntry
from egovrules.tree import join_services

_SINGLE = frozenset({"field", "literal", "+", "-", "*"})  # what is compared, and no condition


def unrounded_thresholds(ruleset: Ruleset) -> Iterator[Problem]:
    """Yield the lists, findings and bands of agencies that compare a score more exactly than shown.

    One for each; caps are left out, since they bound scores before anything is printed.
    """
    decimals = ruleset.file.rank.decimals
    if decimals is None:
        return
    file, scores, told = ruleset.file, scores_of(ruleset) - _as_printed(ruleset, decimals), set()
    entries: Mapping[str, Mapping[str, Band | ListEntry | Finding]] = {
        "band": file.bands,
        "list": file.lists,
        "finding": file.findings,
    }
    for placed in placed_conditions(ruleset):
        if placed.subjects != "agencies" or placed.kind not in entries:
            continue
        if entries[placed.kind][placed.name].rounded is not None:
            continue
        if (placed.kind, placed.name) in told:
            continue
        for score, threshold in _thresholds(read(placed.condition.text), scores):
            told.add((placed.kind, placed.name))
            yield _told(ruleset, placed, score, threshold, decimals)
            break


def _told(
    ruleset: Ruleset, placed: Placed, score: str, threshold: float | None, decimals: int
) -> Problem:
    plural = "" if decimals == 1 else "s"
    message = f"'{score}' is printed with {decimals} decimal{plural}, and compared unrounded"
    if threshold is not None and round(threshold, decimals) == threshold:
        near = threshold - 0.4 * 10**-decimals
        message += f": {near:.{decimals + 1}f} shows as {near:.{decimals}f}"
    hint = (
        f"set `rounded:` for this {placed.kind}: true compares what is printed, "
        "false says that the exact score is meant"
    )
    return ruleset.document.problem(placed.loc, message, hint=hint, severity="warning")


def scores_of(ruleset: Ruleset) -> frozenset[str]:
    """Name what agencies have on the scale of scores: also what is derived as one, or as a mean."""
    found = {"total", "growth"} | {node.id for node in ruleset.root.walk() if node.kind == "axis"}
    for one in ruleset.rules.derive:
        plain = one.condition is not None and one.condition.text.strip() in found
        if one.node is not None or (plain and one.operation in (None, "mean")):
            found.add(one.name)
    return frozenset(found)


def _as_printed(ruleset: Ruleset, decimals: int) -> frozenset[str]:
    """Name the nodes whose scores have no more decimals than are printed."""
    tree = join_services(ruleset.root, ruleset.file.rollup.after)
    return frozenset(
        node.id for node in tree.walk() if node.round and node.round.decimals <= decimals
    )


def _thresholds(node: Node, scores: frozenset[str]) -> Iterator[tuple[str, float | None]]:
    """Yield the scores that a tree compares with numbers; the number where it is a plain one."""
    if node.kind in (*COMPARISONS, "between", "in"):
        parts = [part for part in node.operands if part.kind in _SINGLE]
        named = [name for part in parts for name in names_in(part) if name in scores]
        numbers = [part for part in parts if not any(names_in(part))]
        if named and numbers:
            plain = numbers[0].kind == "literal"
            yield named[0], numbers[0].value if plain else None
    for operand in node.operands:
        yield from _thresholds(operand, scores)
