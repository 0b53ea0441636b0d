"""What members may say, what is refused and in which words, and the way back."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from immutables import Map

from ledger.canonical import format_base64url
from ledger.errors import ForbiddenError, RejectedError
from ledger.governance.assembly.proposal import Content, Ending, Proposal
from ledger.governance.kinds import Context
from ledger.governance.people.room import found as found_people
from ledger.governance.state import State
from ledger.governance.talk import acts
from ledger.governance.talk.bodies import DEGREES, FLAGS
from ledger.governance.talk.ranking import rank
from ledger.governance.talk.room import Comment, Talk, from_sections, said
from ledger.ids import Did
from ledger.keys import SigningKey
from ledger.limits import COMMENTS_MEMBER_MAX, REPLIES_DEPTH_MAX
from tests.governance.world import NOW_MS, START, STRANGER

KEYS = [SigningKey(bytes([n]) * 32) for n in range(1, 14)]
MEMBERS = [key.did for key in KEYS if key.did != STRANGER.did]
DAY_MS = 86_400_000


def hash_of(number: int) -> str:
    return format_base64url(number.to_bytes(32, "big"))


OPEN, OTHER, OVER = hash_of(1), hash_of(2), hash_of(3)


def proposal(key: str, **changes: Any) -> Proposal:
    made = Proposal(
        key=key,
        revision=key,
        proposer=MEMBERS[0],
        nonce="n",
        content=Content(
            title="A title",
            text="A text",
            actions=(),
            options=(),
            ballot={},
            expedited=False,
        ),
        class_="standard",
        loosens=False,
        amendments=0,
        opened_ms=NOW_MS,
        draft_until_ms=NOW_MS + 30 * DAY_MS,
    )
    return replace(made, **changes)


ENDED = Ending(state="Withdrawn", time_ms=NOW_MS + 1, by="", reason="")
PROPOSALS = (proposal(OPEN), proposal(OTHER), proposal(OVER, ending=ENDED))


def world(*proposals: Proposal) -> State:
    assembly = START.assembly
    for one in proposals:
        assembly = assembly.put(one)
    return replace(START, people=found_people(MEMBERS, NOW_MS), assembly=assembly)


WORLD = world(*PROPOSALS)


def body(**changes: Any) -> dict[str, Any]:
    return {
        "proposal": OPEN,
        "digest": hash_of(99),
        "kind": "comment",
        "degree": None,
        "replies_to": None,
        **changes,
    }


def act(
    state: State,
    name: str,
    said_: dict[str, Any],
    *,
    by: Did = MEMBERS[0],
    number: int = 1000,
    at_ms: int = NOW_MS + 1,
) -> State:
    kind = acts.ACTS[name]
    context = Context(act_id=hash_of(number), actor=by, time_ms=at_ms, index=number)
    kind.who(state, context)
    value = kind.read(said_)
    kind.check(state, value, context)
    return kind.apply(state, value, context)


def refusal(state: State, name: str, said_: dict[str, Any], **how: Any) -> str:
    with pytest.raises(RejectedError) as caught:
        act(state, name, said_, **how)
    assert hash_of(99) not in str(caught.value)
    return caught.value.kind


SPOKEN = act(WORLD, "comment.add", body())
FIRST = hash_of(1000)


def test_a_comment_is_its_digest_and_no_text() -> None:
    assert SPOKEN.sections()["talk"] == {
        FIRST: {
            "proposal": OPEN,
            "author": MEMBERS[0],
            "digest": hash_of(99),
            "kind": "comment",
            "degree": None,
            "replies_to": None,
            "at_ms": NOW_MS + 1,
            "index": 1000,
            "votes": {},
            "flags": {},
        }
    }
    assert "talk" not in WORLD.sections()


@pytest.mark.parametrize("degree", DEGREES)
def test_a_suggestion_has_a_degree(degree: str) -> None:
    state = act(WORLD, "comment.add", body(kind="suggestion", degree=degree))
    assert state.talk.comments[FIRST].degree == degree


def test_votes_and_flags_are_the_last_of_each_member() -> None:
    state = SPOKEN
    for number, vote in enumerate((1, -1, 0)):
        state = act(state, "comment.agree", {"comment": FIRST, "vote": vote})
        state = act(state, "comment.flag", {"comment": FIRST, "reason": FLAGS[number]})
    state = act(state, "comment.agree", {"comment": FIRST, "vote": 1}, by=MEMBERS[1])
    comment = state.talk.comments[FIRST]
    assert dict(comment.votes) == {MEMBERS[0]: 0, MEMBERS[1]: 1}
    assert dict(comment.flags) == {MEMBERS[0]: FLAGS[2]}
    taken = act(state, "comment.flag", {"comment": FIRST, "reason": None})
    assert not taken.talk.comments[FIRST].flags


def test_any_number_of_flags_removes_nothing() -> None:
    state = SPOKEN
    for member in MEMBERS:
        state = act(
            state, "comment.flag", {"comment": FIRST, "reason": "abuse"}, by=member
        )
    assert [one.comment.id for one in rank(state.talk.thread(OPEN)).comments] == [FIRST]


BAD_HASHES: list[Any] = [None, 1, [], "", "its text", OPEN[:-1], "=" * 43]
BAD_KINDS: list[Any] = [None, "shout", ["comment"], 1]
BAD_DEGREES: list[Any] = [None, "shall", 1, ["must"]]
BAD_VOTES: list[Any] = [2, -2, True, None, "1", 0.0, [1]]
BAD: list[tuple[str, dict[str, Any]]] = [
    ("comment.add", {}),
    ("comment.add", body() | {"more": 1}),
    *[
        ("comment.add", {k: v for k, v in body().items() if k != name})
        for name in body()
    ],
    *[("comment.add", body(proposal=value)) for value in BAD_HASHES],
    *[("comment.add", body(digest=value)) for value in BAD_HASHES],
    *[("comment.add", body(kind=value)) for value in BAD_KINDS],
    *[("comment.add", body(degree=value)) for value in ("must", 1)],  # of a comment
    *[("comment.add", body(kind="suggestion", degree=value)) for value in BAD_DEGREES],
    *[("comment.add", body(replies_to=value)) for value in ("", 0, OPEN + "A")],
    ("comment.agree", {}),
    ("comment.agree", {"comment": FIRST}),
    *[("comment.agree", {"comment": FIRST, "vote": value}) for value in BAD_VOTES],
    ("comment.agree", {"comment": 1, "vote": 1}),
    ("comment.flag", {"comment": FIRST}),
    *[
        ("comment.flag", {"comment": FIRST, "reason": value})
        for value in ("", "ugly", 1, ["spam"], "I dislike it")
    ],
]


@pytest.mark.parametrize(("name", "said_"), BAD)
def test_a_body_of_another_form_is_refused(name: str, said_: dict[str, Any]) -> None:
    assert refusal(SPOKEN, name, said_) == "invalid-act"


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("comment.add", body(proposal=hash_of(4)), "unknown-proposal"),
    ("comment.add", body(proposal=OVER, digest=hash_of(5)), "wrong-phase"),
    ("comment.add", body(proposal=OTHER), "digest-used"),
    ("comment.add", body(digest=hash_of(5), replies_to=OPEN), "unknown-comment"),
    (
        "comment.add",
        body(proposal=OTHER, digest=hash_of(5), replies_to=FIRST),
        "unknown-comment",
    ),
    ("comment.agree", {"comment": OPEN, "vote": 1}, "unknown-comment"),
    ("comment.flag", {"comment": OPEN, "reason": "spam"}, "unknown-comment"),
    ("comment.flag", {"comment": FIRST, "reason": None}, "nothing-changes"),
]


@pytest.mark.parametrize(("name", "said_", "kind"), REFUSED)
def test_what_the_state_refuses(name: str, said_: dict[str, Any], kind: str) -> None:
    assert refusal(SPOKEN, name, said_) == kind


def test_the_same_answer_again_is_refused() -> None:
    state = act(SPOKEN, "comment.agree", {"comment": FIRST, "vote": 1})
    assert refusal(state, "comment.agree", {"comment": FIRST, "vote": 1}) == (
        "nothing-changes"
    )


@pytest.mark.parametrize(
    ("name", "said_"),
    [
        ("comment.add", body(digest=hash_of(5))),
        ("comment.agree", {"comment": FIRST, "vote": 1}),
        ("comment.flag", {"comment": FIRST, "reason": "spam"}),
    ],
)
def test_only_members_talk(name: str, said_: dict[str, Any]) -> None:
    with pytest.raises(ForbiddenError):
        act(SPOKEN, name, said_, by=STRANGER.did)
    leaver = SPOKEN.people.members[MEMBERS[1]].end(NOW_MS + 1, "exited")
    gone = replace(SPOKEN, people=SPOKEN.people.put(leaver))
    with pytest.raises(ForbiddenError):
        act(gone, name, said_, by=MEMBERS[1])


def test_talk_is_open_until_frozen_and_flags_for_ever() -> None:
    deliberated = proposal(
        OPEN,
        submitted_ms=NOW_MS,
        endorsed=True,
        deliberation_until_ms=NOW_MS + DAY_MS,
        frozen_until_ms=NOW_MS + 2 * DAY_MS,
        pending_until_ms=NOW_MS + 3 * DAY_MS,
    )
    state = act(world(deliberated), "comment.add", body())
    answer = {"comment": FIRST, "vote": 1}
    last_ms = NOW_MS + DAY_MS
    act(state, "comment.agree", answer, at_ms=last_ms)
    assert refusal(state, "comment.agree", answer, at_ms=last_ms + 1) == "wrong-phase"
    late = body(digest=hash_of(5))
    assert refusal(state, "comment.add", late, at_ms=last_ms + 1) == "wrong-phase"
    flag = {"comment": FIRST, "reason": "private-data"}
    act(state, "comment.flag", flag, at_ms=last_ms + 300 * DAY_MS)


def filled(count: int, *, each: int = 20, by: Did = MEMBERS[0]) -> State:
    """`count` comments by one member, `each` a day, about `OPEN`."""
    state = WORLD
    comments = [
        Comment(
            id=hash_of(2000 + n),
            proposal=OPEN,
            author=by,
            digest=hash_of(5000 + n),
            kind="comment",
            degree=None,
            replies_to=None,
            at_ms=NOW_MS + n // each * DAY_MS,
            index=2000 + n,
        )
        for n in range(count)
    ]
    return replace(state, talk=said(comments))


def test_an_endless_thread_ends() -> None:
    state = filled(20)
    fresh = body(digest=hash_of(5))
    full = "too-many-comments"
    assert refusal(state, "comment.add", fresh, at_ms=NOW_MS + DAY_MS - 1) == full
    act(state, "comment.add", fresh, at_ms=NOW_MS + DAY_MS)  # a day later
    act(state, "comment.add", fresh, by=MEMBERS[1], at_ms=NOW_MS + 1)
    other = fresh | {"proposal": OTHER}  # a day is a day over all proposals
    assert refusal(state, "comment.add", other, at_ms=NOW_MS + 1) == full

    worn = filled(COMMENTS_MEMBER_MAX)
    at_ms = NOW_MS + 20 * DAY_MS
    assert refusal(worn, "comment.add", fresh, at_ms=at_ms) == full
    act(worn, "comment.add", other, at_ms=at_ms)


def test_replies_end_too() -> None:
    state, above = SPOKEN, FIRST
    for depth in range(1, REPLIES_DEPTH_MAX + 2):
        reply = body(digest=hash_of(100 + depth), replies_to=above)
        if depth > REPLIES_DEPTH_MAX:
            assert refusal(state, "comment.add", reply) == "too-many-comments"
            return
        state = act(state, "comment.add", reply, number=1000 + depth)
        above = hash_of(1000 + depth)
        assert state.talk.depth(state.talk.comments[above]) == depth


def test_who_fills_the_list_first_does_not_make_the_groups() -> None:
    """A hundred unanswered statements do not push out those that people answered."""
    state = filled(100, each=100)
    for number in range(2):
        state = act(
            state,
            "comment.add",
            body(digest=hash_of(7 + number)),
            by=MEMBERS[1],
            number=9000 + number,
            at_ms=NOW_MS + 2,
        )
        for place, member in enumerate(MEMBERS):
            vote = {"comment": hash_of(9000 + number), "vote": 1 if place % 2 else -1}
            state = act(state, "comment.agree", vote, by=member)
    ranking = rank(state.talk.thread(OPEN))
    assert [len(group) for group in ranking.groups] == [6, 6]
    # Half loves and half rejects them: they stand below what nobody looked at.
    assert {one.comment.id for one in ranking.comments[-2:]} == {
        hash_of(9000),
        hash_of(9001),
    }


# ---- the way back -----------------------------------------------------------------------


@st.composite
def talks(draw: st.DrawFn) -> Talk:
    talk = Talk()
    for number in range(draw(st.integers(0, 8))):
        earlier = sorted(talk.comments)
        comment = Comment(
            id=hash_of(number + draw(st.sampled_from([100, 9_000]))),
            proposal=draw(st.sampled_from([OPEN, OTHER])),
            author=draw(st.sampled_from(MEMBERS)),
            digest=hash_of(500 + number),
            kind=draw(st.sampled_from(["comment", "suggestion"])),
            degree=draw(st.none() | st.sampled_from(DEGREES)),
            replies_to=draw(st.none() | st.sampled_from(earlier)) if earlier else None,
            at_ms=NOW_MS + number,
            index=10 + number,
            votes=Map(
                draw(
                    st.dictionaries(
                        st.sampled_from(MEMBERS), st.sampled_from([1, 0, -1])
                    )
                )
            ),
            flags=Map(
                draw(st.dictionaries(st.sampled_from(MEMBERS), st.sampled_from(FLAGS)))
            ),
        )
        talk = talk.add(comment)
    return talk


@given(talks())
@settings(deadline=None)
def test_sections_and_back(talk: Talk) -> None:
    again = from_sections(json.loads(json.dumps(talk.sections())))
    assert again == talk
    assert again.sections() == talk.sections()
