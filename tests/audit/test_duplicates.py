from hypothesis import given, settings, strategies as st

from ledger.audit import duplicates
from ledger.audit.duplicates import Names
from ledger.ids import LeafIndex


@settings(max_examples=100)
@given(
    st.lists(st.lists(st.sampled_from("abcdefghijklmnop"), max_size=3), max_size=30),
    st.sampled_from([0, 5, 1 << 17]),
)
def test_every_repetition_is_suspected(entries: list[list[str]], held: int) -> None:
    """With any amount held before it goes to the file."""
    before, duplicates._HELD_MAX = duplicates._HELD_MAX, held
    try:
        with Names() as names:
            for index, items in enumerate(entries):
                names.add(LeafIndex(index), items)
            suspects = set(names.suspects())
    finally:
        duplicates._HELD_MAX = before
    first: dict[str, int] = {}
    expected = set()
    for index, items in enumerate(entries):
        for item in items:
            if first.setdefault(item, index) != index:
                expected.add((first[item], index))
    assert suspects == expected


def test_a_million_names_need_no_million_strings() -> None:
    with Names() as names:
        for index in range(100_000):
            names.add(LeafIndex(index), (f"a{index}", f"b{index}"))
        names.add(LeafIndex(100_000), ("b7",))
        assert names._held <= 1 << 17
        assert list(names.suspects()) == [(7, 100_000)]
