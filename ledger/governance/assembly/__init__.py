"""Proposals: from a draft to what was executed; the machine's table and its clock."""
