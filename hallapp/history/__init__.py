"""Figures from before: spreadsheets of a hall are read, shown row by row, counted at once, and taken back whole."""
