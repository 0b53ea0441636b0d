"""Whatever bytes come, a parser refuses them in our own words or reads them exactly."""

import contextlib

import pytest
from hypothesis import example, given, settings, strategies as st

from ledger.errors import CounterfoilError
from tests.fuzz.parsers import PARSERS, Parser

EDITS = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 6),
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from(
                [b"\n", b"\n\n", b"\0", b"+", b"=", b"/", b"00", b"-1", b"[" * 40,
                 b'"', b"{}", b"null", b"1e999", b"\xff", b"\xe2\x80\x94", b"9" * 30]
            ),
        ),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


def check(parser: Parser, data: bytes) -> bool:
    """Whether it parsed; any error but our own fails the test."""
    with contextlib.suppress(CounterfoilError):
        value = parser.parse(data)
        if parser.again is not None:
            assert parser.again(value) == data
        return True
    return False


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=400))
@example(data=b"")
def test_any_bytes(name: str, data: bytes) -> None:
    check(PARSERS[name], data)


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=120, deadline=None)
@given(edits=EDITS)
def test_a_sound_example_with_a_few_bytes_changed(
    name: str, edits: list[tuple[int, int, bytes]]
) -> None:
    data = PARSERS[name].sound
    for place, removed, added in edits:
        at = place % (len(data) + 1)
        data = data[:at] + added + data[at + removed :]
    check(PARSERS[name], data)


@pytest.mark.parametrize(
    "name", sorted(PARSERS.keys() - {"statement", "plaintext", "receipt", "sealed"})
)
def test_the_examples_are_sound(name: str) -> None:
    assert check(PARSERS[name], PARSERS[name].sound)


def test_a_parser_that_breaks_is_noticed() -> None:
    with pytest.raises(ZeroDivisionError):
        check(Parser(lambda data: 1 // len(data), b"x"), b"")
    with pytest.raises(AssertionError):
        check(Parser(bytes.strip, b"x", bytes), b" x")
