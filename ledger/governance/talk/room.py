"""What was said about proposals, as a value; the texts themselves are in the vault.

    section "talk"  {comment: {"proposal", "author", "digest", "kind", "degree",
                     "replies_to", "at_ms", "index", "votes": {did: 1 | 0 | -1},
                     "flags": {did: why}}}

A comment is named by the id of the act that added it. Nothing is ever taken from here:
a text can be erased from the vault, and its digest stays without saying anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from immutables import Map

from ledger.ids import Did
from ledger.limits import COMMENTS_DAY_MAX

COMMENT: Final = "comment"  # kinds; never change
SUGGESTION: Final = "suggestion"
DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """One thing that was said.

    Attributes:
        id: of the act.
        proposal: its stable key.
        author: the member.
        digest: of the Disclosure, in the slot "comment".
        kind: "comment" or "suggestion".
        degree: how strongly it is suggested; None for a comment.
        replies_to: the comment it answers.
        at_ms: log time.
        index: of its entry.
        votes: member to 1 (agree), 0 (pass) or -1 (disagree); the last one given.
        flags: member to the code of why.
    """

    id: str
    proposal: str
    author: Did
    digest: str
    kind: str
    degree: str | None
    replies_to: str | None
    at_ms: int
    index: int
    votes: Map[Did, int] = field(default_factory=Map)
    flags: Map[Did, str] = field(default_factory=Map)

    def public(self) -> dict[str, Any]:
        """As JSON, without the id, which is the name it stands under."""
        return {
            "proposal": self.proposal,
            "author": self.author,
            "digest": self.digest,
            "kind": self.kind,
            "degree": self.degree,
            "replies_to": self.replies_to,
            "at_ms": self.at_ms,
            "index": self.index,
            "votes": dict(self.votes),
            "flags": dict(self.flags),
        }


def comment_from(id_: str, public: Mapping[str, Any]) -> Comment:
    """The comment whose `public()` this is."""
    return Comment(
        **{
            **public,
            "id": id_,
            "votes": Map(public["votes"]),
            "flags": Map(public["flags"]),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What was said about proposals.

    The last four attributes only repeat what the section says, to be found quickly.

    Attributes:
        comments: by id.
        threads: each proposal's comments, in order.
        digests: every digest in use, to its comment.
        newest: each member's newest comments, at most `COMMENTS_DAY_MAX`.
        spoken: how many comments a member added about a proposal.
    """

    comments: Map[str, Comment] = field(default_factory=Map)
    threads: Map[str, tuple[str, ...]] = field(default_factory=Map)
    digests: Map[str, str] = field(default_factory=Map)
    newest: Map[Did, tuple[str, ...]] = field(default_factory=Map)
    spoken: Map[tuple[str, Did], int] = field(default_factory=Map)

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {"talk": {id_: one.public() for id_, one in self.comments.items()}}

    def thread(self, proposal: str) -> list[Comment]:
        """What was said about a proposal, in order."""
        return [self.comments[id_] for id_ in self.threads.get(proposal, ())]

    def is_full(self, author: Did, most: int, after_ms: int) -> bool:
        """Whether a member added `most` comments after a time.

        `most` is at most `COMMENTS_DAY_MAX`.
        """
        newest = self.newest.get(author, ())
        # They stand in order of time: the one `most` back tells.
        return len(newest) >= most and self.comments[newest[-most]].at_ms > after_ms

    def depth(self, comment: Comment) -> int:
        """How many comments it stands below."""
        depth, above = 0, comment.replies_to
        while above is not None:
            depth, above = depth + 1, self.comments[above].replies_to
        return depth

    def add(self, comment: Comment) -> "Talk":
        """With a further comment."""
        thread = self.threads.get(comment.proposal, ())
        newest = (*self.newest.get(comment.author, ()), comment.id)
        place = (comment.proposal, comment.author)
        return replace(
            self,
            comments=self.comments.set(comment.id, comment),
            threads=self.threads.set(comment.proposal, (*thread, comment.id)),
            digests=self.digests.set(comment.digest, comment.id),
            newest=self.newest.set(comment.author, newest[-COMMENTS_DAY_MAX:]),
            spoken=self.spoken.set(place, self.spoken.get(place, 0) + 1),
        )

    def put(self, comment: Comment) -> "Talk":
        """With new votes or flags of a comment."""
        return replace(self, comments=self.comments.set(comment.id, comment))


def said(comments: Iterable[Comment]) -> Talk:
    """The talk of these comments, which stand in order."""
    talk = Talk()
    for comment in comments:
        talk = talk.add(comment)
    return talk


def from_sections(sections: Mapping[str, Mapping[str, Any]]) -> Talk:
    """The talk whose `sections()` these are."""
    comments = [
        comment_from(id_, public) for id_, public in sections.get("talk", {}).items()
    ]
    return said(sorted(comments, key=lambda comment: comment.index))
