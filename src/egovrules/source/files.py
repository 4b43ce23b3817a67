"""The files that a source names: found inside their folder, read once, and their digests."""

from pathlib import Path

import polars as pl

from egovrules._document import Loc
from egovrules.errors import DatasetError, did_you_mean
from egovrules.readers import FORMATS, Layout, broken_parquet, file_digest, read_text, scan_parquet
from egovrules.readers.common import ROW
from egovrules.source import Source


class SourceFiles:
    """Reads what a source names, from the dataset's folder or the source's own.

    Attributes:
        digests: SHA-256 of every file that was read, by name.
    """

    def __init__(self, source: Source, folder: Path) -> None:
        self._source = source
        own = [path.parent for path in source.paths]
        self._folders = list(dict.fromkeys(path.resolve() for path in [folder, *own]))
        self._read: dict[tuple[Path, Layout], pl.DataFrame] = {}
        self.digests: dict[str, str] = {}

    def read(self, name: str, layout: Layout, loc: Loc, table: str = "") -> pl.DataFrame:
        """Read a file as text cells with a row column; a second time, it is at hand.

        Raises:
            DatasetError: It is not there, or cannot be read.
        """
        path = self._find(name, loc)
        key = (path, layout)
        if key not in self._read:
            if path.suffix.lower() == ".parquet":
                frame, digest = _parquet_as_text(path, name), file_digest(path)
            else:
                frame, digest = read_text(path, name, layout, table)
            self._read[key] = frame
            self.digests[name] = digest
        return self._read[key]

    def _find(self, name: str, loc: Loc) -> Path:
        """Return a file's path, which may not lead out of the folders."""
        problem = self._source.document.problem
        loc = (*loc, "file")
        # A file name never needs more; each of these has led out of a folder on some system.
        if Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name or "\0" in name:
            hint = "give its name as seen from the dataset's folder, such as services.csv"
            message = "a file must lie inside the dataset's folder"
            raise DatasetError([problem(loc, message, hint=hint)])
        for folder in self._folders:
            path = (folder / name).resolve()
            if path.is_relative_to(folder) and path.is_file():
                if path.suffix.lower() not in FORMATS:
                    hint = f"known: {', '.join(FORMATS)}"
                    raise DatasetError([problem(loc, "this format is not read", hint=hint)])
                return path
        near = [path.name for path in self._folders[0].iterdir() if path.is_file()]
        hint = did_you_mean(name, near)
        raise DatasetError([problem(loc, f"there is no file '{name}'", hint=hint)])


def _parquet_as_text(path: Path, name: str) -> pl.DataFrame:
    """Read a Parquet file as the text that its cells would have in CSV."""
    try:
        frame = scan_parquet(path, name).collect()
        texts = frame.select(pl.all().cast(pl.String))
    except pl.exceptions.PolarsError:
        raise broken_parquet(name) from None
    return texts.with_row_index(ROW, offset=1).with_columns(pl.col(ROW).cast(pl.Int64))
