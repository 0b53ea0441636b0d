"""The document is valid OpenAPI 3.1, says what CONTRACT says, and what the code does."""

import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from jsonschema_rs import Draft202012Validator, validator_for
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from schemas.decision import ParsedDecision, try_parse_decision
from schemas.kinds import KINDS
from schemas.openapi import openapi_document, problems_of
from schemas.operations import OPERATIONS
from tests.schemas.samples import FULL, absent, changed, encoded

DOCUMENT: dict[str, Any] = openapi_document(version="1.2.3", base_url="http://h:1")
CONTRACT_PATHS = [
    "/health/live",
    "/health/ready",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/{ledger}/checkpoint",
    "/{ledger}/tile/{level}/{index}",
    "/{ledger}/tile/entries/{index}",
    "/{ledger}/r",
    "/{ledger}/v1/keys",
    "/{ledger}/v1/decisions",
    "/{ledger}/v1/decisions/{id}",
    "/{ledger}/v1/entries",
    "/{ledger}/v1/entries/{index}",
    "/{ledger}/v1/entries/stream",
    "/{ledger}/v1/receipts/{id}",
    "/{ledger}/v1/proofs/inclusion",
    "/{ledger}/v1/proofs/consistency",
    "/{ledger}/v1/sealed/{id}",
    "/{ledger}/v1/acts",
    "/{ledger}/v1/state",
    "/{ledger}/v1/community",
    "/{ledger}/v1/systems",
    "/{ledger}/v1/systems/{id}",
    "/{ledger}/v1/members",
    "/{ledger}/v1/proposals",
    "/{ledger}/v1/proposals/{id}",
    "/{ledger}/v1/safeguards",
    "/{ledger}/v1/datasets",
    "/{ledger}/v1/treasury",
    "/{ledger}/v1/delegations",
    "/static/{name}",
]
# Beyond CONTRACT: what it names without a path, and what a reader of it needs besides.
OWN_PATHS = [
    "/{ledger}/v1/decisions/{id}/rules",
    "/{ledger}/v1/state/{section}",
    "/{ledger}/v1/parameters",
    "/{ledger}/v1/actors/{did}",
    "/{ledger}/v1/roles",
    "/{ledger}/v1/proposals/{id}/comments",
    "/{ledger}/v1/texts",
    "/{ledger}/v1/texts/{digest}",
    "/{ledger}/v1/feed.atom",
    "/{ledger}/v1/contests",
    "/{ledger}/v1/contests/{id}",
    "/{ledger}/v1/parts",
    "/{ledger}/v1/parts/{part}",
    "/{ledger}/v1/grants/{id}",
    "/{ledger}/v1/grants/{id}/key",
    "/{ledger}/v1/reissues",
    "/{ledger}/v1/reissues/{id}",
    "/{ledger}/v1/lost/start",
    "/{ledger}/v1/lost/finish",
]


def _schema(name: str) -> Any:
    return validator_for(
        {
            "$ref": f"#/components/schemas/{name}",
            "components": DOCUMENT["components"],
            "$schema": "https://json-schema.org/draft/2020-12/schema",
        },
        validate_formats=True,
    )


def test_is_valid_openapi_3_1() -> None:
    assert [str(error) for error in OPENAPI_31_VALIDATOR.iter_errors(DOCUMENT)] == []
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator(schema | {"components": DOCUMENT["components"]})


def test_has_every_path_of_the_contract_and_no_other_than_ours() -> None:
    assert set(DOCUMENT["paths"]) == {*CONTRACT_PATHS, *OWN_PATHS}
    assert set(DOCUMENT["paths"]["/{ledger}/v1/decisions"]) == {"get", "post"}


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    text = repr(DOCUMENT)
    used = set(re.findall(r"'#/components/schemas/([A-Za-z]+)'", text))
    lines = {"RecordedLine", "UnknownLine"}  # of a batch's answer: named in words
    assert used | lines == set(DOCUMENT["components"]["schemas"])


def test_every_kind_of_problem_is_answered_by_some_operation() -> None:
    named = {name for one in OPERATIONS for name in problems_of(one)}
    outside = {"method-not-allowed", "ledger-exists"}  # any path; the command line
    assert named | outside == set(KINDS)


def test_a_status_is_documented_once_with_its_kinds() -> None:
    post = DOCUMENT["paths"]["/{ledger}/v1/decisions"]["post"]["responses"]
    want = [
        "200",
        "201",
        "400",
        "401",
        "403",
        "404",
        "408",
        "409",
        "410",
        "413",
        "415",
        "422",
        "429",
        "500",
        "503",
    ]
    assert sorted(post) == want
    assert "id-used-otherwise" in post["422"]["x-problems"]


def test_a_fixed_segment_stands_before_a_parameter_in_its_place() -> None:
    order = [one.name for one in OPERATIONS]
    assert len(set(order)) == len(order)
    assert order.index("entries_tile") < order.index("tile")
    assert order.index("stream") < order.index("entry")
    assert order.index("static") < order.index("checkpoint")
    assert order.index("live") < order.index("checkpoint")


def test_parameters_of_a_path_are_declared() -> None:
    for one in OPERATIONS:
        declared = {p.name for p in one.parameters if p.place == "path"}
        assert declared == set(re.findall(r"\{(\w+)\}", one.path)), one.name


def test_the_full_decision_fits_its_schema() -> None:
    assert _schema("Decision").is_valid(FULL)


_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [absent(), None, 1, 0, -1, True, "", "x", "0.5", "-1", [], {}, [None], [{}], 1.5]
)
_PLACES = st.sampled_from(
    [
        *FULL,
        "outcome/code",
        "outcome/favourable",
        "subject/ref",
        "reasons/0",
        "reasons/0/code",
        "reasons/0/text",
        "reasons/0/rank",
        "human/involved",
        "counterfactuals/0/to",
        "recourse/deadline_days",
        "footprint/energy_wh",
        "parents/0",
        "unknown",
        "outcome/unknown",
        "reasons/0/unknown",
    ]
)


@given(_PLACES, _VALUES)
@settings(max_examples=300, deadline=None)
def test_the_schema_and_the_parser_agree(path: str, value: Any) -> None:
    """What one takes the other takes: a client that trusts the document is safe."""
    if value is absent() and path.endswith("unknown"):
        return
    decision = changed(path, value)
    taken = isinstance(try_parse_decision(encoded(decision)), ParsedDecision)
    assert _schema("Decision").is_valid(decision) == taken


@pytest.mark.parametrize("favourable", [True, False])
def test_reasons_are_required_when_not_favourable(favourable: bool) -> None:
    decision = changed("reasons", absent())
    decision["outcome"]["favourable"] = favourable
    assert _schema("Decision").is_valid(decision) is favourable


def test_examples_name_the_service() -> None:
    samples = DOCUMENT["paths"]["/{ledger}/checkpoint"]["get"]["x-codeSamples"]
    assert samples[0]["source"] == "curl http://h:1/commons/checkpoint"
    assert "$BASE" not in repr(DOCUMENT)
    assert "$LEDGER" not in repr(DOCUMENT)
