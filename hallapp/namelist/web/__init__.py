"""The web layer of `namelist`: routes, forms, and what they share; it alone knows Flask."""
