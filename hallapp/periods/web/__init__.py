"""The web layer of `periods`: routes, forms, and what they share; it alone knows Flask."""
