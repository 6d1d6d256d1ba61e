"""The first run: on an empty installation a browser makes the hall, its first administrator and its first open day."""
