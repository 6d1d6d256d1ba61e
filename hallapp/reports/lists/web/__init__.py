"""The web layer of `reports.lists`: routes, forms, and what they share; it alone knows Flask."""
