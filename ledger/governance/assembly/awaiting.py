"""What a closed sealed vote still waits for: shares of its trustees. Pure."""

from collections import Counter

from ledger.governance.assembly.proposal import Vote


def trustees_here(vote: Vote) -> int:
    """How many trustees' shares of more than half of its ballots are published.

    As many as its threshold open it; with fewer it is repeated (`unsealing`, 1).
    """
    known: Counter[int] = Counter()
    for shares in vote.shares.values():
        known.update(shares.keys())
    return sum(2 * ballots > len(vote.ballots) for ballots in known.values())
