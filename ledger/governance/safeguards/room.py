"""The rules in force, as a value. Sections: "safeguards"."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Safeguards:
    """The rules in force."""

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {}
