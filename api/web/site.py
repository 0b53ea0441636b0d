"""The pages of a ledger, by path: what `api/routes.py` adds to the operations.

Pages are for people and stand in no OpenAPI document. Each is a handler of one ledger;
a new page is a row here, a template, and its words in every language.
"""

from collections.abc import Mapping

from api.server import BookHandler
from api.web.rendering import Rendering


def site(rendering: Rendering) -> Mapping[str, BookHandler]:
    """Every page of a ledger, by its path below `/{ledger}`."""
    del rendering
    return {}
