"""Files for others: an evaluation as workbook, CSV, JSON, Data Package or text for the press.

Only the public side of :class:`egovrules.result.Evaluation` is read, and the same evaluation gives
the same bytes.
"""

from pathlib import Path

from egovrules._place import put
from egovrules.errors import EvaluationError, did_you_mean
from egovrules.export.csv_files import write_csv_files
from egovrules.export.document import write_document
from egovrules.export.package import write_package
from egovrules.export.press import press_summary, write_press
from egovrules.export.workbook import write_workbook
from egovrules.result import Evaluation
from egovrules.text import languages

__all__ = ["FORMS", "export", "press_summary"]

# What can be written, and how its name ends; what has no ending is a folder.
FORMS = {"xlsx": ".xlsx", "csv": "", "json": ".json", "datapackage": "", "press": ".md"}


def export(
    evaluation: Evaluation,
    path: str | Path,
    form: str | None = None,
    *,
    language: str = "en",
    licence: str | None = None,
    replace: bool = False,
) -> Path:
    """Write an evaluation for others, whole or not at all.

    Args:
        evaluation: What to write.
        path: The file, or for ``csv`` and ``datapackage`` the folder; folders above are made.
        form: One of :data:`FORMS`; None for what the end of the name tells.
        language: Of headings, titles and words, and of digits in texts; one of
            :func:`egovrules.text.languages`.
        licence: Of a Data Package: an identifier such as CC-BY-4.0, or an address.
        replace: Whether an earlier export there may be replaced. A folder that holds anything
            that the export does not is refused all the same.

    Returns:
        The path.

    Raises:
        DatasetError: XlsxWriter, which workbooks need, is not installed.
        EvaluationError: The place is taken or does not fit the form, a table is too large for
            it, or it cannot be written.
    """
    path = Path(path)
    form = _form(path) if form is None else form
    for word, known in ((form, FORMS), (language, languages())):
        if word not in known:
            message = f"'{word}' is none of what can be exported"
            raise EvaluationError.of(message, hint=did_you_mean(word, known))
    _check_ending(path, form)
    if licence is not None and form != "datapackage":
        message, hint = "only a Data Package bears a licence", "use --format datapackage with it"
        raise EvaluationError.of(message, hint=hint)
    with put(path, folder=not FORMS[form], replace=replace) as draft:
        if form == "xlsx":
            write_workbook(evaluation, draft, language)
        elif form == "csv":
            write_csv_files(evaluation, draft, language)
        elif form == "json":
            write_document(evaluation, draft)
        elif form == "datapackage":
            write_package(evaluation, draft, language, licence)
        else:
            write_press(evaluation, draft, language)
    return path


def _form(path: Path) -> str:
    """Tell by the end of a name what is to be written there."""
    for form, ending in FORMS.items():
        if ending and path.suffix.lower() == ending:
            return form
    raise EvaluationError.of(
        "the name does not tell what is to be written",
        source=str(path),
        hint="end it in .xlsx, .json or .md, or add --format csv or --format datapackage for a "
        "folder",
    )


def _check_ending(path: Path, form: str) -> None:
    """Refuse a name that would be opened by the wrong program."""
    ending, given = FORMS[form], path.suffix.lower()
    if ending and given != ending:
        message = f"a file of the form {form} needs a name that ends in {ending}"
        raise EvaluationError.of(message, source=str(path), hint=f"try {path.stem or form}{ending}")
    if not ending and given in {".csv", ".zip", *FORMS.values()} - {""}:
        message = f"the form {form} is a folder, and this is the name of a file"
        raise EvaluationError.of(message, source=str(path), hint=f"try {path.stem}")
