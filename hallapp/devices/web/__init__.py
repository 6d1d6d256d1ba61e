"""The web layer of `devices`: routes, forms, and what they share; it alone knows Flask."""
