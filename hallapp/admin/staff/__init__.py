"""The hall's staff: accounts, roles, and sign-in."""
