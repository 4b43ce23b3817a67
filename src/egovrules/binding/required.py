"""The plugins that a ruleset asks for under ``plugins:``."""

from difflib import get_close_matches

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from egovrules.checker import Checker
from egovrules.plugins import Registry
from egovrules.schema import RulesetFile

_SLIP = 0.92  # how like an installed plugin's name a name must be to be taken for a slip


def check_plugins(file: RulesetFile, checker: Checker, registry: Registry) -> None:
    """Check that every plugin named under ``plugins:`` is installed in an accepted version."""
    versions = {
        canonicalize_name(plugin.distribution): plugin.version for plugin in registry.plugins
    }
    for name, wanted in file.plugins.items():
        loc, plugin = ("plugins", name), canonicalize_name(name)
        try:
            accepted = SpecifierSet(wanted)
        except InvalidSpecifier:
            message = f"'{wanted}' is no range of versions"
            checker.problem(loc, message, hint='write one such as ">=0.1,<1"')
            continue
        if plugin not in versions:
            # A name close to an installed one is a slip, and must not be sent to pip.
            near = get_close_matches(plugin, versions, n=1, cutoff=_SLIP)
            hint = f"did you mean '{near[0]}'?" if near else f"pip install '{name}'"
            checker.problem(loc, f"plugin {name} is not installed", at="key", hint=hint)
        elif not accepted.contains(versions[plugin], prereleases=True):
            message = f"plugin {name} is {versions[plugin]}, and this ruleset accepts {wanted}"
            checker.problem(loc, message, hint=f"pip install '{name}{wanted}'")
