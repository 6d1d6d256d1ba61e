"""Spreadsheets of every kind that people send: one reader, and one cleaner of the text in cells."""
