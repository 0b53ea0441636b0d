"""Members: how they come, what they may do, their keys, roles and delegations, how they go."""
