"""Closing a month, and proving what was filed."""
