"""Who leads which group: guides, their duty and leave, and their assignment to bookings."""
