"""Why a node has no score where one might be expected, read off an evaluation's own tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from egovrules import aggregation, normalisation
from egovrules.report.blocks import parted, titled
from egovrules.report.plain import on_one_line
from egovrules.result import Evaluation, NodeInfo
from egovrules.text import format_number, translate

_NOISE = 1e-9  # as in the engine: by which a share of children may stray
_MEANS = {one.id: one for one in aggregation.BUILT_IN}
_TITLES = {one.id: one.title for one in (*aggregation.BUILT_IN, *normalisation.BUILT_IN)}
Rows = Mapping[str, Mapping[str, Any]]
"""One agency's rows of the table of nodes, by node."""


@dataclass(frozen=True)
class Reason:
    """Why a node has no score.

    Attributes:
        kind: unknown, off, or several (the children have none, each for a reason of its own);
            few, needed, service (one that is needed), negative, undefined.
        share: Of ``few``, the share of children that must have a score.
        by: Of ``negative`` and ``undefined``, the id of the aggregation or normalisation.
        below: Ids of the children that it hangs on: the needed, or the negative ones.
    """

    kind: str
    share: float = 0.0
    by: str = ""
    below: tuple[str, ...] = ()

    def counted(self, language: str) -> str:
        """Say it of several agencies at once."""
        return translate(_COUNTED[self.kind], language, **self._values(language))

    def told(self, node: str, labels: Mapping[str, str], language: str) -> str:
        """Say it of one node, with the titles of the nodes, where it is more than nothing known."""
        if self.kind not in _TOLD:
            return ""
        below = parted((labels.get(one, one) for one in self.below), language)
        values = self._values(language)
        return translate(_TOLD[self.kind], language, node=node, below=below, **values)

    def _values(self, language: str) -> dict[str, str]:
        way = on_one_line(titled(_TITLES.get(self.by), self.by, language))
        share = format_number(round(100 * self.share, 6), language, percent=True)
        return {"share": share, "way": way}


_COUNTED = {
    "unknown": "Not ranked, nothing is known",
    "off": "Not ranked, nothing applies",
    "several": "Not ranked, no child has a score",
    "few": "Not ranked, fewer than {share} of the children scored",
    "needed": "Not ranked, a child that must have a score has none",
    "service": "Not ranked, a service that must have a score has none",
    "negative": "Not ranked, a score below 0 ({way})",
    "undefined": "Not ranked, the values give no score ({way})",
}
_TOLD = {
    "few": "{node} has no score: fewer than {share} of its children have one",
    "needed": "{node} has no score: it must have one of {below}",
    "service": "{node} has no score: a service that must have one has none",
    "negative": "{node} has no score: below 0 there is no {way}, and there is {below}",
    "undefined": "{node} has no score: its values give none ({way})",
}


_NOTHING = (Reason("unknown"), Reason("off"))


@dataclass(frozen=True)
class Reasons:
    """Reads reasons off one tree."""

    tree: Sequence[NodeInfo]

    @cached_property
    def children(self) -> Mapping[str, list[NodeInfo]]:
        """The nodes below each node that weigh anything."""
        found: dict[str, list[NodeInfo]] = {}
        for node in self.tree:
            if node.parent is not None and node.weight > 0:
                found.setdefault(node.parent, []).append(node)
        return found

    def at(self, info: NodeInfo, rows: Rows) -> Reason | None:
        """Say why a node has no score; None where it has one."""
        row = rows[info.id]
        if row["score"] is not None:
            return None
        if row["state"] == "not_applicable":
            return Reason("off")
        below = self.children.get(info.id, [])
        if info.level == "service" or not below:
            return _of_leaf(info, row)
        if all(rows[one.id]["score"] is None for one in below):
            return Reason("unknown")
        return _of_mean(info, below, rows)

    def at_last(self, info: NodeInfo, rows: Rows) -> Reason | None:
        """Say why a node has no score; where that is one of its children's, why they have none."""
        reason = self.at(info, rows)
        if reason is None or reason.kind not in ("unknown", "needed"):
            return reason
        below = self.children.get(info.id, []) if info.level != "service" else []
        chosen = [one for one in below if not reason.below or one.id in reason.below]
        deeper = {self.at_last(one, rows) for one in chosen} - {None, *_NOTHING}
        if len(deeper) == 1:
            return deeper.pop()
        return Reason("several") if deeper and reason.kind == "unknown" else reason


def _of_mean(info: NodeInfo, below: Sequence[NodeInfo], rows: Rows) -> Reason:
    """Say why a node has no score although some of its children have one."""
    scores = {one.id: rows[one.id]["score"] for one in below}
    there = [one for one, score in scores.items() if score is not None]
    applies = [one for one in below if rows[one.id]["state"] != "not_applicable"]
    if info.min_share and len(there) < info.min_share * len(applies) - _NOISE:
        return Reason("few", share=info.min_share)
    absent = tuple(one.id for one in applies if scores[one.id] is None)
    needed = tuple(one.id for one in applies if one.id in absent and one.missing == "exclude")
    method = _MEANS.get(info.aggregation or "")
    negative = tuple(one for one in there if scores[one] < 0)
    if not needed and negative and method and not method.of_negatives:
        return Reason("negative", by=method.id, below=negative)
    if needed or (absent and method):  # without a policy, it is the status of a cell that forbids
        return Reason("needed", below=needed or absent)
    return Reason("undefined", by=info.aggregation or "")


def _of_leaf(info: NodeInfo, row: Mapping[str, Any]) -> Reason:
    """Say why what has no children has no score: agencies' criteria, and what is rolled up."""
    if row["raw"] is not None:  # there is a mean of services, and one of them forbids it
        return Reason("service")
    if row.get("value") is not None:
        return Reason("undefined", by=info.normalisation or "")
    return Reason("unknown")


def of_totals(evaluation: Evaluation, codes: Sequence[str]) -> Iterator[Reason]:
    """Say of agencies that have no total why."""
    table = evaluation.criteria
    mine = table.filter(table["agency"].is_in(list(codes)))
    reasons, total = Reasons(evaluation.manifest.tree), evaluation.manifest.tree[0]
    for rows in mine.partition_by("agency", maintain_order=True):
        found = reasons.at_last(total, {row["node"]: row for row in rows.iter_rows(named=True)})
        if found is not None:
            yield found
