"""The web layer of `schedule`: routes, forms, and what they share; it alone knows Flask."""
