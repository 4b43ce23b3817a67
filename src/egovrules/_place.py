"""Where a file for others goes: written beside its place, put there when it is whole."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from egovrules._drafts import in_its_place
from egovrules.errors import EvaluationError

_NAMED = 5  # foreign files that a message names


@contextmanager
def put(path: Path, *, folder: bool, replace: bool) -> Iterator[Path]:
    """Give a draft to write, and put it at *path* when all went well.

    Args:
        path: The place; folders above it are made. A link stays, and what it points at is
            replaced.
        folder: Whether a folder is written, and no file.
        replace: Whether an earlier one may be replaced. A folder is, if it holds nothing but
            files of the names that the new one has.

    Raises:
        EvaluationError: The place is taken, or cannot be written.
    """
    try:
        place = path.resolve()
        _check_free(path, place, folder=folder, replace=replace)
        place.parent.mkdir(parents=True, exist_ok=True)
        if folder:
            with in_its_place(place) as draft:
                yield draft
                _check_ours(path, place, draft)
        else:
            with TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent) as beside:
                draft = Path(beside) / place.name
                yield draft
                draft.replace(place)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
        raise EvaluationError.of(
            f"this cannot be written: {getattr(error, 'strerror', None) or error}",
            source=str(path),
            hint="what was there is untouched; free space or choose another place",
        ) from error


def _check_free(path: Path, place: Path, *, folder: bool, replace: bool) -> None:
    if not place.exists() or (folder and place.is_dir() and not any(place.iterdir())):
        return
    wanted = place.is_dir() if folder else place.is_file()
    if not wanted:  # a device such as /dev/null is no file either
        message = f"this is no {'folder' if folder else 'file'}, and one is needed"
        raise EvaluationError.of(message, source=str(path), hint="choose another place")
    if not replace:
        raise EvaluationError.of(
            f"this {'folder' if folder else 'file'} exists",
            source=str(path),
            hint="choose another place; --force replaces what is there",
        )


def _check_ours(path: Path, place: Path, draft: Path) -> None:
    if not place.exists():
        return
    there = {one.relative_to(place).as_posix() for one in place.rglob("*")}
    refuse_foreign(path, there - {one.name for one in draft.iterdir()}, "an export")


def refuse_foreign(folder: Path, foreign: Collection[str], than: str) -> None:
    """Keep a folder from being replaced that holds anything foreign.

    Args:
        folder: The folder.
        foreign: What is there and none of ours.
        than: What of ours it may hold, as ``an export``.

    Raises:
        EvaluationError: There is something foreign.
    """
    if not foreign:
        return
    named = sorted(foreign)[:_NAMED]
    shown = ", ".join(named) + (", …" if len(foreign) > _NAMED else "")
    raise EvaluationError.of(
        f"this folder holds other things than {than}: {shown}",
        source=str(folder),
        hint="choose an empty or a new folder, or move these away",
    )
