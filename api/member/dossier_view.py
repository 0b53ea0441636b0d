"""A case as JSON, and for a terminal: whatever others wrote is shown as plain text."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from api.member.case import Heard
from api.member.client import plain
from api.member.dossier import Dossier
from api.member.when import moment, span
from ledger.canonical import parse_base64
from ledger.governance.cases.contest import Contest, Said
from ledger.governance.cases.queries import later_of
from ledger.governance.cases.states import status_of
from ledger.governance.state import State


def as_json(dossier: Dossier, now_ms: int) -> dict[str, Any]:
    """Everything that was opened."""
    contest = dossier.contest
    return {
        "id": contest.id,
        **contest.public(),
        "status": status_of(contest, now_ms),
        "timeline": events_of(dossier.state, contest),
        "opened": dossier.case_key is not None,
        "messages": [
            {
                "by": said.by,
                "act": said.act,
                **_heard(statement),
                "attachments": [
                    {**_heard(one), **_saved(dossier, one)} for one in attached
                ],
            }
            for said, statement, attached in dossier.said
        ],
        "told": None if dossier.reasons is None else _heard(dossier.reasons),
        "fields": dossier.fields,
    }


def _heard(one: Heard) -> dict[str, Any]:
    if one.part is None:
        return {"value": None, "trouble": one.trouble}
    hidden = {"data"} if one.part.slot == "attachment" else set()
    value = {k: v for k, v in one.part.value.items() if k not in hidden | {"dek"}}
    return {"slot": one.part.slot, "value": value}


def _saved(dossier: Dossier, one: Heard) -> dict[str, Any]:
    file = None if one.part is None else dossier.files.get(one.part.digest)
    return {} if file is None else {"file": str(file)}


def lines(dossier: Dossier, now_ms: int) -> Iterator[str]:
    """The same for people."""
    yield from _head(dossier.contest, now_ms)
    for said, statement, attached in dossier.said:
        yield from _message(dossier, said, statement, attached)
    if dossier.case_key is None:
        yield ""
        yield "What was said is encrypted for the person and the reviewers."
    if dossier.reasons is not None:
        yield ""
        yield "Why it ended so"
        yield from _texts(dossier.reasons)
    if dossier.fields is not None:
        yield ""
        yield from field_lines(dossier.fields)
    yield ""
    yield "Timeline (UTC)"
    for event in events_of(dossier.state, dossier.contest):
        yield f"  {event['time']}  entry {event['index']:,}  {event['type']}"


def events_of(state: State, contest: Contest) -> list[dict[str, Any]]:
    """Every entry of the case, and each look of its reviewers at the decision."""
    told = later_of(state, contest.decision)
    grants = {one["id"] for one in told if one["about"] == contest.id}
    return [one for one in told if one["about"] in {contest.id, *grants}]


def field_lines(fields: Mapping[str, Any]) -> Iterator[str]:
    """A decision's own fields."""
    yield "The decision's own fields, as its leaf commits to them"
    for slot, value in fields.items():
        shown = value if type(value) is str else json.dumps(value, ensure_ascii=False)
        yield f"  {slot:<15} {plain(shown)}"


def _head(contest: Contest, now_ms: int) -> Iterator[str]:
    yield f"Contest {contest.id}"
    yield f"{status_of(contest, now_ms)}{_time_left(contest, now_ms)}"
    yield ""
    yield f"decision  {contest.decision}"
    yield f"system    {contest.system}, entry {contest.index:,}"
    helped = " (a helper of the person)" if contest.helped else ""
    yield f"opened    {moment(contest.opened_ms)} by {contest.opener}{helped}"
    if contest.ended is not None and contest.overdue_ms is not None:
        yield f"it was late, since {moment(contest.overdue_ms)}"
    if contest.reviewer is not None:
        yield f"reviewer  {contest.reviewer}"
    if contest.corrected is not None:
        yield f"corrected {contest.corrected}"
    if contest.looked_at:
        yield f"looked at {', '.join(contest.looked_at)}"


def _time_left(contest: Contest, now_ms: int) -> str:
    if contest.ended is not None:
        return ""
    if now_ms < contest.due_ms:
        return f", for {span(contest.due_ms - now_ms)} more"
    return f", since {span(now_ms - contest.due_ms)}: everybody can see that"


def _message(
    dossier: Dossier, said: Said, statement: Heard, attached: list[Heard]
) -> Iterator[str]:
    contest = dossier.contest
    yield ""
    who = "the person" if said.by == contest.opener else "the reviewer"
    yield f"{moment(said.at_ms)}, {who}"
    yield from _texts(statement)
    for one in attached:
        if one.part is None:
            yield f"  file: {plain(one.trouble)}"
            continue
        value, file = one.part.value, dossier.files.get(one.part.digest)
        size = len(parse_base64(value["data"]))
        where = "" if file is None else f" → {file}"
        name, kind = plain(value["name"]), plain(value["type"])
        yield f"  file: {name} ({kind}, {size:,} bytes){where}"


def _texts(one: Heard) -> Iterator[str]:
    if one.part is None:
        yield f"  (not readable: {plain(one.trouble)})"
        return
    value = one.part.value
    if "ground" in value:
        yield f"  ground: {value['ground']}"
    for line in str(value["text"]).splitlines():
        yield f"  {plain(line)}"
    for item in value.get("fields", ()):
        yield f"  {plain(item['field'])}: {plain(item['text'])}"
    if value.get("secret") is not None:
        yield f"  the corrected decision: {value['id']}, secret {value['secret']}"
