"""Talks of one guest with one host of the hall: on site, by phone or online."""
