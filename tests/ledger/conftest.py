"""The desk's counter, for the ledger that it writes."""

from tests.desk.conftest import clock, counter

__all__ = ["clock", "counter"]
