"""Where somebody who acts stands: what their next act is numbered, and for whom it is."""

from aiohttp import web

from api.governance import sized, standing
from ledger.errors import NotFoundError
from ledger.governance.people.electorate import may_vote, member_of
from ledger.ids import Did
from ledger.keys import is_did_key
from ledger.log.book import Book


async def actor(
    book: Book, _request: web.BaseRequest, params: dict[str, str]
) -> web.Response:
    """The newest `seq` of a key, and the member it acts for now.

    A key that never acted has seq 0, whether or not anybody holds it.
    """
    if not is_did_key(params["did"]):
        raise NotFoundError("not-found", "an actor is the did:key of an Ed25519 key")
    size, state = await standing(book)
    did = Did(params["did"])
    member = member_of(state.people, did)
    own = {} if state.community is None else state.community.parameters
    votes = member is not None and may_vote(
        state.people, member, state.log_time_ms, own
    )
    return sized(
        size,
        {
            "size": size,
            "actor": did,
            "seq": state.sequences.get(did, 0),
            "member": member,
            "may_vote": votes,
        },
    )
