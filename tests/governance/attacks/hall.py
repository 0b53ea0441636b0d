"""A town whose log anybody can audit: true seen roots, ids and the log's own key."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from typing_extensions import override

from ledger.entries.act import Act
from ledger.entries.codec import encode_entry
from ledger.entries.entry import TimePassed
from ledger.ids import Hash
from ledger.keys import SigningKey
from ledger.merkle.frontier import Extension, Frontier, extend
from ledger.merkle.hashing import hash_leaf
from ledger.merkle.note import format_vkey
from tests.audit.world import KEY, Log
from tests.governance.assembly.town import Town, founded


@dataclass
class Hall(Town):
    """Nothing in its log is a finding, until somebody lies."""

    @override
    def __post_init__(self) -> None:
        entry = founded(self.members, self.parameters)
        vkeys = (format_vkey(KEY.vkey),)
        self.append(replace(entry, origin=KEY.name, vkeys=vkeys))

    @override
    def sign(self, signer: SigningKey, act: str, body: dict[str, Any]) -> Act:
        self.seen_root = bytes(self.tree().root)
        return super().sign(signer, act, body)

    @override
    def passed(self) -> TimePassed:
        number = len(self.entries)
        made = UUID(int=(number << 80) | (4 << 76) | (2 << 62))
        return replace(super().passed(), id=str(made))

    def tree(self) -> Extension:
        """The tree of all entries so far."""
        hashes = [Hash(hash_leaf(encode_entry(entry))) for entry in self.entries]
        return extend(Frontier.EMPTY, hashes)

    def log(self) -> Log:
        """As its operator publishes it."""
        return Log([encode_entry(entry) for entry in self.entries])
