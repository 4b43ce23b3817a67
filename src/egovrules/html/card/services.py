"""The services of every agency, with their scores."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from egovrules.html.card.compact import (
    Column,
    Lexicon,
    Part,
    listed,
    spans_of,
    texts,
    units,
    worded,
)
from egovrules.html.card.packing import ALPHABET
from egovrules.html.payload import names_of
from egovrules.report.blocks import titled
from egovrules.report.summary import decimals_of
from egovrules.result import Evaluation, NodeInfo
from egovrules.text import LANGUAGES, NO_VALUE, format_number, translate

_SHORT = {"missing": NO_VALUE, "not_applicable": "n/a"}  # in a cell; what they mean is noted
_NAMES = ("name", "name_en", "name_fa")


def services_part(
    evaluation: Evaluation, table: pl.DataFrame, lexicon: Lexicon, titles: Mapping[str, list[str]]
) -> Part:
    """Show what every service scores at every criterion, and how far it is banded.

    Args:
        evaluation: What to show.
        table: Its services, by agency.
        lexicon: Where texts go.
        titles: Of every node, in every language.
    """
    columns = [
        _names(table, lexicon),
        texts(lexicon.told("Code"), table.select("service").rows()),
    ]
    for name, rule in evaluation.manifest.bands.items():
        if rule.of == "services" and f"band_{name}" in table.columns:
            labels = table.get_column(f"band_{name}")
            words = {
                one: lexicon.words(titled(rule.labels.get(one), one, lang) for lang in LANGUAGES)
                for one in labels.unique(maintain_order=True)
            }
            head = lexicon.words(titled(rule.title, name, lang) for lang in LANGUAGES)
            columns.append(worded(head, [words[one] for one in labels]))
    columns += [
        _scores(evaluation, table, node, lexicon, lexicon.words(titles[node.id]))
        for node in service_criteria(evaluation)
        if node.id in table.columns
    ]
    return Part(
        "services",
        lexicon.told("Services"),
        columns,
        spans_of(table.get_column("agency")),
        notes=[
            lexicon.told(
                "Without a score: –; does not apply: n/a; missing and counted as the lowest: *"
            )
        ],
    )


def _names(table: pl.DataFrame, lexicon: Lexicon) -> Column:
    """Show the names: once each where many services share them, else beside their services."""
    columns = [*(c for c in _NAMES if c in table.columns), "service"]
    shown = cache(lambda *row: tuple(names_of(dict(zip(columns, row, strict=True)))))
    # Without its code, which stands for a name, a service reads like others of the same names.
    rows = [(*row[:-1], None if any(row[:-1]) else row[-1]) for row in table.select(columns).rows()]
    names = [shown(*row) for row in rows]
    heading, distinct = lexicon.told("Service"), dict.fromkeys(names)
    if 2 * len(distinct) > len(names):
        return texts(heading, names)
    places = {one: lexicon.words(one) for one in distinct}
    return worded(heading, [places[one] for one in names])


def service_criteria(evaluation: Evaluation) -> list[NodeInfo]:
    """Return the criteria that services are scored by."""
    tree = evaluation.manifest.tree
    return [one for one in tree if one.kind == "criterion" and one.level == "service"]


def counted_as_lowest(services: pl.DataFrame, node: NodeInfo) -> pl.Series:
    """Tell of each service whether its score at a criterion is missing and counts as the lowest."""
    if f"{node.id}.zero" in services.columns:
        return services.get_column(f"{node.id}.zero")
    missing = services.get_column(f"{node.id}.state") == "missing"
    return missing & (node.missing == "zero" and not node.pooled)


def _scores(
    evaluation: Evaluation, table: pl.DataFrame, node: NodeInfo, lexicon: Lexicon, heading: int
) -> Column:
    """Show a criterion's score of every service, or why it has none."""
    decimals = decimals_of(evaluation.manifest.ruleset)
    low = evaluation.manifest.ruleset.scale[0]
    state, zero = table.get_column(f"{node.id}.state"), counted_as_lowest(table, node)
    cells = units(table.get_column(node.id), decimals)
    keys = list(zip(state.to_list(), zero.to_list(), strict=True))
    absent = {
        (one, counts): lexicon.number(f"{format_number(low, 'en', decimals)} *")
        if counts
        else lexicon.words(translate(_SHORT[one], language) for language in LANGUAGES)
        for one, counts in dict.fromkeys(keys)
        if one != "scored"
    }
    if len(set(cells)) + len(absent) <= len(ALPHABET):
        printed = {
            one: lexicon.number(format_number(one / 10**decimals, "en", decimals))
            for one in dict.fromkeys(cells)
            if one is not None
        }
        places = [
            absent[key] if cell is None else printed[cell]
            for cell, key in zip(cells, keys, strict=True)
        ]
        return worded(heading, places, numeric=True)
    shown = [[absent[key]] if cell is None else cell for cell, key in zip(cells, keys, strict=True)]
    return listed(heading, shown, decimals=decimals)
