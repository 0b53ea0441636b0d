"""What a log says of itself before its entries: state, keys, checkpoint; all doubted.

The state is read first, so that the checkpoint read after it is at least as large. Keys
come from the auditor; the log's own are taken only where none are given, with a warning.
"""

from dataclasses import dataclass, replace

import orjson

from ledger.audit.report import Report, number
from ledger.audit.source import Source
from ledger.errors import MalformedError, UnavailableError, VerificationError
from ledger.limits import AUDIT_STATE_BYTES_MAX, CHECKPOINT_BYTES_MAX
from ledger.merkle.checkpoint import Checkpoint, Verified, open_checkpoint
from ledger.merkle.note import VerifierKey, parse_vkey
from ledger.merkle.policy import Policy, check_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the auditor believes from elsewhere.

    Attributes:
        vkeys: the log's keys; none: those the log publishes, with a warning.
        policy: logs, witnesses and the quorum that a checkpoint needs.
        earlier: a signed checkpoint of this log seen before.
        are_its_own: whether the keys came from the log after all.
    """

    vkeys: tuple[VerifierKey, ...] = ()
    policy: Policy | None = None
    earlier: bytes | None = None
    are_its_own: bool = False

    @property
    def names_keys(self) -> bool:
        """Whether the log's keys are known from elsewhere."""
        return bool(self.vkeys) or (self.policy is not None and bool(self.policy.logs))


class Published:
    """The state that the log publishes, to be compared after `size` entries.

    Attributes:
        size: after how many entries.
        root: hex.
        sections: each section's name to its hash in hex.
    """

    __slots__ = ("root", "sections", "size")

    def __init__(self, data: bytes) -> None:
        """`data`: the answer of `/v1/state`.

        Raises:
            MalformedError: another form.
        """
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise MalformedError("the published state is not JSON") from error
        if type(value) is not dict or not {"size", "root", "sections"} <= value.keys():
            raise MalformedError("the published state has no size, root and sections")
        size, root, sections = value["size"], value["root"], value["sections"]
        if type(size) is not int or size < 1 or type(root) is not str:
            raise MalformedError("the published state has no size and root")
        if type(sections) is not dict:
            raise MalformedError("the published state has no sections")
        self.size, self.root, self.sections = size, root, sections


@dataclass(frozen=True, slots=True)
class Keys:
    """What `/v1/keys` says."""

    vkeys: tuple[VerifierKey, ...]
    genesis: str


async def read_optional(source: Source, path: str, report: Report) -> bytes | None:
    """A file a log may lack; None without one, empty when it is too long to read."""
    try:
        return await source.read(path, AUDIT_STATE_BYTES_MAX)
    except MalformedError as error:
        report.find("keys" if path.endswith("keys") else "state", f"{error}")
        return b""


def read_keys(data: bytes | None, report: Report) -> Keys | None:
    """What `/v1/keys` says; None where there is none, or none that parses."""
    if data is None:
        return None
    try:
        value = orjson.loads(data)
        vkeys = tuple(map(parse_vkey, value["vkeys"]))
        return Keys(vkeys, str(value["genesis"]))
    except (
        orjson.JSONDecodeError,
        KeyError,
        TypeError,
        AttributeError,
        MalformedError,
    ):
        report.find(
            "keys",
            "v1/keys is not the list of the log's keys: nobody can check its "
            "signatures by it",
        )
        return None


async def complete_trust(
    source: Source, trust: Trust, keys: Keys | None, report: Report
) -> Trust:
    """`trust`, with the log's own keys where it names none, and a warning.

    Raises:
        MalformedError: there are none at all.
        UnavailableError: because there is no log.
    """
    if trust.names_keys:
        return trust
    if keys is None or not keys.vkeys:
        if await source.read("checkpoint", CHECKPOINT_BYTES_MAX) is None:
            raise _absent(source)
        raise MalformedError(
            "no key to check the checkpoint by: give the log's key with --vkey, as its "
            "operator published it elsewhere"
        )
    report.notes.append(
        "the log's key was taken from the log itself, so a forged log would hold as "
        "well: compare it with the one its operator published elsewhere, and give it "
        "with --vkey"
    )
    return replace(trust, vkeys=keys.vkeys, are_its_own=True)


def _absent(source: Source) -> UnavailableError:
    if source.is_folder:
        return UnavailableError("there is no log here: no file named checkpoint")
    return UnavailableError(
        "there is no ledger at this address: it serves no checkpoint. A ledger's address "
        "ends with its name, as https://host/commons"
    )


def _check(trust: Trust, data: bytes) -> tuple[Checkpoint, tuple[Verified, ...]]:
    """Opens a checkpoint under all that is believed."""
    if trust.policy is None:
        return open_checkpoint(data, trust.vkeys)
    if trust.vkeys:
        open_checkpoint(data, trust.vkeys)
    return check_policy(trust.policy, data, trust.vkeys)


async def open_log(
    source: Source, trust: Trust, report: Report
) -> tuple[Checkpoint, tuple[Verified, ...], Checkpoint | None] | None:
    """The checkpoint, whose signatures hold on it, and the earlier one if given.

    None, and a finding, if the checkpoint does not hold.

    Raises:
        UnavailableError: there is no checkpoint, or it cannot be reached.
        MalformedError: the earlier checkpoint is not one, or not of these keys.
    """
    report.count("signatures")
    try:
        data = await source.read("checkpoint", CHECKPOINT_BYTES_MAX)
        if data is None:
            raise _absent(source)
        checkpoint, verified = _check(trust, data)
    except (MalformedError, VerificationError) as error:
        report.find(
            "checkpoint",
            f"the checkpoint does not hold ({error}): nothing this log shows can be "
            "held against anybody",
        )
        return None
    report.origin, report.size = checkpoint.origin, checkpoint.size
    report.root, report.checkpoint = checkpoint.root, data
    earlier = _open_earlier(trust, checkpoint, report)
    return checkpoint, verified, earlier


def _open_earlier(
    trust: Trust, checkpoint: Checkpoint, report: Report
) -> Checkpoint | None:
    if trust.earlier is None:
        return None
    report.count("signatures")
    # The policy may be newer than the checkpoint: its log's signature is enough.
    logs = list(trust.vkeys)
    if trust.policy is not None:
        logs += [log.vkey for log in trust.policy.logs]
    try:
        earlier, _ = open_checkpoint(trust.earlier, logs)
    except VerificationError as error:
        told = f"the earlier checkpoint does not hold under these keys ({error})"
        if not trust.are_its_own:
            raise MalformedError(told) from error
        report.find("history", f"{told}: the log shows another key than it signed with")
        return None
    if earlier.origin != checkpoint.origin:
        raise MalformedError(
            f"the earlier checkpoint is of {earlier.origin}, and this log is "
            f"{checkpoint.origin}"
        )
    return earlier


def read_state(
    data: bytes | None, checkpoint: Checkpoint, report: Report
) -> Published | None:
    """The published state to compare; None where there is none that can be."""
    if not data:
        return None
    try:
        published = Published(data)
    except MalformedError as error:
        report.find("state", f"{error}: what its pages show cannot be checked")
        return None
    if published.size > checkpoint.size:
        report.find(
            "state",
            f"the published state is of {number(published.size)} entries, and the "
            f"checkpoint read after it signs {number(checkpoint.size)}: the rest is "
            "signed by nobody",
        )
        return None
    return published
