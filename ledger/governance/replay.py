"""Many entries at once, from their leaves' bytes to the state after them.

Leaves are decoded a few at a time, and then taken into the state: one kind of work in a
tight loop costs a fifth less than both in turns. Ballots in a row are taken in together
(`casting`). No signature is checked: whoever replays what he did not write himself runs
the auditor.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from ledger.entries.codec import decode_entry
from ledger.entries.entry import Entry
from ledger.governance.casting import Run, is_ballot
from ledger.governance.evolve import evolve
from ledger.governance.state import State
from ledger.ids import LeafIndex

CHUNK: Final = 64  # leaves decoded before their entries are taken in


def replay(state: State, leaves: Iterable[tuple[int, bytes]]) -> State:
    """The state after these entries, each (index, leaf), in order.

    Raises:
        MalformedError: a leaf is no entry's.
    """
    run: Run | None = None
    for index, entry in _decoded(leaves):
        if is_ballot(entry):
            run = run or Run(state)
            run.take(entry, index)
            continue
        if run is not None:
            state, run = run.end(), None
        state = evolve(state, entry, LeafIndex(index))
    return state if run is None else run.end()


def _decoded(leaves: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Entry]]:
    rest = iter(leaves)
    while chunk := list(islice(rest, CHUNK)):
        entries = [decode_entry(leaf) for _, leaf in chunk]
        yield from zip([index for index, _ in chunk], entries, strict=True)
