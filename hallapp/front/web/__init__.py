"""The web layer of `front`: routes, forms, and what they share; it alone knows Flask."""
