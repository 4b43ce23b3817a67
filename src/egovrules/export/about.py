"""What nobody may overlook about an evaluation, as rows of a label and a text or number."""

from statistics import fmean
from typing import NamedTuple

from egovrules.export.meanings import Kind
from egovrules.report.blocks import parted, percent, titled
from egovrules.report.plain import on_one_line
from egovrules.report.recorded import growth_notes
from egovrules.report.summary import decimals_of, marks
from egovrules.result import Evaluation
from egovrules.text import format_number, pick, translate


class Fact(NamedTuple):
    """A label and a text; of a number also the number itself, and what kind it is."""

    label: str
    text: str
    value: float | None = None
    kind: Kind = "text"


_DIGESTED = {
    "ruleset": "the ruleset",
    "method": "the method",
    "dataset": "the dataset",
    "scores": "the scores",
}


def about(evaluation: Evaluation, language: str = "en") -> list[Fact]:
    """Say which evaluation it is, what it counted, and how it can be proved.

    Args:
        evaluation: Which one.
        language: Of labels, titles and digits.

    Returns:
        Labels with texts, the marks of made-up data and what-ifs first.
    """
    info = evaluation.manifest.ruleset
    mark = translate("Mark", language)
    rows = [Fact(mark, line.text) for line in marks(language, evaluation)]
    facts = [
        ("Title", pick(info.title, language)),
        ("Description", pick(info.description, language)),
        ("Period", pick(info.period_title, language, info.period or "")),
        ("Ruleset", info.id),
    ]
    rows += [Fact(translate(label, language), on_one_line(text)) for label, text in facts if text]
    rows += _counts(evaluation, language)
    rows += _denominators(evaluation, language)
    rows += _gaps(evaluation, language)
    return [*rows, *_origin(evaluation, language)]


def _counts(evaluation: Evaluation, language: str) -> list[Fact]:
    info, counts = evaluation.manifest.ruleset, evaluation.manifest.counts
    totals = evaluation.agencies["total"].drop_nulls()
    average = fmean(totals) if len(totals) else None
    low, high = (format_number(bound, language) for bound in info.scale)
    least = format_number(100 * info.min_coverage, language, percent=True)
    points = format_number(average, language, decimals_of(info))
    scale = translate("{low} to {high}", language, low=low, high=high)
    numbers = [
        ("Number of agencies", "agencies"),
        ("Agencies out of scope", "agencies_out_of_scope"),
        ("Number of services", "services"),
        ("Services out of scope", "services_out_of_scope"),
    ]
    return [
        *[_count(translate(one, language), counts.get(key, 0), language) for one, key in numbers],
        Fact(translate("Average total", language), points, average, "points"),
        Fact(translate("Scale", language), scale),
        _count(translate("Decimals shown", language), decimals_of(info), language),
        Fact(translate("Coverage needed for a rank", language), least, info.min_coverage, "share"),
    ]


def _count(label: str, count: int, language: str) -> Fact:
    return Fact(label, format_number(count, language), count, "count")


def _denominators(evaluation: Evaluation, language: str) -> list[Fact]:
    """Give both denominators of every banding: all, and those with a value."""
    rows = []
    for counted in evaluation.bands.partition_by("band", maintain_order=True):
        name, of = str(counted["band"][0]), str(counted["of"][0])
        rule = evaluation.manifest.bands.get(name)
        title = titled(rule.title if rule else None, name, language)
        everyone = int(counted["count"].sum())
        numbers = {"all": everyone, "assessed": everyone - int(counted["count"][-1])}
        for which, count in numbers.items():
            words = {"one": translate(of, language), "other": translate(which, language)}
            label = f"{title}: {translate('{one}, {other}', language, **words)}"
            rows.append(_count(on_one_line(label), count, language))
    return rows


def _gaps(evaluation: Evaluation, language: str) -> list[Fact]:
    """Give what the parts of every reconciliation leave over of the total, and its share."""
    rows = []
    for row in evaluation.reconciliations.iter_rows(named=True):
        rule = evaluation.manifest.reconciliations.get(row["reconciliation"])
        title = titled(rule.title if rule else None, row["reconciliation"], language)
        label = on_one_line(translate("not accounted for: {title}", language, title=title))
        gap = row["gap"]
        kind: Kind = "count" if float(gap).is_integer() else "number"
        rows.append(Fact(label, format_number(gap, language), gap, kind))
        if gap:
            share = gap / row["total"] if row["total"] else None
            label = on_one_line(f"{label} ({translate('Share of the total', language)})")
            rows.append(Fact(label, percent(share, language), share, "share"))
    return rows


def _origin(evaluation: Evaluation, language: str) -> list[Fact]:
    """Tell digests, versions, what growth was measured against, and warnings."""
    manifest = evaluation.manifest
    rows = []
    for name, digest in evaluation.digests.items():
        if digest:
            what = translate(_DIGESTED[name], language)
            label = translate("Digest of {what} (SHA-256)", language, what=what)
            rows.append(Fact(label, digest))
    if manifest.previous is not None:
        earlier = translate("Growth is measured against", language)
        rows.append(Fact(earlier, manifest.previous.ruleset.id))
        growth = translate("Growth", language)
        rows += [Fact(growth, note) for note in growth_notes(evaluation, language)]
    versions = {**manifest.engine, **manifest.plugins}
    told = parted((f"{name} {version}" for name, version in versions.items()), language)
    rows.append(Fact(translate("Made with", language), on_one_line(told)))
    warning = translate("warning", language)
    return [*rows, *[Fact(warning, on_one_line(text)) for text in manifest.warnings]]
