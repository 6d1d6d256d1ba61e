"""The web layer of `reports.mailing`: routes, forms, and what they share; it alone knows Flask."""
