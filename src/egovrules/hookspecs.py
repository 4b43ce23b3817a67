"""The whole surface that a plugin can implement. Decorate with ``egovrules.hookimpl``."""

from collections.abc import Iterable

import pluggy

from egovrules.aggregation import Aggregation
from egovrules.criteria import Axis, Criterion
from egovrules.normalisation import Normalisation
from egovrules.reports import Report
from egovrules.treatment import Treatment

GROUP = "egovrules"  # the entry-point group, and pluggy's project name
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


@hookspec
def egovrules_axes() -> Iterable[Axis]:  # type: ignore[empty-body]
    """Return the axes that this plugin brings, each with its criteria."""


@hookspec
def egovrules_criteria() -> Iterable[type[Criterion]]:  # type: ignore[empty-body]
    """Return criteria that belong to no axis of this plugin."""


@hookspec
def egovrules_treatments() -> Iterable[type[Treatment]]:  # type: ignore[empty-body]
    """Return steps that change columns before they are scored."""


@hookspec
def egovrules_normalisations() -> Iterable[type[Normalisation]]:  # type: ignore[empty-body]
    """Return ways to put values on a common measure."""


@hookspec
def egovrules_aggregations() -> Iterable[type[Aggregation]]:  # type: ignore[empty-body]
    """Return ways to combine the children of a node."""


@hookspec
def egovrules_reports() -> Iterable[type[Report]]:  # type: ignore[empty-body]
    """Return documents that can be made of an evaluation."""
