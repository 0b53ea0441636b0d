"""One sealed part, opened by the ledger's own keys: does it hold what the leaf says?"""

from ledger.canonical import parse_base64url
from ledger.entries.decision import check_disclosures, open_sealed
from ledger.entries.entry import DecisionRecorded
from ledger.entries.secret import SECRET_BYTES, check_subject_tag, derive
from ledger.errors import FatalError, VerificationError
from ledger.keys import format_did_key, public_key
from ledger.log.vault import Vault


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
