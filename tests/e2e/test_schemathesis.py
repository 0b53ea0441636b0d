"""The OpenAPI document of a running server, against that server (schemathesis).

For every operation: no 5xx, no status or content type that the document does not name,
and bodies as it says. The document and the handlers are one promise.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.world.service import Service

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def document(service: Service) -> schemathesis.BaseSchema:
    schema = schemathesis.openapi.from_url(f"{service.base_url}/openapi.json")
    # A stream has no end, and its test is its own.
    return schema.exclude(path_regex="/stream$")


def test_every_operation_keeps_the_document(
    document: schemathesis.BaseSchema, service: Service
) -> None:
    tried, broken = disagreements(document, service, examples=15)

    assert tried >= 20
    assert broken == [], "\n\n".join(broken)


def test_a_document_that_says_less_is_noticed(service: Service) -> None:
    raw = service.get("/openapi.json").json()
    for path in raw["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                operation.get("responses", {}).pop("404", None)
    document = schemathesis.openapi.from_dict(raw)
    document.config.update(base_url=service.base_url)

    _, broken = disagreements(document.include(name_regex="tile"), service, examples=3)

    assert broken != []


def disagreements(
    document: schemathesis.BaseSchema, service: Service, *, examples: int
) -> tuple[int, list[str]]:
    """(operations tried, what does not agree); schemathesis's plugin wants another pytest."""
    headers = {"Authorization": f"Bearer {service.token}"}
    broken: list[str] = []
    tried = 0
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        tried += 1

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def check(case: Any) -> None:
            if "ledger" in case.path_parameters:
                case.path_parameters["ledger"] = "commons"
            case.call_and_validate(headers=headers, checks=CHECKS)

        try:
            check()
        except (FailureGroup, Failure) as failure:
            broken.append(f"{operation.label}: {failure}")
    return tried, broken
