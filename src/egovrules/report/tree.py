"""How the nodes of a tree are called, and what share of the one above a node weighs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from egovrules.aggregation import BUILT_IN
from egovrules.report.blocks import titled
from egovrules.report.plain import on_one_line
from egovrules.result import NodeInfo
from egovrules.text import translate

_ADDITIVE = frozenset(one.id for one in BUILT_IN if one.additive)
_AGENCIES = ".agency"  # ends the id of the part of an axis that services have no share in


def labels(nodes: Iterable[NodeInfo], language: str) -> dict[str, str]:
    """Name every node by its title; its id is put beside it where several share one."""
    titles = {node.id: _title(node, language) for node in nodes}
    shared = Counter(titles.values())
    return {
        key: title if shared[title] == 1 else f"{title} ({key})" for key, title in titles.items()
    }


def _title(node: NodeInfo, language: str) -> str:
    """Tell the parts of a node that was split for the rollup from the node itself."""
    title = on_one_line(titled(node.title, node.id, language))
    if node.kind == "services":
        return translate("{node}: its services", language, node=title)
    if node.kind == "axis" and node.id.endswith(_AGENCIES):
        return translate("{node}: the agency itself", language, node=title)
    return title


def shares_inside(tree: Sequence[NodeInfo]) -> Mapping[str, float]:
    """Give what each node that services are scored on weighs of the one above, 0 to 1.

    By id, where the one above is a plain mean. What it carried differs with the services that
    lack it.
    """
    above = {node.id: node for node in tree}
    whole: dict[str, float] = {}
    for node in tree:
        if node.parent:
            whole[node.parent] = whole.get(node.parent, 0.0) + node.weight
    return {
        node.id: node.weight / whole[node.parent]
        for node in tree
        if node.inside
        and node.parent
        and whole[node.parent]
        and above[node.parent].aggregation in _ADDITIVE
    }
