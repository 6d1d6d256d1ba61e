"""The web layer of `feedback`: routes, forms, and what they share; it alone knows Flask."""
