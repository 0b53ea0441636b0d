"""An act signed by a passkey takes the writer's road, and only its signer finds it again."""

from pathlib import Path

import pytest

from ledger.entries.act import Act, read_envelope
from ledger.errors import VerificationError
from ledger.governance.people.passkeys import enrolment_challenge
from ledger.log.pending import Recorded
from tests.entries.passkeys import Authenticator
from tests.world.desk import FOUNDER, Desk

pytestmark = pytest.mark.postgres

PASSKEY, OTHER = Authenticator(11), Authenticator(12)


def by(passkey: Authenticator, act: Act) -> Act:
    return read_envelope(passkey.envelope(act.payload))


async def test_a_passkeys_act_is_recorded_once(database: str, tmp_path: Path) -> None:
    async with Desk(database, tmp_path) as desk:
        book = await desk.open()
        version = {"system": "example", "version": "by-passkey"}
        early = by(PASSKEY, await desk.sign(book, "system.version", version))
        assert isinstance(await desk.send(book, early), VerificationError)

        challenge = enrolment_challenge(book.ledger.genesis, FOUNDER.did)
        enrolment = PASSKEY.enrolment(challenge)
        assert isinstance(await desk.act(book, "passkey.enroll", enrolment), Recorded)
        plain = await desk.sign(book, "system.version", version)
        assert isinstance(await desk.send(book, by(OTHER, plain)), VerificationError)
        first = await desk.send(book, by(PASSKEY, plain))
        assert isinstance(first, Recorded)
        assert first.created

        # ECDSA signs anew each time: another envelope of the same payload.
        again = await desk.send(book, by(PASSKEY, plain))
        assert isinstance(again, Recorded)
        assert (again.index, again.created) == (first.index, False)
        stolen = await desk.send(book, by(OTHER, plain))
        assert isinstance(stolen, VerificationError)

        revoked = by(
            PASSKEY,
            await desk.sign(book, "passkey.revoke", {"credential": PASSKEY.credential}),
        )
        last = await desk.send(book, revoked)
        assert isinstance(last, Recorded)
        retried = await desk.send(book, revoked)  # the very envelope that stands
        assert isinstance(retried, Recorded)
        assert retried.index == last.index
        assert isinstance(await desk.send(book, by(PASSKEY, plain)), VerificationError)
        await desk.check()
