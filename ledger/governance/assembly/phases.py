"""The states of a proposal: a table. Every state has a row; terminal rows are empty.

What lets it go from one to the next is written beside it. Objected and Succeeded last no
time of their own: the next state begins with the entry that counts. Counted lasts from
the deadline until that entry. Names never change.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DRAFT: Final = "Draft"
ENDORSING: Final = "Endorsing"
DELIBERATION: Final = "Deliberation"
FROZEN: Final = "Frozen"
PENDING: Final = "Pending"
VOTING: Final = "Voting"
EXTENDED: Final = "Extended"
COUNTED: Final = "Counted"
NO_QUORUM: Final = "NoQuorum"
DEFEATED: Final = "Defeated"
OBJECTED: Final = "Objected"
SUCCEEDED: Final = "Succeeded"
UNOPENED: Final = "Unopened"  # a result, no state: too few trustees opened the ballots
CHALLENGE: Final = "Challenge"
TIMELOCK: Final = "Timelock"
READY: Final = "Ready"
EXECUTED: Final = "Executed"
FAILED: Final = "Failed"
EXPIRED: Final = "Expired"
WITHDRAWN: Final = "Withdrawn"
CANCELLED: Final = "Cancelled"
ABORTED: Final = "Aborted"
SUPERSEDED: Final = "Superseded"

_STOPPED: Final = (WITHDRAWN, CANCELLED, ABORTED, SUPERSEDED)

TRANSITIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # submitted; a routine one needs no endorsements; nobody submitted it in time
        DRAFT: (ENDORSING, DELIBERATION, EXPIRED, *_STOPPED),
        # enough members endorsed this very revision; too few did in time
        ENDORSING: (DELIBERATION, EXPIRED, *_STOPPED),
        # amended, so endorsers must confirm; its time is over
        DELIBERATION: (ENDORSING, FROZEN, *_STOPPED),
        FROZEN: (PENDING, *_STOPPED),  # its time is over
        PENDING: (VOTING, *_STOPPED),  # the snapshot
        VOTING: (EXTENDED, COUNTED, *_STOPPED),  # the outcome moved late; the deadline
        EXTENDED: (EXTENDED, COUNTED, *_STOPPED),
        # too few trustees opened the ballots: voted on again, openly
        COUNTED: (NO_QUORUM, DEFEATED, OBJECTED, SUCCEEDED, PENDING, *_STOPPED),
        NO_QUORUM: (),
        DEFEATED: (),
        OBJECTED: (DELIBERATION,),  # as a standard proposal
        # more than a tenth of the people decided about objected already
        SUCCEEDED: (CHALLENGE, DELIBERATION),
        # unchallenged; voted on again; as before
        CHALLENGE: (TIMELOCK, PENDING, DELIBERATION, *_STOPPED),
        # its time is over; as before
        TIMELOCK: (READY, DELIBERATION, *_STOPPED),
        READY: (EXECUTED, FAILED, EXPIRED),
        FAILED: (EXECUTED, FAILED, EXPIRED),  # may be tried again while it is time
        EXECUTED: (),
        EXPIRED: (),
        WITHDRAWN: (),
        CANCELLED: (),
        ABORTED: (),
        SUPERSEDED: (),
    }
)
TERMINAL: Final = frozenset(name for name, row in TRANSITIONS.items() if not row)
INSTANT: Final = frozenset({COUNTED, OBJECTED, SUCCEEDED})
BEFORE_VOTING: Final = frozenset({DRAFT, ENDORSING, DELIBERATION, FROZEN, PENDING})
BEFORE_READY: Final = frozenset(
    name for name, row in TRANSITIONS.items() if WITHDRAWN in row
)
OPEN_TO_BALLOTS: Final = frozenset({VOTING, EXTENDED})
OPEN_TO_CHANGE: Final = frozenset({DRAFT, ENDORSING, DELIBERATION})
OPEN_TO_EXECUTION: Final = frozenset({READY, FAILED})
