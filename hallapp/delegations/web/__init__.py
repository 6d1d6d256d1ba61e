"""The web layer of delegations."""
