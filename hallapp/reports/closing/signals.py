"""Signals of closed months to the rooms above, sent in the same transaction."""

from blinker import Signal

#: Sent with the MonthClose as sender when a month was closed, or opened again: then its `reopened_at` is set.
month_changed = Signal()
