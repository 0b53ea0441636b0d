"""Actions on the commons: what each does, and every refusal."""

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ledger.errors import FatalError
from ledger.governance.commons import actions
from ledger.governance.commons.actions import ACTIONS
from ledger.governance.commons.constitution import FOUNDING
from ledger.governance.commons.diff import make_diff
from ledger.governance.commons.room import Commons, from_sections
from ledger.governance.evolve import evolve
from ledger.governance.parameters import PARAMETERS, value_of
from ledger.governance.state import EMPTY, State
from ledger.ids import LeafIndex
from ledger.limits import CONSTITUTION_CHARS_MAX, CONSTITUTION_LINES_MAX
from ledger.merkle.cosignature import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44
from ledger.merkle.note import format_vkey, verifier_key
from tests.governance.acting import PROPOSAL, execute, odd_bodies, refused
from tests.governance.world import FOUNDED, START, STRANGER

ORIGIN = FOUNDED.origin
OTHER = "Q" * 43
KEY = format_vkey(verifier_key(ORIGIN, b"\5" * 32))
WITNESS = format_vkey(verifier_key("w.example/one", b"\6" * 32, COSIGNATURE_ED25519))
MLDSA = format_vkey(verifier_key("w.example/pq", b"\6" * 1312, COSIGNATURE_MLDSA44))
GOOD: dict[str, dict[str, Any]] = {
    "constitution.amend": {"diff": "@@ -1 +1,2 @@\n-\n+Article 1\n+One vote each.\n"},
    "parameter.set": {"name": "growth_percent", "value": 20},
    "dataset.adopt": {
        "id": "census-2026",
        "name": "Census of 2026",
        "datasheet": "A" * 43,
        "consent_basis": "public-task",
        "coverage": {
            "reference": "Residents, 2026",
            "groups": [{"group": "women", "ppm": 480_000, "reference_ppm": 505_000}],
        },
        "withdrawal": "Write to the office; taken out within 30 days",
        "licence": "CC-BY-4.0",
    },
    "dataset.drop": {"id": "census-2026", "reason": "withdrawn"},
    "network.witness_add": {"name": "one", "vkey": WITNESS},
    "network.witness_drop": {"name": "one"},
    "network.mirror_add": {"url": "https://mirror.example:8443/commons/"},
    "network.mirror_drop": {"url": "https://mirror.example:8443/commons/"},
    "log.rotate": {"vkey": KEY},
}
FULL = START
for _name, _body in GOOD.items():
    if "drop" not in _name:
        FULL = execute(FULL, _name, _body)
FIRST = {  # where it may be executed, and what it finds when it may not
    "constitution.amend": (START, FULL, "diff-does-not-apply"),
    "parameter.set": (START, FULL, "nothing-changes"),
    "dataset.adopt": (START, FULL, "dataset-exists"),
    "dataset.drop": (FULL, START, "unknown-dataset"),
    "network.witness_add": (START, FULL, "witness-exists"),
    "network.witness_drop": (FULL, START, "unknown-witness"),
    "network.mirror_add": (START, FULL, "mirror-exists"),
    "network.mirror_drop": (FULL, START, "unknown-mirror"),
    "log.rotate": (START, FULL, "wrong-log-key"),
}


def text(state: State) -> str:
    return state.commons.constitution.text


def test_the_tables_name_every_action() -> None:
    assert set(GOOD) == set(FIRST) == set(ACTIONS)


@pytest.mark.parametrize("action", GOOD)
def test_each_action_where_it_may_be_and_where_not(action: str) -> None:
    fits, other, kind = FIRST[action]
    done = execute(fits, action, GOOD[action])
    assert done.root() != fits.root()
    assert from_sections(done.sections()) == done.commons
    assert refused(other, action, GOOD[action]) == kind


@pytest.mark.parametrize("action", GOOD)
def test_every_odd_body_is_refused(action: str) -> None:
    for name, body in odd_bodies(GOOD[action]):
        if action == "parameter.set" and name in {
            "value is '-1'",
            f"value is '{10**15}'",
        }:
            assert refused(START, action, body) == "parameter-out-of-bounds"
        else:
            assert refused(FIRST[action][0], action, body) == "invalid-act", name


def test_the_classes() -> None:
    classes = {
        action: kind.class_of(START, kind.read(GOOD[action]))
        for action, kind in ACTIONS.items()
    }
    assert {a for a, name in classes.items() if name == "constitution"} == {
        "constitution.amend",
        "parameter.set",
        "network.witness_add",
        "network.witness_drop",
        "log.rotate",
    }
    assert set(classes.values()) == {"constitution", "standard", "routine"}
    age = ACTIONS["parameter.set"].read({"name": "decided_at_age_days", "value": 9})
    assert ACTIONS["parameter.set"].class_of(START, age) == "standard"


# ---- constitution -------------------------------------------------------------------


def amend(state: State, new: str, proposal: str = PROPOSAL) -> State:
    diff = make_diff(text(state), new)
    return execute(state, "constitution.amend", {"diff": diff}, proposal=proposal)


def test_every_line_traces_to_its_proposal() -> None:
    state = amend(START, "One\nTwo\nThree")
    assert state.commons.constitution.blame == (PROPOSAL,) * 3
    state = amend(state, "One\nTwo and a half\nThree\nFour", OTHER)
    assert state.commons.constitution.blame == (PROPOSAL, OTHER, PROPOSAL, OTHER)
    assert state.sections()["constitution"] == {
        "text": "One\nTwo and a half\nThree\nFour",
        "blame": [[1, PROPOSAL], [1, OTHER], [1, PROPOSAL], [1, OTHER]],
    }


@given(
    st.lists(st.lists(st.sampled_from("abc"), max_size=6).map("\n".join), min_size=1)
)
@settings(max_examples=60)
def test_a_line_is_of_the_first_amendment_since_which_it_stood(
    texts: list[str],
) -> None:
    state = START
    for number, new in enumerate(texts):
        if new == text(state):
            continue
        before = state.commons.constitution
        state = amend(state, new, f"P{number}")
        after = state.commons.constitution
        assert after.text == new
        assert len(after.blame) == len(after.lines)
        old = list(zip(before.lines, before.blame, strict=True))
        for pair in zip(after.lines, after.blame, strict=True):
            assert pair[1] == f"P{number}" or pair in old
        assert from_sections(state.sections()) == state.commons


def test_a_founding_brings_a_text_or_none() -> None:
    def founded(constitution: object) -> State:
        extra = {"constitution": constitution}
        fields = {name: getattr(FOUNDED, name) for name in FOUNDED.__slots__}
        entry = type(FOUNDED)(**{**fields, "extra": extra})
        return evolve(EMPTY, entry, LeafIndex(0))

    state = founded("We decide together.\n")
    assert state.commons.constitution.blame == (FOUNDING, FOUNDING)
    state = amend(state, "We decide together.\nAnd kindly.\n")
    assert state.commons.constitution.blame == (FOUNDING, PROPOSAL, FOUNDING)
    assert "constitution" not in START.sections()
    for bad in (1, None, "tab\there", "\u202e", "x" * 2_001, "x\n" * 15_000):
        assert founded(bad).commons == Commons()


def test_what_an_amendment_may_not_be() -> None:
    def refuse(diff: str, state: State = START) -> str:
        return refused(state, "constitution.amend", {"diff": diff})

    assert refuse("@@ -1 +1 @@\n-\n+\n") == "nothing-changes"
    assert refuse("@@ -1 +1 @@\n-x\n+y\n") == "diff-does-not-apply"
    for line in ("a\tb", "\u202eevil", "zero\u200bwidth", "\x00", "y" * 2_001, "\r"):
        assert refuse(f"@@ -1 +1 @@\n-\n+{line}\n") == "invalid-act"
    lines = "\n".join(str(n) for n in range(3_000))
    state = START
    while len(state.commons.constitution.lines) + 3_001 < CONSTITUTION_LINES_MAX:
        state = amend(state, f"{text(state)}\n{lines}")
    assert len(text(state)) < CONSTITUTION_CHARS_MAX
    body = {"diff": make_diff(text(state), f"{text(state)}\n{lines}")}
    assert refused(state, "constitution.amend", body) == "constitution-too-long"


def test_an_amendment_that_no_longer_fits_is_refused_when_executed() -> None:
    """Two proposals on the same line: the second to be executed fails."""
    state = amend(START, "One\nTwo")
    diff = make_diff(text(state), "One\nTwo or three")
    state = amend(state, "One\nTwo or four", OTHER)
    assert refused(state, "constitution.amend", {"diff": diff}) == "diff-does-not-apply"


# ---- parameters -----------------------------------------------------------------------


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_stays_within_its_bounds(name: str) -> None:
    row = PARAMETERS[name]
    for value in (row.least - 1, row.most + 1):
        body = {"name": name, "value": value}
        assert refused(START, "parameter.set", body) == "parameter-out-of-bounds"
    if row.most != row.default:
        state = execute(START, "parameter.set", {"name": name, "value": row.most})
        assert state.community is not None
        assert value_of(state.community.parameters, name) == row.most
    assert START.community is not None
    assert name not in START.community.parameters


def test_words_are_parameters_too() -> None:
    state = execute(START, "parameter.set", {"name": "admission", "value": "vote"})
    assert state.sections()["community"]["parameters"] == {"admission": "vote"}
    for body, kind in (
        ({"name": "admission", "value": "lottery"}, "parameter-out-of-bounds"),
        ({"name": "admission", "value": 1}, "invalid-act"),
        ({"name": "admission", "value": "vote"}, "nothing-changes"),
        ({"name": "growth_percent", "value": "20"}, "invalid-act"),
    ):
        assert refused(state, "parameter.set", body) == kind


def test_a_parameter_that_protects_loosens_one_way() -> None:
    kind = ACTIONS["parameter.set"]
    for name, row in PARAMETERS.items():
        least, most = ({"name": name, "value": v} for v in (row.least, row.most))
        loosens = [kind.loosens(START, kind.read(body)) for body in (least, most)]
        below, above = row.least < row.default, row.most > row.default
        assert loosens == [
            row.protects == "falls" and below,
            row.protects == "rises" and above,
        ]


# ---- data sets and the network ----------------------------------------------------------


def test_a_data_set_is_dropped_and_adopted_again() -> None:
    state = execute(FULL, "dataset.drop", GOOD["dataset.drop"], proposal=OTHER)
    dropped = state.sections()["datasets"]["census-2026"]
    assert (dropped["status"], dropped["dropped_by"]) == ("dropped", OTHER)
    assert refused(state, "dataset.drop", GOOD["dataset.drop"]) == "unknown-dataset"
    again = execute(state, "dataset.adopt", {**GOOD["dataset.adopt"], "coverage": None})
    assert again.commons.datasets["census-2026"].coverage is None
    assert from_sections(again.sections()) == again.commons


SHARE = {"group": "women", "ppm": 1, "reference_ppm": 1}


@pytest.mark.parametrize(
    "coverage",
    [
        {"reference": "r"},
        {"reference": "", "groups": [SHARE]},
        {"reference": "r", "groups": []},
        {"reference": "r", "groups": [SHARE, SHARE]},
        {"reference": "r", "groups": [{**SHARE, "ppm": 1_000_001}]},
        {"reference": "r", "groups": [{**SHARE, "ppm": True}]},
        {"reference": "r", "groups": [{**SHARE, "group": "two words"}]},
        {"reference": "r", "groups": [{**SHARE, "more": 1}]},
        {"reference": "r", "groups": [{**SHARE, "group": str(n)} for n in range(101)]},
    ],
)
def test_coverage_of_another_form_is_refused(coverage: dict[str, Any]) -> None:
    body = {**GOOD["dataset.adopt"], "coverage": coverage}
    assert refused(START, "dataset.adopt", body) == "invalid-act"


@pytest.mark.parametrize(
    "url",
    [
        "http://mirror.example/",
        "https://user@mirror.example/",
        "https://mirror.example/?q",
        "https://mirror.example/#f",
        "https://Mirror.example/",
        "https://mirror.example/ü",
        "https://-mirror.example/",
        "https://mirror.example:0/",
        "javascript:alert(1)",
        "https://mirror.example/\n",
        "https://mirror.example/" + "a" * 500,
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    assert refused(START, "network.mirror_add", {"url": url}) == "invalid-act"
    body = {**GOOD["network.witness_add"], "url": url}
    assert refused(START, "network.witness_add", body) == "invalid-act"


def test_witnesses_of_both_kinds_with_and_without_address() -> None:
    body = {"name": "pq", "vkey": MLDSA, "url": "https://w.example/pq"}
    state = execute(FULL, "network.witness_add", body)
    assert state.sections()["network"]["witnesses"]["pq"]["url"] == body["url"]
    assert from_sections(state.sections()) == state.commons
    again = {**body, "name": "pq2"}
    assert refused(state, "network.witness_add", again) == "witness-exists"
    for vkey in (KEY, "nonsense", MLDSA[:-4], WITNESS.replace("one", "two")):
        odd = {**body, "vkey": vkey}
        assert refused(START, "network.witness_add", odd) == "invalid-act"


def test_the_next_key_is_the_logs_and_new() -> None:
    assert [key.vkey for key in FULL.commons.log_keys] == [KEY]
    other = format_vkey(verifier_key("other.example/log", b"\5" * 32))
    assert refused(START, "log.rotate", {"vkey": other}) == "wrong-log-key"
    wrong = format_vkey(verifier_key(ORIGIN, STRANGER.public, COSIGNATURE_ED25519))
    assert refused(START, "log.rotate", {"vkey": wrong}) == "invalid-act"


@pytest.mark.parametrize(
    ("bound", "action", "kind"),
    [
        ("DATASETS_MAX", "dataset.adopt", "too-many-datasets"),
        ("WITNESSES_MAX", "network.witness_add", "too-many-witnesses"),
        ("MIRRORS_MAX", "network.mirror_add", "too-many-mirrors"),
        ("LOG_KEYS_MAX", "log.rotate", "too-many-keys"),
    ],
)
def test_everything_has_a_bound(
    bound: str, action: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, bound, 1)
    third = format_vkey(verifier_key(ORIGIN, b"\x08" * 32))
    other = {
        "dataset.adopt": {**GOOD["dataset.adopt"], "id": "another"},
        "network.witness_add": {"name": "pq", "vkey": MLDSA},
        "network.mirror_add": {"url": "https://another.example/"},
        "log.rotate": {"vkey": third},
    }[action]
    assert execute(START, action, other) != START
    assert refused(FULL, action, other) == kind


def test_no_proposal_is_executed_before_entry_0() -> None:
    with pytest.raises(FatalError):
        execute(EMPTY, "parameter.set", GOOD["parameter.set"])
