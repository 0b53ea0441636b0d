"""The ledger itself: no HTTP server, no pydantic."""
