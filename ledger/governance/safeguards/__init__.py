"""Rules over decisions, in bounded CEL: what is refused, held or flagged."""
