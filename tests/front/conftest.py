"""The month that was made by hand at a real desk, for the closed months that the page shows."""

from tests.reports.conftest import clock, counter, november

__all__ = ["clock", "counter", "november"]
