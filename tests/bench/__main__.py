"""Run the benchmark: `make bench`, or `make bench ARGS=--quick` for a shorter one.

It measures hallapp beside bare counterparts that do only what cannot be left out,
under the same server, database and settings, and prints how the two relate.
"""
