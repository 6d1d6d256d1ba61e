"""The web layer of `admin.outbox`: routes, forms, and what they share; it alone knows Flask."""
