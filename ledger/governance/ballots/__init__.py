"""Ways to vote and to count: pure functions over ballots, exact, knowing no state."""
