"""The demonstration hall: made-up staff, bookings and arrivals, so that every page has something to show."""
