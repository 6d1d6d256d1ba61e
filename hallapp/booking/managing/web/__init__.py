"""The web layer of `booking.managing`: routes, forms, and what they share; it alone knows Flask."""
