"""The model is checked against the domain's published lists, and its tables against its classes."""

import datetime as dt
import os
import types
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from egovrules.fields import (
    AGENCY_FIELDS,
    ANSWER_FIELDS,
    LINK_FIELDS,
    SERVICE_FIELDS,
)
from egovrules.model import (
    Agency,
    AgencyKind,
    Answer,
    AnswerSource,
    AnswerStatus,
    Audience,
    Link,
    LinkKind,
    LinkStatus,
    Obstacle,
    PointState,
    Service,
)

FUZZ = int(os.environ.get("EGOVRULES_FUZZ", "1"))
BUDGET = settings(max_examples=200 * FUZZ, derandomize=True, deadline=None, database=None)

AGENCY = {"code": "001", "name": "Justice"}
SERVICE = {"code": "0010", "agency": "001", "name": {"fa": "صدور گواهی"}}
LINK = {"consumer": "0010", "provider": "002", "kind": "enabler", "status": "needed"}
ANSWER = {"subject": "0010", "indicator": "visits", "value": 2}


@pytest.mark.parametrize(
    ("enumeration", "published"),
    [
        (AgencyKind, "ministry organisation company research public_non_state province"),
        (Audience, "g2c g2b g2g g2e"),
        (LinkKind, "data enabler"),
        (LinkStatus, "needed requested refused agreed test live degraded"),
        (
            AnswerStatus,
            "valid not_applicable not_answered refused unverifiable exempt auditor_unable",
        ),
        (AnswerSource, "declared audited appealed"),
        (PointState, "offline partial online not_applicable"),
        (
            Obstacle,
            """conflict_of_interest discretionary_signature legacy_structure upstream_enabler
            data_withheld law budget skills technology security""",
        ),
    ],
)
def test_enumerations_are_those_of_the_domain(enumeration, published):
    assert [value.value for value in enumeration] == published.split()


def test_degrees_of_points():
    assert [state.degree for state in PointState] == [0, 0.5, 1, None]


def test_an_agency_of_plain_values():
    agency = Agency(
        code=" 001 ",
        name={"fa": "وزارت دادگستری", "en": "Justice"},
        aliases=["دادگستری"],
        kind="ministry",
        is_main=True,
        predecessors=["7", "8"],
        valid_from="2020-03-20",
        indicators={
            "budget": 12,
            "share": 0.5,
            "open": True,
            "day": dt.date(2021, 1, 2),
            "n": None,
        },
    )
    assert agency.code == "001"
    assert agency.kind is AgencyKind.MINISTRY
    assert agency.valid_from == dt.date(2020, 3, 20)
    assert agency.predecessors == ("7", "8")
    kept = {name: type(value) for name, value in agency.indicators.items()}
    assert kept == {"budget": int, "share": float, "open": bool, "day": dt.date, "n": type(None)}
    assert agency.aliases == ("دادگستری",)


def test_defaults_say_nothing_that_was_not_said():
    service = Service.model_validate(SERVICE)
    assert service.eligible is True
    assert service.annual_volume is None
    assert service.audience == frozenset()
    answer = Answer.model_validate(ANSWER)
    assert (answer.status, answer.source) == (AnswerStatus.VALID, AnswerSource.DECLARED)
    assert Agency.model_validate(AGENCY).kind is None


def test_records_are_frozen():
    with pytest.raises(ValidationError):
        Agency.model_validate(AGENCY).code = "2"


def _messages(model, fields):
    with pytest.raises(ValidationError) as caught:
        model.model_validate(fields)
    return [found["msg"] for found in caught.value.errors()]


@pytest.mark.parametrize(
    ("model", "fields", "message"),
    [
        (Agency, AGENCY | {"parent": "001"}, "an agency cannot be its own parent (001)"),
        (Service, SERVICE | {"parent": "0010"}, "a service cannot be its own parent (0010)"),
        (Agency, AGENCY | {"code": ""}, "a code has 1 to 64 visible characters"),
        (Agency, AGENCY | {"code": "x" * 65}, "a code has 1 to 64 visible characters"),
        (Agency, AGENCY | {"code": "a\nb"}, "a code has 1 to 64 visible characters"),
        (Agency, AGENCY | {"code": "a\u200eb"}, "a code has 1 to 64 visible characters"),
        (Agency, AGENCY | {"predecessors": ["7", "7"]}, "a predecessor is named twice"),
        (
            Agency,
            AGENCY | {"valid_from": "2021-01-02", "valid_to": "2021-01-01"},
            "valid_to lies before valid_from (2021-01-01, 2021-01-02)",
        ),
        (
            Service,
            SERVICE | {"annual_volume": float("nan")},
            "a number is needed here, not infinity or 'not a number'",
        ),
        (
            Link,
            LINK | {"calls": 3, "successes": 4},
            "there are more successes (4) than calls (3)",
        ),
        (
            Link,
            LINK | {"provider_service": "0010"},
            "a service cannot depend on itself (0010)",
        ),
        (
            Link,
            LINK | {"requested_on": "2021-02-01", "due_on": "2021-01-01"},
            "due_on lies before requested_on (2021-01-01, 2021-02-01)",
        ),
        (Answer, ANSWER | {"value": None}, "a valid answer needs a value"),
    ],
)
def test_refused_in_plain_words(model, fields, message):
    assert _messages(model, fields) == [message]


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Agency, {"name": "Justice"}),
        (Agency, AGENCY | {"code": 1}),
        (Agency, AGENCY | {"kind": "club"}),
        (Agency, AGENCY | {"is_main": "yes"}),
        (Agency, AGENCY | {"colour": "red"}),
        (Agency, AGENCY | {"indicators": {"x": float("inf")}}),
        (Agency, AGENCY | {"indicators": {"x": [1]}}),
        (Service, SERVICE | {"annual_volume": -1}),
        (Service, SERVICE | {"annual_volume": "12"}),
        (Service, SERVICE | {"annual_volume": True}),
        (Service, SERVICE | {"audience": ["g2x"]}),
        (Link, LINK | {"calls": 1.5}),
        (Link, LINK | {"calls": -1}),
        (Link, LINK | {"status": None}),
        (Answer, ANSWER | {"source": "rumour"}),
    ],
)
def test_wrong_types_ranges_and_keys_refused(model, fields):
    assert _messages(model, fields)


def test_all_problems_at_once():
    wrong = {"code": "", "name": "", "kind": "club", "valid_from": "1400-02-31"}
    assert len(_messages(Agency, wrong)) == 4


CODES = st.text(
    st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=64
).filter(lambda code: code == code.strip())


@BUDGET
@given(
    st.builds(
        Service,
        code=CODES,
        agency=CODES,
        name=st.dictionaries(st.sampled_from(["en", "fa"]), st.just("نام"), min_size=1),
        audience=st.frozensets(st.sampled_from(Audience)),
        annual_volume=st.none() | st.floats(min_value=0, allow_infinity=False, allow_nan=False),
        indicators=st.dictionaries(
            CODES, st.none() | st.booleans() | st.integers() | CODES, max_size=3
        ),
    )
)
def test_records_survive_json(service):
    again = Service.model_validate_json(service.model_dump_json())
    assert again == service
    assert [type(value) for value in again.indicators.values()] == [
        type(value) for value in service.indicators.values()
    ]


# --- tables ----------------------------------------------------------------------------------

TABLES = [
    (Agency, AGENCY_FIELDS),
    (Service, SERVICE_FIELDS),
    (Link, LINK_FIELDS),
    (Answer, ANSWER_FIELDS),
]


@pytest.mark.parametrize(("model", "fields"), TABLES)
def test_tables_have_the_columns_of_their_class(model, fields):
    own = set(model.model_fields) - {"indicators"}
    spelt = {"name_en", "name_fa"} if "name" in own else set()
    assert set(fields) == own | spelt
    with pytest.raises(TypeError):
        fields["new"] = None


def _parts(annotation):
    """All the plain types in an annotation."""
    if typing.get_origin(annotation) is typing.Annotated:
        return _parts(annotation.__origin__)
    if typing.get_origin(annotation) in {typing.Union, types.UnionType, tuple, frozenset}:
        return set().union(*(_parts(part) for part in typing.get_args(annotation)))
    return {annotation}


@pytest.mark.parametrize(("model", "fields"), TABLES)
def test_columns_have_the_type_and_default_of_their_class(model, fields):
    hints = typing.get_type_hints(model, include_extras=True)
    for name, spec in fields.items():
        if name in {"name", "name_en", "name_fa", "value"}:
            continue
        kinds = _parts(hints[name]) - {type(None), Ellipsis}
        (kind,) = kinds
        expected = {bool: "boolean", int: "number", float: "number", dt.date: "date"}
        assert spec.type == expected.get(kind, "text"), name
        assert spec.values == (
            tuple(value.value for value in kind) if hasattr(kind, "__members__") else ()
        ), name
        field = model.model_fields[name]
        assert spec.required == field.is_required(), name
        assert spec.several == (typing.get_origin(hints[name]) in {tuple, frozenset}), name
        if not spec.required and not spec.several:
            assert spec.default == field.default, name
