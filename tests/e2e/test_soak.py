"""Three rounds of the soak (`python -m tests.soak` runs fifty)."""

import pytest

from tests.soak import KILLS, Soak
from tests.world.service import Service

pytestmark = [pytest.mark.e2e, pytest.mark.postgres, pytest.mark.slow]


@pytest.mark.timeout(900)
def test_nothing_is_lost_doubled_or_forked_by_kills() -> None:
    with Service(workers=2) as service:
        soak = Soak(service, seed=20261122, load_s=0.8)
        for number, kind in enumerate(["a worker", "postgres", "everything"]):
            soak.round(number, kind=kind, audited=number == 2)

        assert set(soak.kills) < set(KILLS)
        assert soak.findings == []
        assert len(soak.told.acknowledged) > 10
        assert "refuses_to_sign" not in service.log
