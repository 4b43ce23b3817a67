"""The scoring rules once more, as plain loops over dictionaries: slow, obvious, independent.

Written from docs, not from the engine: no expression, no frame, no shared function.
"""

import math

SCORED, MISSING, OFF = "scored", "missing", "not_applicable"


def combine(kind, parts):
    """Parts are (score or None, weight); those without a score are left out."""
    present = [(s, w) for s, w in parts if s is not None and w > 0]
    if not present:
        return None
    total = sum(w for _, w in present)
    if kind == "arithmetic":
        return sum(s * w for s, w in present) / total
    if any(s == 0 for s, _ in present):
        return 0.0
    if kind == "geometric":
        return math.exp(sum(w * math.log(s) for s, w in present) / total)
    return total / sum(w / s for s, w in present)


def settle(score, state, coverage, policy, forbids=False):
    """Apply a node's own policy: (effective score, coverage, state, forbids the node above)."""
    if score is None and state == MISSING and policy == "zero":
        return 0.0, 1.0, state, forbids
    if score is None and state == MISSING and policy == "exclude":
        return None, coverage, state, True
    return score, coverage, state, forbids


def inner(node, children):
    """Aggregate settled children, each (score, coverage, state, forbids, weight)."""
    counted = [c for c in children if c[4] > 0]
    applicable = [c for c in counted if c[2] != OFF]
    forbidden = any(c[3] for c in counted)
    score = None if forbidden else combine(node["aggregate"], [(c[0], c[4]) for c in counted])
    if not applicable:
        return score, None, OFF
    weight = sum(c[4] for c in applicable)
    coverage = sum(c[4] * (c[1] or 0.0) for c in applicable) / weight
    state = SCORED if any(c[2] == SCORED for c in counted) and not forbidden else MISSING
    return score, coverage, state


def row_leaf(node, row):
    value = row[node["id"]]
    if value == OFF:
        return settle(None, OFF, None, node["missing"])
    if value is None:
        return settle(None, MISSING, 0.0, node["missing"])
    return settle(value, SCORED, 1.0, node["missing"])


def row_node(node, row):
    """Score one row (a service, or an agency's own indicators) on a whole subtree."""
    if not node.get("children"):
        return row_leaf(node, row)
    children = [(*row_node(child, row), child["weight"]) for child in node["children"]]
    score, coverage, state = inner(node, children)
    return settle(score, state, coverage, node["missing"])


def roll(node, rows, weights):
    """Roll one node's rows up to their agency: weighted mean over the rows that have a score."""
    settled = [row_node(node, row) for row in rows]
    if not any(s[2] == SCORED for s in settled):
        states = {s[2] for s in settled}
        state = MISSING if MISSING in states else OFF
    else:
        state = SCORED
    if (
        sum(
            w
            for s, w in zip(settled, weights, strict=True)
            if s[0] is not None and w is not None and _really(node, s)
        )
        <= 0
    ):
        weights = [1.0] * len(rows)
    pairs = [(s, w) for s, w in zip(settled, weights, strict=True) if w is not None]
    present = [(s[0], w) for s, w in pairs if s[0] is not None]
    total = sum(w for _, w in present)
    score = sum(x * w for x, w in present) / total if total > 0 else None
    if any(s[3] for s in settled):
        score = None
    applicable = [(s, w) for s, w in pairs if s[2] != OFF]
    weight = sum(w for _, w in applicable)
    coverage = sum((s[1] or 0.0) * w for s, w in applicable) / weight if weight > 0 else None
    return settle(score, state, coverage, node["missing"], any(s[3] for s in settled))


def _really(node, settled):
    """A criterion's weights count where it was scored; an inner node's where it has a score."""
    return settled[2] == SCORED if not node.get("children") else True


def pool(node, rows):
    """Pool a ratio: sum of numerators over sum of denominators."""
    pairs = [row[node["id"]] for row in rows]
    known = [p for p in pairs if p not in (None, OFF)]
    missing = sum(p is None for p in pairs)
    if known:
        score = 100.0 * sum(n for n, _ in known) / sum(d for _, d in known)
        coverage = len(known) / (len(known) + missing)
        return settle(
            None if node["missing"] == "exclude" and missing else score,
            SCORED,
            coverage,
            node["missing"],
            node["missing"] == "exclude" and missing > 0,
        )
    return settle(None, MISSING if missing else OFF, 0.0 if missing else None, node["missing"])


def agency(node, rows, weights, own, after):
    """Score a node of one agency: (score, coverage, state, forbids)."""
    if not node.get("children"):
        if node["level"] == "agency":
            return row_leaf(node, own)
        return pool(node, rows) if node.get("pooled") else roll(node, rows, weights)
    children = []
    served = [c for c in node["children"] if not c.get("children") and c["level"] == "service"]
    if after == "axis" and served:
        part = {**node, "children": served}
        weight = sum(c["weight"] for c in served)
        children.append((*roll(part, rows, weights), weight))
    for child in node["children"]:
        if after == "axis" and child in served:
            continue
        children.append((*agency(child, rows, weights, own, after), child["weight"]))
    score, coverage, state = inner(node, children)
    for cap in node.get("caps", ()):
        if score is not None and cap["true"](own) is True and score > cap["at"]:
            score = cap["at"]
    return settle(score, state, coverage, node["missing"])
