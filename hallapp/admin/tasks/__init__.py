"""What happens by the clock, for the hall's administrators."""
