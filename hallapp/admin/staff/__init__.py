"""The hall's people: who works here, what they may do, and how they get in."""
