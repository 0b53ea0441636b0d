"""The order of what was said about a proposal: first what every group can agree with.

Only comments and suggestions are statements; replies are too. The statements that most
members answered make the groups, so that nobody can fill the list first. Ties: more
answers, then the earlier. Flags move nothing: people read them and judge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ledger.governance.talk.consensus import Answers, count, group_aware
from ledger.governance.talk.groups import opinion_groups
from ledger.governance.talk.room import Comment
from ledger.ids import Did


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One comment in its place.

    Attributes:
        opinions: of everybody who answered it.
        groups: of each group's people.
        consensus: the product of the groups' shares.
    """

    comment: Comment
    opinions: Answers
    groups: tuple[Answers, ...]
    consensus: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """A thread in order, and the groups that made the order."""

    groups: tuple[tuple[Did, ...], ...]
    comments: tuple[Ranked, ...]


def rank(thread: Sequence[Comment]) -> Ranking:
    """The ranking of a proposal's comments, which stand in the order they came."""
    answers: dict[Did, dict[str, int]] = {}
    for comment in thread:
        for member, vote in comment.votes.items():
            answers.setdefault(member, {})[comment.id] = vote
    most_answered = sorted(thread, key=lambda one: (-len(one.votes), one.index))
    groups = opinion_groups(
        {member: answers[member] for member in sorted(answers)},
        [comment.id for comment in most_answered if comment.votes],
    )
    ranked = [_ranked(comment, groups) for comment in thread]
    ranked.sort(key=lambda one: (-one.consensus, -one.opinions.seen, one.comment.index))
    return Ranking(
        groups=tuple(tuple(group) for group in groups), comments=tuple(ranked)
    )


def _ranked(comment: Comment, groups: Sequence[Sequence[Did]]) -> Ranked:
    of_groups = tuple(count(comment.votes, group) for group in groups)
    return Ranked(
        comment=comment,
        opinions=count(comment.votes),
        groups=of_groups,
        consensus=group_aware(of_groups),
    )
