"""The web layer of `core`: routes, forms, and what they share; it alone knows Flask."""
