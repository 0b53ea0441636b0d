"""The feed: well-formed whatever titles hold, ids that never change, nothing private."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from api.feed import FEED_ENTRIES_MAX, format_feed
from api.timeline import steps, timeline
from api.wording import in_words
from ledger.governance.assembly.proposal import ActionOf, Ending
from ledger.governance.state import State
from ledger.governance.tables import ACTIONS
from tests.governance.talk.test_talk import OPEN, hash_of, proposal, world
from tests.governance.world import NOW_MS

ATOM = "{http://www.w3.org/2005/Atom}"


def titled(title: str, number: int = 1) -> State:
    one = proposal(hash_of(number))
    return world(replace(one, content=replace(one.content, title=title)))


def entries(state: State) -> list[ET.Element]:
    return list(ET.fromstring(format_feed(state)).iter(f"{ATOM}entry"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
@settings(max_examples=200, deadline=None)
def test_any_title_is_well_formed(title: str) -> None:
    (entry,) = entries(titled(title))
    shown = entry.findtext(f"{ATOM}title") or ""
    assert shown.endswith(": opened")
    if title.isprintable():
        assert shown == f"{title}: opened"


def test_an_empty_community_has_a_feed() -> None:
    root = ET.fromstring(format_feed(world()))
    assert [child.tag.removeprefix(ATOM) for child in root] == [
        "id",
        "title",
        "updated",
        "author",
        "link",
    ]


def test_ids_stay_and_the_newest_stand_first() -> None:
    state = world(
        *(
            proposal(hash_of(n), opened_ms=NOW_MS - n)
            for n in range(FEED_ENTRIES_MAX + 10)
        )
    )
    found = entries(state)
    assert len(found) == FEED_ENTRIES_MAX
    ids = [one.findtext(f"{ATOM}id") or "" for one in found]
    assert len(set(ids)) == len(ids)
    assert ids[0].endswith(f"{hash_of(0)}:opened:{NOW_MS}")
    later = replace(state, log_time_ms=NOW_MS + 1)
    assert [one.findtext(f"{ATOM}id") for one in entries(later)] == ids


def test_steps_to_come_are_told_by_the_timeline_and_not_by_the_feed() -> None:
    one = proposal(
        OPEN, submitted_ms=NOW_MS, endorsed=True, deliberation_until_ms=NOW_MS + 9
    )
    state = world(one)
    assert [(step["step"], step["past"]) for step in timeline(one, NOW_MS)] == [
        ("opened", True),
        ("submitted", True),
        ("frozen", False),
    ]
    assert len(entries(state)) == 2


def test_what_was_planned_after_its_end_never_comes() -> None:
    ended = Ending(state="Withdrawn", time_ms=NOW_MS + 5, by="", reason="")
    one = proposal(
        OPEN, submitted_ms=NOW_MS, deliberation_until_ms=NOW_MS + 9, ending=ended
    )
    assert steps(one) == [
        ("opened", NOW_MS),
        ("submitted", NOW_MS),
        ("withdrawn", NOW_MS + 5),
    ]


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_every_action_has_words_of_its_own(name: str) -> None:
    assert in_words(name, {}) != f"does {name}"


def test_words_survive_any_value() -> None:
    assert in_words("system.suspend", {"system": "{0} {x}"}) == (
        "suspends the AI system {0} {x}"
    )
    assert in_words("parameter.set", {"name": "voting_s", "value": 5}) == (
        "sets voting_s to 5"
    )
    assert in_words("other", {}) == "does other"
    assert ActionOf("other", {}).public() == {"action": "other", "body": {}}


def test_a_legal_hold_names_what_it_holds() -> None:
    one = {"system": None, "decision": "0b0ad7c6", "reason": "court"}
    assert in_words("legal_hold.set", one) == (
        "keeps the decision 0b0ad7c6 from erasure, for a legal reason"
    )
    all_ = {"system": "screening", "decision": None}
    assert in_words("legal_hold.lift", all_) == (
        "lets decisions of screening be erased again"
    )
