"""`counterfoil claim`; and what all commands of whoever holds a receipt share."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from api.cli.acting import add_act_parser, carry_out_as, tell_errors
from api.member.acting import Desk, Plan
from api.member.voice import (
    Voice,
    claim_path,
    claim_seed,
    contest_key,
    read_claim,
    read_receipt,
    shown,
    voice_of,
    write_claim,
)
from api.member.words import act_in_words
from ledger.canonical import format_base64, format_base64url
from ledger.entries.case import derive_claim, prove_claim
from ledger.entries.receipt import Receipt

RECEIPT: Final = "the receipt of the decision (*.counterfoil.json)"
HELPER: Final = "a helper's key; yours is found beside the receipt"
_CLAIM: Final = """\
Claims a receipt with a key of your own, which is made here and kept beside the receipt.
Whoever made the decision may know the receipt's secret; nobody else has your key. What
you contest with it only you can withdraw. Claims add and never exclude.

Keep a copy of the claim file: with it alone you can go on from another machine.
"""
PlanFor = Callable[[Desk, Voice, Receipt], Awaitable[Plan]]


def add(commands: Any) -> None:
    """Add the command."""
    parser = add_person_parser(
        commands,
        "claim",
        help_="claim a receipt with a key of your own",
        description=_CLAIM,
        examples="  counterfoil claim mine.counterfoil.json\n",
    )
    parser.set_defaults(run=run_claim)


def add_person_parser(
    commands: Any, name: str, **given: str
) -> argparse.ArgumentParser:
    """The parser of a command that signs for whoever holds a receipt."""
    parser = add_act_parser(commands, name, identity=HELPER, **given)
    parser.add_argument("receipt", metavar="RECEIPT", type=Path, help=RECEIPT)
    parser.add_argument(
        "--as-receipt",
        action="store_true",
        help="sign with the receipt's own key although it was claimed",
    )
    return parser


def carry_out_for(arguments: argparse.Namespace, plan_for: PlanFor) -> int:
    """Plan, show, ask, sign, send, by whoever speaks for the receipt."""

    def work() -> int:
        path: Path = arguments.receipt
        receipt = read_receipt(path)
        if arguments.as_receipt:
            key = contest_key(receipt, path)
            voice = Voice(key=key, path=path, by_secret=True)
        else:
            voice = voice_of(path, receipt, arguments.identity)

        async def plan(desk: Desk) -> Plan:
            return await plan_for(desk, voice, receipt)

        return carry_out_as(arguments, voice.path, voice.key, plan)

    return tell_errors(arguments, work)


def run_claim(arguments: argparse.Namespace) -> int:
    """Claim a receipt; 0 recorded."""
    arguments.as_receipt = True  # only the receipt's own key can
    path: Path = arguments.receipt
    made: list[tuple[Receipt, bytes]] = []

    async def plan(desk: Desk, voice: Voice, receipt: Receipt) -> Plan:
        seed = claim_seed(voice, receipt)
        claim = read_claim(path, receipt)
        if claim is None:
            claim = derive_claim(seed)
            made.append((receipt, seed))
        proof = prove_claim(claim, decision=receipt.id, genesis=receipt.genesis)
        body = {
            "receipt": await shown(desk, receipt),
            "key": claim.key.did,
            "seal_key": claim.seal_key,
            "proof": format_base64(proof),
        }
        words = act_in_words(desk.state, "receipt.claim", body)
        words[1:] = [
            f"your key {claim.key.did}",
            f"will be kept in {claim_path(path)}: copy that file to a safe place",
            "It excludes nobody, and says nothing of who you are.",
        ]
        private = {"decision": receipt.id, "claim_seed": format_base64url(seed)}
        return Plan(act="receipt.claim", body=body, words=words, private=private)

    def work() -> int:
        code = carry_out_for(arguments, plan)
        if code == 0 and not arguments.dry_run:
            for receipt, seed in made:
                write_claim(path, receipt, seed)
        return code

    return tell_errors(arguments, work)
