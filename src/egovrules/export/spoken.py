"""The tables as people read them: names, titles, states and answers in their language."""

from collections.abc import Mapping

import polars as pl

from egovrules.export.cells import legible
from egovrules.export.columns import Described, described, with_codebook
from egovrules.export.tables import tables_of
from egovrules.report.blocks import POLICIES, message_column, titled, worded
from egovrules.report.called import all_called
from egovrules.result import Evaluation, Manifest, RuleTitle
from egovrules.text import LANGUAGES, pick, translate

_NAMES = ("name", "name_en", "name_fa")
_ANSWERS = {"true": "yes", "false": "no"}


def spoken(evaluation: Evaluation, language: str) -> dict[str, Described]:
    """Put the tables of an evaluation into a language, the codebook with them.

    Every code is followed by the name or title that it stands for; words of a closed list
    (states, severities, bands) and answers are spelled out; what could steer a screen is dropped.

    Args:
        evaluation: Its services are computed or read by this.
        language: ``en`` or ``fa``.

    Returns:
        The tables of :func:`egovrules.export.tables.tables_of` with the same rows, and
        ``codebook``. Numbers are untouched.
    """
    manifest = evaluation.manifest
    found = {name: legible(table) for name, table in tables_of(evaluation, language).items()}
    for name, code in (("agencies", "agency"), ("services", "service"), ("vanished", "agency")):
        if name in found:
            found[name] = _one_name(found[name], code, language)
    agencies = found["agencies"].select(pl.col("agency").alias("subject"), "name")
    by_subject = pl.concat(
        found[name].select(pl.col(code).alias("subject"), "name", pl.lit(name).alias("of"))
        for name, code in (("agencies", "agency"), ("services", "service"))
        if name in found
    )
    for name in {"criteria", "treatments"} & found.keys():
        found[name] = _beside(found[name], agencies, {"agency": "subject"})
    titles = {node.id: pick(node.title, language, node.id) for node in manifest.tree}
    found["criteria"] = _titled(found["criteria"], "node", titles)
    keys = {"subject": "subject", "of": "of"}
    if "treatments" in found:
        read = dict.fromkeys(found["treatments"]["indicator"])
        heads = all_called(manifest, "agencies", read, language)
        found["treatments"] = _titled(found["treatments"], "indicator", heads)
    if "lists" in found:
        found["lists"] = _beside(found["lists"].drop("name"), by_subject, keys)
    if "findings" in found:
        told = _beside(found["findings"], by_subject, keys)
        told = told.rename({message_column(language): "message"})
        found["findings"] = told.drop([f"message_{one}" for one in LANGUAGES], strict=False)
    for table, column, rules in (
        ("bands", "band", manifest.bands),
        ("lists", "list", manifest.lists),
        ("findings", "finding", manifest.findings),
        ("reconciliations", "reconciliation", manifest.reconciliations),
    ):
        if table not in found:
            continue
        heads = {key: titled(rule.title, key, language) for key, rule in rules.items()}
        found[table] = _titled(found[table], column, heads)
    if "bands" in found:
        found["bands"] = _labelled(found["bands"], manifest.bands, language)
    worded = {name: _worded(name, one, manifest, language) for name, one in found.items()}
    return with_codebook(worded, evaluation, language)


def _one_name(table: pl.DataFrame, code: str, language: str) -> pl.DataFrame:
    """Make ``name`` the name in a language, else any name, else the code; keep the others."""
    names = [name for name in (f"name_{language}", *_NAMES) if name in table.columns]
    filled = [pl.when(pl.col(name) != "").then(name) for name in names]
    others = [name for name in table.columns if name not in (code, "name", f"name_{language}")]
    between = ["agency"] if code == "service" else []
    name = pl.coalesce(*filled, pl.col(code)).alias("name")
    return table.select(code, name, *between, *[one for one in others if one not in between])


def _beside(table: pl.DataFrame, names: pl.DataFrame, keys: Mapping[str, str]) -> pl.DataFrame:
    """Add the name of what a code stands for, right after it."""
    code = next(iter(keys))
    joined = table.join(
        names, left_on=list(keys), right_on=list(keys.values()), how="left", maintain_order="left"
    )
    return _after(joined, code, "name")


def _titled(table: pl.DataFrame, column: str, titles: Mapping[str, str]) -> pl.DataFrame:
    """Add the title of what a name stands for, right after it."""
    return _after(table.with_columns(_replaced(column, titles).alias("title")), column, "title")


def _after(table: pl.DataFrame, column: str, added: str) -> pl.DataFrame:
    others = [name for name in table.columns if name != added]
    place = others.index(column) + 1
    return table.select(*others[:place], added, *others[place:])


def _labelled(bands: pl.DataFrame, rules: Mapping[str, RuleTitle], language: str) -> pl.DataFrame:
    """Spell out the labels of every banding by its own titles."""
    label = pl.col("label")
    for name, rule in rules.items():
        titles = {key: titled(title, key, language) for key, title in rule.labels.items()}
        label = pl.when(pl.col("band") == name).then(_replaced("label", titles)).otherwise(label)
    return bands.with_columns(label.alias("label"))


def _worded(name: str, table: pl.DataFrame, manifest: Manifest, language: str) -> pl.DataFrame:
    """Spell out the columns of words and answers."""
    made = []
    answers = {answer: translate(word, language) for answer, word in _ANSWERS.items()}
    for column in described(name, table, manifest, language):
        values = table.get_column(column.name)
        if column.kind == "flag" and values.dtype == pl.Boolean:
            made.append(pl.col(column.name).cast(pl.String).replace(answers))
        elif column.kind == "word" and (name, column.name) != ("bands", "label"):
            rule = manifest.bands.get(column.name.removeprefix("band_"))
            is_label, labels = column.name.startswith("band_"), rule.labels if rule else {}
            words = {
                word: titled(labels.get(word), word, language)
                if is_label
                else _word(word, language)
                for word in values.drop_nulls().unique()
            }
            made.append(_replaced(column.name, words))
    return table.with_columns(made)


def _word(word: str, language: str) -> str:
    """Say a word of a closed list in a language, as far as the catalogue knows it."""
    return worded(POLICIES.get(word, word), language)


def _replaced(column: str, words: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace(list(words), list(words.values()))
