"""One Node process for the module tree."""

from collections.abc import Iterator

import pytest

from tests.web.verify.node import Verifier


@pytest.fixture(scope="session")
def verifier() -> Iterator[Verifier]:
    with Verifier() as running:
        yield running
