"""The web layer of `paper`: routes, forms, and what they share; it alone knows Flask."""
