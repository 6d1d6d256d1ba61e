"""Signals of this room to the rooms above, sent in the same transaction."""

from blinker import Signal

#: Sent with the message as sender when it is given up after its last attempt, or at once.
message_given_up = Signal()

#: Sent with a text message as sender when it is the first of its day that is held for its reason.
texts_held = Signal()
