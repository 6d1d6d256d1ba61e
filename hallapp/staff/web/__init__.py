"""The web layer of `staff`: routes, forms, and what they share; it alone knows Flask."""
