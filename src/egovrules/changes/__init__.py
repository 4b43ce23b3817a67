"""What differs between two rulesets, as data: one change for each thing that a person would name.

:func:`changes` works on effective rulesets (``Ruleset.effective``, or the text that an evaluation
keeps), binds nothing, and needs no plugin. A default that the schema knows is the same written or
left out, and so is a condition however it is spaced. :func:`changes_between` knows the defaults of
plugins as well.
"""

from egovrules.changes.change import ABSENT, Change, Kind, home, shown, told
from egovrules.changes.held import changes_between
from egovrules.changes.written import changes, keys_of_both, text_of_derived

__all__ = [
    "ABSENT",
    "Change",
    "Kind",
    "changes",
    "changes_between",
    "home",
    "keys_of_both",
    "shown",
    "text_of_derived",
    "told",
]
