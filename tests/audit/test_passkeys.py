"""Acts signed by a passkey: an auditor checks them from the log alone."""

from pathlib import Path
from typing import Any

from ledger.entries.act import format_payload, read_envelope
from ledger.entries.codec import encode_entry
from ledger.entries.entry import ActRecorded
from ledger.governance.people.passkeys import enrolment_challenge
from tests.audit.world import FOUNDED_MS, FOUNDER, LEDGER, Log, publish_and_look, told
from tests.entries.passkeys import Authenticator

PASSKEY = Authenticator(5, rp_id="localhost")
ORIGIN = {"origin": "http://localhost:8080"}


def enrolled() -> Log:
    log = Log()
    log.found()
    challenge = enrolment_challenge(log.genesis, FOUNDER.did)
    log.act("passkey.enroll", PASSKEY.enrolment(challenge, **ORIGIN), 1)
    return log


def by_passkey(log: Log, passkey: Authenticator, **said: Any) -> None:
    size = len(log.leaves)
    payload = format_payload(
        genesis=log.genesis,
        act="member.exit",
        actor=FOUNDER.did,
        seq=2,
        until="2026-11-18T20:00:00Z",
        seen_size=size,
        seen_root=log.root(),
        body={},
    )
    act = read_envelope(passkey.envelope(payload, **{**ORIGIN, **said}))
    entry = ActRecorded(ledger=LEDGER, time_ms=FOUNDED_MS + 9_000, act=act)
    log.leaves.append(encode_entry(entry))


async def test_a_true_one(tmp_path: Path) -> None:
    log = enrolled()
    by_passkey(log, PASSKEY)
    assert told(await publish_and_look(log, tmp_path)) == []


async def test_one_that_nobody_enrolled(tmp_path: Path) -> None:
    log = enrolled()
    by_passkey(log, Authenticator(6, rp_id="localhost"))
    (finding,) = told(await publish_and_look(log, tmp_path))
    assert finding == (
        "entry 2 is an act that was to be refused: signed by a passkey that the actor "
        "has not enrolled"
    )


async def test_one_used_at_another_site(tmp_path: Path) -> None:
    log = enrolled()
    by_passkey(log, PASSKEY, origin="https://evil.example")
    (finding,) = told(await publish_and_look(log, tmp_path))
    assert finding == (
        "entry 2 is an act that was to be refused: the passkey was used at another site "
        "than it is enrolled for"
    )
