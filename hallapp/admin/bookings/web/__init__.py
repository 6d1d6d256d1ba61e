"""The web layer of `admin.bookings`: routes, forms, and what they share; it alone knows Flask."""
