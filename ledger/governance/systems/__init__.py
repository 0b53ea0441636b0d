"""AI systems: what the community registered, and what it may do with them."""
