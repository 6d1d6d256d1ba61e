"""The administrators' pages about the staff: who works here, what they may do, and how they get in."""
