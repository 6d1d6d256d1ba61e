"""Guides: their duty and leave, and their assignment to groups."""
