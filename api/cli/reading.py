"""Reading a decision under a grant: the read is recorded first, then the key is fetched."""

import argparse
from collections.abc import Awaitable, Callable

from api.cli.acting import carry_out_as, finish, tell_errors, url_of
from api.cli.casefile import met_state
from api.member.acting import Desk, Plan
from api.member.client import Client
from api.member.seen import Met
from api.member.voice import Voice
from api.member.words import act_in_words
from ledger.canonical import parse_base64
from ledger.entries.codec import decode_entry
from ledger.entries.entry import ActRecorded
from ledger.errors import NotFoundError
from ledger.governance.cases.kept import Grant
from ledger.governance.state import State
from ledger.ids import Did
from ledger.limits import GRANT_READ_S

FindGrant = Callable[[State], Grant]
# Shows what a recorded read opens, and gives the exit status.
Show = Callable[[Client, Met, State, Grant, str], Awaitable[int]]


def read_under(
    arguments: argparse.Namespace, voice: Voice, find: FindGrant, show: Show
) -> int:
    """Read under a grant; 0 read. A read of the last hour is used again.

    Raises:
        CounterfoilError: there is no such grant, or nothing to read.
    """

    async def look() -> int | None:
        async with Client(url_of(arguments)) as client:
            met, state = await met_state(client, voice)
            grant = find(state)
            read = await fresh_read(client, state, grant, voice.key.did)
            if read is None:
                return None
            return await show(client, met, state, grant, read)

    async def plan(desk: Desk) -> Plan:
        grant = find(desk.state)
        body = {"grant": grant.id, "decision": grant.decision}
        words = act_in_words(desk.state, "grant.read", body)
        words.insert(1, "The person decided about sees that you looked, and when.")
        return Plan(act="grant.read", body=body, words=words)

    def work() -> int:
        done = finish(look())
        if done is not None:
            return done
        code = carry_out_as(arguments, voice.path, voice.key, plan)
        if code or arguments.dry_run:
            return code
        done = finish(look())
        if done is None:
            raise NotFoundError("not-found", "the read that was recorded is not there")
        return done

    return tell_errors(arguments, work)


async def fresh_read(
    client: Client, state: State, grant: Grant, key: Did
) -> str | None:
    """The newest read of this grant, by this very key, that still opens it."""
    if not grant.is_open(state.log_time_ms):
        return None  # the ledger's own rules then say so
    for read in reversed(grant.reads):
        if state.log_time_ms >= read.at_ms + GRANT_READ_S * 1000:
            return None
        events = state.cases.later[grant.decision]
        index = next(event.index for event in events if event.id == read.act)
        leaf = parse_base64((await client.read(f"v1/entries/{index}"))["leaf"])
        entry = decode_entry(leaf)
        if isinstance(entry, ActRecorded) and entry.act.actor == key:
            return read.act
    return None
