"""What the people decided about, their helpers and reviewers do; one row an act.

Their keys are nobody's known to the community, so who may act is asked once the receipt
is read; only reviews are for members in a role.
"""

from typing import Any, Final

from ledger.governance.cases import (
    bodies,
    claiming,
    contesting,
    erasing,
    granting,
    reviewing,
    states,
)
from ledger.governance.kinds import ActKind
from ledger.governance.people.rights import anybody, check_member

ACTS: Final[dict[str, ActKind[Any]]] = {  # names never change
    "receipt.claim": ActKind(
        who=anybody,
        read=bodies.read_claim,
        check=claiming.check_claim,
        apply=claiming.apply_claim,
    ),
    "helper.name": ActKind(
        who=anybody,
        read=bodies.read_helper,
        check=claiming.check_name,
        apply=claiming.apply_name,
    ),
    "helper.end": ActKind(
        who=anybody,
        read=bodies.read_helper_end,
        check=claiming.check_end,
        apply=claiming.apply_end,
    ),
    "contest.open": ActKind(
        who=anybody,
        read=bodies.read_opening,
        check=contesting.check_open,
        apply=contesting.apply_open,
    ),
    states.SAY: ActKind(
        who=anybody,
        read=bodies.read_message,
        check=contesting.check_say,
        apply=contesting.apply_say,
    ),
    states.SHARE: ActKind(
        who=anybody,
        read=bodies.read_boxes,
        check=contesting.check_share,
        apply=contesting.apply_share,
    ),
    states.CONTEST_WITHDRAW: ActKind(
        who=anybody,
        read=bodies.read_contest,
        check=contesting.check_withdraw,
        apply=contesting.apply_withdraw,
    ),
    states.CONTEST_SETTLE: ActKind(
        who=anybody,
        read=bodies.read_contest,
        check=contesting.check_settle,
        apply=contesting.apply_settle,
    ),
    states.TAKE: ActKind(
        who=reviewing.check_reviewer,
        read=bodies.read_contest,
        check=reviewing.check_take,
        apply=reviewing.apply_take,
    ),
    states.RELEASE: ActKind(
        who=check_member,
        read=bodies.read_contest,
        check=reviewing.check_release,
        apply=reviewing.apply_release,
    ),
    states.CONCLUDE: ActKind(
        who=reviewing.check_reviewer,
        read=bodies.read_conclusion,
        check=reviewing.check_conclude,
        apply=reviewing.apply_conclude,
    ),
    granting.GIVE: ActKind(
        who=anybody,
        read=bodies.read_grant,
        check=granting.check_give,
        apply=granting.apply_give,
    ),
    granting.END: ActKind(
        who=anybody,
        read=bodies.read_grant_id,
        check=granting.check_end,
        apply=granting.apply_end,
    ),
    granting.READ: ActKind(
        who=anybody,
        read=bodies.read_read,
        check=granting.check_read,
        apply=granting.apply_read,
    ),
    erasing.ASK: ActKind(
        who=anybody,
        read=bodies.read_receipt,
        check=erasing.check_ask,
        apply=erasing.apply_ask,
    ),
    erasing.WITHDRAW: ActKind(
        who=anybody,
        read=bodies.read_decision_alone,
        check=erasing.check_withdraw,
        apply=erasing.apply_withdraw,
    ),
    erasing.STOP: ActKind(
        who=anybody,
        read=bodies.read_receipt,
        check=erasing.check_stop,
        apply=erasing.apply_stop,
    ),
}
