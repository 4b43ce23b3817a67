"""The page of the prototype, built of its own files, for a comparison with the report.

Its template, style and scripts are read from the folder of prototypes when the benchmark runs, and
no line of them is in this repository. Its finished pages are not there, so it is given the round
that the report is given. What it knows and an evaluation does not is put in its place:

- Its regulators are the kinds of agencies.
- Its five bands of services are fifths of the scale of electronization; nothing counts as 0.
- A service's score at a criterion is one of five steps; missing and not applicable are one.
- It knows no caps, so that the total of an agency with one is another than in the report.
- Its likely ranks are the rank. The evidence behind a score is the same for all; it is read when
  a score is opened, which is not measured.
"""

import base64
import json
import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

import egovrules as eg

EVIDENCE = 20  # criteria by which its script counts evidence on, from agency to agency
STEPS = 4  # of a score above nought
BANDS = 5
LANGUAGES = ("en", "fa")
HEADS = ("rank", "delta", "name", "score", "x0", "x1", "x2", "x3", "band", "nsv", "range")
NUMBERS = {"rank", "delta", "score", "x0", "x1", "x2", "x3", "nsv", "range"}


def folder() -> Path | None:
    """Return where the prototype's files are; None where they are not at hand."""
    shared = Path(__file__).parents[1] / os.environ.get("EGOVRULES_SHARED", "../shared")
    found = shared / "prototypes" / "report"
    return found if (found / "shell.html.j2").is_file() else None


def page(files: Path, earlier: eg.Evaluation, evaluation: eg.Evaluation) -> str:
    """Return the prototype's page in English, of a round and the one before it.

    Args:
        files: What :func:`folder` found.
        earlier: The evaluation that growth is measured against.
        evaluation: The round; of four axes.
    """
    # Not before, since what the report takes to load these is measured.
    from jinja2 import Environment, FileSystemLoader  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    scripts = [_asset(files, "app.js"), _asset(files, "charts_svg.js"), "boot();"]
    style, data = _asset(files, "app.css"), _data(earlier, evaluation)
    texts = _texts(scripts[0])
    allowed = " ".join(_digest(one) for one in scripts)
    engine = Environment(loader=FileSystemLoader(files), autoescape=True)
    template = engine.get_template("shell.html.j2")
    return template.render(
        lang="en",
        T=texts,
        csp=f"default-src 'none'; script-src {allowed}; style-src {_digest(style)}",
        css=Markup(style),  # noqa: S704 - its own file
        scripts=[Markup(one) for one in scripts],  # noqa: S704 - its own files
        data=Markup(json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")),  # noqa: S704
        m={
            "ruleset": evaluation.manifest.ruleset.id,
            "rulesetVersion": 1,
            "sha": evaluation.manifest.ruleset.digest[:7],
            "engine": "egovrules",
        },
        period=data["meta"]["period"],
        date=data["meta"]["date"],
        axes=[axis | {"wf": f"{axis['w']:.0f}"} for axis in data["axes"]],
        cols=[(key, texts.get(key, key), "n" if key in NUMBERS else "") for key in HEADS],
        rows=_rows(evaluation),
        kpis=[
            (evaluation.agencies.height, texts["agencies"]),
            (evaluation.services.height, texts["services"]),
        ],
    )


def _asset(files: Path, name: str) -> str:
    return (files / "assets" / name).read_text(encoding="utf-8")


def _texts(script: str) -> dict[str, str]:
    """Read the English texts out of the script; it writes them into the page again."""
    english = script.split("I18N={en:{", 1)[1].split("},\nfa:{", 1)[0]
    return dict(re.findall(r'(\w+):"([^"]*)"', english))


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _data(earlier: eg.Evaluation, evaluation: eg.Evaluation) -> dict[str, Any]:
    """Return what its script reads, with agencies in the order of the table."""
    tree, table = evaluation.manifest.tree, evaluation.agencies
    axes = [one for one in tree if one.kind == "axis"]
    criteria = [one for one in tree if one.kind == "criterion"]
    kinds = table["kind"].unique(maintain_order=True).to_list()
    ids = [one.id for one in axes]
    codes = table["agency"].to_list()
    named = zip(*(table[f"name_{one}"] for one in LANGUAGES), table["kind"], strict=True)
    names, services = _services(evaluation, codes, [one.id for one in criteria])
    ranks = table["rank"].to_list()
    return {
        "meta": {"period": 1400, "prev": 1399, "date": "2022-03-15"},
        "axes": [_titled(one) | {"w": one.weight} for one in axes],
        "crit": [
            _titled(one)
            | {"id": f"C{number}", "ax": ids.index(str(one.parent)), "w": one.weight}
            | {"k": str(one.level)[0]}  # s for services
            for number, one in enumerate(criteria, 1)
        ],
        "cur": _scores(evaluation, codes, [one.id for one in criteria]),
        "prev": _scores(earlier, codes, [one.id for one in criteria]),
        "regs": [dict.fromkeys(LANGUAGES, kind) for kind in kinds],
        "ag": [
            {"id": code, "en": english, "fa": persian, "r": kinds.index(kind)}
            for code, (english, persian, kind) in zip(codes, named, strict=True)
        ],
        "verb": names,
        "obj": [["", ""]],
        "qual": [["", ""]],
        "sv": services,
        "rlo": ranks,
        "rhi": ranks,
        "src": [["register of services", "شناسنامهٔ خدمات"]],
        "evid": [[0, 0]] * (EVIDENCE * len(codes) + len(criteria)),
    }


def _titled(node: Any) -> dict[str, str]:
    return {one: node.title[one] for one in LANGUAGES}


def _scores(
    evaluation: eg.Evaluation, codes: list[str], criteria: list[str]
) -> list[list[float | None]]:
    """Return every agency's score at every criterion, to one decimal."""
    rows = evaluation.criteria.select("agency", "node", pl.col("score").round(1)).iter_rows()
    found = {(agency, node): score for agency, node, score in rows}
    return [[found.get((code, one)) for one in criteria] for code in codes]


def _services(
    evaluation: eg.Evaluation, codes: list[str], criteria: list[str]
) -> tuple[list[list[str]], list[list[Any]]]:
    """Return the names of services, each once, and the services."""
    table, place = evaluation.services, {code: n for n, code in enumerate(codes)}
    smart = set(evaluation.lists.filter(pl.col("list") == "smart_ready")["subject"])
    names = list(zip(*(table[f"name_{one}"] for one in LANGUAGES), strict=True))
    known = {name: n for n, name in enumerate(dict.fromkeys(names))}
    steps = [
        (table[one] * STEPS / 100).round().cast(pl.Int64).cast(pl.String).fill_null("-")
        if one in table.columns
        else ["-"] * table.height
        for one in criteria
    ]
    bands = (table["electronization"] // (100 / BANDS)).fill_null(0).clip(0, BANDS - 1)
    columns = (table["agency"], names, table["service"], bands.cast(pl.Int64))
    return list(map(list, known)), [
        [place[agency], known[name], 0, 0, band, int(service in smart), "".join(scores)]
        for agency, name, service, band, *scores in zip(*columns, *steps, strict=True)
    ]


def _rows(evaluation: eg.Evaluation) -> list[dict[str, Any]]:
    """Return the ranking as its template prints it before its script runs."""
    axes = [one.id for one in evaluation.manifest.tree if one.kind == "axis"]
    return [
        {
            "i": number,
            "id": row["agency"],
            "name": row["name_en"],
            "rank": row["rank"],
            "d": (row["previous_rank"] or row["rank"]) - row["rank"],
            "dc": "mut",
            "score": f"{row['total']:.1f}",
            "ax": [f"{row[axis]:.1f}" for axis in axes],
            "band": int(row["total"] // (100 / BANDS)) + 1,
            "n": row["services"],
            "range": row["rank"],
        }
        for number, row in enumerate(evaluation.agencies.iter_rows(named=True))
    ]
