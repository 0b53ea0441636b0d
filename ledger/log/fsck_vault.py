"""Sealed parts, texts and parts of cases, opened by the ledger's own keys: do they hold what leaves say?"""

from ledger.canonical import format_base64url, parse_base64url
from ledger.entries.decision import check_disclosures, open_sealed
from ledger.entries.entry import ActRecorded, DecisionRecorded, Entry
from ledger.entries.part import named_parts
from ledger.entries.saying import SLOTS, names
from ledger.entries.secret import SECRET_BYTES, check_subject_tag, derive
from ledger.errors import FatalError, VerificationError
from ledger.keys import format_did_key, public_key
from ledger.log.parts import open_row
from ledger.log.texts import open_text
from ledger.log.vault import Vault
from ledger.storage.parts import PartRow
from ledger.storage.texts import TextRow


def check_secret(
    vault: Vault, entry: DecisionRecorded, epoch: int, wrapped: bytes, sealed: bytes
) -> None:
    """That K unwraps, opens the sealed part, and is the one the leaf commits to.

    Raises:
        VerificationError: what does not hold, and never a value.
    """
    try:
        secret = vault.unwrap(epoch, wrapped)
    except FatalError as error:
        raise VerificationError(str(error)) from error
    if len(secret) != SECRET_BYTES:
        raise VerificationError("what is wrapped is not a secret")
    if entry.signature is not None:
        return  # sealed mode: only its deployer and the person have K
    keys = derive(secret)
    statement = entry.statement
    check_subject_tag(keys, parse_base64url(statement.subject_tag, length=32))
    if format_did_key(public_key(keys.contest_seed)) != statement.contest_key:
        raise VerificationError("the secret does not open the leaf's contest_key")
    check_disclosures(statement, open_sealed(secret, entry.statement_jcs, sealed))


def check_text(vault: Vault | None, entry: Entry, row: TextRow) -> None:
    """That the act names the text; with the keys, that the row opens to that text.

    Raises:
        VerificationError: what does not hold, and never a value.
    """
    body = entry.act.body if isinstance(entry, ActRecorded) else {}
    digest = format_base64url(row.digest)
    if not any(body.get(member) == digest for member in SLOTS):
        raise VerificationError("it does not name the text that is kept for it")
    if vault is None:
        return
    try:
        saying = open_text(vault, row)
    except FatalError as error:
        raise VerificationError(str(error)) from error
    if saying is not None and not names(body, saying):
        raise VerificationError("the text that is kept for it is another")


def check_part(vault: Vault | None, entry: Entry, row: PartRow) -> None:
    """That the act names the part; with the keys, that the row opens to those bytes.

    Raises:
        VerificationError: what does not hold, and never a value.
    """
    act = entry.act if isinstance(entry, ActRecorded) else None
    body = {} if act is None else act.body
    part = format_base64url(row.part)
    if part not in [named["part"] for named in named_parts(body)]:
        raise VerificationError("it does not name the part that is kept for it")
    if act is not None and row.contest not in (act.id, body.get("contest")):
        raise VerificationError("the part that is kept for it is of another case")
    if vault is None:
        return
    try:
        open_row(vault, row)
    except FatalError as error:
        raise VerificationError(str(error)) from error
