"""Refusals of the kiosk. The message shown is always the same, so that a pass reveals nothing."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class NotScanned(InvalidInput):
    """No pass was scanned: a reference or a name is not accepted here."""

    code = "not_scanned"
    message = N_("Please go to the counter")


class ForTheCounter(DomainError):
    """More people than are expected, or a number that cannot be read."""

    code = "for_the_counter"
    message = N_("Please go to the counter")
