"""A member's side of the HTTP API: read, check, say what will be signed, sign, send."""
