"""State as the replay of entries, and what an act may do to it. Pure."""
