"""Which values the fields of a ruleset can have, by what contracts, scale and derivation say."""

from collections.abc import Mapping
from dataclasses import replace

from egovrules._grammar import read
from egovrules.checker import ranking_fields, results_of
from egovrules.conditions import Condition, Field
from egovrules.entries import Scale, Subjects
from egovrules.fields import AGENCY_FIELDS, SERVICE_FIELDS
from egovrules.outcomes.candidates import Domain
from egovrules.outcomes.reaching import reach
from egovrules.placed import subjects_of
from egovrules.rules import Derived
from egovrules.ruleset import Ruleset
from egovrules.tree import Node

_NUMBER = Field("number")


def domains(ruleset: Ruleset, subjects: Subjects) -> Mapping[str, Domain]:
    """Return the domain of every field that a condition on these subjects may name."""
    found: dict[Subjects, dict[str, Domain]] = {
        "services": _columns(ruleset, "services"),
        "agencies": _columns(ruleset, "agencies") | _results(ruleset),
    }
    criteria = {node.id: node for node in ruleset.root.criteria()}
    for one in ruleset.rules.derive:
        if one.node is not None:
            domain = _score(criteria[one.node], ruleset.file.scale)
        else:
            domain = _calculated(one, found[subjects_of(one)])
        for level in one.levels:
            found["services" if level == "service" else "agencies"][one.name] = domain
    return found[subjects]


def _columns(ruleset: Ruleset, subjects: Subjects) -> dict[str, Domain]:
    """Return the domains of a table's columns, which meet the contracts of all their readers."""
    own = SERVICE_FIELDS if subjects == "services" else AGENCY_FIELDS
    found: dict[str, Domain] = {}
    for name, one in ruleset.indicators[subjects].items():
        spec = own.get(name)
        values = () if spec and spec.several else one.values  # a cell may hold several of them
        filled = spec is not None and (spec.required or spec.default is not None)
        found[name] = Domain(
            Field(one.type, values),
            one.low,
            one.high,
            can_be_missing=not filled,
            can_be_empty=spec is not None and spec.default == "",
        )
    for node in ruleset.root.criteria("service" if subjects == "services" else "agency"):
        assert node.criterion is not None  # noqa: S101 - criteria() yields nothing else
        for read_ in node.criterion.reads():
            name, contract = read_.column, read_.indicator
            more = (getattr(node.criterion, contract.at_most),) if contract.at_most else ()
            found[name] = _narrowed(found[name], contract.low, contract.high, contract.values, more)
    return found


def _narrowed(
    domain: Domain,
    low: float | None,
    high: float | None,
    values: tuple[str, ...],
    at_most: tuple[str, ...],
) -> Domain:
    """Return what a further contract leaves of a domain."""
    before = domain.field.values
    both = tuple(value for value in before if value in values) if before and values else before
    lows = [bound for bound in (domain.low, low) if bound is not None]
    highs = [bound for bound in (domain.high, high) if bound is not None]
    return replace(
        domain,
        field=Field(domain.field.type, both),
        low=max(lows, default=None),
        high=min(highs, default=None),
        at_most=tuple(dict.fromkeys((*domain.at_most, *at_most))),
    )


def _results(ruleset: Ruleset) -> dict[str, Domain]:
    """Return the domains of what agencies have once they are scored."""
    scale, ranking = ruleset.file.scale, ruleset.file.rank
    total = _score(ruleset.root, scale)
    width = None if total.high is None or total.low is None else total.high - total.low
    place = Domain(_NUMBER, 1.0, whole=ranking.ties != "average")
    special = {
        "total": total,
        "rank": place,
        "coverage": Domain(_NUMBER, 0.0, 1.0),
        "growth": Domain(_NUMBER, None if width is None else -width, width),
        "rank_growth": Domain(_NUMBER, whole=place.whole),
    }
    special |= {
        name: place if kind == _NUMBER else Domain(kind)
        for name, kind in ranking_fields(ranking).items()
    }
    axes = {node.id: _score(node, scale) for node in ruleset.root.walk() if node.kind == "axis"}
    return {name: Domain(kind) for name, kind in results_of(ranking).items()} | special | axes


def _score(node: Node, scale: Scale) -> Domain:
    """Return the domain of a node's score; native and normalised values may leave the scale."""
    native = any(
        one.normalisation is not None or (one.criterion is not None and one.criterion.top is None)
        for one in node.criteria()
    )
    return Domain(_NUMBER) if native else Domain(_NUMBER, scale.low, scale.high)


def _calculated(derived: Derived, known: Mapping[str, Domain]) -> Domain:
    """Return the domain of a derived value that is none of a criterion's scores.

    Counts, sums and ``any`` over services are missing only where the services' values can be;
    a share or a mean also where there is no service.
    """
    condition = derived.condition
    assert condition is not None  # noqa: S101 - what names no criterion calculates
    inner = _inner(condition, known)
    if derived.operation is None:
        return inner
    missing = inner.can_be_missing
    if derived.operation == "any":
        return Domain(Field("boolean"), can_be_missing=missing)
    if derived.operation == "count":
        return Domain(_NUMBER, 0.0, can_be_missing=missing, whole=True)
    if derived.operation == "share":
        return Domain(_NUMBER, 0.0, 1.0)
    if derived.operation == "mean":
        return Domain(_NUMBER, inner.low, inner.high)
    low = 0.0 if inner.low is not None and inner.low >= 0 else None
    high = 0.0 if inner.high is not None and inner.high <= 0 else None
    return Domain(_NUMBER, low, high, can_be_missing=missing)


def _inner(condition: Condition, known: Mapping[str, Domain]) -> Domain:
    """Return the domain of a condition's or calculation's own result."""
    node = read(condition.text)
    if node.kind == "field":
        return known[node.value]
    if condition.type == "boolean":
        missing = "unknown" in reach(condition, known).outcomes
    else:
        missing = "/" in condition.text or any(
            known[name].can_be_missing for name in condition.fields
        )
    return Domain(Field(condition.type), can_be_missing=missing)
