"""The files of a catalogue: what people edit (``.po``), and what programs read (``.mo``)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_HEADER = """{}
msgid ""
msgstr ""
"Language: {}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def updated(before: Catalog, found: Mapping[str, set[str]]) -> Catalog:
    """Return a catalogue with the messages of the code, no more and no fewer.

    What was translated stays, with the notes of translators; a new message has no translation.
    """
    made = Catalog(before.locale, project="egovrules", version="", fuzzy=False)
    made.header_comment = before.header_comment
    for text in sorted(found):
        known = before.get(text)
        made.add(
            text,
            known.string if known else "",
            flags={"fuzzy"} if known and known.fuzzy else (),
            locations=[(module, 0) for module in sorted(found[text])],
            user_comments=known.user_comments if known else (),
        )
    return made


def source(catalogue: Catalog) -> bytes:
    """Return what people edit: the ``.po`` file, without dates, which would differ each time."""
    text = BytesIO()
    write_po(text, catalogue, omit_header=True, include_lineno=False, width=0)
    return _HEADER.format(catalogue.header_comment, catalogue.locale).encode() + text.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """Return what programs read: the ``.mo`` file."""
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    made = BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def read(path: Path, language: str) -> Catalog:
    """Read a ``.po`` file; there may be none."""
    if not path.exists():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, language, abort_invalid=True)
