"""Why the kiosk sends a group to the counter. What is shown is always the same, so that no pass gives anybody away."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class NotScanned(InvalidInput):
    """No pass was scanned: a reference or a name does not open anything here."""

    code = "not_scanned"
    message = N_("Please go to the counter")


class ForTheCounter(DomainError):
    """More people than are expected, or a number that cannot be read."""

    code = "for_the_counter"
    message = N_("Please go to the counter")
