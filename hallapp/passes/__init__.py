"""Passes: signed codes, the QR, PDF and page; issue, revoke, verify."""
