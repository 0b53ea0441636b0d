"""What the community is: its state, as replayed so far, read by anybody.

Every answer says `size`: it is the state after so many entries. What a status depends
on, beside the state, is log time: that of the state, not this host's clock, so that a
replay of the same entries gives the same answer.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web

from api.computed import Computed
from api.paging import FRESH, json_answer, page_by_name
from api.server import BookHandler
from ledger.entries.moment import format_log_time
from ledger.errors import NotFoundError
from ledger.governance.parameters import PARAMETERS, least_of, value_of
from ledger.governance.people.electorate import may_vote
from ledger.governance.state import State
from ledger.log.book import Book

Params = dict[str, str]
Rows = Mapping[str, Mapping[str, Any]]

# Beside `size` in bodies: two of them are a section itself, to be hashed.
SIZE: Final = "Counterfoil-Size"


async def standing(book: Book) -> tuple[int, State]:
    """The newest state, and of how many entries it is the state; a checkpoint covers it.

    Raises:
        UnavailableError: what it follows from was committed and is not signed.
    """
    # The size first: what another process releases meanwhile is not in this state.
    covered = int(book.reader.size())
    projected = await book.projection.refreshed()
    size = max(covered, projected.last_record + 1)
    await book.covers(size)
    return size, projected.state


def sized(size: int, value: Any) -> web.Response:
    """An answer that stands for the state after `size` entries, and says so."""
    return json_answer(value, {**FRESH, SIZE: str(size)})


def listing(
    size: int, items: list[dict[str, Any]], following: str | None
) -> web.Response:
    """A page of a list."""
    return sized(size, {"size": size, "items": items, "next": following})


class States:
    """The states of this process's ledgers, and their roots: each worked out once."""

    def __init__(self) -> None:
        """Nothing was hashed yet."""
        self._hashed: Computed[tuple[dict[str, str], str]] = Computed()

    async def state(
        self, book: Book, _request: web.BaseRequest, _: Params
    ) -> web.Response:
        """The roots of the governance state, and of how many entries it is the state."""
        size, found = await standing(book)
        hashes, root = await self._hashed.get(
            book.ledger.name,
            (found,),
            lambda: (found.section_hashes(), found.root()),
        )
        return sized(size, {"size": size, "root": root, "sections": hashes})

    async def section(
        self, book: Book, _request: web.BaseRequest, params: Params
    ) -> web.Response:
        """One section whole: who hashes its canonical bytes gets what `state` says."""
        size, found = await standing(book)
        name = params["section"]
        value = (await asyncio.to_thread(found.sections)).get(name)
        if value is None:
            raise NotFoundError("not-found", "no such section, or it is empty")
        return sized(size, {"size": size, "section": name, "value": value})


async def community(book: Book, _request: web.BaseRequest, _: Params) -> web.Response:
    """What this ledger is: the section itself, so that anybody can hash it."""
    size, found = await standing(book)
    known = found.community
    assert known is not None, "a book has entry 0"  # noqa: S101 -- ours
    log_time = format_log_time(found.log_time_ms)
    return sized(size, {**known.public(), "log_time": log_time})


async def parameters(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """The community's own numbers: in force, by default, and their bounds."""
    size, found = await standing(book)
    own = {} if found.community is None else found.community.parameters
    page, following = page_by_name(request, PARAMETERS)
    return listing(
        size,
        [
            {
                "id": name,
                "value": value_of(own, name),
                "default": PARAMETERS[name].default,
                "least": least_of(own, name),
                "most": PARAMETERS[name].most,
                "class": PARAMETERS[name].class_,
                "what": PARAMETERS[name].what,
            }
            for name in page
        ],
        following,
    )


async def members(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Everybody who belongs or belonged, by id."""
    size, found = await standing(book)
    page, following = page_by_name(request, found.people.members)
    return listing(size, [_member(found, name) for name in page], following)


def _member(found: State, name: str) -> dict[str, Any]:
    member = found.people.members[name]  # type: ignore[index] # it came from there
    own = {} if found.community is None else found.community.parameters
    return {
        "id": name,
        "status": "member" if member.belongs else member.span.why,
        "may_vote": may_vote(found.people, member.id, found.log_time_ms, own),
        "joined": format_log_time(member.spans[0].joined_ms),
        **member.public(),
    }


async def systems(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
    """Every registered system."""
    size, found = await standing(book)
    page, following = page_by_name(request, found.systems)
    counters = await book.store.counters(book.ledger.log_id)
    return listing(size, [_system(found, name, counters) for name in page], following)


async def system(book: Book, _request: web.BaseRequest, params: Params) -> web.Response:
    """One registered system, with how many decisions it recorded."""
    size, found = await standing(book)
    if params["id"] not in found.systems:
        raise NotFoundError("not-found", "no such system here")
    counters = await book.store.counters(book.ledger.log_id)
    return sized(size, _system(found, params["id"], counters))


def _system(
    found: State, name: str, counters: Mapping[str, tuple[int, int]]
) -> dict[str, Any]:
    seq, refused = counters.get(name, (0, 0))
    public = found.systems[name].public()  # type: ignore[index] # it came from there
    return {"id": name, **public, "seq": seq, "refused": refused}


# ---- lists of what the sections hold ----------------------------------------------------


def listed(rows: Callable[[State], Rows]) -> BookHandler:
    """Who answers with some rows of the state, by name."""

    async def answer(book: Book, request: web.BaseRequest, _: Params) -> web.Response:
        size, found = await standing(book)
        named = rows(found)
        page, following = page_by_name(request, named)
        items = [{"id": name, **named[name]} for name in page]
        return listing(size, items, following)

    return answer


def _delegations(found: State) -> Rows:
    """Every delegation there was, by giver and entry; those of the past say so."""
    now_ms = found.log_time_ms
    return {
        f"{giver}.{one.index:016d}": {
            "from": giver,
            **one.public(),
            "in_force": one.ended_ms is None and now_ms < one.until_ms,
        }
        for giver, given in found.people.delegations.items()
        for one in given
    }


def _roles(found: State) -> Rows:
    """Every term in a role, by role and member; those that lapsed say so.

    With each stand the keys that act for the member now, to which boxes can be sealed.
    """
    return {
        f"{role}.{member}": {
            "role": role,
            "member": member,
            "keys": [
                key.did
                for key in found.people.members[member].keys
                if key.revoked_ms is None
            ],
            **term.public(),
            "in_force": found.log_time_ms < term.until_ms,
        }
        for role, holders in found.people.roles.items()
        for member, term in holders.items()
    }


def _safeguards(found: State) -> Rows:
    return {id_: rule.public() for id_, rule in found.safeguards.in_force.items()}


def _datasets(found: State) -> Rows:
    held: Rows = found.commons.sections().get("datasets", {})
    return held


LISTS: Final[Mapping[str, Callable[[State], Rows]]] = {
    "delegations": _delegations,
    "roles": _roles,
    "safeguards": _safeguards,
    "datasets": _datasets,
    "treasury": lambda _state: {},  # the community owns nothing yet
}
