"""What nobody may overlook about an evaluation, as rows of a label and a text."""

from statistics import fmean

from egovrules.report.blocks import parted, titled
from egovrules.report.plain import on_one_line
from egovrules.report.summary import decimals_of, marks
from egovrules.result import Evaluation
from egovrules.text import format_number, pick, translate

Row = tuple[str, str]
_DIGESTED = {
    "ruleset": "the ruleset",
    "method": "the method",
    "dataset": "the dataset",
    "scores": "the scores",
}


def about(evaluation: Evaluation, language: str = "en") -> list[Row]:
    """Say which evaluation it is, what it counted, and how it can be proved.

    Args:
        evaluation: Which one.
        language: Of labels, titles and digits.

    Returns:
        Rows of a label and a text, the marks of made-up data and what-ifs first.
    """
    info = evaluation.manifest.ruleset
    mark = translate("Mark", language)
    rows = [(mark, line.text) for line in marks(language, evaluation)]
    facts = [
        ("Title", pick(info.title, language)),
        ("Description", pick(info.description, language)),
        ("Period", pick(info.period_title, language, info.period or "")),
        ("Ruleset", info.id),
        *_counts(evaluation, language),
    ]
    rows += [(translate(label, language), on_one_line(text)) for label, text in facts if text]
    rows += _denominators(evaluation, language)
    return [*rows, *_origin(evaluation, language)]


def marked(evaluation: Evaluation, language: str) -> str:
    """Return the marks in a word or two, for headings; empty for an official evaluation."""
    manifest = evaluation.manifest
    words = ["SYNTHETIC DATA"] if manifest.synthetic else []
    words += ["WHAT-IF"] if manifest.ruleset.settings else []
    return " · ".join(translate(word, language) for word in words)


def _counts(evaluation: Evaluation, language: str) -> list[Row]:
    info, counts = evaluation.manifest.ruleset, evaluation.manifest.counts
    totals = evaluation.agencies["total"].drop_nulls()
    average = fmean(totals) if len(totals) else None
    low, high = (format_number(bound, language) for bound in info.scale)
    least = format_number(100 * info.min_coverage, language, percent=True)
    numbers = [
        ("Number of agencies", "agencies"),
        ("Agencies out of scope", "agencies_out_of_scope"),
        ("Number of services", "services"),
        ("Services out of scope", "services_out_of_scope"),
    ]
    return [
        *[(label, format_number(counts.get(key, 0), language)) for label, key in numbers],
        ("Average total", format_number(average, language, decimals_of(info))),
        ("Scale", translate("{low} to {high}", language, low=low, high=high)),
        ("Decimals shown", format_number(decimals_of(info), language)),
        ("Coverage needed for a rank", least),
    ]


def _denominators(evaluation: Evaluation, language: str) -> list[Row]:
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
            rows.append((on_one_line(label), format_number(count, language)))
    return rows


def _origin(evaluation: Evaluation, language: str) -> list[Row]:
    """Tell digests, versions, what growth was measured against, and warnings."""
    manifest = evaluation.manifest
    rows = []
    for name, digest in evaluation.digests.items():
        if digest:
            what = translate(_DIGESTED[name], language)
            rows.append((translate("Digest of {what} (SHA-256)", language, what=what), digest))
    if manifest.previous is not None:
        earlier = translate("Growth is measured against", language)
        rows.append((earlier, manifest.previous.ruleset.id))
    versions = {**manifest.engine, **manifest.plugins}
    told = parted((f"{name} {version}" for name, version in versions.items()), language)
    rows.append((translate("Made with", language), on_one_line(told)))
    warning = translate("warning", language)
    return [*rows, *[(warning, on_one_line(text)) for text in manifest.warnings]]
