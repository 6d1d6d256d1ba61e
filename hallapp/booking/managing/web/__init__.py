"""The web layer of `booking.managing`: routes, forms, and shared helpers. Only this package imports Flask."""
