"""Alerts to the staff: of new requests, cancellations by organisers, undecided admissions, and failed messages.

A hall lists the people and the chat robots to alert, each with a channel, a language, the kinds, and whether at once or
every morning.
"""
