"""The form of the recorded ruleset, and what it says of growth against another method."""

from functools import lru_cache

from egovrules import _validation, _yaml
from egovrules.report.plain import on_one_line
from egovrules.result import Evaluation
from egovrules.schema import RulesetFile
from egovrules.text import pick, translate

_METHODS = "The methods of the two periods differ, so part of the growth may come from the method."
_BECAUSE = "They are compared all the same: {because}"
_WHAT_IF = "This growth is that of a what-if, and not of the ruleset as published."


def recorded_form(evaluation: Evaluation) -> RulesetFile:
    """Read the form of the ruleset that an evaluation was made with.

    Raises:
        RulesetError: When the recorded text is of another version of that form.
    """
    return _form(evaluation.ruleset_text)


@lru_cache(maxsize=2)
def _form(text: str) -> RulesetFile:
    return _validation.validate(RulesetFile, _yaml.parse(text, "ruleset.yaml"))


def growth_notes(evaluation: Evaluation, language: str, *, reason: bool = True) -> list[str]:
    """Say what growth must not be quoted without: that methods differ, that it is a what-if.

    Args:
        evaluation: Whose growth.
        language: Of the sentences.
        reason: Whether to give the ruleset's reason for comparing other methods.

    Returns:
        Sentences; none where there is no growth, or nothing to know of it.
    """
    info, earlier = evaluation.manifest.ruleset, evaluation.manifest.previous
    if earlier is None:
        return []
    notes = []
    if earlier.ruleset.method_digest != info.method_digest:
        told = translate(_METHODS, language)
        bridge = recorded_form(evaluation).bridge if reason else None
        if bridge is not None:
            because = on_one_line(pick(bridge.because, language))
            told = f"{told} {translate(_BECAUSE, language, because=because)}"
        notes.append(told)
    if info.settings:
        notes.append(translate(_WHAT_IF, language))
    return notes
