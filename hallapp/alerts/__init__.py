"""Alerts to the staff: of new requests, of visits cancelled by organisers, of messages that could not be sent.

A hall lists the people to alert, each with a channel, a language, the kinds, and whether at once or every morning.
"""
