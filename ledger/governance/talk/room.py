"""What was said about proposals, as a value. Sections: "talk"."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What was said about proposals."""

    def sections(self) -> dict[str, dict[str, Any]]:
        """The sections of the root, as JSON."""
        return {}
