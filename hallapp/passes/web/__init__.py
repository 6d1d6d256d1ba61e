"""The web layer of `passes`: routes, forms, and what they share; it alone knows Flask."""
