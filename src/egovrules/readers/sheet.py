"""What the XML of an Excel sheet says before it is parsed: its extent, and cells in error.

The parser of sheets reserves room for every cell up to the farthest one, and reads an error as
nothing; so both are looked for beforehand, by expat, in a stream.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from egovrules.readers.common import CELL_WIDTH, SHOWN

_CHUNK = 1 << 20
WORKBOOK = "xl/workbook.xml"  # its parts: the sheets by name
_TARGETS = "xl/_rels/workbook.xml.rels"
_COUNT = re.compile(r"[0-9]{1,12}")
_REFERENCE = re.compile(r"([A-Z]{1,8})([0-9]{1,12})")

Start = Callable[[Any, str, Mapping[str, str]], None]
"""Takes the parser, the name of an element without its prefix, and its attributes."""


class SheetError(Exception):
    """A workbook that is not as Excel writes it."""


@dataclass
class Seen:
    """What was seen of a sheet.

    Attributes:
        row: The last row that holds anything, from 1; 0 in an empty sheet.
        column: The last column that holds anything, from 1.
        lowest: The cell that reaches down to that row, such as ``B7``.
        rightmost: The cell that reaches out to that column.
        errors: Cell and Excel error (``B7``, ``#DIV/0!``) of the first hundred.
        error_count: How many cells hold an error.
    """

    row: int = 0
    column: int = 0
    lowest: str = ""
    rightmost: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    error_count: int = 0


def look_at(archive: zipfile.ZipFile, sheet: str, first_row: int) -> Seen:
    """Look through one sheet of a workbook.

    Args:
        archive: The workbook.
        sheet: Name of the sheet.
        first_row: Errors above it do not count.

    Raises:
        SheetError: A part of the workbook is missing, damaged or strange.
    """
    parts = {part.filename.lower(): part.filename for part in archive.infolist()}
    if len(parts) < len(archive.infolist()):
        raise SheetError("a part is there twice, and which one is meant would be a guess")
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheets(_: Any, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            found = (value for key, value in attributes.items() if key.endswith(":id"))
            ids[attributes.get("name", "")] = next(found, "")

    def relations(_: Any, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, parts, WORKBOOK, sheets)
    _parse(archive, parts, _TARGETS, relations)
    target = targets.get(ids.get(sheet, ""), "").replace("\\", "/")
    part = target if target.startswith(("/", "xl/")) else f"xl/{target}"
    scan = _Scan(first_row)
    _parse(archive, parts, part.removeprefix("/"), scan.start)
    return scan.seen


def _parse(archive: zipfile.ZipFile, parts: Mapping[str, str], part: str, start: Start) -> None:
    """Hand over the elements of one part."""
    name = parts.get(part.lower())
    if name is None:
        raise SheetError(f"there is no part {part}")
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, found: start(parser, tag[tag.find(":") + 1 :], found)
    parser.StartDoctypeDeclHandler = _refuse_entities
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, OSError, EOFError) as reason:
        raise SheetError(str(reason)) from None
    except (RuntimeError, ValueError, LookupError) as reason:  # a password, packing, encoding
        raise SheetError(str(reason)) from None


def _refuse_entities(*_: object) -> None:
    raise SheetError("Excel declares no document type")


class _Scan:
    """Keeps count of rows and columns, as cells need not say where they are."""

    def __init__(self, first_row: int) -> None:
        self.seen = Seen()
        self._first_row = first_row
        self._row = self._column = 0
        self._is_error = False

    def start(self, parser: Any, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._cell(attributes)
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if _COUNT.fullmatch(number) else self._row + 1
            self._column = 0
        elif name in ("v", "is") and self._column:
            self._content()
            if self._is_error:
                self._error(parser)

    def _cell(self, attributes: Mapping[str, str]) -> None:
        self._is_error = attributes.get("t") == "e"
        self._row = self._row or 1
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
            return
        found = _REFERENCE.fullmatch(reference.upper())
        if found is None:
            raise SheetError("a cell does not say where it is")
        self._column, self._row = _number(found[1]), int(found[2])

    def _content(self) -> None:
        seen = self.seen
        if self._row > seen.row:
            seen.row, seen.lowest = self._row, self._name()
        if self._column > seen.column:
            seen.column, seen.rightmost = self._column, self._name()

    def _name(self) -> str:
        return f"{_letters(self._column)}{self._row}"

    def _error(self, parser: Any) -> None:
        """Take the text that follows, up to the end of the element, as an error."""
        if self._row < self._first_row:
            return
        self.seen.error_count += 1
        if len(self.seen.errors) >= SHOWN:
            return
        cell, texts = self._name(), list[str]()

        def end(_: str) -> None:
            parser.CharacterDataHandler = parser.EndElementHandler = None
            self.seen.errors.append((cell, "".join(texts)[:CELL_WIDTH].strip()))

        parser.CharacterDataHandler = texts.append
        parser.EndElementHandler = end


def _number(letters: str) -> int:
    """Return the number of a column: A is 1, XFD is 16,384."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
