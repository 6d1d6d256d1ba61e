"""The web layer of `reports.drilldown`: routes, forms, and shared helpers. Only this package imports Flask."""
