"""Counting: exact, reproducible, with every tie decided in advance. Knows no state."""
