"""A folder that is written whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_its_place(folder: Path) -> Iterator[Path]:
    """Give a fresh folder beside *folder*, and swap it in when all went well."""
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    old = draft.with_name(draft.name + ".old")
    try:
        draft.chmod(0o755)  # mkdtemp's 0700 would keep a shared result from others
        yield draft
        if folder.exists():
            folder.rename(old)
        draft.rename(folder)
    finally:
        if old.exists() and not folder.exists():  # an interruption between the two renamings, too
            old.rename(folder)
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
