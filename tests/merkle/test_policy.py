import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import MalformedError, VerificationError
from ledger.ids import TreeSize
from ledger.merkle.checkpoint import Checkpoint, format_checkpoint
from ledger.merkle.cosignature import cosign
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import (
    Note,
    SignerKey,
    format_note,
    format_vkey,
    sign,
    signer_key,
)
from ledger.merkle.policy import (
    Group,
    Log,
    Policy,
    Witness,
    check_policy,
    format_policy,
    parse_policy,
)
from tests.merkle.vectors import FOLDER

LOG = signer_key("localhost/commons", bytes(32))
OTHER = signer_key("localhost/commons", bytes(31) + b"\xff")
WITNESSES = [
    signer_key(f"witness.example/w{number}", bytes(31) + bytes([number]), 0x04)
    for number in range(1, 7)
]
X1, X2, X3, Y1, Y2, Y3 = (format_vkey(signer.vkey) for signer in WITNESSES)
VKEY = format_vkey(LOG.vkey)
HEAD = Checkpoint(origin=LOG.name, size=TreeSize(1), root=hash_leaf(b""))
TEXT = format_checkpoint(HEAD)

SPECIFICATION = f"""
# The specification's own example, with keys.
log {VKEY}
witness X1 {X1}
witness X2 {X2} https://witness.example/
witness X3 {X3}
group X-witnesses 2 X1 X2 X3
\twitness\tY1 {Y1}\t
witness Y2 {Y2}
witness Y3 {Y3}
group Y-witnesses any Y1 Y2 Y3
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def _signed(*signers: SignerKey, log: SignerKey = LOG) -> bytes:
    lines = [sign(TEXT, log), *(cosign(signer, TEXT, 5) for signer in signers)]
    return format_note(Note(TEXT, tuple(lines)))


@pytest.mark.parametrize(
    ("met", "names"),
    [
        (False, ""),
        (False, "X1 X2"),
        (False, "X1 X2 X3"),
        (False, "X1 Y1 Y2 Y3"),
        (True, "X1 X2 Y3"),
        (True, "X1 X2 X3 Y1 Y2 Y3"),
        (False, "X-witnesses Y-witnesses X-and-Y"),
    ],
)
def test_the_specifications_example(met: bool, names: str) -> None:
    policy = parse_policy(SPECIFICATION)
    assert policy.is_met(names.split()) is met
    assert parse_policy(format_policy(policy)) == policy


def test_a_checkpoint_under_a_policy() -> None:
    policy = parse_policy(SPECIFICATION)
    x1, x2, _, y1, _, _ = WITNESSES
    assert check_policy(policy, _signed(x1, x2, y1))[0] == HEAD
    with pytest.raises(VerificationError, match="X-and-Y"):
        check_policy(policy, _signed(x1, y1))
    with pytest.raises(VerificationError, match="X-and-Y"):
        check_policy(policy, _signed(x1, x1, x1, y1))
    with pytest.raises(VerificationError):
        check_policy(policy, _signed(x1, x2, y1, log=OTHER))


def test_a_policy_without_logs_takes_the_ones_it_is_given() -> None:
    policy = parse_policy("quorum none\n")
    assert check_policy(policy, _signed(), [LOG.vkey])[0] == HEAD
    with pytest.raises(VerificationError):
        check_policy(policy, _signed(), [OTHER.vkey])
    # A policy that names its logs believes no others.
    named = parse_policy(f"log {VKEY}\nquorum none")
    with pytest.raises(VerificationError):
        check_policy(named, _signed(log=OTHER), [OTHER.vkey])


@pytest.mark.parametrize(
    "path", sorted((FOLDER / "sigsum-policies").iterdir()), ids=str
)
def test_sigsums_published_policies(path: object) -> None:
    text = path.read_text("utf-8")  # type: ignore[attr-defined] # parametrize says object
    policy = parse_policy(text)
    assert len(policy.logs) == text.count("\nlog ")
    assert len(policy.witnesses) == text.count("\nwitness ")
    assert len(policy.groups) == text.count("\ngroup ")
    assert policy.quorum == "quorum-rule"
    assert parse_policy(format_policy(policy)) == policy
    everybody = [witness.name for witness in policy.witnesses]
    assert policy.is_met(everybody)
    assert not policy.is_met(everybody[:1])


def test_a_sigsum_key_is_named_as_the_witness_network_names_it() -> None:
    """The same log stands in both published files: hex in one, a vkey in the other."""
    policy = parse_policy(
        (FOLDER / "sigsum-policies/sigsum-test1-2025.builtin-policy").read_text()
    )
    lists = (FOLDER / "witness-network-lists/testing-log-list.1").read_text()
    assert f"vkey {format_vkey(policy.logs[0].vkey)}\n" in lists


def test_sigsums_thresholds() -> None:
    path = FOLDER / "sigsum-policies/sigsum-test-2025-3.builtin-policy"
    policy = parse_policy(path.read_text("utf-8"))
    names = [witness.name for witness in policy.witnesses]
    inner, outer = names[:3], names[3:]
    assert policy.is_met(outer[:4])
    assert not policy.is_met(outer[:3])
    assert not policy.is_met([*outer[:3], inner[0]])
    assert policy.is_met([*outer[:3], *inner[:2]])


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("no quorum", f"log {VKEY}\n"),
        ("two quorums", "quorum none\nquorum none\n"),
        ("an unknown line", "logs x\nquorum none\n"),
        ("an unknown quorum", "quorum a\n"),
        ("a quorum before its witness", f"quorum a\nwitness a {X1}\n"),
        ("two items of quorum", "quorum none none\n"),
        ("a log without a key", "log\nquorum none\n"),
        ("a log with more", f"log {VKEY} a b\nquorum none\n"),
        ("a log's key of a witness", f"log {X1}\nquorum none\n"),
        ("a witness's key of a log", f"witness a {VKEY}\nquorum none\n"),
        ("a log twice", f"log {VKEY}\nlog {VKEY}\nquorum none\n"),
        ("a key under two names", f"witness a {X1}\nwitness b {X1}\nquorum none\n"),
        ("a name twice", f"witness a {X1}\nwitness a {X2}\nquorum none\n"),
        ("a witness named none", f"witness none {X1}\nquorum none\n"),
        ("an empty group", "group a any\nquorum none\n"),
        ("an unknown member", "group a any b\nquorum none\n"),
        ("none as a member", "group a any none\nquorum none\n"),
        ("itself as a member", "group a any a\nquorum none\n"),
        ("a member twice", f"witness a {X1}\ngroup g any a a\nquorum g\n"),
        (
            "a member of two groups",
            f"witness a {X1}\ngroup g any a\ngroup h any a\nquorum g\n",
        ),
        ("a group of zero", f"witness a {X1}\ngroup g 0 a\nquorum g\n"),
        ("a group of too many", f"witness a {X1}\ngroup g 2 a\nquorum g\n"),
        ("a leading zero", f"witness a {X1}\ngroup g 01 a\nquorum g\n"),
        ("a carriage return", "quorum none\r\n"),
        ("a bad key", "log a+b+c\nquorum none\n"),
        ("too long", "#" * 70_000 + "\nquorum none\n"),
    ],
)
def test_other_texts_are_refused(why: str, text: str) -> None:
    with pytest.raises(MalformedError):
        pytest.fail(f"{why}: {parse_policy(text)}")


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(MalformedError, match="line 3 of the policy"):
        parse_policy(f"# a\nwitness a {X1}\ngroup g 2 a\nquorum g\n")


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    witnesses = tuple(
        Witness(
            name=f"w{number}",
            vkey=signer.vkey,
            url=draw(st.sampled_from([None, "https://w/"])),
        )
        for number, signer in enumerate(WITNESSES[: draw(st.integers(0, 6))])
    )
    groups: list[Group] = []
    free = [witness.name for witness in witnesses]
    for _ in range(draw(st.integers(0, 4)) if free else 0):
        members = tuple(free[: draw(st.integers(1, len(free)))])
        least = draw(st.integers(1, len(members)))
        name = f"g{len(groups)}"
        groups.append(Group(name=name, least=least, members=members))
        free = [*free[len(members) :], name]
    quorum = draw(st.sampled_from(["none", *free]))
    logs = (Log(LOG.vkey, draw(st.sampled_from([None, "https://log/"]))),)
    return Policy(
        logs=logs[: draw(st.integers(0, 1))],
        witnesses=witnesses,
        groups=tuple(groups),
        quorum=quorum,
    )


@settings(max_examples=100)
@given(policies())
def test_policies_come_back(policy: Policy) -> None:
    assert parse_policy(format_policy(policy)) == policy
