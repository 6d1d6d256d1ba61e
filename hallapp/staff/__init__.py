"""The administrators' pages about the staff: accounts, roles, and links for new passwords."""
