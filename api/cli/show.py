"""`counterfoil proposal`, `proposals`, `members`: what stands, what comes, what it means.

Everything is worked out here, by the ledger's own rules, from the state that the service
publishes: how a vote stands, and what would come of it if it closed now.
"""

import argparse
import json
from typing import Any

from api.cli.acting import add_read_parser, finish, tell_errors, url_of
from api.member.client import Client, plain
from api.member.finding import find_proposal
from api.member.standing import at, fetch_state
from api.member.view import proposal_view, view_lines
from api.member.when import span
from ledger.clock import SystemClock
from ledger.governance.assembly.status import closed_as, ends_ms, phase_of
from ledger.governance.people.electorate import may_vote
from ledger.governance.state import State, parameters_of

PROPOSAL = """\
Shows one proposal: what it would change, where it stands and until when, how the vote
stands, and what would come of it if it closed now.
"""


def add(commands: Any) -> None:
    """Add the commands."""
    parser = add_read_parser(
        commands,
        "proposals",
        help_="list proposals, open ones first",
        description="Lists proposals, the open ones first.",
        examples="  counterfoil proposals\n",
    )
    parser.set_defaults(run=run_proposals)
    parser = add_read_parser(
        commands,
        "proposal",
        help_="show one: timeline, vote, what it would change",
        description=PROPOSAL,
        examples="  counterfoil proposal 3fQx\n",
    )
    parser.add_argument("proposal", metavar="ID")
    parser.set_defaults(run=run_proposal)
    parser = add_read_parser(
        commands,
        "members",
        help_="list who belongs, who votes, who applies",
        description="Lists members, and those who apply.",
        examples="  counterfoil members\n",
    )
    parser.set_defaults(run=run_members)


async def _state(arguments: argparse.Namespace) -> State:
    async with Client(url_of(arguments)) as client:
        return at(await fetch_state(client), SystemClock().now_ms())


def run_proposal(arguments: argparse.Namespace) -> int:
    """Show one proposal."""

    def work() -> int:
        state = finish(_state(arguments))
        view = proposal_view(state, find_proposal(state, arguments.proposal))
        if arguments.json:
            print(json.dumps(view))
        else:
            for line in view_lines(view, state.log_time_ms):
                print(plain(line))
        return 0

    return tell_errors(arguments, work)


def run_proposals(arguments: argparse.Namespace) -> int:
    """List proposals."""

    def work() -> int:
        state = finish(_state(arguments))
        now_ms = state.log_time_ms
        found = sorted(
            state.assembly.proposals.values(),
            key=lambda one: (closed_as(one) is not None, -one.opened_ms, one.key),
        )
        items: list[dict[str, Any]] = [
            {
                "key": one.key,
                "title": one.content.title,
                "state": phase_of(one, now_ms),
                "class": one.class_,
                "until_ms": ends_ms(one, now_ms),
            }
            for one in found
        ]
        if arguments.json:
            print(json.dumps(items))
            return 0
        for one in items:
            until = one["until_ms"]
            left = "" if until is None else f", {span(until - now_ms)} left"
            print(
                f"{one['key'][:12]}  {one['state'] + left:<30}  {plain(one['title'])}"
            )
        if not items:
            print("No proposals yet: counterfoil propose --help")
        return 0

    return tell_errors(arguments, work)


def run_members(arguments: argparse.Namespace) -> int:
    """List members, and those who apply."""

    def work() -> int:
        state = finish(_state(arguments))
        people, now_ms = state.people, state.log_time_ms
        own = parameters_of(state)
        items: list[dict[str, Any]] = [
            {
                "id": id_,
                "belongs": member.belongs,
                "may_vote": may_vote(people, id_, now_ms, own),
                "roles": sorted(
                    role
                    for role, held in people.roles.items()
                    if id_ in held and now_ms < held[id_].until_ms
                ),
                "joined_by": member.span.by,
                "left": member.span.why,
            }
            for id_, member in sorted(people.members.items())
        ]
        applying = [
            {"id": id_, "vouches": len(one.vouches), "applied": bool(one.applied_ms)}
            for id_, one in sorted(people.applications.items())
        ]
        if arguments.json:
            print(json.dumps({"members": items, "applications": applying}))
            return 0
        for one in items:
            votes = "votes" if one["may_vote"] else "does not vote yet"
            status = votes if one["belongs"] else str(one["left"])
            print("  ".join([str(one["id"]), ", ".join([status, *one["roles"]])]))
        for open_one in applying:
            what = "applies" if open_one["applied"] else "is invited"
            print(f"{open_one['id']}  {what}, {open_one['vouches']} vouch")
        return 0

    return tell_errors(arguments, work)
