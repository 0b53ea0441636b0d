"""The wire: what may be sent and what is answered, and the problems."""
