"""What acts of people decided about, of their helpers and of reviewers mean, in words."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "receipt.claim": "Claim the receipt of decision {receipt} with a key of your own.",
    "helper.name": "Let {helper} help you with decision {receipt} until {until}: {scope}.",
    "helper.end": "End the help of {helper} with decision {decision}.",
    "contest.open": "Contest decision {receipt}: a person has to look at it again.",
    "case.say": "Say something more in the case {contest}.",
    "case.share": "Let more people read the case {contest}.",
    "contest.withdraw": "Withdraw the contest {contest}, for good.",
    "contest.settle": "Say that the contest {contest} is settled.",
    "review.take": "Take the contest {contest}, to review it.",
    "review.release": "Give the contest {contest} back, for another reviewer.",
    "review.conclude": "Conclude the contest {contest}: the decision is {conclusion}.",
    "grant.give": "Let {to} read decision {receipt} until {until}, for: {purpose}.",
    "grant.end": "End the grant {grant}: nothing more can be read under it.",
    "grant.read": "Read decision {decision} under the grant {grant}.",
    "erasure.ask": "Ask that the private part of decision {receipt} is erased.",
    "erasure.withdraw": "Take back your wish to have decision {decision} erased.",
    "reissue.stop": "Stop that the receipt of decision {receipt} is given out again.",
}
