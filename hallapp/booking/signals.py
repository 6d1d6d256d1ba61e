"""What this room tells the rooms above it, in the same transaction."""

from blinker import Signal

#: Sent with the booking as sender and `event` (its BookingEvent) for everything that happens to a booking, when it has
#: happened: counters moved, rows flushed. `event.before` and `event.after` are its states.
booking_happened = Signal()

#: Sent with the hall as sender and `before`, a day, when the contact details of the visits from before it are erased:
#: whoever keeps more of those people erases it too.
details_erased = Signal()
