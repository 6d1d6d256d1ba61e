"""Measures bookings, arrivals, passes and reports against bare counterparts."""
