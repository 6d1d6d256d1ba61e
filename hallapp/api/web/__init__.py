"""The web layer of the API."""
