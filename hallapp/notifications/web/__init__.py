"""The web layer of `notifications`: routes, forms, and what they share; it alone knows Flask."""
