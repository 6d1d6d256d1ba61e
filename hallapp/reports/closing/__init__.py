"""Closing a month, and proving filed figures."""
