"""What members do when they talk: say, agree, flag.

Talk is open until the text of its proposal is frozen; a flag may come at any time, for
what is said stays to be read. No act here removes anything, and no number of flags does.
"""

from dataclasses import replace
from typing import Any, Final

from ledger.errors import RejectedError
from ledger.governance.assembly.finding import check_phase
from ledger.governance.assembly.phases import OPEN_TO_CHANGE
from ledger.governance.kinds import ActKind, Context
from ledger.governance.parameters import value_of
from ledger.governance.people.rights import acting_member, check_member
from ledger.governance.state import State, parameters_of
from ledger.governance.talk.bodies import (
    AnswerTo,
    FlagOf,
    Said,
    read_answer,
    read_flag,
    read_said,
)
from ledger.governance.talk.room import DAY_MS, Comment
from ledger.ids import Did
from ledger.limits import (
    COMMENTS_MEMBER_MAX,
    COMMENTS_PROPOSAL_MAX,
    REPLIES_DEPTH_MAX,
)


def _check_open(state: State, key: str, context: Context) -> None:
    proposal = state.assembly.proposals.get(key)
    if proposal is None:
        raise RejectedError("unknown-proposal", "no proposal of this key was opened")
    check_phase(proposal, context.time_ms, OPEN_TO_CHANGE, "talking about it")


def _comment(state: State, id_: str) -> Comment:
    comment = state.talk.comments.get(id_)
    if comment is None:
        raise RejectedError("unknown-comment", "no comment was added by such an act")
    return comment


def _check_say(state: State, said: Said, context: Context) -> None:
    _check_open(state, said.proposal, context)
    talk, author = state.talk, acting_member(state, context)
    if said.digest in talk.digests:
        raise RejectedError(
            "digest-used", "this digest stands for another comment: use a fresh salt"
        )
    if said.replies_to is not None:
        above = _comment(state, said.replies_to)
        if above.proposal != said.proposal:
            raise RejectedError(
                "unknown-comment", "the comment it replies to is about another proposal"
            )
        if talk.depth(above) + 1 > REPLIES_DEPTH_MAX:
            raise RejectedError(
                "too-many-comments",
                f"replies stand at most {REPLIES_DEPTH_MAX} deep: reply further up",
            )
    _check_room(state, said, author, context)


def _check_room(state: State, said: Said, author: Did, context: Context) -> None:
    talk = state.talk
    if len(talk.threads.get(said.proposal, ())) >= COMMENTS_PROPOSAL_MAX:
        raise RejectedError(
            "too-many-comments",
            f"the proposal has {COMMENTS_PROPOSAL_MAX:,} comments, and no more fit",
        )
    if talk.spoken.get((said.proposal, author), 0) >= COMMENTS_MEMBER_MAX:
        raise RejectedError(
            "too-many-comments",
            f"one member says at most {COMMENTS_MEMBER_MAX} things about a proposal",
        )
    most = value_of(parameters_of(state), "comments_day_max")
    if talk.is_full(author, most, context.time_ms - DAY_MS):
        raise RejectedError(
            "too-many-comments",
            f"one member says at most {most} things in 24 hours: wait, or agree with "
            "what others said",
        )


def _say(state: State, said: Said, context: Context) -> State:
    comment = Comment(
        id=context.act_id,
        proposal=said.proposal,
        author=acting_member(state, context),
        digest=said.digest,
        kind=said.kind,
        degree=said.degree,
        replies_to=said.replies_to,
        at_ms=context.time_ms,
        index=context.index,
    )
    return replace(state, talk=state.talk.add(comment))


def _check_answer(state: State, answer: AnswerTo, context: Context) -> None:
    comment = _comment(state, answer.comment)
    _check_open(state, comment.proposal, context)
    if comment.votes.get(acting_member(state, context)) == answer.vote:
        raise RejectedError("nothing-changes", "the member's answer is this already")


def _answer(state: State, answer: AnswerTo, context: Context) -> State:
    comment = state.talk.comments[answer.comment]
    votes = comment.votes.set(acting_member(state, context), answer.vote)
    return replace(state, talk=state.talk.put(replace(comment, votes=votes)))


def _check_flag(state: State, flag: FlagOf, context: Context) -> None:
    comment = _comment(state, flag.comment)
    if comment.flags.get(acting_member(state, context)) == flag.reason:
        raise RejectedError("nothing-changes", "the member's flag is this already")


def _flag(state: State, flag: FlagOf, context: Context) -> State:
    comment, member = (
        state.talk.comments[flag.comment],
        acting_member(state, context),
    )
    flags = comment.flags
    flags = (
        flags.delete(member) if flag.reason is None else flags.set(member, flag.reason)
    )
    return replace(state, talk=state.talk.put(replace(comment, flags=flags)))


ACTS: Final[dict[str, ActKind[Any]]] = {  # names never change
    "comment.add": ActKind(
        who=check_member, read=read_said, check=_check_say, apply=_say
    ),
    "comment.agree": ActKind(
        who=check_member, read=read_answer, check=_check_answer, apply=_answer
    ),
    "comment.flag": ActKind(
        who=check_member, read=read_flag, check=_check_flag, apply=_flag
    ),
}
