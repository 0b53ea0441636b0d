"""What stands on a leaf, what is sealed, and what a person holds. Pure."""
