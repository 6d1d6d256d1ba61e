"""Feedback on visits: stars and one comment from each group, once."""
