"""The web layer of `admin.setup`: routes, forms, and what they share; it alone knows Flask."""
