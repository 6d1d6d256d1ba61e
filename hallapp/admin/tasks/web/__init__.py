"""The web layer of `admin.tasks`: routes, forms, and what they share; it alone knows Flask."""
