"""How a visit was: stars and one line from each group, once."""
