"""Certificates that prove the visit of a group; anyone can check one by its code."""
