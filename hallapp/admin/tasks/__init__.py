"""Tasks that run by the clock, for the hall's administrators."""
