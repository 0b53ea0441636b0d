"""A place worth looking at: programs with hostile names, a rule by vote, contests.

Made once for a module: a real service whose clock the test moves on. What is written
here by its people tries to be markup, and to run the other way.
"""

import json
from pathlib import Path
from typing import Any, Final

from ledger.canonical import format_base64url, parse_base64
from ledger.clock import SystemClock
from ledger.entries.act import format_payload, sign_act
from ledger.entries.moment import format_log_time
from ledger.entries.secret import derive, parse_secret
from ledger.keys import SigningKey
from ledger.merkle.hashing import hash_leaf
from tests.e2e.town import HOUR_S, Town
from tests.world.service import LEDGER, SYSTEM, Answer, decision

NAME: Final = '<script>alert(1)</script> & "Scores"'
OPERATOR: Final = "<b>Acme</b> \u200f\u0634\u0631\u0643\u0629"
TITLE: Final = "<img src=x onerror=alert(2)> A person looks"
TEXT: Final = (
    "</main><script>alert(3)</script>\n\u0627\u0644\u0633\u0637\u0631 'two' {{ 7 * 7 }}"
)
COMMENT: Final = "<b>Why</b> now? \u202eevil"
RULE: Final = "person-looks"
HOUR_MS: Final = HOUR_S * 1000
DAY_MS: Final = 24 * HOUR_MS
PROPOSAL: Final = f"""
title = {json.dumps(TITLE)}
text = {json.dumps(TEXT)}

[ballot]
method = "yesno"

[[actions]]
action = "safeguard.enact"

[actions.body]
id = "{RULE}"
title = {json.dumps(TITLE)}
when = '!outcome.favourable && system.domain == "credit"'
require = 'has(human.involved) && human.involved'
message = "<em>Ask</em> a person & wait."
effect = "refuse"
scope = "all"
in_sealed_mode = "flag"

[[actions.body.tests]]
name = "granted <i>at once</i>"
decision = {{ outcome = {{ code = "granted", favourable = true }} }}
system = {{ domain = "credit" }}
expect = "pass"

[[actions.body.tests]]
name = "rejected, nobody looked"
decision = {{ outcome = {{ code = "rejected", favourable = false }} }}
system = {{ domain = "credit" }}
expect = "refuse"
"""


class Place:
    """What was made, by the ids that pages name.

    Attributes:
        town: the service, its people and its clock.
        system: a program whose name is markup.
        proposal, open_proposal: keys; the first was enacted.
        decided: the answers to decisions of the system, in order.
        contests: ids; the first is overdue, the second was taken back.
        asked: a decision whose erasure is late.
        hold: the key of a proposal that holds what the system `example` keeps.
    """

    def __init__(self, town: Town) -> None:
        self.town = town
        self.service = town.service
        self.system = "scores"
        self._seqs: dict[str, int] = {}
        helper = town.person("alice")
        town.does(helper, "apply")
        town.does(town.founder, "admit", town.did(helper))
        town.operator(
            *("systems", "add", LEDGER, self.system, "--name", NAME),
            *("--operator", OPERATOR, "--impact-level", "III", "--domain", "credit"),
            *("--version", "1", "--version", "2"),
        )
        town.operator("systems", "add", LEDGER, SYSTEM, "--domain", "hiring")
        self._tokens = {
            one: town.operator("tokens", "issue", LEDGER, one).strip()
            for one in (self.system, SYSTEM)
        }
        self._decide(SYSTEM)
        self.decided = [self._decide(self.system) for _ in range(3)]
        self.contests = [self.contest(one) for one in self.decided[:2]]
        self.proposal = self._propose(PROPOSAL, town.founder, helper)
        town.passes(self.proposal, [town.founder, helper])
        refused = self._post(self.system)
        assert refused.status == 422, refused.body
        self.act(self.decided[1], "contest.withdraw", {"contest": self.contests[1]})
        self.asked = self.decided[1]["id"]
        self.act(
            self.decided[1], "erasure.ask", {"receipt": self._shown(self.decided[1])}
        )
        hold = {"system": SYSTEM, "decision": None, "reason": "tribunal"}
        told = {"action": "legal_hold.set", "body": hold}
        text = json.dumps({"title": "A hold", "text": "We keep it.", "actions": [told]})
        self.hold = self._propose(text, town.founder, helper, suffix="json")
        town.passes(self.hold, [town.founder, helper])
        # By now the first contest is late, and so is the erasure: no sweep ever comes.
        town.clock.forward(40 * DAY_MS)
        self.open_proposal = self._propose(
            f"title = {json.dumps(TITLE)}\ntext = 'Shall we?'\nactions = []\n"
            '[ballot]\nmethod = "yesno"\n',
            helper,
            town.founder,
        )
        town.does(helper, "comment", self.open_proposal, COMMENT)

    def _propose(
        self, text: str, who: Path, *endorsers: Path, suffix: str = "toml"
    ) -> str:
        file = self.town.home / f"proposal-{len(self._seqs)}-{who.stem}.{suffix}"
        file.write_text(text, encoding="utf-8")
        return self.town.opens(who, file, *endorsers)

    # ---- decisions ----------------------------------------------------------------------

    def _post(self, system: str) -> Answer:
        at = format_log_time(SystemClock().now_ms() - 1000)
        return self.service.request(
            "POST",
            f"/{LEDGER}/v1/decisions",
            body=json.dumps(decision(system=system, decided_at=at)).encode(),
            headers={
                "Authorization": f"Bearer {self._tokens[system]}",
                "Content-Type": "application/json",
            },
        )

    def _decide(self, system: str) -> dict[str, Any]:
        answer = self._post(system)
        assert answer.status == 201, answer.body
        found: dict[str, Any] = answer.json()
        return found

    # ---- acts of a person, by the receipt's own key ---------------------------------------

    def act(self, answer: dict[str, Any], act: str, body: dict[str, Any]) -> str:
        """One act, signed with the contest key of a receipt; its id."""
        secret = parse_secret(answer["receipt"]["secret"])
        key = SigningKey(derive(secret).contest_seed)
        note = self.service.get(f"/{LEDGER}/checkpoint").body.decode().splitlines()
        self._seqs[key.did] = self._seqs.get(key.did, 0) + 1
        payload = format_payload(
            genesis=self.service.get(f"/{LEDGER}/v1/keys").json()["genesis"],
            act=act,
            actor=key.did,
            seq=self._seqs[key.did],
            until=format_log_time(SystemClock().now_ms() + HOUR_MS),
            seen_size=int(note[1]),
            seen_root=parse_base64(note[2]),
            body=body,
        )
        sent = self.service.request(
            "POST",
            f"/{LEDGER}/v1/acts",
            body=json.dumps(sign_act(key, payload)).encode(),
            headers={"Content-Type": "application/json"},
        )
        assert sent.status == 201, sent.body
        return str(sent.json()["id"])

    def _shown(self, answer: dict[str, Any]) -> dict[str, Any]:
        """A receipt as acts show it."""
        index = answer["index"]
        proof = self.service.get(f"/{LEDGER}/v1/proofs/inclusion?index={index}").json()
        return {
            "id": answer["id"],
            "index": index,
            "leaf": answer["receipt"]["leaf"],
            "proof": proof["hashes"],
        }

    def contest(self, answer: dict[str, Any]) -> str:
        """A contest about a decision, opened; its id."""
        letters = format_base64url(hash_leaf(b"any"))
        part = format_base64url(hash_leaf(answer["id"].encode()))
        body = {
            "receipt": self._shown(answer),
            "seal_key": letters,
            "tag": letters,
            "boxes": [],
            "statement": {"digest": part, "part": part},
            "attachments": [],
        }
        return self.act(answer, "contest.open", body)
