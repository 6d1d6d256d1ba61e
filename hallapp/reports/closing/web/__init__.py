"""The web layer of `reports.closing`: routes, forms, and what they share; it alone knows Flask."""
