"""What the community holds in common: constitution, data sets, witnesses, mirrors."""
