"""The web layer of `messages`: routes, forms, and what they share; it alone knows Flask."""
