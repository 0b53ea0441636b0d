"""The ledger's own entries about decisions: did somebody ask for what they say was done?

An erasure was asked for, is due, and nothing puts it off; a re-issue names decisions that
stand in this log before it. The first is told from the state alone; the second needs the
names of the whole log, and is looked at when all has been read.
"""

from collections.abc import Iterator, Mapping

from ledger.audit.duplicates import Names
from ledger.audit.report import Report, number
from ledger.entries.entry import ErasureExecuted
from ledger.entries.moment import format_log_time
from ledger.governance.cases.erasing import put_off
from ledger.governance.cases.lateness import late_erasures
from ledger.governance.state import State


def faults_of_erasure(state: State, entry: ErasureExecuted) -> Iterator[str]:
    """What is wrong with a sweep, in the state before it."""
    for decision in entry.decisions:
        why = put_off(state.cases, decision, entry.time_ms)
        if why is not None:
            yield (
                f"erases decision {decision} where {why}: its private part was not to "
                "be erased"
            )


def check_lateness(state: State, lifted_ms: int, report: Report) -> None:
    """Reports erasures that are due at the log's end and that nobody executed.

    Args:
        state: at the end.
        lifted_ms: log time at which legal holds last changed.
        report: findings go here.
    """
    for decision, since_ms in late_erasures(state, lifted_ms=lifted_ms):
        report.find(
            "late",
            f"the erasure of decision {decision} is late since "
            f"{format_log_time(since_ms)}: somebody asked for it, nothing puts it off, "
            "and no entry says that it was executed",
        )


def check_reissues(reissued: Mapping[str, int], names: Names, report: Report) -> None:
    """Reports re-issues that name decisions which do not stand before them.

    Args:
        reissued: decision to the first entry that says its receipt was asked for again.
        names: of the whole log; a chance collision of 64 bits would hide one.
        report: findings go here.
    """
    first = names.first_of(reissued)
    for decision, index in reissued.items():
        if first.get(decision, index) >= index:
            report.find(
                "rule",
                f"entry {number(index)} says that the receipt of decision {decision} "
                "was asked for again, and no such decision stands before it",
                index,
            )
