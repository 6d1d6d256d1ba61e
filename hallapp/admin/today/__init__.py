"""The page on which managers begin: the day, what waits for them, and tomorrow."""
