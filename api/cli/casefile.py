"""Showing a case: what `contest show` and `review read` print."""

import argparse
import json

from api.cli.acting import finish, tell_errors, url_of
from api.member.client import Client
from api.member.dossier import Dossier, find_contest, open_case, save_attachments
from api.member.dossier_view import as_json, lines
from api.member.seen import Met, Seen
from api.member.standing import at, fetch_state
from api.member.voice import Voice, identity_voice, read_receipt, voice_of
from ledger.clock import SystemClock
from ledger.governance.state import State


def print_dossier(arguments: argparse.Namespace, dossier: Dossier) -> None:
    """A case, as far as it was opened."""
    now_ms = dossier.state.log_time_ms
    if arguments.json:
        print(json.dumps(as_json(dossier, now_ms)))
    else:
        for line in lines(dossier, now_ms):
            print(line)


async def met_state(client: Client, voice: Voice) -> tuple[Met, State]:
    """The log, held against what this voice saw of it, and its state as of now.

    Raises:
        VerificationError: the log went back.
    """
    met = await Seen(voice.path.with_name(f"{voice.path.name}.seen")).meet(client)
    return met, at(await fetch_state(client), SystemClock().now_ms())


def run_show(arguments: argparse.Namespace) -> int:
    """Show one contest; 0 shown."""

    async def show() -> int:
        voice = _voice(arguments)
        async with Client(url_of(arguments)) as client:
            if voice is None:
                state = at(await fetch_state(client), SystemClock().now_ms())
                contest = find_contest(state, arguments.contest)
                print_dossier(arguments, Dossier(state=state, contest=contest))
                return 0
            met, state = await met_state(client, voice)
            contest = find_contest(state, arguments.contest)
            dossier = await open_case(client, state, contest, voice, met.genesis)
        if arguments.attachments is not None:
            save_attachments(dossier, arguments.attachments)
        print_dossier(arguments, dossier)
        return 0

    return tell_errors(arguments, lambda: finish(show()))


def _voice(arguments: argparse.Namespace) -> Voice | None:
    if arguments.receipt is not None:
        receipt = read_receipt(arguments.receipt)
        return voice_of(arguments.receipt, receipt, arguments.identity)
    if arguments.identity is not None:
        return identity_voice(arguments.identity)
    return None
