"""Signals of this room to the rooms above, sent in the same transaction."""

from blinker import Signal

#: Sent with the booking as sender and `event` (its BookingEvent) for everything that happens to a booking, when it has
#: happened: counters moved, rows flushed. `event.before` and `event.after` are its states.
booking_happened = Signal()

#: Sent with the booking as sender and `pause`, its Pause, when no-shows lead to a pause or a review of its group.
group_paused = Signal()

#: Sent with the missed booking as sender when its organiser appeals against the pause.
appeal_made = Signal()

#: Sent with the missed booking as sender and `appeal`, its Appeal, when the staff have answered it.
appeal_answered = Signal()

#: Sent with the booking as sender when a code is made for its organiser: `purpose`, the `code` itself, and `email`, the
#: address to which it is sent, or None where it goes to the phone.
code_issued = Signal()

#: Sent with the booking as sender when its organiser asks for another mail address, `email`, or None for no address:
#: the previous address is then informed.
address_changing = Signal()

#: Sent with the hall as sender when personal data is erased: a receiver erases its own data of those people, too.
#: `bookings` selects the ids of the bookings. `before` is a day where the promised period has passed for all visits
#: before that day, and None where a person asked for the erasure.
details_erased = Signal()
