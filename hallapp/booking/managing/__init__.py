"""The pages in which the staff find bookings, make them, answer and change them."""
