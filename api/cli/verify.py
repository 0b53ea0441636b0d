"""`counterfoil verify`: one receipt, checked offline."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from ledger.entries.codec import decode_entry
from ledger.entries.decision import open_sealed
from ledger.entries.entry import DecisionRecorded
from ledger.entries.receipt import (
    Check,
    Receipt,
    Verification,
    parse_receipt,
    verify_receipt,
)
from ledger.entries.strict import parse_json
from ledger.errors import CounterfoilError, MalformedError, VerificationError
from ledger.governance.safeguards.recheck import (
    HeldAgainst,
    check_results,
    read_rules_file,
)
from ledger.limits import POLICY_BYTES_MAX, RECEIPT_BYTES_MAX, RULES_FILE_BYTES_MAX
from ledger.merkle.note import VerifierKey, parse_vkey
from ledger.merkle.policy import Policy, parse_policy

_HELP = """\
Checks a receipt file without asking anybody: that the leaf stands in the log, that the
log's key signed, and that the secret in the file opens exactly what the leaf commits to.

  counterfoil verify decision.counterfoil.json --vkey 'example.org/commons+1a2b3c4d+AQ...'
  counterfoil verify decision.counterfoil.json --policy policy.txt

Without --vkey and --policy the policy in the file is used. Then the file agrees with
itself; whether its key is the ledger's, compare with what you know from elsewhere.

With --rules FILE, as GET /v1/decisions/{id}/rules answers it, and the sealed part in the
receipt, the community's safeguards are run again over the decision.

Exit status: 0 the receipt holds, 1 it does not, 2 it cannot be checked.
"""
_OWN_KEY = "signed by the key in this file"


def add(subparsers: Any) -> None:
    """Register `verify`."""
    command = subparsers.add_parser(
        "verify",
        help="check one receipt, offline",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    command.add_argument("receipt", metavar="RECEIPT.json", type=Path)
    command.add_argument(
        "--policy", metavar="FILE", type=Path, help="whom to believe (C2SP tlog-policy)"
    )
    command.add_argument(
        "--vkey", metavar="V", help="the log's verifier key, name+hex+base64"
    )
    command.add_argument(
        "--rules",
        metavar="FILE",
        type=Path,
        help="the safeguards it was held against: run them again",
    )
    command.add_argument(
        "--json", action="store_true", help="one JSON object instead of lines"
    )


def run(arguments: argparse.Namespace) -> int:
    """Check the receipt; 0 holds, 1 does not, 2 unusable."""
    try:
        receipt = parse_receipt(_read(arguments.receipt, RECEIPT_BYTES_MAX))
        policy, vkeys = _believed(arguments, receipt)
        held = None if arguments.rules is None else _read_rules(arguments.rules)
    except (MalformedError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        if arguments.json:
            print(json.dumps({"holds": None, "error": reason}))
        print(
            f"counterfoil: cannot check {arguments.receipt}: {reason}", file=sys.stderr
        )
        return 2
    own = arguments.policy is None and arguments.vkey is None
    verification = verify_receipt(receipt, policy, vkeys)
    if held is not None:
        more = _check_rules(held, receipt)
        verification = Verification((*verification.checks, more))
    _print(verification, receipt, own=own, as_json=arguments.json)
    return 0 if verification.holds else 1


def _read(path: Path, bytes_max: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise MalformedError(f"longer than {bytes_max:,} bytes")
    return data


def _read_rules(path: Path) -> HeldAgainst:
    return read_rules_file(parse_json(_read(path, RULES_FILE_BYTES_MAX)))


def _check_rules(held: HeldAgainst, receipt: Receipt) -> Check:
    """The safeguards, run again over what the secret opens."""
    try:
        entry = decode_entry(receipt.leaf)
        if not isinstance(entry, DecisionRecorded):
            raise VerificationError("only decisions are held against safeguards")
        if receipt.secret is None or receipt.sealed is None:
            raise VerificationError("the file lacks the secret or the sealed part")
        disclosures = open_sealed(receipt.secret, entry.statement_jcs, receipt.sealed)
        check_results(held, entry, disclosures)
    except CounterfoilError as error:
        return Check("safeguards", False, str(error))  # noqa: FBT003 -- its one meaning
    told = f"{len(held.rules.rules)} safeguards, run again, give the recorded results"
    return Check("safeguards", True, told)  # noqa: FBT003 -- its one meaning


def _believed(
    arguments: argparse.Namespace, receipt: Receipt
) -> tuple[Policy, list[VerifierKey]]:
    """Whom to believe: the arguments' word, or else the file's own."""
    vkeys = [] if arguments.vkey is None else [parse_vkey(arguments.vkey)]
    if arguments.policy is not None:
        policy = _parse_policy(_read(arguments.policy, POLICY_BYTES_MAX))
    elif vkeys:
        policy = Policy()
    elif receipt.policy is not None:
        policy = parse_policy(receipt.policy)
    else:
        raise MalformedError(
            "no key to check it with: give --vkey or --policy; the file has no policy"
        )
    if not policy.logs and not vkeys:
        raise MalformedError("the policy names no log: add its key with --vkey")
    # A key on the command line is the log's: a policy beside it names witnesses only.
    return (replace(policy, logs=()) if vkeys else policy), vkeys


def _parse_policy(data: bytes) -> Policy:
    try:
        return parse_policy(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise MalformedError("a policy that is not UTF-8") from error


def _print(
    verification: Verification, receipt: Receipt, *, own: bool, as_json: bool
) -> None:
    holds = verification.holds
    if as_json:
        checks = [
            {"name": check.name, "holds": check.holds, "sentence": check.sentence}
            for check in verification.checks
        ]
        keys = _OWN_KEY if own else "signed by the key that was given"
        value = {
            "holds": holds,
            "id": receipt.id,
            "index": receipt.index,
            "origin": receipt.origin,
            "trust": keys,
            "checks": checks,
        }
        print(json.dumps(value, ensure_ascii=True))
        return
    width = max(len(check.name) for check in verification.checks)
    for check in verification.checks:
        sign = "ok  " if check.holds else "FAIL"
        print(f"{sign}  {check.name:<{width}}  {_plain(check.sentence)}")
    if own:
        print(f"note  {_OWN_KEY}: compare it with what the ledger publishes elsewhere")
    if holds:
        print(
            f"\nThe receipt holds: entry {receipt.index} of {_plain(receipt.origin)}."
        )
    else:
        failed = sum(not check.holds for check in verification.checks)
        print(f"\nThe receipt does not hold: {failed} of its checks failed.")


def _plain(text: str) -> str:
    """Without control characters: the file is a stranger's, the terminal is ours."""
    return "".join(char if char.isprintable() else "?" for char in text)
