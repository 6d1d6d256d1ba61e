"""The web layer of `admin`: routes, forms, and what they share; it alone knows Flask."""
