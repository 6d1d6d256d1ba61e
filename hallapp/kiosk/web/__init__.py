"""The web layer of `kiosk`: routes, forms, and what they share; it alone knows Flask."""
