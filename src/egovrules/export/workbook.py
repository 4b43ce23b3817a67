"""An evaluation as an Excel workbook: one sheet per table, right to left in Persian."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from egovrules.errors import EvaluationError
from egovrules.export.about import about
from egovrules.export.cells import taken_for_formula
from egovrules.export.columns import Column, Described
from egovrules.export.meanings import Kind
from egovrules.export.spoken import spoken
from egovrules.export.tables import title_of
from egovrules.readers import optional
from egovrules.report.plain import printable
from egovrules.report.summary import decimals_of, marked
from egovrules.result import Evaluation
from egovrules.text import direction, translate

MAX_ROWS = 1_048_575  # of a sheet, beneath its header
MAX_COLUMNS = 16_384
_DAY = datetime(1980, 1, 1)  # noqa: DTZ001 - of every export, so that the same gives the same bytes
_TEXT = 49  # Excel's number for the format "@", under which what is typed stays text
_NARROWEST, _WIDEST = 8, 60  # characters of a column
_LOOKED_AT = 1000  # rows of a column that decide its width
_HEADER_LINE = 200  # characters above a printed page; Excel takes 255
# Numbers stay numbers and show the digits of the language: 03 are Persian digits, 0429 is Farsi.
_DIGITS = {"fa": "[$-3000429]"}
_HEADER = {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": "#1F3A5F",  # 11:1 against white
    "border": 1,
    "border_color": "#8FA3BF",
    "text_wrap": True,
    "valign": "top",
}
_MARK = {"bold": True, "font_color": "#8B0000", "bg_color": "#FFF3CD"}  # 9:1
_TAB = "#B45F06"  # of sheets that bear a mark


def write_workbook(evaluation: Evaluation, path: Path, language: str) -> None:
    """Write a workbook.

    Texts are cells of text, never formulas; such as could be taken for one when somebody edits
    them also bear Excel's mark for text (quotePrefix). Numbers have full precision and are shown
    with the ruleset's decimals; a cell without a value is empty.

    Raises:
        DatasetError: XlsxWriter is not installed.
        EvaluationError: A table is larger than a sheet.
        OSError: The file cannot be written.
    """
    xlsxwriter = optional("xlsxwriter", "excel")
    tables = spoken(evaluation, language)
    _check_size(tables)
    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    try:
        with xlsxwriter.Workbook(str(path), options) as book:
            book.set_properties({"title": evaluation.manifest.ruleset.id, "created": _DAY})
            styles = _Styles(book, decimals_of(evaluation.manifest.ruleset), language)
            mark = marked(evaluation, language)
            _write_about(_sheet(book, "About", mark, language), evaluation, styles, language)
            for name, (table, columns) in tables.items():
                _write_table(_sheet(book, title_of(name), mark, language), table, columns, styles)
    except xlsxwriter.exceptions.FileCreateError as error:  # what it makes of an OSError
        raise OSError(str(error)) from error


def _check_size(tables: Mapping[str, Described]) -> None:
    for name, (table, _) in tables.items():
        if table.height > MAX_ROWS or table.width > MAX_COLUMNS:
            raise EvaluationError.of(
                f"the table {name} has {table.height:,} rows and {table.width:,} columns; a sheet "
                f"of a workbook holds {MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns",
                hint="export it as csv or datapackage",
            )


class _Styles:
    """The formats of one workbook, each made when first needed."""

    def __init__(self, book: Any, decimals: int, language: str) -> None:
        self._book, self._made = book, dict[tuple[tuple[str, Any], ...], Any]()
        self.start = "right" if direction(language) == "rtl" else "left"  # where lines begin
        self._digits = _DIGITS.get(language, "")
        points = "0" + ("." + "0" * decimals if decimals else "")
        self._numbers = {
            "points": points,
            "change": f"+{points};-{points};{points}",
            "share": "0.0%",
            "count": "#,##0",
            "rank": "0",
            "places": "+0;-0;0",
        }

    def of(self, **properties: Any) -> Any:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]

    def number(self, column: Column) -> Any:
        """Return the format of a column's numbers."""
        mean = column.kind == "rank" and column.type == "number"  # of tied ranks, such as 2.5
        return self.of(num_format=self._shown("General" if mean else self._form(column.kind)))

    def of_kind(self, kind: Kind, **properties: Any) -> Any:
        """Return the format of a number that stands among texts."""
        return self.of(num_format=self._shown(self._form(kind)), **properties)

    def _form(self, kind: Kind) -> str:
        return self._numbers.get(kind, "General")

    def _shown(self, form: str) -> str:
        return ";".join(self._digits + section for section in form.split(";"))

    def text(self, *, signed: bool) -> Any:
        """Return the format of a text, with Excel's mark for text where it looks like a formula."""
        return self.of(num_format=_TEXT, valign="top", **({"quote_prefix": True} if signed else {}))


def _sheet(book: Any, title: str, mark: str, language: str) -> Any:
    """Add a sheet that is laid out for its language and for printing."""
    sheet = book.add_worksheet(translate(title, language))
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
    if direction(language) == "rtl":
        sheet.right_to_left()
    if mark:
        sheet.set_tab_color(_TAB)
        sheet.set_header("&C&B" + mark[:_HEADER_LINE].replace("&", "&&"))
    return sheet


def _write_about(sheet: Any, evaluation: Evaluation, styles: _Styles, language: str) -> None:
    mark = translate("Mark", language)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 1, 100)
    for row, (label, text, value, kind) in enumerate(about(evaluation, language)):
        own = _MARK if label == mark else {}
        _write_text(
            sheet, row, 0, printable(label), styles.of(**{"bold": True, "valign": "top", **own})
        )
        if value is None:
            style = styles.of(num_format=_TEXT, text_wrap=True, **own)
            _write_text(sheet, row, 1, printable(text), style)
        else:
            sheet.write_number(row, 1, value, styles.of_kind(kind, align=styles.start))


def _write_table(
    sheet: Any, table: pl.DataFrame, columns: Sequence[Column], styles: _Styles
) -> None:
    """Write a header that stays in sight and can be filtered by, and the rows beneath."""
    header = styles.of(**_HEADER)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, _width(table.get_column(column.name), column))
        _write_text(sheet, 0, place, column.title, header)
    sheet.freeze_panes(1, 2 if len(columns) > 2 else 1)  # noqa: PLR2004 - a code and its name
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, table.height, len(columns) - 1)
    numbers = [styles.number(column) for column in columns]
    plain, signed = styles.text(signed=False), styles.text(signed=True)
    for row, cells in enumerate(table.iter_rows(), 1):
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                style = signed if taken_for_formula(cell) else plain
                _write_text(sheet, row, place, cell, style)
            elif cell is not None:
                sheet.write_number(row, place, cell, numbers[place])


def _write_text(sheet: Any, row: int, place: int, text: str, style: Any) -> None:
    """Write a text as it is, cut where Excel does (at 32,767 characters).

    XlsxWriter takes a text from <r> to </r> for XML of its own, and would write it unescaped; in
    two pieces it is text.
    """
    if text.startswith("<r>") and text.endswith("</r>"):
        sheet.write_rich_string(row, place, text[:1], style, text[1:], style)
    elif text:
        sheet.write_string(row, place, text, style)


def _width(values: pl.Series, column: Column) -> int:
    """Find a width that fits most cells of a column, in characters."""
    texts = values.head(_LOOKED_AT) if values.dtype == pl.String else values.head(0)
    longest = max((len(text) for text in texts if text is not None), default=_NARROWEST)
    heading = max((len(word) for word in column.title.split()), default=0) + 3  # the filter's arrow
    return min(max(longest + 2, heading, _NARROWEST), _WIDEST)
