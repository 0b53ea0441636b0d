"""A decision's leaf, read by one regular expression: the auditor's hot path.

The canonical bytes of a decision have one shape, in which only codes, digests, counts,
keys and times vary. So one pattern is at once the JSON parser, the canonical form and
most of the schema, at a third of the cost of those three. What it does not match it says
nothing about: `ledger.entries.codec` then reads the leaf the plain way, which names the
fault. A test holds the two equal on every leaf the pattern accepts.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

import orjson

from ledger.canonical import parse_base64url
from ledger.entries.decision import DECISION_RECORDED
from ledger.entries.entry import DecisionRecorded
from ledger.entries.moment import is_hour, is_second
from ledger.entries.statement import SEALED_ORDER, Statement, check_digest_letters
from ledger.errors import MalformedError
from ledger.ids import (
    DecisionId,
    Did,
    LedgerName,
    SystemId,
    is_uuid4,
    parse_ledger_name,
)
from ledger.keys import SIGNATURE_BYTES, is_did_key
from ledger.limits import INTEGER_MAX

# A dot of fixed count is skipped at once where a class is compared letter by letter: so
# what has a check of its own elsewhere (digests, keys, ids) is only cut out here.
_DIGEST = "(.{43})"
_SIG = "(.{86})"
_DID = "(.{56})"
_CODE = "([A-Za-z0-9._-]{1,64})"
_SEALED = ",".join(f'"{slot}":"{_DIGEST}"' for slot in SEALED_ORDER)
_LEAF = re.compile(
    r'\{"data":\{"refused":(0|[1-9][0-9]{0,15}),"results":(\[(?:\{"id":"'
    r'[A-Za-z0-9._-]{1,64}","outcome":"(?:pass|flag|hold)"\},?)*\]),'
    rf'"rules":"{_DIGEST}","seq":([1-9][0-9]{{0,15}}),'
    rf'(?:"signature":\{{"keyid":"{_DID}","sig":"{_SIG}"\}},)?"statement":'
    rf'(\{{"automation":"(full|partial|advisory)","contest_key":"{_DID}",'
    rf'"genesis":"{_DIGEST}","id":"(?P<id>.{{36}})",'
    rf'(?:"outcome":\{{"code":"{_CODE}","favourable":(true|false)\}},)?'
    rf'"profile":"(open|sealed)","sealed":\{{(?P<sealed>{_SEALED})\}},'
    rf'"subject_tag":"{_DIGEST}","system":"(?P<system>{_CODE})",'
    r'"time":"(?P<time>[0-9T:-]{19}Z)","v":1,'
    r'"version":(?:null|"([A-Za-z0-9._+-]{1,64})")\})\},'
    r'"datacontenttype":"application/json","id":"(?P=id)",'
    r'"source":"/([a-z][a-z0-9-]{0,39})/systems/(?P=system)",'
    r'"specversion":"1\.0","time":"(?P=time)",'
    rf'"type":"{re.escape(DECISION_RECORDED)}"\}}',
    re.ASCII | re.DOTALL,
)


@lru_cache(maxsize=4_096)
def _is_sound(ledger: str, profile: str, time: str) -> bool:
    """What a pattern cannot say; decisions of one hour share all three."""
    try:
        parse_ledger_name(ledger)
    except MalformedError:
        return False
    return is_second(time) if profile == "open" else is_hour(time)


@lru_cache(maxsize=4_096)
def _read_results(text: str) -> tuple[tuple[str, str], ...]:
    if text == "[]":
        return ()
    try:
        pairs = tuple((item["id"], item["outcome"]) for item in orjson.loads(text))
    except orjson.JSONDecodeError as error:
        raise MalformedError("results with a comma too many or too few") from error
    if any(one[0] >= next_[0] for one, next_ in pairwise(pairs)):
        raise MalformedError("results stand in order of id, each once")
    return pairs


def _read_signature(keyid: str, sig: str) -> bytes:
    if not is_did_key(keyid):
        raise MalformedError("a keyid is the did:key of an Ed25519 key")
    return parse_base64url(sig, length=SIGNATURE_BYTES)


def match_decision(leaf: bytes) -> DecisionRecorded | None:
    """The decision in `leaf`, or None for "read it the plain way"; never a refusal.

    Results of rules repeat from leaf to leaf, and are read once.
    """
    if not leaf.isascii():
        return None
    found = _LEAF.fullmatch(leaf.decode("ascii"))
    if found is None:
        return None
    groups = found.groups()
    (refused, results, rules, seq, keyid, sig, statement, automation, contest_key, genesis, id_,
     code, favourable, profile, _) = groups[:15]  # fmt: skip
    tag, system, _, time, version, ledger = groups[-6:]
    digests = groups[15:-6]
    if (
        (code is None) is (profile == "open")
        or not is_uuid4(id_)
        or not is_did_key(contest_key)
        or not _is_sound(ledger, profile, time)
        or (len(seq) == 16 and int(seq) > INTEGER_MAX)
        or (len(refused) == 16 and int(refused) > INTEGER_MAX)
    ):
        return None
    try:
        check_digest_letters("".join((*digests, rules, genesis, tag)))
        found_results = _read_results(results)
        signature = None if sig is None else _read_signature(keyid, sig)
    except MalformedError:
        return None
    outcome: dict[str, Any] | None = None
    if code is not None:
        outcome = {"code": code, "favourable": favourable == "true"}
    return DecisionRecorded(
        ledger=LedgerName(ledger),
        statement=Statement(
            id=DecisionId(id_),
            genesis=genesis,
            system=SystemId(system),
            version=version,
            profile=profile,
            automation=automation,
            time=time,
            subject_tag=tag,
            contest_key=Did(contest_key),
            digests=digests,
            outcome=outcome,
        ),
        statement_jcs=statement.encode("ascii"),
        seq=int(seq),
        rules=rules,
        results=found_results,
        refused=int(refused),
        keyid=None if keyid is None else Did(keyid),
        signature=signature,
    )
