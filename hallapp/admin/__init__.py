"""The staff's face over the rooms: calendar, setup, bookings. It owns no table."""
