"""Delegations: bookings with a level, a leader and hosts, a welcome on the big screen, and vehicles at the gate."""
