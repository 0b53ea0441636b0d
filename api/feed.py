"""`GET /feed.atom`: what proposals did and which rules were enacted, for feed readers.

RFC 4287. One entry a step that has happened, newest first. An id is made of the genesis,
the proposal and the step, and never changes; so a reader shows a step once, whichever
host serves it. Only public texts stand here: titles, states and actions in words.
"""

from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web

from api.governance import SIZE, standing
from api.timeline import steps
from api.wording import in_words
from ledger.entries.moment import format_log_time
from ledger.governance.assembly.proposal import Proposal
from ledger.governance.state import State
from ledger.log.book import Book

FEED_ENTRIES_MAX: Final = 100  # newest steps; the log itself holds all of them
_TYPE: Final = "application/atom+xml; charset=utf-8"
_CACHE: Final = "public, max-age=60"  # readers ask often, and a minute is soon enough
# Characters XML 1.0 cannot hold, even escaped (section 2.2): shown as U+FFFD instead.
_UNFIT: Final = dict.fromkeys(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF], "\ufffd"
)


async def feed(
    book: Book, _request: web.BaseRequest, _: dict[str, str]
) -> web.Response:
    """The newest steps of all proposals, as Atom."""
    size, state = await standing(book)
    return web.Response(
        body=format_feed(state).encode(),
        headers={
            "Content-Type": _TYPE,
            "Cache-Control": _CACHE,
            SIZE: str(size),
        },
    )


def format_feed(state: State) -> str:
    """The feed of a state; its links are relative to where it was fetched from."""
    community = state.community
    assert community is not None, "a book has entry 0"  # noqa: S101 -- ours
    happened = sorted(
        (
            (at_ms, step, proposal)
            for proposal in state.assembly.proposals.values()
            for step, at_ms in steps(proposal)
            if at_ms <= state.log_time_ms
        ),
        key=lambda one: (-one[0], one[2].key, one[1]),
    )[:FEED_ENTRIES_MAX]
    updated = happened[0][0] if happened else community.founded_ms
    entries = "".join(
        _entry(community.genesis, step, at_ms, proposal)
        for at_ms, step, proposal in happened
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <id>urn:counterfoil:{community.genesis}</id>\n"
        f"  <title>{_text(community.ledger)}: proposals</title>\n"
        f"  <updated>{format_log_time(updated)}</updated>\n"
        f"  <author><name>{_text(community.origin)}</name></author>\n"
        '  <link rel="self" type="application/atom+xml" href="feed.atom"/>\n'
        f"{entries}</feed>\n"
    )


def _entry(genesis: str, step: str, at_ms: int, proposal: Proposal) -> str:
    title = f"{proposal.content.title}: {step.replace('-', ' ')}"
    changes = "; ".join(
        in_words(one.action, one.body) for one in proposal.content.all_actions()
    )
    return (
        "  <entry>\n"
        f"    <id>urn:counterfoil:{genesis}:{proposal.key}:{step}:{at_ms}</id>\n"
        f"    <title>{_text(title)}</title>\n"
        f"    <updated>{format_log_time(at_ms)}</updated>\n"
        f'    <link href="proposals/{proposal.key}"/>\n'
        f"    <summary>{_text(changes or 'changes nothing')}</summary>\n"
        "  </entry>\n"
    )


def _text(text: str) -> str:
    return escape(text.translate(_UNFIT))
