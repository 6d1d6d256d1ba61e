"""The web layer of `presence`: routes, forms, and what they share; it alone knows Flask."""
