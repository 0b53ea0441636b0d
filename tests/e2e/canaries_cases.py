"""Canaries in cases: claims, statements, attachments, messages, grants; right and wrong."""

import secrets
from typing import Protocol

from ledger.entries.case import derive_case
from ledger.entries.part import part_name
from tests.e2e.casework import V1, actor, does, fetch, keep, later, person, proof
from tests.e2e.contract import Actor, hkdf, to_b64url
from tests.world.person import Person
from tests.world.service import Service


class Marks(Protocol):
    """What makes marked strings."""

    hashed: list[bytes]

    def new(self) -> str: ...

    def keep(self, secret: bytes) -> None: ...


def say_cases(service: Service, marks: Marks, refusals: list[bytes]) -> None:
    """A case, from both sides; what was answered where something was wrong."""
    who = person(service, subject={"ref": marks.new()}, inputs={"x": marks.new()})
    by, other = actor(who), Actor(b"\x41" * 32)
    marks.keep(who.secret)
    marks.keep(hkdf(who.secret, "counterfoil/v1/dek"))
    marks.keep(who.case_key)
    keys = derive_case(who.case_key)
    marks.keep(keys.part_key)
    marks.hashed.append(keys.tag)
    marks.hashed.append(hkdf(who.secret, "counterfoil/v1/tag"))

    claim, body = who.claim(proof(service, who))
    marks.keep(claim.key.seed)
    marks.keep(claim.seal_secret)
    does(service, by, "receipt.claim", body)

    file = f"a letter: {marks.new()} ".encode() * 30
    opening = who.opening(
        proof(service, who), marks.new(), attached=[(marks.new(), file)], to=[other.did]
    )
    contest = str(does(service, by, "contest.open", opening)["id"])
    said = who.part("message", {"text": marks.new()})
    message = {"contest": contest, "statement": said, "attachments": []}
    does(service, by, "case.say", message)
    for blob in who.blobs:
        marks.hashed.append(blob)
        assert keep(service, blob).status == 201
        read = fetch(service, part_name(blob), f"Case {who.tag}")
        assert read.body == blob
    _granted(service, who, by, other)
    _wrong(service, marks, who, refusals)


def _granted(service: Service, who: Person, by: Actor, auditor: Actor) -> None:
    given = {
        "receipt": who.shown(proof(service, who)),
        "to": auditor.did,
        "purpose": "audit",
        "until": later(24),
        "wrapped": None,
    }
    grant = does(service, by, "grant.give", given)["id"]
    asked = {"grant": grant, "decision": who.id}
    read = does(service, auditor, "grant.read", asked)["id"]
    key = service.get(
        f"{V1}/grants/{grant}/key", headers={"Authorization": f"Read {read}"}
    )
    assert key.status == 200, key.body
    named = {
        "receipt": who.shown(proof(service, who)),
        "helper": auditor.did,
        "scope": ["contest", "read"],
        "until": later(24),
    }
    does(service, by, "helper.name", named)


def _wrong(service: Service, marks: Marks, who: Person, refusals: list[bytes]) -> None:
    """Marked strings where they do not belong: in paths, headers, bodies."""
    new = marks.new
    unnamed = new().encode() + secrets.token_bytes(40)
    answers = [
        keep(service, unnamed),
        keep(service, new().encode()[:20]),
        keep(service, unnamed, kind=new()),
        keep(service, unnamed, Content_Encoding=new()),
        fetch(service, new(), f"Case {who.tag}"),
        fetch(service, part_name(who.blobs[0]), f"Case {new()}"),
        fetch(service, part_name(who.blobs[0]), new()),
        service.get(f"{V1}/contests/{new()}"),
        service.get(f"{V1}/contests?decision={new()}&status={new()}&{new()}=1"),
        service.get(f"{V1}/contests?system={new()}&cursor={new()}"),
        service.get(f"{V1}/grants/{new()}"),
        service.get(
            f"{V1}/grants/{new()}/key", headers={"Authorization": f"Read {new()}"}
        ),
    ]
    by = actor(who)
    bodies = (
        {"contest": new(), "statement": {"digest": new(), "part": new()}},
        {**who.opening(proof(service, who), new()), "tag": new()},
        {**who.opening(proof(service, who), new()), new(): new()},
    )
    answers += [by.act(service, "contest.open", body, seq=100) for body in bodies]
    wrong_tag = to_b64url(secrets.token_bytes(32))
    answers.append(fetch(service, part_name(who.blobs[0]), f"Case {wrong_tag}"))
    refused = [answer.body for answer in answers if answer.status >= 400]
    assert len(refused) == len(answers) - 1  # a system and a cursor can be anything
    refusals.extend(refused)
