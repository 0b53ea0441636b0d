"""PostgreSQL: the only store, and the only part that speaks SQL."""
