"""The web layer of `screen`: routes, forms, and what they share; it alone knows Flask."""
