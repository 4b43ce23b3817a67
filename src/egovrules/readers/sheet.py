"""What the XML of an Excel sheet says before it is parsed: its extent, and cells in error.

The parser of sheets reserves room for every cell from the first to the farthest, and reads an
error as nothing; so both are looked for beforehand, with expat, in bounded memory.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from egovrules.readers.common import CELL_WIDTH, SHOWN

MAX_CELLS = 20_000_000  # rows × columns up to the farthest cell, empty ones included
_CHUNK = 1 << 20
_WORKBOOK, _TARGETS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_FORMULA = "f"  # a formula without a value is no content

Attributes = Mapping[str, str]


class SheetError(Exception):
    """A workbook that is not what Excel writes."""


@dataclass
class Look:
    """What was seen of a sheet.

    Attributes:
        row: The last row that holds anything, from 1; 0 in an empty sheet.
        column: The last column that holds anything, from 1.
        lowest: The cell that reaches down to that row, such as ``B7``.
        rightmost: The cell that reaches out to that column.
        errors: Cells that hold an Excel error, and which one: the first hundred.
        error_count: How many such cells there are in all.
    """

    row: int = 0
    column: int = 0
    lowest: str = ""
    rightmost: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    error_count: int = 0

    @property
    def cells(self) -> int:
        """How many cells the sheet spans."""
        return self.row * self.column


def look(archive: zipfile.ZipFile, sheet: str) -> Look:
    """Look through one sheet of a workbook.

    Args:
        archive: The workbook.
        sheet: Name of the sheet.

    Raises:
        SheetError: A part of the workbook is missing, damaged or strange.
    """
    parts = {part.filename.lower(): part.filename for part in archive.infolist()}
    if len(parts) < len(archive.infolist()):
        raise SheetError("a part is there twice")  # which one is read would be a guess
    scan = _Scan()
    _parse(archive, parts, _part_of(archive, parts, sheet), scan.start, scan.end)
    return scan.seen


def _part_of(archive: zipfile.ZipFile, parts: Mapping[str, str], sheet: str) -> str:
    """Return the part of the archive that holds a sheet."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheets(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            found = [value for key, value in attributes.items() if key.endswith(":id")]
            ids.setdefault(attributes.get("name", ""), found[0] if found else "")

    def relations(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, parts, _WORKBOOK, sheets)
    _parse(archive, parts, _TARGETS, relations)
    target = targets.get(ids.get(sheet, ""), "").replace("\\", "/")
    if target.startswith("/"):
        return target[1:]
    return target if target.startswith("xl/") else f"xl/{target}"


def _parse(
    archive: zipfile.ZipFile,
    parts: Mapping[str, str],
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[expat.XMLParserType, str], None] | None = None,
) -> None:
    """Hand the elements of one part over, their names without prefix."""
    name = parts.get(part.lower())
    if name is None:
        raise SheetError(f"there is no part {part}")
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    if end is not None:
        parser.EndElementHandler = lambda tag: end(parser, _local(tag))
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, OSError, EOFError) as reason:
        raise SheetError(str(reason)) from None
    except (RuntimeError, NotImplementedError, ValueError) as reason:  # locked; unknown packing
        raise SheetError(str(reason)) from None
