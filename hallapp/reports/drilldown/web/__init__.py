"""The web layer of `reports.drilldown`: routes, forms, and what they share; it alone knows Flask."""
