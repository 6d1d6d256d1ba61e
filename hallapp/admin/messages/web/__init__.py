"""The web layer of `admin.messages`: routes, forms, and what they share; it alone knows Flask."""
