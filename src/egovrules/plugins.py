"""Finding plugins and keeping what they bring in a registry: a value, never a global.

pluggy calls the hooks; loading is by hand, because two distributions that share an entry-point
name, a misspelt hook and a failing import would otherwise vanish without a word.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Self, TypeVar

import pluggy

from egovrules import hookspecs
from egovrules.aggregation import Aggregation
from egovrules.criteria import Axis, Criterion
from egovrules.errors import PluginError, Problem, did_you_mean
from egovrules.normalisation import Normalisation
from egovrules.parameters import Parameters
from egovrules.reports import Report
from egovrules.treatment import Treatment

T = TypeVar("T")
P = TypeVar("P", bound=Parameters)


@dataclass(frozen=True, slots=True)
class Plugin:
    """One installed plugin: who ships it, what it brings, and what is wrong with it."""

    name: str
    distribution: str
    version: str
    axes: tuple[Axis, ...] = ()
    criteria: tuple[type[Criterion], ...] = ()
    treatments: tuple[type[Treatment], ...] = ()
    normalisations: tuple[type[Normalisation], ...] = ()
    aggregations: tuple[type[Aggregation], ...] = ()
    reports: tuple[type[Report], ...] = ()
    problems: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        """Name the plugin as its messages do."""
        return f"{self.distribution} {self.version}".strip()


@dataclass(frozen=True)
class Registry:
    """Everything that the plugins bring, by id.

    Attributes:
        plugins: The plugins, the sound and the broken.
        axes: Axes by id.
        criteria: Criteria by id.
        treatments: Treatments by id.
        normalisations: Normalisations by id.
        aggregations: Aggregations by id.
        reports: Reports by id.
        owners: The plugin that brought an axis or a criterion, by its id, or one of the others,
            by its kind and id: ``aggregation geometric``.
        problems: What is wrong with any plugin; a ruleset that needs none of it still works.
    """

    plugins: tuple[Plugin, ...] = ()
    axes: Mapping[str, Axis] = field(default_factory=dict)
    criteria: Mapping[str, type[Criterion]] = field(default_factory=dict)
    treatments: Mapping[str, type[Treatment]] = field(default_factory=dict)
    normalisations: Mapping[str, type[Normalisation]] = field(default_factory=dict)
    aggregations: Mapping[str, type[Aggregation]] = field(default_factory=dict)
    reports: Mapping[str, type[Report]] = field(default_factory=dict)
    owners: Mapping[str, Plugin] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @classmethod
    def installed(cls) -> Self:
        """Load every installed plugin; what is broken is noted in ``problems``, never raised."""
        return cls.collect(_load(point) for point in _in_order(entry_points(group=hookspecs.GROUP)))

    @classmethod
    def of(cls, plugins: Mapping[str, object]) -> Self:
        """Make a registry of plugin modules or objects by name.

        Raises:
            PluginError: For any plugin that is broken or clashes with another.
        """
        registry = cls.collect(_inspect(name, name, "", plugin) for name, plugin in plugins.items())
        if registry.problems:
            raise PluginError(registry.problems)
        return registry

    @classmethod
    def collect(cls, plugins: Iterable[Plugin]) -> Self:
        """Index what plugins bring; an id that two of them claim belongs to neither."""
        found = tuple(plugins)
        owners: dict[str, Plugin] = {}
        problems = [problem for plugin in found for problem in plugin.problems]
        index = partial(_index, found, owners, problems)
        return cls(
            plugins=found,
            axes=index("axis", lambda plugin: plugin.axes),
            criteria=index("criterion", lambda plugin: plugin.criteria),
            treatments=index("treatment", lambda plugin: plugin.treatments),
            normalisations=index("normalisation", lambda plugin: plugin.normalisations),
            aggregations=index("aggregation", lambda plugin: plugin.aggregations),
            reports=index("report", lambda plugin: plugin.reports),
            owners=owners,
            problems=tuple(problems),
        )

    def hint_for_axis(self, axis: str) -> str:
        """Name the plugin that most likely would bring an axis, if it is broken."""
        for plugin in self.plugins:
            if plugin.problems and axis in plugin.distribution.replace("-", "_"):
                return f"plugin {plugin} is broken: see `egovrules plugins`"
        return ""

    def hint_for(self, criterion: str) -> str:
        """Say what to do about a criterion id that is not in this registry."""
        if broken := self.hint_for_axis(_prefix(criterion)):
            return broken
        clash = [p.message for p in self.problems if f"'{criterion}'" in p.message]
        if clash:
            return clash[0]
        if _prefix(criterion) in {_prefix(known) for known in self.criteria}:
            return did_you_mean(criterion, self.criteria)
        return f"no installed plugin brings '{_prefix(criterion)}' criteria; " + did_you_mean(
            criterion, self.criteria
        )


def _prefix(criterion: str) -> str:
    return criterion.split(".", maxsplit=1)[0]


def _in_order(points: Iterable[EntryPoint]) -> list[EntryPoint]:
    """Sort by distribution: the order of installation must not matter."""
    return sorted(points, key=lambda p: (p.dist.name if p.dist else "", p.name))


def _load(point: EntryPoint) -> Plugin:
    """Import one entry point; a plugin may fail in any way, and must not take others along."""
    name = point.dist.name if point.dist else point.value
    version = point.dist.version if point.dist else ""
    try:
        module = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module may raise all
        problem = Problem(
            f"plugin {name} {version} cannot be imported: {type(error).__name__}: {error}",
            source=point.value,
            hint=f"repair or uninstall {name}",
        )
        return Plugin(point.name, name, version, problems=(problem,))
    return _inspect(point.name, name, version, module)


def _inspect(name: str, distribution: str, version: str, module: object) -> Plugin:
    """Ask one plugin for what it brings, each plugin in a manager of its own."""
    plugin = Plugin(name, distribution, version)
    manager = pluggy.PluginManager(hookspecs.GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, name)
        manager.check_pending()
        hook = manager.hook
        axes = _ask(hook.egovrules_axes, Axis)
        criteria = _ask_classes(hook.egovrules_criteria, Criterion)
        return replace(
            plugin,
            axes=tuple(axes),
            criteria=(*criteria, *_classes((c for axis in axes for c in axis.criteria), Criterion)),
            treatments=tuple(_ask_classes(hook.egovrules_treatments, Treatment)),
            normalisations=tuple(_ask_classes(hook.egovrules_normalisations, Normalisation)),
            aggregations=tuple(_ask_classes(hook.egovrules_aggregations, Aggregation)),
            reports=tuple(_ask_classes(hook.egovrules_reports, Report)),
        )
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as above: a stranger's code
        return replace(plugin, problems=(_broken(plugin, error),))


def _ask(hook: Callable[[], list[Any]], kind: type[T]) -> list[T]:
    """Call a hook and check what it returns, since a plugin is not type-checked with us."""
    found = [one for answer in hook() for one in answer]
    for one in found:
        if not isinstance(one, kind):
            raise TypeError(f"a hook returned {one!r}, which is not of the kind it must return")
    return found


def _ask_classes(hook: Callable[[], list[Any]], kind: type[P]) -> list[type[P]]:
    """Call a hook that returns classes, and check that they are of the kind, with an id."""
    return _classes(_ask(hook, type), kind)


def _classes(found: Iterable[type], kind: type[P]) -> list[type[P]]:
    classes = list(found)
    for one in classes:
        if not (isinstance(one, type) and issubclass(one, kind) and "id" in vars(one)):
            article = "an" if kind is Aggregation else "a"
            raise TypeError(f"{one!r} is not {article} {kind.__name__.lower()} with an id")
    return classes


def _broken(plugin: Plugin, error: BaseException) -> Problem:
    who = f"plugin {plugin}"
    if isinstance(error, pluggy.PluginValidationError):
        known = [name for name in vars(hookspecs) if name.startswith("egovrules_")]
        quoted = re.search(r"hook '(\w+)'", str(error))  # pluggy names the hook in its text only
        hook = quoted[1] if quoted else str(error)
        if hook in known:
            message = f"{who} implements the hook '{hook}' with arguments that it does not take"
            return Problem(message, source=plugin.name, hint=f"write `def {hook}():`")
        message = f"{who} implements the hook '{hook}', which does not exist"
        return Problem(message, source=plugin.name, hint=did_you_mean(hook, known))
    message = f"{who} failed when asked what it brings: {error}"
    return Problem(message, source=plugin.name, hint=f"repair or uninstall {plugin.distribution}")


def _index(
    plugins: Iterable[Plugin],
    owners: dict[str, Plugin],
    problems: list[Problem],
    kind: str,
    entries: Callable[[Plugin], Iterable[Axis | type[Parameters]]],
) -> dict[str, Any]:
    """Index one kind of what plugins bring, and note the owners and the clashes."""
    found: dict[str, Any] = {}
    clashing: set[str] = set()
    claimed: dict[str, Plugin] = {}
    for plugin in plugins:
        for value in entries(plugin):
            key = value.id
            if key in claimed:
                first = claimed[key]
                problems.append(
                    Problem(
                        f"{kind} '{key}' is declared by both {first} and {plugin}",
                        hint="an id has one owner: uninstall one of the two, or rename the id",
                    )
                )
                clashing.add(key)
                continue
            claimed[key], found[key] = plugin, value
            owners[owned(kind, key)] = plugin
    return {key: value for key, value in found.items() if key not in clashing}


def owned(kind: str, key: str) -> str:
    """Return the key of ``owners``: ids of axes and criteria are never alike, of others may be."""
    return key if kind in ("axis", "criterion") else f"{kind} {key}"
