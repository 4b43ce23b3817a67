"""Sentences that can be quoted, each with the place of the numbers that it says."""

from collections.abc import Iterator
from statistics import fmean
from typing import NamedTuple

import polars as pl
from markupsafe import Markup

from egovrules.html.leaders import BY_AXIS, leading, ranked_on
from egovrules.html.measured import largest_labels, title_of
from egovrules.html.moved import incomparable, periods, risen
from egovrules.html.named import services_counted
from egovrules.html.shown_axes import shown_axes, with_scores
from egovrules.html.words import Words
from egovrules.report.findings import by_rule
from egovrules.report.recorded import growth_notes
from egovrules.result import Evaluation

_NAMED = 5  # agencies that a sentence names
_LARGEST_OF_SERVICES = (
    "{title}: the largest band is “{label}”, with {count} services, {all} of all {whole} and "
    "{known} of the {assessed} that could be assessed."
)
_LARGEST_OF_AGENCIES = (
    "{title}: the largest band is “{label}”, with {count} agencies, {all} of all {whole} and "
    "{known} of the {assessed} that could be assessed."
)
_LARGEST_OF_ALL_SERVICES = (
    "{title}: the largest band is “{label}”, with {count} services, {all} of all {whole}."
)
_LARGEST_OF_ALL_AGENCIES = (
    "{title}: the largest band is “{label}”, with {count} agencies, {all} of all {whole}."
)


class Quote(NamedTuple):
    """A sentence, and the id of the panel or section with its numbers."""

    text: Markup
    of: str


def quotes(evaluation: Evaluation, words: Words) -> list[Quote]:
    """Say what a round found, in the order of the page."""
    return [
        *_counts(evaluation, words),
        *_leaders(evaluation, words),
        *_axes(evaluation, words),
        *_first_by_axis(evaluation, words),
        *_bands(evaluation, words),
        *_gaps(evaluation, words),
        *_growth(evaluation, words),
        *_lists(evaluation, words),
        *_findings(evaluation, words),
    ]


def _counts(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    services, agencies = evaluation.manifest.counts.get("services", 0), evaluation.agencies
    text = "{agencies} agencies were evaluated."
    if services:
        text = "{agencies} agencies were evaluated, with {services} services."
    yield Quote(words.say(text, agencies=agencies.height, services=services), "ranking")
    if unranked := agencies["rank"].null_count():
        minimum = words.percent(evaluation.manifest.ruleset.min_coverage, 0)
        text = (
            "Without a rank: {count}, because too little could be assessed (under {minimum}) "
            "or because they are kept out."
        )
        yield Quote(words.say(text, count=unranked, minimum=minimum), "ranking")


def _leaders(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    top = list(leading(evaluation).iter_rows(named=True))
    first = [row for row in top if row["rank"] == top[0]["rank"]]
    if len(first) > 1:
        names = words.joined(words.agency(row) for row in first)
        text = "{names} share the first place with {total} points."
        yield Quote(words.say(text, names=names, total=words.points(first[0]["total"])), "top")
    elif len(top) > 2:  # noqa: PLR2004 - the first three
        text = "{first} leads with {total} points, before {second} ({next}) and {third} ({last})."
        one, two, three = top[:3]
        said = words.say(
            text,
            first=words.agency(one),
            total=words.points(one["total"]),
            second=words.agency(two),
            next=words.points(two["total"]),
            third=words.agency(three),
            last=words.points(three["total"]),
        )
        yield Quote(said, "top")
    elif top:
        text = "{first} leads with {total} points."
        said = words.say(text, first=words.agency(top[0]), total=words.points(top[0]["total"]))
        yield Quote(said, "top")


def _axes(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    table = with_scores(evaluation)
    means = {
        words.title(axis.title, axis.id): fmean(known)
        for axis in shown_axes(evaluation)
        if len(known := table[axis.id].drop_nulls())
    }
    if len(means) > 1:
        best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
        text = (
            "On average agencies are strongest in {best} ({high}) and weakest in {worst} ({low})."
        )
        said = words.say(
            text,
            best=best,
            high=words.points(means[best]),
            worst=worst,
            low=words.points(means[worst]),
        )
        yield Quote(said, "axes")


def _first_by_axis(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    found = []
    for axis in shown_axes(evaluation)[:_NAMED]:
        ranked = ranked_on(evaluation, axis.id)
        best = ranked.filter(pl.col("rank") == pl.col("rank").min())
        for row in best.head(1).iter_rows(named=True):
            text = "{name} is first on {axis} ({points})"
            if best.height > 1:
                text = "several agencies share the first place on {axis} ({points})"
            title, score = words.title(axis.title, axis.id), words.points(row["score"])
            found.append(words.say(text, name=words.agency(row), axis=title, points=score))
    if found:
        said = Markup("{}.").format(words.joined(found))
        yield Quote(said[:1].upper() + said[1:], BY_AXIS)  # where no name begins it


def _bands(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    for one in largest_labels(evaluation, words):
        services = one.of == "services"
        text = _LARGEST_OF_SERVICES if services else _LARGEST_OF_AGENCIES
        if one.assessed == one.whole:  # both denominators are one
            text = _LARGEST_OF_ALL_SERVICES if services else _LARGEST_OF_ALL_AGENCIES
        said = words.say(
            text,
            title=title_of(evaluation.manifest.bands, one.band, words),
            label=one.label,
            count=one.count,
            all=words.percent(one.of_all),
            whole=one.whole,
            known=words.percent(one.of_assessed),
            assessed=one.assessed,
        )
        yield Quote(said, f"band-{one.band}")


def _gaps(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    for row in evaluation.reconciliations.filter(~pl.col("holds")).iter_rows(named=True):
        text = (
            "{title}: the parts sum to {parts}, the total is {total}; "
            "{gap} ({share}) are not accounted for."
        )
        said = words.say(
            text,
            title=title_of(evaluation.manifest.reconciliations, row["reconciliation"], words),
            parts=row["parts"],
            total=row["total"],
            gap=row["gap"],
            share=words.percent_of(row["gap"], row["total"]),
        )
        yield Quote(said, "sums")


def _growth(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    table = evaluation.agencies
    if evaluation.manifest.previous is None or "growth" not in table.columns:
        return
    grown = table["growth"].drop_nulls()
    before, _ = periods(evaluation, words)
    if len(grown):
        text = (
            "Since {period}, of the agencies {up} rose and {down} fell; "
            "the average change is {growth} points."
        )
        said = words.say(
            text,
            period=before,
            up=int((grown > 0).sum()),
            down=int((grown < 0).sum()),
            growth=words.growth(fmean(grown)),
        )
        notes = [*incomparable(evaluation, words), *_notes(evaluation, words)]
        yield Quote(Markup(" ").join([said, *notes]), "rises")
    for row in risen(evaluation).head(1).iter_rows(named=True):
        text = "{name} grew most, by {growth} points, from {before} to {now}."
        said = words.say(
            text,
            name=words.agency(row),
            growth=words.points(row["growth"]),
            before=words.points(row["previous_total"]),
            now=words.points(row["total"]),
        )
        yield Quote(Markup(" ").join([said, *_notes(evaluation, words)]), "rises")
    most = table.filter(pl.col("rank_growth") > 0).sort(
        "rank_growth", descending=True, maintain_order=True
    )
    for row in most.head(1).iter_rows(named=True):
        text = "{name} won the most places: from rank {before} to rank {now}."
        said = words.say(text, name=words.agency(row), before=row["previous_rank"], now=row["rank"])
        yield Quote(Markup(" ").join([said, *_notes(evaluation, words)]), "movement")


def _notes(evaluation: Evaluation, words: Words) -> list[str]:
    return growth_notes(evaluation, words.language, reason=False)


def _lists(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    for name, rule in evaluation.manifest.lists.items():
        chosen = evaluation.lists.filter(pl.col("list") == name)
        if rule.of == "services" and chosen.height:
            title = title_of(evaluation.manifest.lists, name, words)
            counted = services_counted(evaluation, chosen, words)
            yield Quote(words.say("{title}: {text}.", title=title, text=counted), f"list-{name}")


def _findings(evaluation: Evaluation, words: Words) -> Iterator[Quote]:
    agencies = {row["agency"]: row for row in evaluation.agencies.iter_rows(named=True)}
    for rule in by_rule(evaluation.findings):
        name = str(rule["finding"][0])
        title = title_of(evaluation.manifest.findings, name, words)
        if rule["of"][0] == "services":
            text = services_counted(evaluation, rule, words)
            yield Quote(words.say("{title}: {text}.", title=title, text=text), f"finding-{name}")
            continue
        shown = [agencies.get(code, {"agency": code}) for code in rule["agency"].head(_NAMED)]
        names = words.joined(words.agency(row) for row in shown)
        rest = rule.height - len(shown)
        if rest > 0:
            names += " " + words.t("and {count} more", count=rest)
        text = "{title}: {count} ({names})."
        said = words.say(text, title=title, count=rule.height, names=names)
        yield Quote(said, f"finding-{name}")
