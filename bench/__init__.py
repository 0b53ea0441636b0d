"""The measured claims: each printed as a ratio from one run (`python -m bench`)."""
