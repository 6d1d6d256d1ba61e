"""The web layer of `history`: routes, forms, and what they share; it alone knows Flask."""
