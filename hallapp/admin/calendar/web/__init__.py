"""The web layer of `admin.calendar`: routes, forms, and what they share; it alone knows Flask."""
