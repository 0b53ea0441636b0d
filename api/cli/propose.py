"""Commands about proposals: propose, submit, endorse, amend, withdraw, cancel, …."""

import argparse
import secrets
from pathlib import Path
from typing import Any, Final

from api.cli.acting import (
    Planner,
    add_act_parser,
    carry_out,
    carry_out_as,
    tell_errors,
)
from api.member.acting import Desk, Plan, say
from api.member.finding import find_proposal
from api.member.proposalfile import read_proposal_file
from api.member.words import act_in_words
from ledger.canonical import format_base64
from ledger.entries.receipt import Receipt, parse_receipt
from ledger.entries.secret import derive
from ledger.errors import MalformedError, NotFoundError
from ledger.governance.assembly.proposal import Proposal, key_of
from ledger.keys import SigningKey
from ledger.limits import RECEIPT_BYTES_MAX

_NONCE_BYTES: Final = 16
_ID: Final = "its key or a wording of it; the first letters will do"

_THEN_SUBMIT: Final = (
    "Once this is recorded, a second act submits it: members are asked to endorse it."
)

PROPOSE: Final = """\
Opens a proposal from a file: a draft, which its proposer may amend, then submit. Members
endorse it, talk about it, vote on it. What it would change is checked now, when
deliberation ends, and when it is executed.

FILE is TOML or JSON: title, text, [[actions]] or [[options]], [ballot], expedited.
examples/ has some to begin with.
"""
OBJECT: Final = """\
Objects to a proposal that would loosen the protection of the people decided about. Any
of them may, with the receipt of a decision of the last 90 days; no name is given. The
more object, the longer it must wait; above a tenth it goes back to deliberation.
"""
_ONE: Final = {
    "submit": (
        "ask members to endorse a draft",
        "Submits your draft: enough endorsements of this wording, and it is talked about.",
    ),
    "endorse": (
        "say that a proposal is worth a vote",
        "Endorses a proposal, in exactly its present wording. An amendment asks again.",
    ),
    "withdraw": (
        "end your own proposal",
        "Withdraws your own proposal, at any time before it is ready to be executed.",
    ),
    "execute": (
        "put what succeeded into effect",
        "Executes a proposal whose timelock is over: all its actions, or none. Any may.",
    ),
    "cancel": (
        "stop a proposal, as a guardian",
        "Cancels a proposal before it is ready: guardians only, with a reason.",
    ),
    "challenge": (
        "ask for a vote to be repeated",
        "Challenges a vote that succeeded: if enough members do, it is held again, once.",
    ),
}


def add(commands: Any) -> None:
    """Add the commands."""
    parser = add_act_parser(
        commands,
        "propose",
        help_="open a proposal, from a file",
        description=PROPOSE,
        examples="  counterfoil propose proposal.toml --dry-run\n"
        "  counterfoil propose proposal.toml --submit\n",
    )
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument(
        "--submit", action="store_true", help="submit it too: a second act"
    )
    parser.set_defaults(run=run_propose)
    parser = add_act_parser(
        commands,
        "amend",
        help_="change the wording of your proposal",
        description="Replaces the wording of your own proposal, before it is frozen. Those "
        "who endorsed it are asked to confirm.",
        examples="  counterfoil amend 3fQx proposal.toml\n",
    )
    parser.add_argument("proposal", metavar="ID", help=_ID)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.set_defaults(run=run_amend)
    for name, (help_, description) in _ONE.items():
        reasoned = name in {"cancel", "challenge"}
        reason = ' --reason "…"' if reasoned else ""
        parser = add_act_parser(
            commands,
            name,
            help_=help_,
            description=description,
            examples=f"  counterfoil {name} 3fQx{reason}\n",
        )
        parser.add_argument("proposal", metavar="ID", help=_ID)
        if reasoned:
            parser.add_argument(
                "--reason", metavar="TEXT", required=True, help="why, for all to read"
            )
        parser.set_defaults(run=run_one, verb=name)
    parser = add_act_parser(
        commands,
        "object",
        help_="object as a person decided about",
        description=OBJECT,
        examples="  counterfoil object 3fQx --receipt decision.counterfoil.json\n",
    )
    parser.add_argument("proposal", metavar="ID", help=_ID)
    parser.add_argument(
        "--receipt", metavar="FILE", type=Path, required=True, help="with its secret"
    )
    parser.set_defaults(run=run_object)


# ---- open and amend ------------------------------------------------------------------


def run_propose(arguments: argparse.Namespace) -> int:
    """Open a proposal, and submit it if asked; 0 recorded."""
    opened: list[str] = []

    async def open_(desk: Desk) -> Plan:
        said = read_proposal_file(arguments.file)
        nonce = secrets.token_hex(_NONCE_BYTES)
        key = key_of(desk.met.genesis, desk.member, nonce)
        opened.append(key)
        body = {"nonce": nonce, **said}
        words = [*act_in_words(desk.state, "proposal.open", body), f"its key: {key}"]
        if arguments.submit:
            words.append(_THEN_SUBMIT)
        follows = () if arguments.submit else (f"counterfoil submit {key}",)
        return Plan(act="proposal.open", body=body, words=words, next=follows)

    async def submit(desk: Desk) -> Plan:
        return _about(desk, "submit", find_proposal(desk.state, opened[0]))

    planners: tuple[Planner, ...] = (open_, submit) if arguments.submit else (open_,)
    return carry_out(arguments, *planners)


def run_amend(arguments: argparse.Namespace) -> int:
    """Change a wording; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        proposal = find_proposal(desk.state, arguments.proposal)
        body = {"proposal": proposal.key, **read_proposal_file(arguments.file)}
        words = act_in_words(desk.state, "proposal.amend", body)
        return Plan(act="proposal.amend", body=body, words=words)

    return carry_out(arguments, plan)


# ---- the rest ------------------------------------------------------------------------


def run_one(arguments: argparse.Namespace) -> int:
    """An act that says no more than which proposal, and perhaps why; 0 recorded."""

    async def plan(desk: Desk) -> Plan:
        proposal = find_proposal(desk.state, arguments.proposal)
        reason = getattr(arguments, "reason", None)
        return _about(desk, arguments.verb, proposal, reason)

    return carry_out(arguments, plan)


def _about(
    desk: Desk, verb: str, proposal: Proposal, reason: str | None = None
) -> Plan:
    act, sayings = f"proposal.{verb}", []
    # What depends on the wording names it: another wording is another thing.
    worded = verb in {"execute", "challenge"}
    body = {"proposal": proposal.revision if worded else proposal.key}
    if verb == "endorse":
        body["revision"] = proposal.revision
    if reason is not None:
        sayings = [say("reason", reason)]
        body["reason"] = sayings[0].digest
    words = act_in_words(desk.state, act, body)
    if reason is not None:
        words.append(f"because, in a text kept beside the log: {reason}")
    follows = (f"counterfoil proposal {proposal.key}",)
    return Plan(act=act, body=body, words=words, sayings=sayings, next=follows)


def run_object(arguments: argparse.Namespace) -> int:
    """Object with a receipt; 0 recorded."""
    return tell_errors(arguments, lambda: _object(arguments))


def _object(arguments: argparse.Namespace) -> int:
    receipt, key = _contest(arguments.receipt)

    async def plan(desk: Desk) -> Plan:
        proposal = find_proposal(desk.state, arguments.proposal)
        if receipt.genesis != desk.met.genesis:
            raise NotFoundError("another-ledger", "the receipt is of another ledger")
        size = desk.met.checkpoint.size
        path = f"v1/proofs/inclusion?index={receipt.index}&size={size}"
        hashes = (await desk.client.read(path))["hashes"]
        body = {
            "proposal": proposal.revision,
            "index": receipt.index,
            "leaf": format_base64(receipt.leaf),
            "proof": hashes,
        }
        words = act_in_words(desk.state, "proposal.object", body)
        words.append("It shows which decision is yours to nobody who does not know.")
        return Plan(act="proposal.object", body=body, words=words)

    return carry_out_as(arguments, arguments.receipt, key, plan)


def _contest(path: Path) -> tuple[Receipt, SigningKey]:
    """A receipt, and the key in it that may contest."""
    try:
        with path.open("rb") as file:
            receipt = parse_receipt(file.read(RECEIPT_BYTES_MAX + 1))
    except OSError as error:
        raise MalformedError(f"cannot read {path}: {error.strerror}") from error
    if receipt.secret is None:
        raise MalformedError(
            f"{path} has no secret: who holds it may object, nobody else"
        )
    return receipt, SigningKey(derive(receipt.secret).contest_seed)
