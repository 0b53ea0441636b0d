"""The Merkle log: RFC 6962 hashing, proofs, C2SP tiles, notes, checkpoints. Pure."""
