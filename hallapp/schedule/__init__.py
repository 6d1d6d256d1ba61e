"""Halls, programmes, opening days, slots and their capacity."""
