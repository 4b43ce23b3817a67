"""What tells rulesets apart: SHA-256 of all that is written, and of what decides scores alone."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from egovrules._grammar import normal
from egovrules._yaml import Document
from egovrules.methods import called
from egovrules.schema import RulesetFile
from egovrules.steps import BoundStep
from egovrules.tree import Node


def effective(document: Document) -> dict[str, Any]:
    """Return a whole ruleset as plain data, what it extends being in it already."""
    return {key: value for key, value in document.data.items() if key != "extends"}


def method(
    file: RulesetFile, root: Node, versions: Mapping[str, str], treatment: Sequence[BoundStep]
) -> dict[str, Any]:
    """Return what decides scores, plugin versions included; never id, titles or bands.

    Made of the bound tree, so that a default that is written out makes no difference; nor
    does white space in a condition.
    """
    return {
        "tree": _of_node(root),
        "plugins": dict(versions),
        "derive": {name: normal(one.value) for name, one in file.derive.items()},
        "scope": {of: text and normal(text) for of, text in file.scope},
        **file.model_dump(mode="json", include={"missing", "rollup", "scale"}),
        # Only where there is any, so that a ruleset without keeps its digest.
        **({"treatment": [step.as_data() for step in treatment]} if treatment else {}),
    }


def _of_node(node: Node) -> dict[str, Any]:
    """Return what a node does to scores: everything but its titles and reasons."""
    # What is said of few nodes is left out elsewhere, so that what is new costs no old digest.
    rarely = {
        "with": node.aggregation.model_dump(mode="json") if node.aggregation else None,
        "normalise": called(node.normalisation),
        "direction": node.direction if node.direction == "down" else None,
        "min_share": node.min_share,
        "round": node.round.model_dump(mode="json") if node.round else None,
        "when": normal(node.applies.text) if node.applies else None,
    }
    return {
        "weight": node.weight,
        "missing": node.missing,
        "aggregate": node.aggregation.id if node.aggregation else None,
        "criterion": node.criterion.id if node.criterion else None,
        "parameters": node.criterion.model_dump(mode="json") if node.criterion else None,
        "level": node.level,
        "pooled": node.pooled,
        "caps": [(cap.at, normal(cap.condition.text)) for cap in node.caps],
        **{key: value for key, value in rarely.items() if value},
        "children": {child.id: _of_node(child) for child in node.children},
    }


def digest(value: Any) -> str:
    """Return the SHA-256 of plain data, whatever the order of its keys."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
