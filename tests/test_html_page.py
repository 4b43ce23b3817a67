"""The page as a file: its policy and form, both languages, hostile names, how it is written."""

import base64
import importlib.util
import json
import re
import sys
from collections import Counter
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

import egovrules as eg
from egovrules import html
from egovrules.cli import cli
from egovrules.errors import EvaluationError
from egovrules.html import policy
from egovrules.html.card.expanded import expanded
from egovrules.plugins import Registry
from egovrules.reports import deliver
from egovrules.store import save

_spec = importlib.util.spec_from_file_location(
    "html_pages", Path(__file__).with_name("html_pages.py")
)
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "</template></title></style><!-- -->",
    "\"' onmouseover='alert(1)",
    "{{ 7 * 7 }} {% raw %} {title}",
    "=cmd|' /C calc'!A0",
    "a\u202eb\u2066c\u2069d",
    "&lt;b&gt; &amp;",
    "x" * 500,
    "پ" * 500,
]


@pytest.fixture(scope="module")
def evaluation():
    return pages.small_round(earlier=True)


@pytest.fixture(scope="module")
def root(evaluation):
    return pages.written(evaluation)


@pytest.fixture(scope="module")
def persian(evaluation):
    return pages.written(evaluation, "fa")


# --- the policy ---------------------------------------------------------------------------------


def digest(text):
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def test_the_policy_allows_just_the_one_style_and_the_one_script(root):
    (meta,) = [one for one in root.all("meta") if one.get("http-equiv")]
    assert meta["http-equiv"] == "Content-Security-Policy"
    rules = dict(rule.strip().split(" ", 1) for rule in meta["content"].split(";"))
    (script,) = [one for one in root.all("script") if one.get("type") != "application/json"]
    assert rules == {
        "default-src": "'none'",
        "script-src": digest("".join(script.texts)),
        "style-src": digest("".join(root.one("style").texts)),
        "font-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    head = root.one("head").children
    assert head.index(meta) < head.index(root.one("style"))


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(root):
    for one in root.walk():
        for name, value in one.attributes.items():
            assert not name.startswith("on"), (one.tag, name)
            assert name != "style", one.tag
            assert name not in {"src", "srcset", "poster", "data", "action", "formaction"}, one.tag
            assert not re.match(r"\s*(https?:|//|javascript:)", value or ""), (one.tag, value)
        assert one.tag not in {"link", "base", "iframe", "object", "embed", "img"}
    style = "".join(root.one("style").texts)
    assert "@import" not in style
    assert re.findall(r"url\(.{6}", style) == ['url("data:']


def test_the_script_is_whole_and_its_names_are_unique():
    script = policy.script()
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    tops = [
        name
        for path in Path(html.__file__).with_name("script").glob("*.js")
        for name in re.findall(
            r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]
    assert len(tops) > 20
    assert sorted(set(tops)) == sorted(tops)
    assert "</script" not in script.lower()
    assert "<!--" not in script
    assert not re.search(r"\beval\b|\bnew Function\b|\binnerHTML\b", script)


def test_no_text_in_a_script_goes_over_several_lines():
    for path in Path(html.__file__).with_name("script").glob("*.js"):
        code = re.sub(r"//.*|/\*(?:[^*]|\*(?!/))*\*/", "", path.read_text(encoding="utf-8"))
        for line in code.splitlines():
            rest = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
            even = [text.count("`") % 2 == 0 for text in (line, rest)]
            assert any(even), (path.name, line)  # a pattern may hold one quotation mark


def test_modules_stand_after_what_they_import():
    script = policy.script()
    folder = Path(html.__file__).with_name("script")
    for path in folder.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        own = re.search(r"^export (?:async )?(?:function|const) \w+", text, re.MULTILINE)
        if own is None:
            continue
        here = script.find(own[0].removeprefix("export "))
        for needed in re.findall(r'from "\./([\w-]+\.js)"', text):
            other = folder.joinpath(needed).read_text(encoding="utf-8")
            first = re.search(r"^export (?:async )?(?:function|const) \w+", other, re.MULTILINE)
            assert script.find(first[0].removeprefix("export ")) < here, (path.name, needed)


def test_every_style_sheet_is_used():
    folder = Path(html.__file__).with_name("style")
    assert sorted(path.stem for path in folder.glob("*.css")) == sorted(policy.STYLES)
    assert "</style" not in policy.style().lower()


def test_the_styles_know_no_left_and_right():
    folder = Path(html.__file__).with_name("style")
    for path in folder.glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        alike = r"@bottom-(left|right)|--at-(left|right)|text-align: right"  # paper, and numbers
        assert not re.search(r"\b(left|right)\b", re.sub(alike, "", text)), path.name


# --- the form -----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_page_says_its_language_and_holds_the_other(evaluation, language):
    root = pages.written(evaluation, language)
    ways = {"en": "ltr", "fa": "rtl"}
    rest = "fa" if language == "en" else "en"
    titles = {"en": "Small round", "fa": "دور کوچک"}
    top, other = root.one("html"), pages.other(root)
    assert (top["lang"], top["dir"]) == (language, ways[language])
    assert (other["data-lang"], other["data-dir"]) == (rest, ways[rest])
    assert (root.one("head").one("title").text, other["data-title"]) == (
        titles[language],
        titles[rest],
    )
    assert pages.shown(root).one("h1").text == titles[language]
    assert other.one("h1").text == titles[rest]


@pytest.mark.parametrize("options", [{}, {"with_dossier": True}])
def test_ids_are_unique_and_links_lead_somewhere(evaluation, options):
    root = pages.written(evaluation, **options)
    for body in (pages.shown(root), pages.other(root)):
        ids = [one["id"] for one in body.walk() if one.get("id")]
        assert len(ids) > 15
        assert len(set(ids)) == len(ids)
        links = [one["href"] for one in body.all("a") if not one.get("data-agency-link")]
        assert {link.removeprefix("#") for link in links} <= set(ids)
        for name in ("aria-labelledby", "for"):
            for one in body.walk():
                assert set((one.get(name) or "").split()) <= set(ids), (one.tag, one.get(name))


def test_headings_go_down_one_by_one(root):
    levels = [
        int(one.tag[1]) for one in pages.shown(root).walk() if re.fullmatch("h[1-6]", one.tag)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_controls_have_names_and_wait_for_the_script(root):
    body = pages.shown(root)
    labels = {one.get("for") for one in body.all("label")}
    for one in [*body.all("input"), *body.all("select")]:
        parents, above = [], one.parent
        while above is not None:
            parents.append(above)
            above = above.parent
        assert one.get("id") in labels or any(up.tag == "label" for up in parents)
        assert any(
            "data-needs-script" in up.attributes and "hidden" in up.attributes for up in parents
        )
    for region in [one for one in body.walk() if one.get("role") == "region"]:
        assert region["tabindex"] == "0"
        assert region.get("aria-label") or region.get("aria-labelledby")


def test_persian_pages_have_persian_digits(persian):
    def visible(element):
        for part in element.texts:
            if isinstance(part, str):
                yield part
            elif (
                part.tag not in {"script", "style", "template", "pre"}
                and part.get("class") != "code"
            ):
                yield from visible(part)

    text = " ".join(visible(pages.shown(persian)))
    assert not re.search("[0-9]", text), re.findall(".{20}[0-9].{20}", text)[:5]
    assert "۴" in text


def test_no_english_is_left_in_the_persian_page(persian):
    left = []
    for one in pages.shown(persian).walk():
        own = " ".join(part for part in one.texts if isinstance(part, str))
        if one.tag not in {"code", "button"} and one.get("class") != "code":
            left += re.findall("[A-Za-z]{3,}", own.replace("SHA", ""))
    assert left == []


# --- hostile names ------------------------------------------------------------------------------


def tags(root):
    """Count the tags of a page; those of drawings, which shorten long names, by their kind only."""
    drawn = {id(one) for svg in root.all("svg") for one in svg.walk()}
    counted = Counter(one.tag for one in root.walk() if id(one) not in drawn)
    return counted, {one.tag for one in root.walk() if id(one) in drawn} - {"tspan"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text(name):
    evaluation = pages.small_round(
        earlier=True,
        name_en=[name, "Roads", "Water", "Parks"],
        name_fa=[name, "راه", "آب", "بوستان"],
    )
    plain, odd = pages.written(pages.small_round(earlier=True)), pages.written(evaluation)
    assert tags(odd) == tags(plain)
    (row,) = pages.shown(odd).one("table", data_ranking="").all("tr", data_agency="A")
    expected = re.sub("[\u202e\u2066\u2069]", "", name)
    assert row.one("bdi").text == expected
    data = json.loads("".join(odd.one("script", id="eg-data").texts))
    assert data["agencies"]["name"][data["agencies"]["code"].index("A")][0] == expected


def test_a_hostile_code_stays_in_its_attribute():
    codes = ["a\"b'><i>&", "B", "C", "D"]
    services = pages.SERVICES | {"agency": [codes[0], codes[0], "C", "C", "D"]}
    agencies = pages.AGENCIES | {"code": codes}
    body = pages.shown(pages.written(pages.evaluated(pages.RULESET, agencies, services)))
    row = body.one("tr", data_agency=codes[0])
    assert row.one("a")["data-agency-link"] == codes[0]
    assert row.one("a")["href"] == "#agency=a%22b%27%3E%3Ci%3E%26"


def test_hostile_titles_of_a_ruleset_are_text():
    rules, titles = pages.RULESET, ["Small round", "Digital", "How online", "low", "Ready", "Sums"]
    for title in [*titles, "Weak bodies", "Most open", "Standing"]:
        rules = rules.replace(f"en: {title}", f"en: '</{title}><script>alert(1)</script>'")
    assert rules.count("<script>") == 9
    odd = pages.written(pages.evaluated(rules, pages.AGENCIES, pages.SERVICES))
    plain = pages.written(pages.evaluated(pages.RULESET, pages.AGENCIES, pages.SERVICES))
    assert tags(odd) == tags(plain)
    assert pages.shown(odd).one("h1").text == "</Small round><script>alert(1)</script>"


# --- rulesets of all sorts ----------------------------------------------------------------------

SORTS = {
    "an index": ({"code": ["A", "B"], "one": [50.0, 70.0], "two": [20.0, None]}, ""),
    "one agency": ({"code": ["A"], "one": [50.0], "two": [10.0]}, ""),
    "nobody": ({"code": ["A"], "one": [5.0], "two": [1.0]}, "scope: {agencies: one > 9}\n"),
    "no scores": (
        {"code": ["A", "B"], "one": [50.0, None], "two": [None, 20.0]},
        "missing: {policy: exclude}\n",
    ),
}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_any_ruleset_has_its_page(sort, language):
    agencies, more = SORTS[sort]
    evaluation = pages.evaluated(pages.INDEX + more, agencies)
    body = pages.shown(pages.written(evaluation, language))
    rows = body.one("table", data_ranking="").all("tr", data_agency=True)
    assert len(rows) == evaluation.agencies.height
    assert not body.all("section", id="bands")
    assert not body.all("section", id="growth")


def test_a_what_if_says_so_on_top():
    body = pages.shown(pages.written(pages.small_round(settings=("axes.open.weight=9",))))
    marks = [one.text for one in body.all("p", class_="mark")]
    assert len(marks) == 1
    assert "WHAT-IF" in marks[0]
    assert "axes.open.weight=9" in marks[0]


def test_a_what_if_says_so_in_its_title_and_in_every_scorecard():
    made = pages.small_round(settings=("axes.open.weight=9",), synthetic=[True] * 4)
    root = pages.written(made)
    assert root.one("head").one("title").text == "SYNTHETIC DATA · WHAT-IF · Small round"
    data = json.loads(root.one("script", id="eg-data").texts[0])
    layout = data["cards"]
    own = json.loads(root.one("script", data_card="A").texts[0])
    facts = expanded(layout, own, "en")[0]
    told = " ".join(line[-1] for line in facts.lines)
    assert "WHAT-IF" in told
    assert "SYNTHETIC DATA" in told


def test_a_what_if_calls_nothing_official_but_to_deny_it(root):
    made = pages.small_round(settings=("axes.open.weight=9",))
    body = pages.shown(pages.written(made))
    assert "Weights of this evaluation" in body.one("section", id="ranking").text
    assert "fficial" not in body.text
    assert "Official weights" in pages.shown(root).text


def test_made_up_data_say_so_on_top():
    body = pages.shown(pages.written(pages.small_round(synthetic=[True] * 4)))
    assert "SYNTHETIC" in body.one("p", class_="mark").text


# --- writing ------------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def saved(evaluation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "round"
    save(evaluation, folder)
    return folder


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_command_writes_what_the_evaluation_does(evaluation, saved, tmp_path, language):
    by_command, by_method = tmp_path / "new" / "a.html", tmp_path / "b.html"
    done = run("report", saved, "--lang", language, "--out", by_command)
    assert done.exit_code == 0, done.output
    assert str(by_command) in done.stderr
    assert done.stdout == ""
    assert evaluation.report(by_method, language=language) == by_method
    assert by_command.read_bytes() == by_method.read_bytes()
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_what_is_there_stays_unless_forced(saved, tmp_path):
    place = tmp_path / "thesis.html"
    place.write_text("mine", encoding="utf-8")
    done = run("report", saved, "--out", place)
    assert done.exit_code == 2
    assert "this file exists" in done.stderr
    assert "--force" in done.stderr
    assert place.read_text(encoding="utf-8") == "mine"
    assert run("report", saved, "--out", place, "--force").exit_code == 0
    assert "<!doctype html>" in place.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "round.htm"], ["must end in .html", "round.html"]),
        (["--out", "x.html", "--report", "htlm"], ["no installed plugin", "did you mean 'html'"]),
        (["--out", "x.html", "--agency", "Pots"], ["no agency 'Pots'", "did you mean 'Post'"]),
        (["--out", "x.html", "--lang", "de"], ["'de'"]),
        (["--out", "x.html", "--agency", "Post", "--dossier"], ["about all agencies"]),
        ([], ["--out"]),
    ],
)
def test_what_cannot_be_written_is_told(saved, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    done = run("report", saved, *arguments)
    assert done.exit_code == 2
    assert [part for part in told if part not in done.stderr] == []
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_an_evaluation_is_told(tmp_path):
    done = run("report", tmp_path, "--out", tmp_path / "x.html")
    assert done.exit_code == 2
    assert str(tmp_path) in done.stderr


def test_a_failure_on_the_way_leaves_what_was_there(saved, tmp_path, monkeypatch):
    place = tmp_path / "x.html"
    place.write_text("before", encoding="utf-8")

    def failing(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", failing)
    done = run("report", saved, "--out", place, "--force")
    assert done.exit_code == 2
    assert "No space left on device" in done.stderr
    assert place.read_text(encoding="utf-8") == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["x.html"]


# --- reports of others --------------------------------------------------------------------------


class Names(eg.Report):
    """The names, one a line."""

    id = "names"
    title = "Names"
    suffix = ".txt"

    shout: bool = False
    """Whether in capitals."""

    def write(self, evaluation, *, language):
        """Write them."""
        names = evaluation.agencies[f"name_{language}"].to_list()
        return "\n".join(one.upper() if self.shout else one for one in names).encode()


@eg.hookimpl
def egovrules_reports():
    return [Names]


@pytest.fixture
def with_names(monkeypatch):
    plugin = SimpleNamespace(egovrules_reports=egovrules_reports)
    registry = Registry.of({"names": plugin, "report": html})
    monkeypatch.setattr(Registry, "installed", classmethod(lambda _: registry))


@pytest.mark.usefixtures("with_names")
def test_a_plugin_brings_a_report(evaluation, saved, tmp_path):
    done = run("report", saved, "--report", "names", "--out", tmp_path / "a.txt")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "a.txt").read_text() == "Post\nRoads\nWater\nParks"
    evaluation.report(tmp_path / "b.txt", report="names", shout=True)
    assert (tmp_path / "b.txt").read_text().startswith("POST\n")


@pytest.mark.usefixtures("with_names")
def test_options_that_a_report_has_not_are_told(evaluation, saved, tmp_path):
    done = run("report", saved, "--report", "names", "--dossier", "--out", tmp_path / "a.txt")
    assert done.exit_code == 2
    assert "the report 'names' has no option 'dossier'" in done.stderr
    with pytest.raises(EvaluationError, match="did you mean 'shout'"):
        evaluation.report(tmp_path / "a.txt", report="names", shoot=True)
    with pytest.raises(EvaluationError, match="shout"):
        evaluation.report(tmp_path / "a.txt", report="names", shout="loud")
    with pytest.raises(EvaluationError, match=r"must end in \.txt"):
        evaluation.report(tmp_path / "a.html", report="names")
    with pytest.raises(EvaluationError, match=r"no translation into 'xx'(.|\n)*en, fa"):
        evaluation.report(tmp_path / "a.txt", report="names", language="xx")
    assert not list(tmp_path.glob("*.txt"))


def test_a_report_that_returns_no_bytes_is_named(evaluation, tmp_path):
    class Text(Names):
        """Text where bytes are needed."""

        id = "text"

        def write(self, evaluation, *, language):  # noqa: ARG002 - as reports have it
            """Write it."""
            return "text"

    with pytest.raises(EvaluationError, match="'text' returns str and no bytes"):
        deliver(Text(), evaluation, tmp_path / "a.txt", language="en", replace=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [None, "txt"])
def test_a_report_without_an_ending_is_refused_at_import(ending):
    names = {"id": "bare", "__module__": __name__} | ({"suffix": ending} if ending else {})
    with pytest.raises(TypeError, match="suffix"):
        type("Bare", (eg.Report,), names)


@pytest.mark.parametrize("name", ["evaluation.json", "agencies.csv", "inputs/agencies.parquet"])
def test_nothing_made_of_an_evaluation_replaces_a_part_of_it(saved, name):
    before = (saved / name).read_bytes()
    for command in ("export", "report"):
        done = run(command, saved, "--out", saved / name, "--force")
        assert done.exit_code == 2
        assert "a part of the evaluation itself" in done.stderr
    assert (saved / name).read_bytes() == before


@pytest.mark.usefixtures("with_names")
def test_the_plugins_command_lists_reports():
    listed = json.loads(run("plugins", "--format", "json").stdout)["plugins"]
    assert {one["distribution"]: one["reports"] for one in listed} == {
        "names": ["names"],
        "report": ["html"],
    }


def test_the_shipped_report_comes_through_the_same_hook():
    registry = Registry.installed()
    assert registry.reports["html"] is html.HtmlReport
    assert registry.owners["report html"].distribution == "egovrules"


def test_a_report_without_an_end_is_none():
    @eg.hookimpl
    def egovrules_reports():
        return [object]

    with pytest.raises(eg.PluginError, match="report"):
        Registry.of({"x": SimpleNamespace(egovrules_reports=egovrules_reports)})


def test_listing_plugins_does_not_load_templates(tmp_path):
    script = "import sys, egovrules.html; sys.exit('jinja2' in sys.modules)"
    done = __import__("subprocess").run([sys.executable, "-c", script], cwd=tmp_path, check=False)
    assert done.returncode == 0


# --- notebooks ----------------------------------------------------------------------------------


def test_a_notebook_shows_a_table_first_and_the_page_in_a_sandbox(evaluation):
    root = pages.parsed(evaluation._repr_html_())
    table, frame = root.one("table"), root.one("iframe")
    names = [row.all("td")[1].text for row in table.all("tr")[1:]]
    assert names == ["Post", "Roads", "Water", "Parks"]
    assert root.children.index(table) < root.children.index(frame)
    assert not root.all("script")
    assert "allow-same-origin" not in frame["sandbox"]
    assert pages.parsed(frame["srcdoc"]).one("head").one("title").text == "Small round"


def test_a_notebook_is_not_burdened_with_a_huge_page(evaluation, monkeypatch):
    monkeypatch.setattr("egovrules.html.page.LARGEST", 1000)
    root = pages.parsed(evaluation._repr_html_())
    assert root.one("table")
    assert not root.all("iframe")
    assert "round.html" in root.text


# --- how to verify ------------------------------------------------------------------------------


@pytest.fixture
def sourced(tmp_path):
    """An evaluation whose data came through a source file, with what it was made from."""
    data = tmp_path / "data"
    data.mkdir()
    data.joinpath("list.csv").write_text("id,one\nA,1\nB,2\n", encoding="utf-8")
    source = tmp_path / "our <b>.source.yaml"
    table = "{file: list.csv, columns: {code: id, one: one}}"
    text = f"{{schema: egovrules-source/1, tables: {{agencies: {table}}}}}"
    source.write_text(text, encoding="utf-8")
    rules = tmp_path / "rules.yaml"
    rules.write_text(pages.INDEX.split("  b:")[0], encoding="utf-8")
    evaluation = eg.evaluate(eg.load_ruleset(rules), eg.load_dataset(data, source))
    save(evaluation, tmp_path / "saved")
    return evaluation, {"DIR": tmp_path / "saved", "DATASET": data, "FILE": source}


@pytest.mark.parametrize("options", [{}, {"with_dossier": True}])
def test_the_command_as_printed_verifies_once_its_capitals_are_filled_in(sourced, options):
    evaluation, places = sourced
    body = pages.shown(pages.written(evaluation, **options))
    commands = [one.text for one in body.all("code") if "--data" in one.text]
    assert len(commands) == 1 + len(options)
    for command in commands:
        arguments = [str(places.get(word, word)) for word in command.split()[1:]]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, result.output
    notes = [one.text for one in body.one("footer").all("p")]
    assert any("our <b>.source.yaml" in text for text in notes)


def test_without_a_source_or_without_files_the_command_asks_for_none(tmp_path, evaluation):
    def command(made):
        footer = pages.shown(pages.written(made)).one("footer")
        return footer.one("code").text

    assert command(evaluation) == "egovrules verify DIR"  # of tables in memory
    path = tmp_path / "agencies.csv"
    path.write_text("code,one,two\nA,1,2\n", encoding="utf-8")
    rules = tmp_path / "rules.yaml"
    rules.write_text(pages.INDEX, encoding="utf-8")
    made = eg.evaluate(eg.load_ruleset(rules), eg.load_dataset(path))
    assert command(made) == "egovrules verify DIR --data DATASET"


@pytest.mark.parametrize("language", ["en", "fa"])
def test_digests_say_what_they_are_of_and_where_they_stand(sourced, language):
    evaluation, places = sourced
    footer = pages.shown(pages.written(evaluation, language)).one("footer")
    heads = [one.text for one in footer.all("dt")]
    assert sum("SHA-256" in head for head in heads) == 4
    assert "evaluation.json" in footer.text
    recorded = json.loads(places["DIR"].joinpath("evaluation.json").read_text("utf-8"))["digests"]
    assert len(recorded) == 4
    assert set(recorded.values()) <= {one.text for one in footer.all("dd")}


def test_warnings_stand_in_a_line_with_their_place_be_the_evaluation_fresh_or_saved(tmp_path):
    path = tmp_path / "w.yaml"
    path.write_text(
        "schema: egovrules/1\nid: w\ntitle: W\n"
        "indicators: {agencies: {idle: {type: number}}}\n"
        "axes: {one: {criteria: {gate: {use: core.value, with: {column: gate}}}}}\n"
    )
    agencies = tmp_path / "data" / "agencies.csv"
    agencies.parent.mkdir()
    agencies.write_text("code,name,gate,idle\na,A,5,1\n")
    fresh = eg.evaluate(eg.load_ruleset(path), eg.load_dataset(agencies.parent))
    loaded = eg.load(save(fresh, tmp_path / "out"))
    texts = [
        one.report(tmp_path / f"{name}.html").read_text(encoding="utf-8")
        for name, one in (("fresh", fresh), ("loaded", loaded))
    ]
    assert texts[0] == texts[1]
    (told,) = set(re.findall(r"<li>([^<]*warning: [^<]*)</li>", texts[0]))
    end = "w.yaml:4:25: warning: nothing reads &#39;idle&#39; (indicators.agencies.idle)"
    assert told.endswith(end)
