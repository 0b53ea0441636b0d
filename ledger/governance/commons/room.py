"""What is held in common, as a value. Sections: "constitution", "datasets", "network"."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Commons:
    """What is held in common."""

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {}
