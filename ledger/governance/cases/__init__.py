"""The person decided about: claims, contests, reviews, grants, helpers, erasure."""
