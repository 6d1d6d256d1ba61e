"""The audit trail: actors, actions and times."""
