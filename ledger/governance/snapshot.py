"""A whole state as bytes, so that a start need not replay everything.

    {"format": 1, "root", "sections", "sequences": {actor: seq}, "founded_ms"}

as compact JSON with sorted names. `sections` are those the root covers; beside them
stands what a state has outside its root. Everything else in memory follows from them.
A snapshot is no source of truth: whatever does not read back to the very same root is
thrown away, and the entries are replayed.
"""

from collections.abc import Mapping
from dataclasses import fields
from hashlib import sha256
from typing import Any, Final

import orjson
from immutables import Map

from ledger.canonical import jcs
from ledger.entries.moment import parse_utc
from ledger.errors import CounterfoilError, MalformedError
from ledger.governance.assembly.room import from_sections as assembly_from
from ledger.governance.cases.room import from_sections as cases_from
from ledger.governance.commons.room import from_sections as commons_from
from ledger.governance.people.room import from_sections as people_from
from ledger.governance.safeguards.room import from_sections as safeguards_from
from ledger.governance.state import Community, State
from ledger.governance.systems.room import (
    from_sections as emergencies_from,
    systems_from,
)
from ledger.governance.talk.room import from_sections as talk_from
from ledger.ids import Did

FORMAT: Final = 1  # a snapshot of another format is thrown away
_NAMES: Final = frozenset({"format", "root", "sections", "sequences", "founded_ms"})


def format_snapshot(state: State) -> bytes:
    """The state's bytes.

    Raises:
        MalformedError: there is no entry 0 yet: nothing to keep.
    """
    if state.community is None:
        raise MalformedError("a state before entry 0 needs no snapshot")
    sections = state.sections()
    return orjson.dumps(
        {
            "format": FORMAT,
            "root": _root(sections),
            "sections": sections,
            "sequences": dict(state.sequences),
            "founded_ms": state.community.founded_ms,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def parse_snapshot(data: bytes) -> State:
    """The state whose `format_snapshot` is `data`, down to its root.

    Raises:
        MalformedError: anything else.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedError("a snapshot that is not JSON") from error
    if type(value) is not dict or value.keys() != _NAMES or value["format"] != FORMAT:
        raise MalformedError("a snapshot of another form")
    try:
        state = _state_from(value)
        root = _root(state.sections())
    except CounterfoilError as error:
        raise MalformedError(f"a snapshot of no state ({error})") from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # Sections of an older form end here: rooms read what they wrote, unasked.
        raise MalformedError(
            f"a snapshot of no state ({type(error).__name__})"
        ) from error
    if root != value["root"]:
        raise MalformedError("a snapshot that reads back to another root")
    return state


def _state_from(value: Mapping[str, Any]) -> State:
    sections = value["sections"]
    people = people_from(sections)
    return State(
        community=_community_from(sections["community"], value["founded_ms"]),
        log_time_ms=parse_utc(sections["community"]["log_time"]),
        systems=systems_from(sections),
        emergencies=emergencies_from(sections),
        people=people,
        assembly=assembly_from(sections, people),
        safeguards=safeguards_from(sections),
        talk=talk_from(sections),
        commons=commons_from(sections),
        cases=cases_from(sections),
        sequences=Map({Did(did): int(seq) for did, seq in value["sequences"].items()}),
    )


def _community_from(public: Mapping[str, Any], founded_ms: int) -> Community:
    lists = {name: tuple(public[name]) for name in ("vkeys", "founders")}
    plain = {
        each.name: public[each.name]
        for each in fields(Community)
        if each.name in public
    }
    return Community(**{**plain, **lists, "founded_ms": int(founded_ms)})


def _root(sections: Mapping[str, Any]) -> str:
    """As `State.root`; a state's sections were canonical before they came here."""
    hashes = {
        name: sha256(orjson.dumps(section, option=orjson.OPT_SORT_KEYS)).hexdigest()
        for name, section in sections.items()
    }
    return sha256(jcs(hashes)).hexdigest()
