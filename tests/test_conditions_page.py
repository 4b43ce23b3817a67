"""The page about conditions is true: its diagrams are walked, its tables and examples run."""

import random
import re
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from egovrules import _grammar
from egovrules._yaml import parse as parse_yaml
from egovrules.conditions import ConditionError, Field, names, parse
from egovrules.errors import RulesetError

PAGE = (Path(__file__).parents[1] / "docs/reference/conditions.md").read_text(encoding="utf-8")
FIELDS = {
    **dict.fromkeys(
        ("visits", "total", "done", "asked", "electronization", "satisfaction", "مدت_انتظار"),
        Field("number"),
    ),
    **dict.fromkeys(("online", "refused", "is_main"), Field("boolean")),
    "kind": Field("text", ("ministry", "organisation", "company")),
    "name": Field("text"),
    "opened": Field("date"),
}
VALUE = {"true": True, "false": False, "unknown": None, "missing": None}


def block(language, number=0):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[number]


def table(first):
    """Return the rows of the table whose first heading is *first*, code without its backticks."""
    rows = re.search(rf"^\| {first} \|.*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)[1]
    cells = [re.split(r"(?<!\\)\|", row.strip("|")) for row in rows.splitlines()]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in cells]


def code(cell):
    return cell.strip("`") if cell.startswith("`") else None


# --- the diagrams -------------------------------------------------------------------------------

RIGHT, LEFT, DOWN, UP = (0, 1), (0, -1), (1, 0), (-1, 0)
WAYS = {
    "─": (RIGHT, LEFT),
    "│": (UP, DOWN),
    "┬": (RIGHT, LEFT, DOWN),
    "├": (RIGHT, UP, DOWN),
    "┤": (LEFT, UP, DOWN),
    "└": (RIGHT, UP),
    "┘": (LEFT, UP),
}


def diagrams():
    """Return the lines of each diagram by its name; the rails begin in one column."""
    found = re.findall(r"^(\w+)( +──.*\n(?:[ ].*\n)*)", block("railroad"), re.MULTILINE)
    return {name: (" " * len(name) + rails).split("\n") for name, rails in found}


def ahead(lines, row, column, way):
    """Return what stands on a rail up to its next joint: the joint's column and the words."""
    end = column + way[1]
    while lines[row][end : end + 1] not in {*"┬├┤└┘", ""}:
        end += way[1]
    return end, lines[row][min(column, end) + 1 : max(column, end)].replace("─", " ").split()


def walk(lines, rng):
    """Ride along a diagram, and yield the words that are passed."""
    row, column = 0, lines[0].index("──")
    way = RIGHT
    while True:
        if way in (RIGHT, LEFT):
            column, words = ahead(lines, row, column, way)
            yield from (word for word in words if word != "◄")
            if column >= len(lines[row]):
                return
        else:
            row += way[0]
        joint = lines[row][column]
        back = (-way[0], -way[1])
        open_ways = [
            one
            for one in WAYS[joint]
            if one != back and (one in (UP, DOWN) or is_open(lines, row, column, one))
        ]
        if way == UP:  # a branch ends where it meets the line that it left
            open_ways = [one for one in open_ways if one == RIGHT] or [UP]
        elif way in (RIGHT, LEFT):  # to the right, down into a branch; never up but at its end
            onward = [one for one in open_ways if one not in (UP, DOWN)]
            down = [DOWN] if DOWN in open_ways and leads_on(lines, row, column) else []
            open_ways = onward + down or [UP]
        way = rng.choice(open_ways)


def is_open(lines, row, column, way):
    end, words = ahead(lines, row, column, way)
    return abs(end - column) > 1 and ("◄" in words) == (way == LEFT)


def leads_on(lines, row, column):
    """Tell whether the line that goes down from here opens a branch, and does not end one."""
    row += 1
    while lines[row][column] == "│":
        row += 1
    way = RIGHT if lines[row][column] in "├└" else LEFT
    return is_open(lines, row, column, way)


def sentence(name, rng, depth=0):
    """Return the words of a random ride; further in than 9 diagrams, rides are cut short."""
    words = []
    for word in walk(DIAGRAMS[name], rng):
        if word not in DIAGRAMS:
            words.append(word)
        elif depth < 9:
            words += sentence(word, rng, depth + 1)
        else:
            words.append({"value": "true", "sign": "="}.get(word, "field"))
    return words


DIAGRAMS = diagrams()


def test_every_sentence_of_the_diagrams_is_a_condition():
    rng = random.Random(3)  # noqa: S311 - a seeded choice, no secret
    seen, read = set(), 0
    for _ in range(300):
        words = sentence("condition", rng)
        text = " ".join(words).replace("field", "visits").replace("number", "3")
        if len(text) <= 600 and len(words) <= 150:  # within the limits
            assert names(text) <= {"visits"}
            seen.update(words)
            read += 1
    assert read > 150
    rails = "[^\\s─│┬├┤└┘◄]+"
    drawn = {word for lines in DIAGRAMS.values() for word in re.findall(rails, "\n".join(lines))}
    assert seen == drawn - DIAGRAMS.keys()


def test_the_diagrams_know_every_word_of_the_grammar():
    words = set(block("railroad").split())
    assert {word for word in _grammar._WORDS if word != "null"} <= words
    assert {*_grammar.COMPARISONS, *"+-*/(),"} <= words
    assert {"==", "<>", "null"}.isdisjoint(words)


def test_the_diagrams_are_drawn_without_a_gap():
    """Every joint has a neighbour wherever its rails point."""
    lines = block("railroad").split("\n")
    at = {(r, c): sign for r, line in enumerate(lines) for c, sign in enumerate(line)}
    for (row, column), sign in at.items():
        for down, right in WAYS.get(sign, ()) if sign != "─" else ():
            other = at.get((row + down, column + right), " ")
            assert (-down, -right) in WAYS.get(other, ()), (row, column, lines[row])


# --- the tables and examples --------------------------------------------------------------------


@pytest.mark.parametrize("text", block("text").splitlines())
def test_examples_are_conditions(text):
    assert parse(text, FIELDS).fields


def test_the_example_in_yaml_is_one():
    text = parse_yaml(block("yaml"), "page").data["when"]
    assert parse(text, FIELDS).fields == {"is_main", "total"}


def test_what_must_stand_in_quotes():
    quoted = re.search(r"`(\{of: agencies.*?\})`", PAGE)[1]
    assert parse(parse_yaml(quoted, "page").data["when"], FIELDS).fields == {"kind"}
    for text in (quoted.replace('"', ""), "when: 'ministry' = kind"):
        with pytest.raises(RulesetError):
            parse_yaml(text, "page")
    assert parse_yaml("when: online #1", "page").data == {"when": "online"}


SAMPLES = {
    "number": ("visits", "3"),
    "date": ("opened", "'2021-03-21'"),
    "text": ("name", "'x'"),
    "true or false": ("online", "true"),
}


@pytest.mark.parametrize("row", table("type"))
def test_what_each_type_may_be_compared_by(row):
    kind, allowed = row
    field, value = SAMPLES[kind]
    for sign in ("=", "!=", "<", "<=", ">", ">=", "between", "in"):
        text = {"between": f"{field} between {value} and {value}", "in": f"{field} in ({value})"}
        condition = text.get(sign, f"{field} {sign} {value}")
        if f"`{sign}`" in allowed:
            assert parse(condition, FIELDS).type == "boolean"
        else:
            with pytest.raises(ConditionError, match="compares numbers and dates"):
                parse(condition, FIELDS)
    assert parse(f"{field} is missing", FIELDS).type == "boolean"


@pytest.mark.parametrize("row", table("a"))
def test_the_table_of_truth(row):
    fields = {"a": Field("boolean"), "b": Field("boolean")}
    left, right, *results = (VALUE[cell] for cell in row)
    data = nw.from_native(
        pl.DataFrame({"a": [left], "b": [right]}, schema=dict.fromkeys("ab", pl.Boolean))
    )
    for text, result in zip(("a and b", "a or b", "not a"), results, strict=True):
        expression = parse(text, fields).expression()
        assert data.with_columns(r=expression)["r"].to_list() == [result]


def test_the_table_of_truth_is_whole():
    pairs = {(left, right) for left, right, *_ in table("a")}
    assert pairs == {(a, b) for a in list(VALUE)[:3] for b in list(VALUE)[:3]}
    assert len(table("a")) == 9


@pytest.mark.parametrize("row", table("condition"))
def test_what_is_unknown(row):
    text, visits, result = row
    value = None if visits == "missing" else float(visits)
    data = nw.from_native(pl.DataFrame({"visits": [value]}, schema={"visits": pl.Float64}))
    expression = parse(code(text), FIELDS).expression()
    assert data.with_columns(r=expression)["r"].to_list() == [VALUE[result]]


@pytest.mark.parametrize("row", table("written"))
def test_what_is_refused_with_advice(row):
    written, advice = code(row[0]), code(row[1])
    with pytest.raises(ConditionError) as caught:
        parse(written, FIELDS)
    assert caught.value.hint
    if advice is None:
        assert row[1].startswith("nothing: ")
    else:
        assert parse(advice, FIELDS).type == "boolean"


def test_the_limits_are_those():
    limits = re.search(r"^## Limits\n\n(.*)$", PAGE, re.MULTILINE)[1]
    numbers = [int(one.replace(",", "")) for one in re.findall(r"[\d,]*\d", limits)]
    assert numbers == [_grammar.MAX_CHARACTERS, _grammar.MAX_TERMS, _grammar.MAX_DEPTH]


def test_the_example_in_python_runs(capsys):
    text = block("python")
    exec(compile(text, "conditions.md", "exec"), {})  # noqa: S102 - our own page
    (expected,) = re.findall(r"# (\[.*\])$", text, re.MULTILINE)
    assert capsys.readouterr().out.strip() == expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("online And NOT refused OR done Is Null", "online and not refused or done is missing"),
        ("visits == 3 or visits <> 4", "visits = 3 or visits != 4"),
        ("visits > ۳٫۵", "visits > 3.5"),
        ("visits > ٣٫٥", "visits > 3.5"),
        ('name = "it\'s"', "name = 'it''s'"),
    ],
)
def test_spellings_of_one_condition(text, same):
    assert parse(text, FIELDS).fields == parse(same, FIELDS).fields
    assert _meaning(_grammar.read(text)) == _meaning(_grammar.read(same))


def _meaning(node):
    return node.kind, node.value, tuple(map(_meaning, node.operands))


@pytest.mark.parametrize(
    "text",
    [
        "Visits > 1",  # capitals count
        "visits > 01",
        "visits > 1e3",
        "visits > 1,000",
        "visits > 5%",
        "visits > " + "9" * 16,
        "opened > '1799-12-31'",
        "name = 'open\n'",  # a text ends on its line
    ],
)
def test_what_the_page_rules_out(text):
    with pytest.raises(ConditionError):
        parse(text, FIELDS)


def test_what_the_page_allows_at_most():
    assert parse("visits > " + "9" * 15 + "." + "9" * 15, FIELDS)
    assert parse("opened >= '1800-01-01'", FIELDS)
