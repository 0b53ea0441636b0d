"""Members and what they hold, as a value. Sections: "members", "applications", "roles", "delegations"."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Members and what they hold."""

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {}
