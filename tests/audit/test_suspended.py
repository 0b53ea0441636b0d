"""A system that was stopped, and decisions recorded all the same."""

from pathlib import Path

from ledger.keys import SigningKey
from tests.audit.world import FOUNDER, Log, kinds, publish_and_look, told

THREE = [FOUNDER, SigningKey(b"\x21" * 32), SigningKey(b"\x22" * 32)]
CALL = {"system": "example", "reason": "harm-reported"}


def log_of(callers: int) -> Log:
    log = Log()
    log.found(founders=tuple(key.did for key in THREE))
    log.register()
    log.decide(1)
    for number, key in enumerate(THREE[:callers], 2):
        seq = 2 if key is FOUNDER else 1
        log.act("system.suspend_emergency", CALL, seq, key=key, time_ms=ms(number))
    return log


def ms(number: int) -> int:
    return 1_795_000_000_000 + 1_000 * number


async def test_a_decision_of_a_suspended_system_is_found(tmp_path: Path) -> None:
    log = log_of(3)
    log.decide(2)
    report = await publish_and_look(log, tmp_path)
    assert kinds(report) == ["rule"]
    assert "recorded while its system was suspended" in told(report)[0]


async def test_two_calls_of_three_stop_nothing(tmp_path: Path) -> None:
    log = log_of(2)
    log.decide(2)
    assert told(await publish_and_look(log, tmp_path)) == []
