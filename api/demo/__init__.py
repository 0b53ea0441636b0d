"""`counterfoil demo`: the whole service on real decisions, a module for each step."""
