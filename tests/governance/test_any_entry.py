"""Whatever stands in a log, whoever wrote it: a replay takes it, and ends alike everywhere.

An operator can write any entry of the ledger's form: any act, signed by whoever's key
they hold, with any body, at any time, in any order. `evolve` never refuses and never
breaks; the auditor names what it finds and goes on.
"""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import given, settings, strategies as st

from ledger.audit.duplicates import Names
from ledger.audit.replay import Replay
from ledger.audit.report import Report
from ledger.canonical import jcs
from ledger.entries.codec import decode_entry, encode_entry
from ledger.entries.entry import ActRecorded
from ledger.errors import CounterfoilError
from ledger.governance.ballots.recount import Recount
from ledger.governance.evolve import evolve
from ledger.governance.replay import replay
from ledger.governance.snapshot import format_snapshot, parse_snapshot
from ledger.governance.state import EMPTY, State
from ledger.governance.tables import ACTS
from ledger.ids import Hash, LeafIndex, TreeSize
from ledger.merkle.checkpoint import Checkpoint
from ledger.merkle.hashing import hash_leaf
from tests.audit.world import KEY
from tests.governance.assembly.test_acts import BODIES as ASSEMBLY
from tests.governance.assembly.test_brake import LEAF
from tests.governance.assembly.town import LEDGER, SAFEGUARD, did, key
from tests.governance.attacks.hall import Hall
from tests.governance.cases.test_bodies import BODIES as CASES
from tests.governance.people.test_bodies import BODIES as PEOPLE
from tests.governance.systems.test_actions import GOOD as SYSTEMS
from tests.governance.talk.test_talk import body as comment
from tests.world.service import ROOT

SOME = "A" * 43
BODIES: dict[str, dict[str, Any]] = {
    **ASSEMBLY,
    **CASES,
    **PEOPLE,
    **{name: body for name, body in SYSTEMS.items() if name in ACTS},
    "system.suspend_emergency": {"system": "example", "reason": "harm-reported"},
    "hold.confirm": {
        "system": "example",
        "decision": "0b0ad7c6-6f1c-4e2e-8a6d-0f5d1b2c3d4e",
        "confirm": True,
    },
    "ballot.reveal": {"proposal": SOME, "shares": []},
    "comment.add": comment(),
    "comment.agree": {"comment": SOME, "vote": 1},
    "comment.flag": {"comment": SOME, "reason": "spam"},
}


def test_every_act_is_here() -> None:
    assert BODIES.keys() == ACTS.keys()


@cache
def lived_in() -> tuple[bytes, ...]:
    """A town that registered a system, talks, votes, and has a proposal in each stage."""
    hall = Hall()
    hall.do(0, "system.register", SYSTEMS["system.register"])
    hall.append(decode_entry(LEAF))
    done = hall.open(0, ("parameter.set", SAFEGUARD), nonce="done")
    hall.to_ready(done)
    hall.execute(done)
    talked = hall.open(1, ("system.suspend", SYSTEMS["system.suspend"]), nonce="talk")
    said = {**comment(), "proposal": talked}
    hall.do(2, "comment.add", said)
    hall.do(3, "delegation.set", {**PEOPLE["delegation.set"], "to": did(4)})
    hall.do(7, "member.apply", PEOPLE["member.apply"])
    hall.do(1, "member.vouch", {"applicant": did(7)})
    later = {**SAFEGUARD, "value": 61}
    voting = hall.open(2, ("parameter.set", later), nonce="vote")
    hall.to_voting(voting)
    hall.vote(1, voting)
    return tuple(encode_entry(entry) for entry in hall.entries)


def replayed(leaves: tuple[bytes, ...]) -> State:
    state = EMPTY
    for index, leaf in enumerate(leaves):
        state = evolve(state, decode_entry(leaf), LeafIndex(index))
    return state


# ---- values from everywhere ------------------------------------------------------------

Path = tuple[str | int, ...]


def paths(value: Any, here: Path = ()) -> list[Path]:
    found = [here] if here else []
    if type(value) is dict:
        for name in sorted(value):
            found += paths(value[name], (*here, name))
    elif type(value) is list:
        for place, item in enumerate(value):
            found += paths(item, (*here, place))
    return found


def scalars(value: Any) -> list[Any]:
    if type(value) is dict:
        return [one for item in value.values() for one in scalars(item)]
    if type(value) is list:
        return [one for item in value for one in scalars(item)]
    return [value]


@cache
def known() -> tuple[Any, ...]:
    """What stands in the bodies and in the state: what could mean something."""
    state = replayed(lived_in())
    found = scalars(list(BODIES.values()))
    found += [*state.assembly.proposals, *state.assembly.revisions, did(0), did(7)]
    return tuple(found)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.text(max_size=4),
    st.just([]),
    st.just({}),
    st.just([{}]),
    st.deferred(lambda: st.sampled_from(known())),
)
EDIT = st.tuples(st.integers(0, 10_000), ODD)


def edited(value: Any, edits: list[tuple[int, Any]]) -> Any:
    value = deepcopy(value)
    for place, new in edits:
        every = paths(value)
        if not every:
            break
        *above, last = every[place % len(every)]
        inside = value
        for step in above:
            inside = inside[step]
        inside[last] = deepcopy(new)  # one value is drawn for many places
    return value


# ---- acts that are signed and in order, with any body -----------------------------------

ANY_ACT = st.tuples(
    st.sampled_from(sorted(BODIES)),
    st.lists(EDIT, max_size=3),
    st.integers(0, 8),
    st.sampled_from([1, 1, 1, 1_000, 86_400_000, 40 * 86_400_000]),
)


@settings(max_examples=60)
@given(st.lists(ANY_ACT, min_size=1, max_size=8))
def test_any_act_of_anybody(
    acts: list[tuple[str, list[tuple[int, Any]], int, int]],
) -> None:
    hall = Hall()
    hall.entries = [decode_entry(leaf) for leaf in lived_in()]
    hall.state = replayed(lived_in())
    hall.time_ms = hall.state.log_time_ms
    for name, edits, by, later_ms in acts:
        hall.time_ms += later_ms
        try:
            act = hall.sign(key(by), name, edited(BODIES[name], edits))
        except CounterfoilError:
            continue  # of no act's form
        hall.append(ActRecorded(ledger=LEDGER, time_ms=hall.time_ms, act=act))
    leaves = tuple(encode_entry(entry) for entry in hall.entries)
    again = replayed(leaves)
    assert again.root() == hall.state.root()
    assert replay(EMPTY, enumerate(leaves)) == again
    assert again.sections() == hall.state.sections()
    kept = parse_snapshot(format_snapshot(hall.state))
    assert kept.root() == hall.state.root()
    look_at(leaves)


def look_at(leaves: tuple[bytes, ...]) -> Report:
    """The auditor's replay of them, and a recount of every vote."""
    report = Report()
    size = TreeSize(len(leaves))
    checkpoint = Checkpoint(origin=KEY.name, size=size, root=Hash(bytes(32)))
    with Names() as names:
        replay = Replay(
            report, names, checkpoint=checkpoint, signed_by=(), published=None
        )
        for index, leaf in enumerate(leaves):
            replay.take(LeafIndex(index), leaf, Hash(hash_leaf(leaf)))
        replay.finish()
    return report


# ---- leaves of any bytes -----------------------------------------------------------------


def reworded(leaf: bytes, edits: list[tuple[int, Any]]) -> bytes:
    """A leaf of the same form with other values, inside a signed payload too."""
    value = json.loads(leaf)
    envelope = value["data"].get("envelope")
    if envelope is not None and edits and edits[0][0] % 2:
        payload = edited(json.loads(b64decode(envelope["payload"])), edits)
        envelope["payload"] = b64encode(jcs(payload)).decode()
        return jcs(value)
    return jcs(edited(value, edits))


CHANGE = st.tuples(
    st.integers(0, 10_000),
    st.sampled_from(["values", "bytes", "drop", "twice", "swap", "noise"]),
    st.lists(EDIT, min_size=1, max_size=3),
    st.binary(max_size=40),
)


@settings(max_examples=60)
@given(st.lists(CHANGE, min_size=1, max_size=6))
def test_any_leaf(changes: list[tuple[int, str, list[tuple[int, Any]], bytes]]) -> None:
    leaves = list(lived_in())
    for at, how, edits, noise in changes:
        place = at % len(leaves)
        leaf = leaves[place]
        if how == "values":
            try:
                leaves[place] = reworded(leaf, edits)
            except (CounterfoilError, ValueError, TypeError, AttributeError, KeyError):
                continue  # changed before, and no JSON of an entry any more
        elif how == "bytes":
            cut = edits[0][0] % (len(leaf) + 1)
            leaves[place] = leaf[:cut] + noise + leaf[cut + len(noise) :]
        elif how == "drop" and len(leaves) > 1:
            del leaves[place]
        elif how == "twice":
            leaves.append(leaf)
        elif how == "swap":
            leaves[place], leaves[-1] = leaves[-1], leaf
        else:
            leaves.insert(place, noise)
    look_at(tuple(leaves))
    recount(leaves)


def recount(leaves: list[bytes]) -> None:
    counting = Recount(next(iter(replayed(lived_in()).assembly.proposals)))
    for index, leaf in enumerate(leaves):
        try:
            counting.take(LeafIndex(index), leaf)
        except CounterfoilError:
            return  # an entry that cannot be read: said, and the recount ends


# ---- elsewhere ----------------------------------------------------------------------------

ELSEWHERE = """
import sys
from tests.governance.test_any_entry import replayed
leaves = tuple(bytes.fromhex(line) for line in sys.stdin.read().split())
print(replayed(leaves).root())
"""


def test_another_process_ends_at_the_same_root() -> None:
    """Under other seeds of hashes, so that no order of a set decides anything."""
    leaves = lived_in()
    sent = "\n".join(leaf.hex() for leaf in leaves)
    roots = {
        subprocess.run(
            [sys.executable, "-c", ELSEWHERE],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            input=sent,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1", "2026")
    }
    assert roots == {replayed(leaves).root()}
