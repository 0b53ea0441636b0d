"""A person with a receipt, and what they send: claims, cases, parts, grants.

Everything is made here as a program of the person's own would, from K and the leaf.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.canonical import format_base64, format_base64url
from ledger.entries.case import (
    ClaimKeys,
    derive_case,
    derive_claim,
    prove_claim,
    seal_case,
)
from ledger.entries.part import Part, format_part, part_name, seal_part
from ledger.entries.secret import derive
from ledger.keys import SigningKey, agreement_key


def salt() -> str:
    return secrets.token_urlsafe(18)


@dataclass
class Person:
    """Who holds the receipt of one decision."""

    genesis: str
    id: str
    index: int
    leaf: bytes
    secret: bytes
    case_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    blobs: list[bytes] = field(default_factory=list)

    @property
    def key(self) -> SigningKey:
        """The contest key; the deployer may have it too."""
        return SigningKey(derive(self.secret).contest_seed)

    @property
    def tag(self) -> str:
        """What asks for the parts."""
        return format_base64url(derive_case(self.case_key).tag)

    def shown(self, proof: Sequence[bytes]) -> dict[str, Any]:
        """R."""
        return {
            "id": self.id,
            "index": self.index,
            "leaf": format_base64(self.leaf),
            "proof": [format_base64(one) for one in proof],
        }

    def claim(self, proof: Sequence[bytes]) -> tuple[ClaimKeys, dict[str, Any]]:
        """New keys, and the body that claims with them."""
        claim = derive_claim(secrets.token_bytes(32))
        signed = prove_claim(claim, decision=self.id, genesis=self.genesis)
        return claim, {
            "receipt": self.shown(proof),
            "key": claim.key.did,
            "seal_key": claim.seal_key,
            "proof": format_base64(signed),
        }

    def part(self, slot: str, value: Mapping[str, Any]) -> dict[str, str]:
        """P; the blob is kept, to be sent after the act."""
        made: Part = format_part(slot, salt(), value)
        key = derive_case(self.case_key).part_key
        blob = seal_part(made, key, secrets.token_bytes(12))
        self.blobs.append(blob)
        return {"digest": made.digest, "part": part_name(blob)}

    def opening(
        self,
        proof: Sequence[bytes],
        text: str,
        *,
        to: Sequence[str] = (),
        attached: Sequence[tuple[str, bytes]] = (),
        seal_key: str = format_base64url(agreement_key(SigningKey(b"\5" * 32).did)),
    ) -> dict[str, Any]:
        """The body of `contest.open`."""
        return {
            "receipt": self.shown(proof),
            "seal_key": seal_key,
            "tag": derive_case(self.case_key).tag_digest,
            "boxes": [{"to": did, "box": self.box(did)} for did in to],
            "statement": self.part("statement", {"ground": "decision", "text": text}),
            "attachments": [
                self.part(
                    "attachment",
                    {"name": name, "type": "text/plain", "data": format_base64(data)},
                )
                for name, data in attached
            ],
        }

    def box(self, did: str) -> str:
        """The case key for somebody."""
        return seal_case(
            self.case_key,
            agreement_key(did),
            decision=self.id,
            genesis=self.genesis,
            ephemeral=secrets.token_bytes(32),
        )
