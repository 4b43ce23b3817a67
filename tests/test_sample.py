"""The sample rounds against the published figures, and against DuckDB on the files themselves."""

import csv
import errno
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egovrules.dataset import load_dataset
from egovrules.errors import EvaluationError
from egovrules.evaluation import evaluate
from egovrules.result import Evaluation
from egovrules.ruleset import load_ruleset
from egovrules.sample import folder as folder_module
from egovrules.sample import write_sample
from egovrules.sample.draws import apportion, draws, part, size, spread, wobble
from egovrules.sample.rounds import Tables

FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
bounded = settings(max_examples=50 * FUZZ, derandomize=True, database=None, deadline=None)

# Published (Mehr News Agency, winter 1400).
BANDS = {"not_started": 260, "under_50": 2309, "mid": 2238, "full": 0, "over_90": 161}
TOP_TEN = {
    "Foundation of Martyrs and Veterans Affairs",
    "National Standards Organization",
    "Ministry of Economic Affairs and Finance",
    "Communications and Information Technology Research Institute",
}
HIGHEST_GROWTH = {
    "National Productivity Organization",
    "Iran Veterinary Organization",
    "Road, Housing and Urban Development Research Center",
    "National Iranian Oil Refining and Distribution Company",
    "Consumers and Producers Protection Organization",
}
UNDESIRABLE = {
    "Ministry of Justice",
    "Ministry of Science, Research and Technology",
    "Ministry of Foreign Affairs",
    "Ministry of Education",
    "Ministry of Energy",
    "Ministry of Agriculture Jihad",
}
DEFAULT_SEED, OTHER_SEED = 1400, 3
ROUNDS = ("ir-1400-spring", "ir-1400-autumn")
POINTS = [
    f"point_{name}"
    for name in (
        *("information", "identity", "application", "documents", "payment"),
        *("tracking", "decision", "issuance", "complaint"),
    )
]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict[int, Path]:
    """The sample by default, and by another seed: what was published holds for either."""
    folder = tmp_path_factory.mktemp("samples")
    return {
        DEFAULT_SEED: write_sample(folder / "default"),
        OTHER_SEED: write_sample(folder / "other", seed=OTHER_SEED),
    }


@pytest.fixture(scope="module", params=[DEFAULT_SEED, OTHER_SEED])
def sample(request, written) -> Path:
    return written[request.param]


@pytest.fixture(scope="module")
def spring(sample) -> Evaluation:
    ruleset = load_ruleset(sample / "rulesets" / "ir-1400-spring.yaml")
    return evaluate(ruleset, load_dataset(sample / "ir-1400-spring"))


@pytest.fixture(scope="module")
def autumn(sample, spring) -> Evaluation:
    ruleset = load_ruleset(sample / "rulesets" / "ir-1400-autumn.yaml")
    return evaluate(ruleset, load_dataset(sample / "ir-1400-autumn"), previous=spring)


def table(folder: Path, name: str) -> list[dict[str, str]]:
    text = (folder / f"{name}.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def query(folder: Path, sql: str) -> list[tuple]:
    """Ask DuckDB about the files, all cells being text."""
    with duckdb.connect() as connection:
        for name in ("agencies", "services", "links"):
            path = str(folder / f"{name}.csv")
            connection.read_csv(path, header=True, all_varchar=True).create_view(name)
        return connection.sql(sql).fetchall()


def names(evaluation: Evaluation, name: str) -> list[str]:
    return evaluation.lists.filter(pl.col("list") == name)["name"].to_list()


# --- what was published ----------------------------------------------------------------------


def test_the_counts_and_bands_are_the_published_ones(autumn):
    bands = dict(autumn.bands.select("label", "count").iter_rows())
    assert bands == {**BANDS, "not_assessed": 1021}
    assert autumn.manifest.counts["agencies"] == 168
    assert autumn.manifest.counts["services"] == 5989
    assert autumn.manifest.unassessed["electronization"] == {"missing": 1021, "not_applicable": 0}
    (gap,) = autumn.reconciliations["gap"]
    assert gap == 5989 - sum(BANDS.values()) == 1021


def test_the_named_bodies_are_in_their_lists(autumn):
    assert set(names(autumn, "top_10")) >= TOP_TEN
    assert len(names(autumn, "top_10")) == 10
    assert set(names(autumn, "highest_growth")) == HIGHEST_GROWTH
    assert len(names(autumn, "smart_ready")) == 161
    assert len(names(autumn, "not_started")) == 260


def test_twelve_of_the_twenty_main_bodies_are_undesirable(autumn):
    fired = autumn.findings.filter(pl.col("finding") == "undesirable")["agency"]
    main = autumn.agencies.filter("is_main")
    undesirable = main.filter(pl.col("agency").is_in(fired.to_list()))
    assert (main.height, fired.len(), undesirable.height) == (20, 12, 12)
    assert set(undesirable["name"]) >= UNDESIRABLE
    # What the six have in common is no more than the threshold; the eight others are well over.
    assert main.filter(pl.col("total") >= 50).height == 8


def test_all_agencies_are_ranked_and_totals_spread(autumn, spring):
    for evaluation in (autumn, spring):
        assert evaluation.agencies["rank"].null_count() == 0
        assert evaluation.agencies["coverage"].min() >= 0.8
    total = autumn.agencies["total"]
    assert 12 < total.min() < 22
    assert 78 < total.max() < 92
    assert 12 < total.std() < 22


def test_growth_is_real_and_bodies_come_and_go(autumn):
    growth = autumn.agencies["growth"].drop_nulls()
    assert growth.mean() > 0.5
    assert (growth < 0).sum() > 20
    continuity = dict(autumn.agencies["continuity"].value_counts().iter_rows())
    assert continuity == {"same": 164, "renamed": 1, "merged": 1, "new": 2}
    assert autumn.vanished["name_en"].to_list() == ["Office for Paper Archives"]


def test_the_cap_bites_undesirable_bodies_that_share_no_data(autumn):
    capped = autumn.criteria.filter(pl.col("cap").is_not_null() & (pl.col("uncapped") > 50))
    fired = autumn.findings.filter(pl.col("finding") == "undesirable")["agency"].to_list()
    assert capped["node"].unique().to_list() == ["integrated"]
    assert capped.filter(pl.col("agency").is_in(fired)).height == 3
    assert capped["score"].to_list() == [50.0] * capped.height


@pytest.mark.parametrize("sample", [DEFAULT_SEED], indirect=True)
def test_the_page_on_the_round_says_what_is_measured(sample, autumn):
    page = Path(__file__).parents[1] / "docs" / "explanation" / "eighth-round.md"
    text = " ".join(page.read_text(encoding="utf-8").split())
    total, growth = autumn.agencies["total"], autumn.agencies["growth"].drop_nulls()
    visits = autumn.findings.filter(pl.col("finding") == "full_with_visits").height
    for said in (
        f"{autumn.manifest.counts['services_out_of_scope']} services that cannot be electronic",
        f"totals from {total.min():.1f} to {total.max():.1f}",
        f"growth of {growth.mean():.1f} points over the {growth.len()} bodies",
        f"{visits} services that are wholly online",
        f"{len(table(sample / ROUNDS[1], 'links')):,} links",
    ):
        assert said in text
    for label, count, of_all, of_assessed in autumn.bands.select(
        "label", "count", "share_of_all", "share_of_assessed"
    ).iter_rows():
        if label != "not_assessed":
            assert f"| {count:,} | {of_all:.1%} | {of_assessed:.1%} |".replace("%", " %") in text


# --- the files -------------------------------------------------------------------------------


def test_duckdb_finds_the_same_bands_in_the_file(sample, autumn):
    worth = " + ".join(
        f"CASE {p} WHEN 'online' THEN 1 WHEN 'partial' THEN 0.5 WHEN 'offline' THEN 0 "
        f"WHEN 'not_applicable' THEN 0 END"
        for p in POINTS
    )
    applies = " + ".join(f"({p} <> 'not_applicable')::INT" for p in POINTS)
    rows = query(
        sample / "ir-1400-autumn",
        f"""
        WITH scored AS (
            SELECT visits, 100.0 * ({worth}) / ({applies}) AS e
            FROM services WHERE eligible = 'true'
        )
        SELECT CASE WHEN e = 0 THEN 'not_started' WHEN e < 50 THEN 'under_50'
                    WHEN e <= 90 THEN 'mid' WHEN e = 100 AND visits = '0' THEN 'full'
                    WHEN e > 90 THEN 'over_90' ELSE 'not_assessed' END,
               count(*), sum((e = 100)::INT)
        FROM scored GROUP BY 1
        """,  # noqa: S608 - our own column names
    )
    assert {label: count for label, count, _ in rows} == {
        **{label: count for label, count in BANDS.items() if count},
        "not_assessed": 1021,
    }
    wholly_online = sum(full or 0 for _, _, full in rows)
    findings = autumn.findings.filter(pl.col("finding") == "full_with_visits").height
    # A service whose visits are unknown is wholly online, but does not fire.
    assert 0 < findings <= wholly_online <= 161


def test_services_wait_for_the_smart_card(sample):
    for name in ROUNDS:
        folder = sample / name
        cards = query(
            folder,
            """
            SELECT l.kind, l.status, l.blocking, p.name_en, t.name_en, s.eligible
            FROM links l JOIN agencies p ON p.code = l.provider
            JOIN services s ON s.code = l.consumer
            JOIN services t ON t.code = l.provider_service AND t.agency = l.provider
            WHERE l.dataset = 'smart national identity card'
            """,
        )
        assert len(cards) > 300
        assert {status for _, status, *_ in cards} == {"requested", "refused", "needed"}
        assert {(kind, blocking, *rest) for kind, _, blocking, *rest in cards} == {
            (
                *("enabler", "true", "Civil Registration Organization"),
                *("Issuing smart national identity cards", "true"),
            )
        }


def test_live_links_are_counted_from_the_links(sample, autumn):
    expected = query(
        sample / "ir-1400-autumn",
        """
        SELECT consumer, 100.0 * count(*) FILTER (status = 'live') / count(*)
        FROM links GROUP BY consumer ORDER BY consumer
        """,
    )
    column = "integrated.live_links"
    scored = autumn.services.drop_nulls(column).sort("service")
    assert [code for code, _ in expected] == scored["service"].to_list()
    assert [float(share) for _, share in expected] == pytest.approx(scored[column].to_list())


def test_links_and_parents_lead_to_what_is_there(sample):
    for name in ROUNDS:
        astray = query(
            sample / name,
            """
            SELECT consumer FROM links ANTI JOIN services ON consumer = services.code
            UNION ALL SELECT provider FROM links ANTI JOIN agencies ON provider = agencies.code
            UNION ALL SELECT consumer FROM links JOIN services ON consumer = services.code
                      WHERE provider = agency
            UNION ALL SELECT consumer FROM links WHERE status = 'live' AND calls IS NULL
            UNION ALL SELECT a.code FROM services a ANTI JOIN services b ON a.parent = b.code
                      WHERE a.parent IS NOT NULL
            UNION ALL SELECT code FROM services WHERE parent = code
            UNION ALL SELECT code FROM services
                      WHERE (eligible = 'false') <> (ineligible_because IS NOT NULL)
            """,
        )
        assert astray == []


def test_most_services_keep_their_codes(sample):
    before, after = ({row["code"] for row in table(sample / name, "services")} for name in ROUNDS)
    assert len(before & after) > 0.9 * len(before | after)
    assert len(after - before) > 50
    assert len(before - after) > 50
    assert all(len(code) == 8 for code in before | after)
    ineligible = [
        row for row in table(sample / ROUNDS[1], "services") if row["eligible"] == "false"
    ]
    assert 200 < len(ineligible) < 1000


def test_every_row_says_that_it_is_made_up(sample):
    for name in ROUNDS:
        for one in ("agencies", "services", "links"):
            assert {row["synthetic"] for row in table(sample / name, one)} == {"true"}
        note = (sample / name / "README.txt").read_text(encoding="utf-8")
        assert "SYNTHETIC" in note
        assert "ساختگی" in note


def test_names_are_unique_in_both_languages(sample):
    rows = table(sample / ROUNDS[1], "agencies")
    assert len({row["name_fa"] for row in rows}) == len({row["name_en"] for row in rows}) == 168
    for language in ("name_fa", "name_en"):
        services = table(sample / ROUNDS[1], "services")
        assert len({(row["agency"], row[language]) for row in services}) == len(services)


def test_persian_digits_read_back(sample, autumn):
    typed = {
        row["code"]: row
        for row in table(sample / ROUNDS[1], "services")
        if row["cases"][:1] in tuple("۰۱۲۳۴۵۶۷۸۹")
    }
    read = autumn.inputs["services"].filter(pl.col("code").is_in(list(typed)))
    assert read.height > 50
    for row in read.iter_rows(named=True):
        # Python reads the digits of every script by itself, though not the decimal mark.
        assert row["cases"] == int(typed[row["code"]]["cases"])
        mean = typed[row["code"]]["satisfaction_mean"].replace("٫", ".")
        if row["satisfaction_mean"] is not None:
            assert row["satisfaction_mean"] == float(mean)


def test_declarations_have_gaps_and_reasons(sample):
    reasons = query(
        sample / ROUNDS[1],
        """
        SELECT DISTINCT visits FROM services UNION SELECT DISTINCT cases_on_time FROM services
        UNION SELECT DISTINCT tracking FROM services UNION SELECT point_payment FROM services
        """,
    )
    found = {reason for (reason,) in reasons}
    statuses = {"not_answered", "refused", "unverifiable", "exempt", "auditor_unable"}
    assert found >= {None, "not_applicable", *statuses}


# --- writing ---------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_same_seed_gives_the_same_bytes(written, tmp_path):
    here, other = contents(written[DEFAULT_SEED]), contents(written[OTHER_SEED])
    assert len(here) == 18
    # Another process, with another order of sets and another locale.
    code = "import sys; from egovrules.sample import write_sample; write_sample(sys.argv[1])"
    environment = os.environ | {"PYTHONHASHSEED": "7", "LC_ALL": "C"}
    arguments = [sys.executable, "-c", code, str(tmp_path / "there")]
    subprocess.run(arguments, check=True, env=environment)
    assert contents(tmp_path / "there") == here
    same = {name for name in here if other[name] == here[name]}
    assert same == {name for name in here if name.startswith("rulesets/")}


def test_the_rulesets_are_those_of_the_repository(written):
    folder = written[DEFAULT_SEED]
    shipped = Path(__file__).parents[1] / "rulesets"
    names = [f"{name}{end}" for name in ROUNDS for end in (".yaml", ".test.yaml")]
    for name in (*names, "egovrules.schema.json", "egovrules-tests.schema.json"):
        assert (folder / "rulesets" / name).read_bytes() == (shipped / name).read_bytes()


@pytest.fixture
def small(monkeypatch) -> None:
    """Let the generator make one row per table, since only the writing is tested."""

    def tables(seed: int) -> dict[str, Tables]:
        rows = [{"code": str(seed)}]
        return {name: Tables(rows, rows, rows) for name in ("spring", "autumn")}

    monkeypatch.setattr(folder_module, "tables", tables)


@pytest.mark.usefixtures("small")
def test_an_unchanged_sample_is_replaced(tmp_path):
    write_sample(tmp_path, seed=7)
    before = contents(tmp_path)
    write_sample(tmp_path)
    assert contents(tmp_path) != before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*ROUNDS, "rulesets"])


@pytest.mark.usefixtures("small")
def test_what_somebody_changed_stays(tmp_path):
    write_sample(tmp_path)
    ruleset = tmp_path / "rulesets" / "ir-1400-autumn.yaml"
    ruleset.write_text(ruleset.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    (tmp_path / "ir-1400-spring" / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "ir-1400-autumn" / "links.csv").write_text("mine", encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(EvaluationError) as raised:
        write_sample(tmp_path)
    assert contents(tmp_path) == before
    text = str(raised.value)
    assert len(raised.value.problems) == 3
    for told in ("ir-1400-autumn.yaml was changed", "notes.txt was added", "links.csv was changed"):
        assert told in text
    assert "--force" in text
    write_sample(tmp_path, force=True)
    assert contents(tmp_path) == contents(write_sample(tmp_path.with_name("fresh")))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "files",
    [
        {"own.yaml": "mine"},
        {"own.yaml": "mine", "README.txt": "My rulesets."},
        {"own.yaml": "mine", "README.txt": "My rulesets.", "SHA256SUMS": "00  README.txt\n"},
        {"own.yaml": "mine", "SHA256SUMS": ""},
    ],
)
def test_a_folder_of_somebody_else_is_refused(tmp_path, files, force):
    (tmp_path / "rulesets").mkdir()
    for name, content in files.items():
        (tmp_path / "rulesets" / name).write_text(content, encoding="utf-8")
    before = contents(tmp_path)
    with pytest.raises(EvaluationError, match="is not a sample") as raised:
        write_sample(tmp_path, force=force)
    assert "--force" not in str(raised.value)
    assert contents(tmp_path) == before


def test_a_file_in_the_place_is_refused(tmp_path):
    file = tmp_path / "sample"
    file.write_text("mine", encoding="utf-8")
    for force in (False, True):
        with pytest.raises(EvaluationError, match="is a file"):
            write_sample(file, force=force)
    inner = tmp_path / "rulesets"
    inner.write_text("mine", encoding="utf-8")
    with pytest.raises(EvaluationError, match="is a file"):
        write_sample(tmp_path, force=True)
    assert file.read_text(encoding="utf-8") == inner.read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("small")
def test_a_full_disk_leaves_the_old_sample(tmp_path, monkeypatch):
    write_sample(tmp_path, seed=7)
    before = contents(tmp_path)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(EvaluationError, match="No space left"):
        write_sample(tmp_path)
    assert contents(tmp_path) == before


@pytest.mark.usefixtures("small")
def test_missing_rulesets_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_module, "RULESETS", ("ir-1399.yaml",))
    with pytest.raises(EvaluationError, match=r"ir-1399\.yaml .* is not installed"):
        write_sample(tmp_path)
    assert contents(tmp_path) == {}


# --- draws -----------------------------------------------------------------------------------


def test_draws_are_those_of_shake_128():
    # The first bytes of SHAKE128 of nothing, as NIST publishes them.
    assert draws(2) == [0x7F9C2BA4 / 2**32, 0xE88F827D / 2**32]
    assert draws(3, 1400, "x")[:2] == draws(2, 1400, "x")
    assert draws(2, 1400, "x") != draws(2, 1400, "y")


@bounded
@given(st.integers(0, 1000), st.floats(0, 1), st.floats(0, 1, exclude_max=True))
def test_a_part_is_within_one_of_its_share(whole, level, draw):
    found = part(whole, level, draw)
    assert 0 <= found <= whole
    assert abs(found - whole * level) <= 1
    assert 0 <= wobble(level, draw) <= 1


@bounded
@given(st.integers(1, 500), st.floats(0, 1))
def test_a_spread_keeps_to_the_share(count, level):
    places = spread(count, "test", count)
    assert sorted(places) == [(i + 0.5) / count for i in range(count)]
    assert abs(sum(place < level for place in places) - count * level) <= 0.5 + 1e-9


@bounded
@given(
    st.integers(0, 10_000),
    st.dictionaries(st.text("ab", max_size=4), st.floats(0.1, 100), min_size=1, max_size=8),
)
def test_apportioning_gives_everything_away(total, weights):
    found = apportion(total, weights)
    assert sum(found.values()) == total
    whole = sum(weights.values())
    for name, weight in weights.items():
        assert abs(found[name] - total * weight / whole) < 1 + 1e-6


def test_sizes_are_log_normal_about_their_middle():
    sizes = sorted(size(25, 14, draws(15, "size", i)) for i in range(4000))
    middle = sizes[len(sizes) // 2]
    # Median 25 · 2⁷ · 3/2; as many a factor of 16 below as above, within a hundredth.
    assert 25 * 2**7 <= middle <= 25 * 2**8
    below, above = (sum(s < middle / 16 for s in sizes), sum(s > middle * 16 for s in sizes))
    assert abs(below - above) < 40
    assert above > 20
