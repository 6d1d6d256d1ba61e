"""What this room tells the rooms above it, in the same transaction."""

from blinker import Signal

#: Sent with the booking as sender when it has been placed and flushed.
booking_placed = Signal()

#: Sent with the booking as sender when it has been cancelled and its places are free.
booking_cancelled = Signal()
