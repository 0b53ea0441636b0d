"""The page about members: by their keys, as nobody has another name here."""

from dataclasses import dataclass

from aiohttp import web

from api.web.face import Face, paged
from ledger.governance.people.member import Member
from ledger.governance.people.roles import holders
from ledger.governance.state import State
from ledger.ids import Did
from ledger.log.book import Book


@dataclass(frozen=True, slots=True)
class Belonging:
    """A member in the list, with the roles they hold now."""

    member: Member
    roles: tuple[str, ...]


def present(state: State) -> int:
    """How many belong now."""
    return sum(one.belongs for one in state.people.members.values())


class Members:
    """The page of the room."""

    def __init__(self, face: Face) -> None:
        """`face`: the process's."""
        self._face = face

    async def listed(
        self, book: Book, request: web.BaseRequest, _: dict[str, str]
    ) -> web.Response:
        """Everybody who belongs or belonged, those who belong first."""
        state = await self._face.state(book)
        held: dict[Did, list[str]] = {}
        for role in sorted(state.people.roles):
            for member in holders(state.people, role, state.log_time_ms):
                held.setdefault(member, []).append(role)
        rows = [
            Belonging(one, tuple(held.get(one.id, ())))
            for one in sorted(
                state.people.members.values(),
                key=lambda one: (not one.belongs, one.spans[0].joined_ms, one.id),
            )
        ]
        return self._face.page(
            book,
            request,
            "members.html",
            members=paged(request, rows),
            present=present(state),
        )
