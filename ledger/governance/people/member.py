"""A member: when they belonged, and which keys are theirs.

    {"spans":    [{"joined_ms", "index", "by", "ended_ms", "why"}],
     "keys":     {did: {"added_ms", "revoked_ms"}},
     "passkeys": {credential: {"public_key", "rp_id", "added_ms", "revoked_ms"}}}

A member is named by the `did:key` they joined with, for ever, also after that key was
revoked. Nothing is taken away: spans end and keys are revoked, so that who belonged at
any time can be told from the newest state. `ended_ms` and `revoked_ms` are null until
then, and the members "keys" and "passkeys" of a member who has none are left out.
"""

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Final, NamedTuple

from ledger.governance.changed import maker
from ledger.ids import Did

# How somebody joined. They never change.
BY_FOUNDING: Final = "founding"  # named in entry 0
BY_FOUNDER: Final = "founder"  # admitted by a founder, while that power lasted
BY_INVITE: Final = "invite"
BY_VOUCH: Final = "vouch"
BY_CREDENTIAL: Final = "credential"
BY_VOTE: Final = "vote"
# How somebody left. They never change.
EXITED: Final = "exited"
REMOVED: Final = "removed"


@dataclass(frozen=True, slots=True)
class Span:
    """One time of belonging.

    Attributes:
        joined_ms: log time of joining.
        index: of the entry that admitted; what stood before it is not this span's.
        by: how they joined.
        ended_ms: log time of leaving; None while they belong.
        why: how they left; None while they belong.
    """

    joined_ms: int
    index: int
    by: str
    ended_ms: int | None = None
    why: str | None = None


class HeldKey(NamedTuple):
    """One Ed25519 key of a member; it is never anybody else's.

    Attributes:
        did: its name.
        added_ms: log time from which it may act.
        revoked_ms: log time from which it may not; None while it may.
    """

    did: Did
    added_ms: int
    revoked_ms: int | None = None


class Passkey(NamedTuple):
    """One WebAuthn credential, enrolled under the member's keys.

    Attributes:
        credential: its id, base64url.
        public_key: its COSE key, base64url.
        rp_id: the relying party it was made for: a host name.
        added_ms: log time of enrolment.
        revoked_ms: log time from which it may not act; None while it may.
    """

    credential: str
    public_key: str
    rp_id: str
    added_ms: int
    revoked_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs or belonged.

    Attributes:
        id: the did:key they first joined with.
        spans: in order of time, one at least; only the last may be open.
        keys: in order of adding, one at least that is not revoked.
        passkeys: in order of enrolment.
    """

    id: Did
    spans: tuple[Span, ...]
    keys: tuple[HeldKey, ...]
    passkeys: tuple[Passkey, ...] = ()

    @property
    def span(self) -> Span:
        """The newest."""
        return self.spans[-1]

    @property
    def belongs(self) -> bool:
        """Whether they are a member now."""
        return self.spans[-1].ended_ms is None

    def key(self, did: Did) -> HeldKey | None:
        """Their key of this name, revoked or not."""
        return next((key for key in self.keys if key.did == did), None)

    def may_act(self, did: Did) -> bool:
        """Whether `did` is a key of theirs that is not revoked."""
        key = self.key(did)
        return key is not None and key.revoked_ms is None

    def end(self, time_ms: int, why: str) -> "Member":
        """The same, gone."""
        ended = replace(self.span, ended_ms=time_ms, why=why)
        return replace(self, spans=(*self.spans[:-1], ended))

    def public(self) -> dict[str, Any]:
        """As JSON, without the id, which is the name it stands under."""
        found: dict[str, Any] = {
            "spans": [
                {
                    "joined_ms": span.joined_ms,
                    "index": span.index,
                    "by": span.by,
                    "ended_ms": span.ended_ms,
                    "why": span.why,
                }
                for span in self.spans
            ],
            "keys": {
                key.did: {"added_ms": key.added_ms, "revoked_ms": key.revoked_ms}
                for key in self.keys
            },
        }
        if self.passkeys:
            found["passkeys"] = {
                passkey.credential: {
                    "public_key": passkey.public_key,
                    "rp_id": passkey.rp_id,
                    "added_ms": passkey.added_ms,
                    "revoked_ms": passkey.revoked_ms,
                }
                for passkey in self.passkeys
            }
        return found


_span, _member = maker(Span), maker(Member)


def member_from(id_: Did, public: dict[str, Any]) -> Member:
    """The member whose `public()` this is."""
    spans = [
        _span(one["joined_ms"], one["index"], one["by"], one["ended_ms"], one["why"])
        for one in public["spans"]
    ]
    keys = [
        HeldKey(did, one["added_ms"], one["revoked_ms"])
        for did, one in public["keys"].items()
    ]
    if len(keys) > 1:
        keys.sort(key=attrgetter("added_ms", "did"))
    if "passkeys" not in public:
        return _member(id_, tuple(spans), tuple(keys), ())
    found = public["passkeys"].items()
    passkeys = [Passkey(credential, **one) for credential, one in found]
    passkeys.sort(key=attrgetter("added_ms", "credential"))
    return _member(id_, tuple(spans), tuple(keys), tuple(passkeys))
