"""Deliberation: comments, suggestions, agreement; what they say is a digest here."""
