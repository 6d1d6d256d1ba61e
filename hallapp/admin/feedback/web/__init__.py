"""The web layer of `admin.feedback`: routes, forms, and what they share; it alone knows Flask."""
