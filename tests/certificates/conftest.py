"""The desk’s counter, where the groups of certificates are admitted."""

from tests.desk.conftest import clock, counter

__all__ = ["clock", "counter"]
