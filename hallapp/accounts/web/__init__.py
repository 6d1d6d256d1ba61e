"""The web layer of `accounts`: routes, forms, and what they share; it alone knows Flask."""
