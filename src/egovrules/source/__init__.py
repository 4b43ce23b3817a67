"""The source file (``*.source.yaml``): which file, which columns, which codes, as plain data.

Here it is read, with what it extends; ``form`` says what may stand in it, and ``shaping`` carries
it out.
"""

from dataclasses import dataclass
from pathlib import Path

from egovrules import _validation, _yaml
from egovrules._yaml import Document
from egovrules.errors import DatasetError
from egovrules.source.form import SourceFile

MAX_GENERATIONS = 16


@dataclass(frozen=True, slots=True)
class Source:
    """A source file that has been read.

    Attributes:
        file: Its form.
        document: Its text with the place of every value.
        paths: The file, and those that it extends.
    """

    file: SourceFile
    document: Document
    paths: tuple[Path, ...]


def load_source(path: str | Path) -> Source:
    """Read a source file and what it extends.

    Raises:
        DatasetError: With every problem found, each with file, line and column.
    """
    document, paths = _inherit(Path(path), ())
    file = _validation.validate(SourceFile, document, error=DatasetError)
    return Source(file, document, paths)


def _inherit(path: Path, chain: tuple[Path, ...]) -> tuple[Document, tuple[Path, ...]]:
    """Read a file and lay it over the file that it extends, and so on."""
    document = _yaml.read(path, error=DatasetError)
    chain = (*chain, path)
    parent = document.data.get("extends") if isinstance(document.data, dict) else None
    if parent is None:
        return document, chain
    loc = ("extends",)
    hint = "name a file beside this one: extends: common.source.yaml"
    if not isinstance(parent, str) or Path(parent).name != parent:
        message = "'extends' names a source file in the same folder"
        raise DatasetError([document.problem(loc, message, hint=hint)])
    other = path.parent / parent
    if any(other.resolve() == step.resolve() for step in chain) or len(chain) >= MAX_GENERATIONS:
        names = " extends ".join(step.name for step in (*chain, other))
        raise DatasetError([document.problem(loc, f"this goes in a circle: {names}")])
    if not other.is_file():
        raise DatasetError([document.problem(loc, f"there is no file '{parent}'", hint=hint)])
    above, paths = _inherit(other, chain)
    return _yaml.merge(above, document, error=DatasetError), paths
