"""The web layer of `admin.staff`: routes, forms, and what they share; it alone knows Flask."""
