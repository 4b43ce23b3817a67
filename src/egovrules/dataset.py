"""Datasets: the tables of a round, from a folder of files or from frames and objects.

Loading finds and opens; what the columns must hold depends on who reads them, and is checked in
``contract``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, Self

import narwhals as nw
import polars as pl

from egovrules._frames import Frame, frame_of, local
from egovrules.errors import DatasetError, Problem
from egovrules.readers import (
    FORMATS,
    ROW,
    broken_parquet,
    file_digest,
    optional,
    read_text,
    scan_parquet,
)
from egovrules.readers.folder import files_of, strays, told
from egovrules.source import load_source
from egovrules.source.shaping import shape
from egovrules.tally import Tally

Engine = Literal["polars", "duckdb"]
TABLES = ("agencies", "services", "links", "answers", "history")
_CHUNK = 100_000  # rows that are digested at a time


@dataclass(frozen=True)
class Table:
    """One table.

    Attributes:
        name: ``agencies``, ``services``, ``links``, ``answers`` or ``history``.
        frame: A narwhals frame over Polars (eager or lazy) or over a DuckDB relation. A column
            :data:`egovrules.readers.ROW` holds the rows of the file, where there is one.
        source: Its name in messages.
        rows: What a message calls a row: ``row`` of a sheet (the header is row 1), ``line`` of a
            text, ``record``, from 1, where there are no lines, or ``unit at row`` of the first
            row of a file that it was made of.
    """

    name: str
    frame: Frame
    source: str
    rows: Literal["row", "line", "record", "unit at row"] = "record"


@dataclass(frozen=True)
class Dataset:
    """The tables of a round, opened but not yet checked.

    Attributes:
        tables: By name.
        files: SHA-256 of every file that was read, by name; empty for frames.
        engine: Where the services are computed; all else stays in process.
        warnings: What is odd, yet no error.
        near: Of a table that is not there, the file that may have been meant for it.
        connection: The DuckDB connection that relations live on, if this dataset opened it.
    """

    tables: Mapping[str, Table]
    files: Mapping[str, str] = field(default_factory=dict)
    engine: Engine = "polars"
    warnings: tuple[Problem, ...] = ()
    near: Mapping[str, str] = field(default_factory=dict)
    connection: Any = field(default=None, repr=False, compare=False)

    @property
    def agencies(self) -> Table | None:
        """The table of agencies, if there is one."""
        return self.tables.get("agencies")

    @property
    def services(self) -> Table | None:
        """The table of services, if there is one."""
        return self.tables.get("services")

    @cached_property
    def synthetic(self) -> bool:
        """Whether the rows say that they are made up: a column ``synthetic`` that is all true."""
        table = self.agencies or self.services
        if table is None or "synthetic" not in table.frame.collect_schema().names():
            return False
        cells = local(table.frame.select("synthetic"))["synthetic"]
        return bool(cells.cast(pl.String).str.to_lowercase().is_in(["true", "1", "yes"]).all())

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of what the dataset was made from.

        Of files: of their names and digests, source files included, so a copy of the folder has
        the same one. Of frames: of each table's columns, in the order of their names, and rows,
        in the order in which they come, as JSON lines.
        """
        total = hashlib.sha256()
        if self.files:
            for name, digest in sorted(self.files.items()):
                total.update(f"{name}\0{digest}\n".encode())
            return total.hexdigest()
        for name, table in sorted(self.tables.items()):
            total.update(f"{name}\n".encode())
            frame = local(table.frame)
            frame = frame.select(sorted(set(frame.columns) - {ROW}))
            total.update(f"{dict(frame.schema)}\n".encode())
            for chunk in frame.iter_slices(_CHUNK):
                total.update(chunk.write_ndjson().encode())
        return total.hexdigest()

    @classmethod
    def of(
        cls,
        *,
        agencies: Any = None,
        services: Any = None,
        links: Any = None,
        answers: Any = None,
        history: Any = None,
        engine: Engine = "polars",
    ) -> Self:
        """Make a dataset of frames or objects.

        Args:
            agencies: A Polars frame (eager or lazy), a pandas or PyArrow table, a DuckDB
                relation, or an iterable of :class:`egovrules.model.Agency` or of mappings. Left
                out, the agencies are those that the services name.
            services: The same; rows are services.
            links: The same; rows are links.
            answers: The same; rows are answers.
            history: The same, but for objects; rows are what agencies had in another period.
            engine: Where the services are computed.

        Raises:
            DatasetError: There is neither a table of agencies nor of services, or a table cannot
                be made of what was given.
        """
        given = {
            "agencies": agencies,
            "services": services,
            "links": links,
            "answers": answers,
            "history": history,
        }
        tables = {}
        for name, rows in given.items():
            if rows is not None:
                on_duckdb = engine == "duckdb" and name == "services"
                frame = frame_of(rows, name, on_duckdb=on_duckdb)
                tables[name] = Table(name, frame, name)
        _check_tables(tables, "", "pass agencies=... or services=...")
        return cls(MappingProxyType(tables), engine=engine)


def load_dataset(
    path: str | Path, source: str | Path | None = None, *, engine: Engine = "polars"
) -> Dataset:
    """Open the tables of a folder.

    Args:
        path: A folder that holds ``agencies``, ``services``, ``links``, ``answers`` and
            ``history``, each as CSV, TSV, Excel, JSON Lines or Parquet, or the files that a source
            names. Or one file:
            it holds services where it has a column ``agency``, else agencies.
        source: A ``*.source.yaml`` that says which files and columns are meant. By default the
            folder's own; without one, columns are indicators by name.
        engine: Where services are computed. Parquet is then scanned there, never read whole.

    Raises:
        DatasetError: With every problem found.
    """
    path = Path(path)
    if path.is_file():
        if source is not None:
            message = "a source names its files itself, so it goes with a folder, not with one file"
            hint = f"give the folder, '{path.parent}', or leave the source out"
            raise DatasetError.of(message, source=str(path), hint=hint)
        return _load_file(path, engine)
    if not path.is_dir():
        raise DatasetError.of("there is no such folder", source=str(path))
    chosen = Path(source) if source is not None else _only_source(path)
    return _load_folder(path, engine) if chosen is None else _load_source(path, chosen, engine)


def _only_source(folder: Path) -> Path | None:
    found = sorted(folder.glob("*.source.yaml"))
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        hint = f"choose one with --source (in Python: source=...): {names}"
        raise DatasetError.of("the folder holds several sources", source=str(folder), hint=hint)
    return found[0] if found else None


def _load_source(folder: Path, path: Path, engine: Engine) -> Dataset:
    source = load_source(path)
    tally = Tally()
    shaped, files = shape(source, folder, tally)
    tally.settle()
    tables = {
        name: Table(name, nw.from_native(made.frame), made.source, made.rows)
        for name in TABLES
        if (made := shaped.get(name)) is not None
    }
    files |= {one.name: file_digest(one) for one in source.paths}
    for name in TABLES:
        for one in files_of(folder, name) if name not in source.file.tables else ():
            if one.name not in files:
                message = f"the file '{one.name}' is not read: the source does not name it"
                hint = f"add the table '{name}' to the source, or take the file out of the folder"
                tally.warnings.append(Problem(message, str(folder), hint=hint, severity="warning"))
    return Dataset(MappingProxyType(tables), files, engine, tuple(tally.warnings))


def _load_folder(folder: Path, engine: Engine) -> Dataset:
    tally, found = Tally(), {}
    named = {name: paths for name in TABLES if (paths := files_of(folder, name))}
    for name, paths in named.items():
        if len(paths) > 1:
            names = " and ".join(one.name for one in paths)
            message = f"there are two files for one table: {names}"
            tally.add(Problem(message, str(folder), hint="keep one of them"))
        else:
            found[name] = paths[0]
    others = strays(
        folder,
        [name for name in TABLES if name not in named],
        [one.name for paths in named.values() for one in paths],
    )
    has_tables = not named.keys().isdisjoint({"agencies", "services"})
    # Where it has none, what resembles none is a publisher's own: a source says what it holds.
    tally.warnings += told([one for one in others if has_tables or one.table], folder)
    near = {one.table: one.name for one in reversed(others) if one.table}
    if not has_tables:
        hint = "name a file services.csv or agencies.csv, or give the source file that says which "
        hint += "file holds what: --source FILE (in Python: source=...)"
        meant = " or ".join(f"'{near[name]}'" for name in ("services", "agencies") if name in near)
        hint = f"did you mean {meant} by it? {hint}" if meant else hint
        message = "the folder has no table of services or agencies"
        tally.add(Problem(message, str(folder), hint=hint))
    return replace(_opened(found, engine, tally), near=MappingProxyType(near))


def _load_file(path: Path, engine: Engine) -> Dataset:
    if path.suffix.lower() not in FORMATS:
        hint = f"give a folder, or a file of one of these: {', '.join(FORMATS)}"
        raise DatasetError.of("this format is not read", source=str(path), hint=hint)
    probe = _opened({"agencies": path}, engine, Tally())
    columns = probe.tables["agencies"].frame.collect_schema().names()
    return _opened({"services": path}, engine, Tally()) if "agency" in columns else probe


def _opened(paths: Mapping[str, Path], engine: Engine, tally: Tally) -> Dataset:
    """Open each file; all problems at once."""
    files: dict[str, str] = {}
    tables: dict[str, Table] = {}
    duckdb = optional("duckdb", "duckdb") if engine == "duckdb" else None
    connection = duckdb.connect() if duckdb else None
    for name, path in paths.items():
        label = path.name
        try:
            if path.suffix.lower() != ".parquet":
                frame, files[label] = read_text(path, label, table=name)
                rows: Literal["row", "line"] = "line" if "json" in path.suffix.lower() else "row"
                tables[name] = Table(name, nw.from_native(frame), label, rows)
                continue
            lazy: Any = scan_parquet(path, label)
            if connection is not None and name == "services":
                lazy = _relation(duckdb, connection, path, label)
            files[label] = file_digest(path)
            tables[name] = Table(name, nw.from_native(lazy), label)
        except DatasetError as error:
            tally.take(error)
    tally.settle()
    return Dataset(
        MappingProxyType(tables), files, engine, tuple(tally.warnings), connection=connection
    )


def _relation(duckdb: Any, connection: Any, path: Path, label: str) -> Any:
    try:
        # A name with * or ? would be taken for a pattern; in brackets they stand for themselves.
        name = "".join(f"[{mark}]" if mark in "*?[" else mark for mark in str(path))
        relation = connection.read_parquet(name, file_row_number=True)
    except duckdb.Error:
        raise broken_parquet(label) from None
    return relation.project(f'* EXCLUDE (file_row_number), file_row_number + 1 AS "{ROW}"')


def _check_tables(tables: Mapping[str, Table], source: str, hint: str) -> None:
    if not {"agencies", "services"} & tables.keys():
        message = "there is neither a table of agencies nor of services"
        raise DatasetError.of(message, source=source, hint=hint)
