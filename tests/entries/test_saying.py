"""Disclosures of what members say: what is read back, and what is refused."""

import json

import pytest
from hypothesis import given, strategies as st

from ledger.canonical import format_base64url
from ledger.entries.saying import SLOTS, format_saying, names, parse_saying
from ledger.errors import MalformedError

SALT = "K8mQBZRzRI5uvUQqoWv6oA"
HOSTILE = "\u202ereversed\u2066 <script>alert(1)</script> & \u200b𝕏\r\n\t"


def made(*parts: object) -> str:
    return format_base64url(json.dumps(list(parts)).encode())


def test_the_modules_example() -> None:
    disclosure = format_saying("comment", SALT, "We need this.")
    assert disclosure == (
        "WyJLOG1RQlpSelJJNXV2VVFxb1d2Nm9BIiwiY29tbWVudCIsIldlIG5lZWQgdGhpcy4iXQ"
    )
    assert parse_saying(disclosure).digest == (
        "9zfFuJQ-HxKOy1D9TYGGRGl7OD-0lWGYYJzQr9Fugik"
    )


def test_hostile_letters_are_kept_as_they_were_sent() -> None:
    assert parse_saying(format_saying("reason", SALT, HOSTILE)).text == HOSTILE
    assert parse_saying(made(SALT, "reason", HOSTILE)).text == HOSTILE  # escaped


@given(
    st.sampled_from(sorted(set(SLOTS.values()))),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
    ),
)
def test_what_is_written_is_read(slot: str, text: str) -> None:
    found = parse_saying(format_saying(slot, SALT, text))
    assert (found.slot, found.text) == (slot, text)


@pytest.mark.parametrize(
    "disclosure",
    [
        "",
        "=",
        "not base64!",
        format_base64url(b"{}"),
        format_base64url(b"[1,2,3]"),
        format_base64url(b'["' + SALT.encode() + b'","comment","\xff"]'),
        format_base64url(b'["' + SALT.encode() + b'","comment","\\ud800"]'),
        made(SALT, "comment"),
        made(SALT, "comment", "x", "y"),
        made(SALT, "score", "x"),  # a decision's slot
        made(SALT, 1, "x"),
        made(SALT[:21], "comment", "x"),
        made("x" * 129, "comment", "x"),
        made(SALT, "comment", ""),
        made(SALT, "comment", "x" * 10_001),
        made(SALT, "comment", "a\0b"),
        made(SALT, "comment", None),
        made(SALT, "comment", {"text": "x"}),
        "A" * (64 * 1024 + 1),
    ],
)
def test_refused(disclosure: str) -> None:
    with pytest.raises(MalformedError):
        parse_saying(disclosure)


def test_an_act_names_a_text_in_the_member_of_its_slot_only() -> None:
    comment = parse_saying(format_saying("comment", SALT, "x"))
    reason = parse_saying(format_saying("reason", SALT, "x"))
    assert names({"digest": comment.digest}, comment)
    assert names({"reason": reason.digest}, reason)
    assert not names({"reason": comment.digest}, comment)
    assert not names({"digest": reason.digest}, reason)
    assert not names({"digest": None, "other": comment.digest}, comment)
    assert not names({}, comment)
