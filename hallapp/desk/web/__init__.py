"""The web layer of `desk`: routes, forms, and what they share; it alone knows Flask."""
