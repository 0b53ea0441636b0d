"""Proposals, open and closed, as a value. Sections: "proposals"."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """Proposals, open and closed."""

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {}
