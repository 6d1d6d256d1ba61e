"""Database, transactions, clock, errors and web helpers; knows no word of a hall."""
