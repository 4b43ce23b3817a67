"""Bring the catalogues up to the code, and compile them: ``make catalogues``.

Called with the code of a language, such as ``ckb``, it begins a catalogue for that one as well.
"""

import sys
from collections.abc import Iterable

from catalogues import files
from catalogues.texts import messages
from egovrules.text import LOCALE


def main(languages: Iterable[str]) -> None:
    """Write every catalogue anew, and those of *languages* that there are none of."""
    found = messages()
    for language in sorted(
        {*languages, *(path.name for path in LOCALE.iterdir() if path.is_dir())}
    ):
        folder = LOCALE / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        catalogue = files.updated(files.read(folder / "egovrules.po", language), found)
        (folder / "egovrules.po").write_bytes(files.source(catalogue))
        (folder / "egovrules.mo").write_bytes(files.compiled(catalogue))
        missing = sum(1 for message in catalogue if message.id and not message.string)
        print(f"{language}: {len(found)} messages, {missing} without a translation")


if __name__ == "__main__":
    main(sys.argv[1:])
