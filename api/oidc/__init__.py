"""The optional OpenID Connect client: an identifier proved by signing in elsewhere.

Only `provider.py` and `bounded.py` need the libraries of the extra `oidc`; nothing
imports them but `opening.py`, and only where a provider is configured.
"""
