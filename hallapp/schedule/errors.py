"""What this room refuses, by name."""

from hallapp.core.errors import N_, DomainError


class SlotFull(DomainError):
    """The slot has not so many places, or no guide, left."""

    def __init__(self) -> None:
        super().__init__(
            "slot_full", N_("This time no longer has enough free places. Please choose another one."), "slot"
        )
