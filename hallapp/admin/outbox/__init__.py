"""The manager's face of the outbox: what became of each message."""
