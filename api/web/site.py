"""The pages of a ledger, by path: what `api/routes.py` adds to the operations.

Pages are for people and stand in no OpenAPI document. Each is a handler of one ledger;
a new page is a row here, a template, and its words in every language.
"""

from collections.abc import Mapping

from api.server import BookHandler
from api.web.contests import Contests
from api.web.entries import Entries
from api.web.face import Face
from api.web.front import Front
from api.web.members import Members
from api.web.proposals import ProposalPages
from api.web.systems import Systems


def site(face: Face) -> Mapping[str, BookHandler]:
    """Every page of a ledger, by its path below `/{ledger}`."""
    front, entries, systems = Front(face), Entries(face), Systems(face)
    proposals, members, contests = ProposalPages(face), Members(face), Contests(face)
    return {
        "": front.redirect,
        "/": front.page,
        "/search": front.search,
        "/systems": systems.systems,
        "/systems/{id}": systems.system,
        "/safeguards": systems.safeguards,
        "/safeguards/{id}": systems.safeguard,
        "/proposals": proposals.listed,
        "/proposals/{id}": proposals.one,
        "/contests": contests.listed,
        "/contests/{id}": contests.one,
        "/members": members.listed,
        "/entries": entries.listed,
        "/entries/{index}": entries.one,
    }
