"""What a report is: a document that is made of an evaluation, by us or by a plugin."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ValidationError

from egovrules._place import put
from egovrules.errors import EvaluationError, Problem, did_you_mean
from egovrules.parameters import Parameters
from egovrules.text import languages


class Report(Parameters):
    """A document made of an evaluation; its parameters are what a person may choose of it.

    A subclass sets ``id``, ``title`` and ``suffix``, and implements :meth:`write`. It reads the
    evaluation's public tables and manifest, and computes no score.

    Attributes:
        suffix: How the name of its file ends, with the dot.
    """

    suffix: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **more: Any) -> None:
        """Check the suffix at import, where the author sees it."""
        super().__pydantic_init_subclass__(**more)
        if "id" in vars(cls) and not cls.suffix.startswith("."):
            raise TypeError(
                f"the suffix {cls.suffix!r} of the report {cls.id!r} must be like .html"
            )

    def write(self, evaluation: Any, *, language: str) -> bytes:
        """Return the whole document.

        Args:
            evaluation: An :class:`egovrules.Evaluation`, fresh or loaded.
            language: Such as ``en`` or ``fa``.

        Raises:
            EvaluationError: A parameter names something that the evaluation has not.
        """
        raise NotImplementedError

    def notebook(self, evaluation: Any, *, language: str) -> str:  # noqa: ARG002 - for subclasses
        """Return what a notebook shows of it, as HTML; nothing where there is nothing to show."""
        return ""


def chosen(known: Mapping[str, type[Report]], name: str, options: Mapping[str, Any]) -> Report:
    """Find a report by its id, and set its parameters.

    Raises:
        EvaluationError: There is no such report, or it has no such parameters.
    """
    if name not in known:
        message = f"no installed plugin brings the report '{name}'"
        raise EvaluationError.of(message, hint=did_you_mean(name, known))
    fields = known[name].model_fields
    problems = [
        Problem(f"the report '{name}' has no option '{key}'", hint=did_you_mean(key, fields))
        for key in options
        if key not in fields
    ]
    if problems:
        raise EvaluationError(problems)
    try:
        return known[name](**options)
    except ValidationError as error:
        raise EvaluationError(
            Problem(f"the report '{name}': {one['msg']}", where=".".join(map(str, one["loc"])))
            for one in error.errors()
        ) from error


def deliver(report: Report, evaluation: Any, path: Path, *, language: str, replace: bool) -> None:
    """Write a report to a file, whole or not at all.

    Raises:
        EvaluationError: The language is unknown, the name has another ending, the place is taken,
            or it cannot be written; or the report returns no bytes.
    """
    if language not in (known := languages()):
        message = f"there is no translation into '{language}'"
        raise EvaluationError.of(message, hint=f"choose one of {', '.join(known)}")
    if path.suffix.lower() != report.suffix:
        message = f"the name of this report must end in {report.suffix}"
        hint = f"try {path.stem or report.id}{report.suffix}"
        raise EvaluationError.of(message, source=str(path), hint=hint)
    with put(path, folder=False, replace=replace) as draft:
        document: Any = report.write(evaluation, language=language)
        if not isinstance(document, bytes):
            message = f"the report '{report.id}' returns {type(document).__name__} and no bytes"
            raise EvaluationError.of(message, hint="report it to the plugin's author")
        draft.write_bytes(document)
