"""Figures from earlier years: a hall's spreadsheets are read, shown row by row, counted, and taken back whole."""
