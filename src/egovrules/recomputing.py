"""An explained node added up again, so that an explanation proves itself.

What is added are the printed parts, services first, through the aggregations' own expressions.
"""

import json
from collections.abc import Mapping

import narwhals as nw
import polars as pl

from egovrules.agencies import to_decimals
from egovrules.aggregation import BUILT_IN, Aggregation, Arithmetic, Child
from egovrules.entries import Round
from egovrules.errors import EvaluationError, did_you_mean
from egovrules.explanation import Explained
from egovrules.plugins import Registry
from egovrules.result import NodeInfo

_NOISE = 1e-9  # by which sums may stray from what was computed


def recompute(node: Explained, *, registry: Registry | None = None) -> float | None:
    """Add an explained node up again, from its services to itself.

    Args:
        node: Any node of an explanation; those inside a ``services`` node are looked up only.
        registry: Where aggregations of plugins are found; the built-in ones need none.

    Returns:
        The node's effective score, which must equal ``node.score`` within 1e-9.
    """
    if node.info.inside or node.state == "not_applicable":
        return node.score
    if node.services is not None:
        carried = node.services["contribution"].drop_nulls()
        return float(carried.sum()) if len(carried) and node.score is not None else node.score
    if not node.children or node.raw is None:
        return node.score  # an agency's own criterion, or what the missing-data policy gives
    pieces = [(child, recompute(child, registry=registry)) for child in node.children]
    method = aggregation_of(node.info, registry)
    if method.whole:
        return node.score  # it hangs on all other agencies
    parts = [(value, child.info.weight) for child, value in pieces]
    score = combine(method, parts)
    if score is None:
        return node.score
    if node.info.round is not None:
        decimals, rule = node.info.round
        counted = [(_without_noise(*piece), piece[0].info.weight) for piece in pieces]
        values, weights = zip(*[part for part in counted if part[1] > 0], strict=True)
        score = to_decimals(score, values, weights, method, Round(decimals=decimals, rule=rule))
    return min(score, node.cap.at) if node.cap else score


def _without_noise(node: Explained, value: float | None) -> float | None:
    """Take the node's own score where adding up gives it but for noise: a half may hang on it."""
    near = value is not None and node.score is not None and abs(value - node.score) < _NOISE
    return node.score if near else value


def combine(aggregation: Aggregation, parts: list[tuple[float | None, float]]) -> float | None:
    """Combine plain numbers with their weights, through the aggregation's own expression."""
    parts = [part for part in parts if part[1] > 0]
    frame = pl.DataFrame(
        {f"c{i}": [value] for i, (value, _) in enumerate(parts)},
        schema={f"c{i}": pl.Float64 for i in range(len(parts))},
    )
    if aggregation.at_once(len(parts)):
        found: float | None = aggregation.combine_table(frame, [weight for _, weight in parts])[0]
        return found
    children = [Child(nw.col(f"c{i}"), weight) for i, (_, weight) in enumerate(parts)]
    value = nw.from_native(frame).select(x=aggregation.combine(children)).item()
    return None if value is None else float(value)


def aggregation_of(info: NodeInfo, registry: Registry | None) -> Aggregation:
    """Make the aggregation of a node again, plugins being asked only when it is not built in."""
    name = info.aggregation or Arithmetic.id
    known: Mapping[str, type[Aggregation]] = {one.id: one for one in BUILT_IN}
    if name not in known:
        known = (registry or Registry.installed()).aggregations
    if name not in known:
        raise EvaluationError.of(
            f"no installed plugin brings the aggregation '{name}'", hint=did_you_mean(name, known)
        )
    return known[name].model_validate_json(json.dumps(info.aggregation_parameters))
