"""Signals of this room to the rooms above, sent in the same transaction."""

from blinker import Signal

#: Sent with the booking as sender and `event` (its BookingEvent) for everything that happens to a booking, when it has
#: happened: counters moved, rows flushed. `event.before` and `event.after` are its states.
booking_happened = Signal()

#: Sent with the booking as sender when a code is made for its organiser: `purpose`, the `code` itself, and `email`, the
#: address to which it goes, or None where it goes to the phone.
code_issued = Signal()

#: Sent with the booking as sender when its organiser asks for another mail address, `email`, or None for no address:
#: the address that is known so far is told.
address_changing = Signal()

#: Sent with the hall as sender and `before`, a day, when the contact details of the visits from before it are erased:
#: whoever keeps more of those people erases it too.
details_erased = Signal()
