"""The web layer of `booking`: routes, forms, and what they share; it alone knows Flask."""
