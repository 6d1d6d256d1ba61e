"""`hall doctor`: is everything as it should be on this machine, and what to do where it is not. It owns no table."""
