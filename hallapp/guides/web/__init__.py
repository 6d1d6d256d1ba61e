"""The web layer of `guides`: routes, forms, and what they share; it alone knows Flask."""
