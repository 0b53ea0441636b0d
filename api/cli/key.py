"""`counterfoil key`, `recovery`, `passkey`: with what a member signs.

Not `counterfoil keys`, which turns the operator's keys of the vault.
"""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from api.cli.acting import (
    add_act_parser,
    add_read_parser,
    carry_out,
    finish,
    tell_errors,
    url_of,
)
from api.cli.join import simple
from api.keyfile import read_identity
from api.member.acting import Desk, Plan
from api.member.client import Client
from api.member.finding import find_member
from api.member.proposalfile import read_object
from api.member.standing import fetch_state
from api.member.words import act_in_words
from ledger.canonical import format_base64, format_base64url
from ledger.governance.people.bodies import key_message
from ledger.governance.people.passkeys import enrolment_challenge, rp_id_of
from ledger.governance.people.rights import community_of
from ledger.ids import Did

_PROVE: Final = """\
Shows that a new key is held: signs, with the key in FILE, that it may become a key of
MEMBER. Who lost every key sends what this prints to the recovery contacts.
"""


def add(commands: Any) -> None:
    """Add the commands."""
    _add_key(commands.add_parser("key", help="add, rotate, revoke keys you sign with"))
    _add_recovery(commands.add_parser("recovery", help="who may give you a new key"))
    _add_passkey(
        commands.add_parser("passkey", help="sign with a phone or browser too")
    )


def _add_key(key: argparse.ArgumentParser) -> None:
    below = key.add_subparsers(metavar="COMMAND", required=True)
    for name, help_, description in (
        ("add", "let another key act for you too", "Adds a key to those of yours."),
        (
            "rotate",
            "act by another key instead",
            "Puts a new key in the place of the one that signs this.",
        ),
    ):
        parser = add_act_parser(
            below,
            name,
            help_=help_,
            description=f"{description} The new key signs that it is held.",
            examples=f"  counterfoil identity new phone.key\n"
            f"  counterfoil key {name} phone.key --identity alice.key\n",
        )
        parser.add_argument("file", metavar="FILE", type=Path, help="the new identity")
        parser.set_defaults(run=run_proven, act=f"key.{name}")
    parser = add_act_parser(
        below,
        "revoke",
        help_="end a key of yours",
        description="Ends one of your keys, as when it was lost; never the last one.",
        examples="  counterfoil key revoke did:key:z6Mk... --identity alice.key\n",
    )
    parser.add_argument("key", metavar="DID")
    parser.set_defaults(run=run_revoke)
    parser = add_read_parser(
        below,
        "prove",
        help_="show that you hold a new key",
        description=_PROVE,
        examples="  counterfoil key prove new.key --member did:key:z6Mk... > proof.json\n",
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--member", metavar="DID", required=True)
    parser.set_defaults(run=run_prove)


def _add_recovery(recovery: argparse.ArgumentParser) -> None:
    below = recovery.add_subparsers(metavar="COMMAND", required=True)
    parser = add_act_parser(
        below,
        "set",
        help_="name who may recover your keys",
        description="Names members who together may give you a new key; none at all ends "
        "it.",
        examples="  counterfoil recovery set z6MkfQ z6MkpR z6Mkh9 --threshold 2\n",
    )
    parser.add_argument("contacts", metavar="MEMBER", nargs="*")
    parser.add_argument("--threshold", metavar="N", type=int, default=None)
    parser.set_defaults(run=run_contacts)
    parser = add_act_parser(
        below,
        "approve",
        help_="help a member who lost their keys",
        description="Agrees, as a recovery contact, to a member's new key. Enough of you, "
        "and it becomes their only key once the time to stop it is over.",
        examples="  counterfoil recovery approve z6MkfQ proof.json\n",
    )
    parser.add_argument("member", metavar="MEMBER")
    parser.add_argument("proof", metavar="PROOF.json", type=Path)
    parser.set_defaults(run=run_approve)
    parser = add_act_parser(
        below,
        "stop",
        help_="stop a recovery of your keys",
        description="Stops a recovery of your own keys that you did not ask for.",
        examples="  counterfoil recovery stop\n",
    )
    parser.set_defaults(run=run_stop)


def _add_passkey(passkey: argparse.ArgumentParser) -> None:
    below = passkey.add_subparsers(metavar="COMMAND", required=True)
    parser = add_read_parser(
        below,
        "challenge",
        help_="what a browser is to be asked",
        description="Prints the challenge and host with which a browser makes a passkey "
        "for a member of this community.",
        examples="  counterfoil passkey challenge --member did:key:z6Mk...\n",
    )
    parser.add_argument("--member", metavar="DID", required=True)
    parser.set_defaults(run=run_challenge)
    parser = add_act_parser(
        below,
        "enroll",
        help_="let a passkey sign for you",
        description="Enrols a passkey. FILE is JSON: credential, public_key, client_data, "
        "authenticator_data, each base64url, as the browser gave them.",
        examples="  counterfoil passkey enroll passkey.json\n",
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.set_defaults(run=run_enroll)
    parser = add_act_parser(
        below,
        "revoke",
        help_="end a passkey of yours",
        description="Ends one of your passkeys.",
        examples="  counterfoil passkey revoke 7fQx...\n",
    )
    parser.add_argument("credential", metavar="CREDENTIAL")
    parser.set_defaults(run=run_revoke_passkey)


# ---- keys ----------------------------------------------------------------------------


def _proof(genesis: str, member: Did, path: Path) -> dict[str, str]:
    new = read_identity(path)
    signature = new.sign(key_message(genesis, member, new.did))
    return {"key": new.did, "proof": format_base64(signature)}


def run_proven(arguments: argparse.Namespace) -> int:
    """Add or rotate a key; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        body = _proof(desk.met.genesis, desk.member, arguments.file)
        words = act_in_words(desk.state, arguments.act, body)
        return Plan(act=arguments.act, body=body, words=words)

    return carry_out(arguments, plan)


def run_revoke(arguments: argparse.Namespace) -> int:
    """End a key; 0 recorded."""
    return simple(arguments, "key.revoke", {"key": arguments.key})


def run_prove(arguments: argparse.Namespace) -> int:
    """Print a proof that a key is held; 0 printed."""

    async def work() -> int:
        async with Client(url_of(arguments)) as client:
            genesis = str((await client.read("v1/keys"))["genesis"])
        print(json.dumps(_proof(genesis, Did(arguments.member), arguments.file)))
        return 0

    return tell_errors(arguments, lambda: finish(work()))


# ---- recovery ------------------------------------------------------------------------


def run_contacts(arguments: argparse.Namespace) -> int:
    """Name recovery contacts; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        contacts = [find_member(desk.state, name) for name in arguments.contacts]
        most = len(contacts) // 2 + 1 if contacts else 0
        threshold = most if arguments.threshold is None else arguments.threshold
        body = {"contacts": contacts, "threshold": threshold}
        words = act_in_words(desk.state, "recovery.set", body)
        return Plan(act="recovery.set", body=body, words=words)

    return carry_out(arguments, plan)


def run_approve(arguments: argparse.Namespace) -> int:
    """Agree to a member's new key; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        member = find_member(desk.state, arguments.member)
        body = {"member": member, **read_object(arguments.proof)}
        words = act_in_words(desk.state, "recovery.approve", body)
        words.insert(
            1, "Ask them, face to face or by a voice you know, that it is theirs."
        )
        return Plan(act="recovery.approve", body=body, words=words)

    return carry_out(arguments, plan)


def run_stop(arguments: argparse.Namespace) -> int:
    """Stop a recovery; 0 recorded."""
    return simple(arguments, "recovery.stop", {})


# ---- passkeys ------------------------------------------------------------------------


def run_challenge(arguments: argparse.Namespace) -> int:
    """Print what a browser is to be asked; 0 printed."""

    async def work() -> int:
        async with Client(url_of(arguments)) as client:
            community = community_of(await fetch_state(client))
        challenge = enrolment_challenge(community.genesis, Did(arguments.member))
        print(
            json.dumps(
                {
                    "challenge": format_base64url(challenge),
                    "rp_id": rp_id_of(community),
                }
            )
        )
        return 0

    return tell_errors(arguments, lambda: finish(work()))


def run_enroll(arguments: argparse.Namespace) -> int:
    """Enrol a passkey; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        body = read_object(arguments.file)
        words = act_in_words(desk.state, "passkey.enroll", body)
        return Plan(act="passkey.enroll", body=body, words=words)

    return carry_out(arguments, plan)


def run_revoke_passkey(arguments: argparse.Namespace) -> int:
    """End a passkey; 0 recorded."""
    return simple(arguments, "passkey.revoke", {"credential": arguments.credential})
