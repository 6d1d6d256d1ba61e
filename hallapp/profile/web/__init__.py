"""The web layer of the public profile."""
