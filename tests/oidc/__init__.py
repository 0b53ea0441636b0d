"""Signing in at a real OpenID Connect provider, and at one that lies."""
