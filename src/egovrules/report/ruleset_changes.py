"""What differs between two rulesets, in words for people, as blocks."""

from collections.abc import Mapping, Sequence

from egovrules.changes import Change, home, keys_of_both
from egovrules.report.blocks import Block, Line, Table, headed, number, percent
from egovrules.report.plain import on_one_line
from egovrules.report.wording import Wording
from egovrules.text import pick, translate
from egovrules.tree import Node, parents

_NOISE = 1e-12  # of shares, which are quotients of floats
_NONE = (None, None)


def ruleset_changes(wording: Wording) -> list[Block]:
    """Say everything that differs between two rulesets: shares, rules, and quietly the titles."""
    blocks = heading(wording)
    if not wording.found:
        text = translate("No difference: both rulesets say the same.", wording.language)
        return [*blocks, Line(""), Line(text)]
    rules = [one for one in wording.of_kind("method") if home(one.loc)[1] != ("weight",)]
    parts = [
        ("What decides the scores", rules),
        ("What is made of the scores", wording.of_kind("outcome")),
    ]
    blocks += _weights(wording)
    blocks += [_table(title, found, wording) for title, found in parts if found]
    return [*blocks, *quiet(wording)]


def heading(wording: Wording) -> list[Block]:
    """Name the two rulesets."""
    language = wording.language
    titles, ids = (
        translate("{new} against {old}", language, new=names[0], old=names[1])
        for names in (
            [on_one_line(pick(one.title, language)) for one in (wording.new, wording.old)],
            [wording.new.id, wording.old.id],
        )
    )
    return [Line(titles, "heading"), Line(ids, "quiet")]


def quiet(wording: Wording) -> list[Block]:
    """Name what differs and decides nothing: titles, messages, the period."""
    found = wording.of_kind("words")
    if not found:
        return []
    head = translate("Differs too, and decides nothing", wording.language)
    return [Line(""), Line(f"{head}: {wording.names(found)}", "quiet")]


def _weights(wording: Wording) -> list[Block]:
    """Show every share that moved, of the node above and of the total, and why it did."""
    language, (old, new) = wording.language, wording.shares
    depths = _depths(wording.old.root) | _depths(wording.new.root)
    weights = {
        node: change
        for change in wording.of_kind("method")
        for node, rest in [home(change.loc)]
        if rest == ("weight",) and node in old and node in new
    }
    pairs = {
        node: list(zip(old.get(node, _NONE), new.get(node, _NONE), strict=True))
        for node in keys_of_both(old, new)
    }
    moved = {node for node, shares in pairs.items() if any(_moved(*pair) for pair in shares)}
    around = {**parents(wording.old.root), **parents(wording.new.root)}
    shown = moved | {around[node] for node in moved}
    rows = []
    for node, shares in pairs.items():
        if node in shown:
            cells = [percent(share, language) for pair in shares for share in pair]
            name = "  " * depths[node] + wording.titles[node]
            reason = _reason(node, shares[0], weights, wording) if node in moved else ""
            rows.append((name, *cells, reason))
    blocks: list[Block] = []
    if rows:
        columns = headed(
            language,
            "Node",
            number("Of parent"),
            number("now"),
            number("Of total"),
            number("now"),
            "Moved by",
        )
        title = "Weights as shares of the parent and of the total, before and now"
        blocks.append(Table(translate(title, language), columns, tuple(rows)))
    still = [node for node in weights if not _moved(old[node][0], new[node][0])]
    if still:
        text = "Weights that are written otherwise and have the same share: {count}"
        blocks.append(Line(translate(text, language, count=len(still)), "quiet"))
    return blocks


def _moved(before: float | None, after: float | None) -> bool:
    return before is None or after is None or abs(before - after) > _NOISE


def _reason(
    node: str,
    of_parent: tuple[float | None, float | None],
    weights: Mapping[str, Change],
    wording: Wording,
) -> str:
    """Say why a share moved: for itself, for a neighbour, or for what lies above."""
    if None in of_parent:
        return translate("added" if of_parent[0] is None else "dropped", wording.language)
    if node in weights:
        change = weights[node]
        old, new = (wording.value(one, change.loc) for one in (change.old, change.new))
        return translate("weight {new}, before {old}", wording.language, new=new, old=old)
    return translate("its neighbours" if _moved(*of_parent) else "its parent", wording.language)


def _depths(root: Node, depth: int = 0) -> dict[str, int]:
    """Return how deep below the root each node stands, those right beneath it at 0."""
    found: dict[str, int] = {}
    for child in root.children:
        found |= {child.id: depth, **_depths(child, depth + 1)}
    return found


def _table(title: str, found: Sequence[Change], wording: Wording) -> Table:
    rows = tuple(
        (
            wording.where(one.loc),
            wording.what(one),
            wording.value(one.old, one.loc),
            wording.value(one.new, one.loc),
        )
        for one in found
    )
    columns = headed(wording.language, "Where", "What", "Before", "Now")
    return Table(translate(title, wording.language), columns, rows)
