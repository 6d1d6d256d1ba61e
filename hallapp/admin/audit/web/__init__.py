"""The web layer of `admin.audit`: routes, forms, and what they share; it alone knows Flask."""
