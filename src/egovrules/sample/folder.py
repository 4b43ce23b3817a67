"""Writing the sample to a folder: all or nothing, and never over what somebody changed."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from egovrules._drafts import in_its_place
from egovrules.errors import EvaluationError, Problem
from egovrules.sample.indicators import Row
from egovrules.sample.roster import Round
from egovrules.sample.rounds import Tables, tables

SEED = 1400
README = "README.txt"
SUMS = "SHA256SUMS"
RULESETS = ("ir-1400-spring.yaml", "ir-1400-autumn.yaml")
CASES = ("ir-1400-spring.test.yaml", "ir-1400-autumn.test.yaml")
EDITORS = ("egovrules.schema.json", "egovrules-tests.schema.json")  # their first lines name them

_ABOUT_ROUND = """\
SYNTHETIC DATA. Every row in this folder is made up, by a generator with the seed {seed}.

It stands for the {en} evaluation.
Of the eighth evaluation only totals are published (168 bodies, 5,989 services, how many of
them in which band, and the names of some bodies). The generator meets those and invents the
rest. The names of bodies are real, but for a few; nothing that is said of them is: no body was
ever scored like this.

The file SHA256SUMS tells whether a file was changed since it was written.

دادهٔ ساختگی. همهٔ سطرهای این پوشه ساختگی است و یک مولد (بذر {seed}) آن‌ها را ساخته است.

این پوشه نمایندهٔ ارزیابی {fa} است.
از ارزیابی هشتم تنها جمع‌ها منتشر شده است (۱۶۸ دستگاه، ۵٬۹۸۹ خدمت، شمار خدمات هر دسته و نام
چند دستگاه). مولد همان‌ها را برآورده می‌کند و بقیه را می‌سازد. نام دستگاه‌ها، جز چند نام، واقعی
است ولی هیچ‌یک از آنچه دربارهٔ آن‌ها آمده واقعی نیست: هیچ دستگاهی چنین امتیازی نگرفته است.
"""
_ABOUT_RULESETS = """\
The rulesets by which the two rounds beside this folder are evaluated. Weights, policies and
thresholds are the choice of the egovrules project; the official method is unpublished.
The files *.test.yaml hold worked examples: `egovrules test` runs them.

قواعد ارزیابی دو دورهٔ کنار این پوشه. وزن‌ها، سیاست‌ها و آستانه‌ها انتخاب پروژهٔ egovrules است؛
روش رسمی منتشر نشده است. پرونده‌های ‎*.test.yaml مثال‌های حل‌شده دارد: ‎`egovrules test`.
"""
_ROUNDS: tuple[tuple[Round, str, str, str], ...] = (
    ("spring", "ir-1400-spring", "seventh (spring 1400)", "هفتم (بهار ۱۴۰۰)"),
    ("autumn", "ir-1400-autumn", "eighth (autumn 1400)", "هشتم (پاییز ۱۴۰۰)"),
)
_RULESET_FOLDER = "rulesets"
_TELLING = 40  # bytes at the start of a README by which a sample is known
_FOLDERS = (_RULESET_FOLDER, *(name for _, name, _, _ in _ROUNDS))


def write_sample(folder: str | Path, *, seed: int = SEED, force: bool = False) -> Path:
    """Write the sample rounds and their rulesets.

    ``ir-1400-spring/`` and ``ir-1400-autumn/`` each hold agencies, services and links as CSV
    (UTF-8 with a byte-order mark, as spreadsheets need it for Persian), ``rulesets/`` the two
    rulesets with their worked examples. Evaluating autumn against spring yields the published
    figures of the eighth round; every row is made up and says so in its column ``synthetic``.

    Args:
        folder: Made where it does not exist.
        seed: Any whole number; the same seed gives the same bytes.
        force: Replace the three folders even where they were changed. A folder that never was a
            sample is refused all the same.

    Returns:
        The folder.

    Raises:
        EvaluationError: Where one of the three folders is no sample, or one that was changed,
            the rulesets cannot be found, or writing fails.
    """
    folder = Path(folder)
    for path in (folder, *(folder / name for name in _FOLDERS)):
        if path.exists() and not path.is_dir():
            raise EvaluationError.of("this is a file, and a folder is needed", source=str(path))
    _check_replaceable(folder, force=force)
    contents = _contents(seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, files in contents.items():
            with in_its_place(folder / name) as draft:
                for file, content in files.items():
                    (draft / file).write_bytes(content)
    except OSError as error:
        raise EvaluationError.of(
            f"the sample cannot be written: {error.strerror or error}",
            source=str(folder),
            hint="each folder is replaced whole or not at all: free space or choose another",
        ) from error
    return folder


def _contents(seed: int) -> dict[str, dict[str, bytes]]:
    """Make every file, by folder and name."""
    rounds = tables(seed)
    rulesets = {name: _shipped(name) for name in (*RULESETS, *CASES, *EDITORS)}
    found = {_RULESET_FOLDER: _with_notes(rulesets, _ABOUT_RULESETS)}
    for when, name, en, fa in _ROUNDS:
        about = _ABOUT_ROUND.format(seed=seed, en=en, fa=fa)
        found[name] = _with_notes(_files(rounds[when]), about)
    return found


def _files(round_tables: Tables) -> dict[str, bytes]:
    return {
        "agencies.csv": _csv(round_tables.agencies),
        "services.csv": _csv(round_tables.services),
        "links.csv": _csv(round_tables.links),
    }


def _csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _with_notes(files: Mapping[str, bytes], about: str) -> dict[str, bytes]:
    """Add the note to people, and the sums that tell later whether a file was changed."""
    noted = {**files, README: about.encode()}
    sums = "".join(f"{sha256(noted[file]).hexdigest()}  {file}\n" for file in sorted(noted))
    return {**noted, SUMS: sums.encode()}


def _shipped(name: str) -> bytes:
    """Read a file beside the rulesets: of the installed package, or of the checkout around it."""
    package = Path(__file__).parents[1]
    places = (package / "rulesets", package.parents[1] / "rulesets")
    for place in places:
        if (place / name).is_file():
            return (place / name).read_bytes()
    raise EvaluationError.of(
        f"the file {name} that belongs to the sample is not installed",
        source=", ".join(str(place) for place in places),
        hint="install egovrules anew, or run it from a complete checkout",
    )


def _check_replaceable(folder: Path, *, force: bool) -> None:
    """Refuse folders that are no sample, and unless forced those that somebody changed."""
    problems = []
    for path in (folder / name for name in _FOLDERS):
        if not _was_sample(path):
            message = f"this folder is not a sample: it has no {README} and {SUMS} of one"
            hint = "choose another folder, or move this one away"
        elif not force and (changes := list(_changes(path))):
            message = f"this folder is not a sample as it was written: {'; '.join(changes)}"
            hint = "choose another folder; --force replaces it, and what was changed is lost"
        else:
            continue
        problems.append(Problem(message, source=str(path), hint=hint))
    if problems:
        raise EvaluationError(problems)


def _was_sample(folder: Path) -> bool:
    """Tell whether a folder is a sample, changed or not; what is empty or absent may be filled."""
    if not folder.exists() or not any(folder.iterdir()):
        return True
    readme, sums = folder / README, folder / SUMS
    if not (readme.is_file() and sums.is_file()):
        return False
    own = _ABOUT_RULESETS if folder.name == _RULESET_FOLDER else _ABOUT_ROUND
    return _first_words(readme) == own.encode()[:_TELLING] and readme.name in _sums(folder)


def _first_words(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(_TELLING)


def _sums(folder: Path) -> dict[str, str]:
    """Read the digests of the files as they were written, by name."""
    lines = (folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _changes(folder: Path) -> Iterable[str]:
    """Tell how a sample differs from what was written."""
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()}
    sums = _sums(folder) if names else {}
    for name in sorted(names - {SUMS}):
        path = folder / name
        if name not in sums:
            yield f"{name} was added"
        elif not path.is_file() or sha256(path.read_bytes()).hexdigest() != sums[name]:
            yield f"{name} was changed"
