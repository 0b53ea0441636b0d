"""What a replay remembers of each system between its decisions."""

from ledger.governance.systems.system import ACTIVE, System


class Count:
    """One system's.

    Attributes:
        system: as the state has it; None where nobody registered it.
        profile: its own, while it is active.
        versions: those a decision may name.
        seq: of its newest decision; None: entries before could not be read.
        refused: its refusals so far.
    """

    __slots__ = ("profile", "refused", "seq", "system", "versions")

    def __init__(self, system: System | None) -> None:
        self.register(system)
        self.seq: int | None = 0
        self.refused = 0

    def register(self, system: System | None) -> None:
        """Takes what the state says of it; what most decisions need lies at hand."""
        self.system = system
        self.profile = (
            system.profile if system is not None and system.status == ACTIVE else None
        )
        self.versions = frozenset(() if system is None else (None, *system.versions))
