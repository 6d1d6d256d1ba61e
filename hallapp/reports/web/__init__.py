"""The web layer of `reports`: routes, forms, and what they share; it alone knows Flask."""
