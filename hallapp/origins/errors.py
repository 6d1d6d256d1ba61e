"""Refusals of origin sets."""

from collections.abc import Sequence
from typing import Any

from hallapp.core.errors import N_, DomainError, InvalidInput


class FileFault:
    """A fault of a file: its row, and a message with values for its places."""

    def __init__(self, at: int, message: str, **params: Any) -> None:
        self.at = at
        self.message = message
        self.params = params


class OriginsFileRefused(InvalidInput):
    """A file cannot be used as an origin set; `faults` are the first faults of it."""

    code = "origins_file"
    message = N_("This file cannot be used. Nothing has been changed.")
    field = "file"

    def __init__(self, faults: Sequence[FileFault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


class OriginSetUnknown(InvalidInput):
    """There is no origin set of this code."""

    code = "origin_set_unknown"
    message = N_("Please choose one of the sets.")
    field = "set"


class HomeUnknown(InvalidInput):
    """The home is not a place of the set."""

    code = "home_unknown"
    message = N_("Please choose a place of this set as the hall’s own.")
    field = "home"


class OriginsInUse(DomainError):
    """People have been recorded by the present set."""

    code = "origins_in_use"
    message = N_(
        "Bookings or arrivals have been recorded by the present places of origin, and recorded figures never move. "
        "So this hall keeps them. A hall that counts by other places is set up as a new hall."
    )
    field = "set"
