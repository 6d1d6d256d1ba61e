"""The web layer of `badges`: routes, forms, and what they share; it alone knows Flask."""
