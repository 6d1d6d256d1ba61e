"""Refusals of the room `talks`."""

from datetime import date

from hallapp.core.errors import N_, DomainError


class NoTalks(DomainError):
    """The hall offers no talks."""

    status = 404
    code = "no_talks"
    message = N_("This hall offers no talks at present.")


class TalkTaken(DomainError):
    """Nobody is free at that time any more."""

    status = 409
    code = "talk_taken"
    message = N_("This time has just been taken. Please choose another one; what you entered has been kept.")


class TooManyTalks(DomainError):
    """The phone number has as many talks to come as the hall allows."""

    status = 409
    code = "too_many_talks"
    field = "phone"
    message = N_("With this phone number a talk is booked already. Please hold or cancel it first.")


class TalkPaused(DomainError):
    """The phone number is paused after missed talks."""

    status = 409
    code = "talk_paused"
    field = "phone"
    message = N_("After missed talks, this phone number can book again from %(day)s. If that is wrong, call the hall.")

    def __init__(self, until: date) -> None:
        """Refuse until this day."""
        super().__init__(day=until.isoformat())


class TalkClosed(DomainError):
    """The talk can no longer be changed in this way, or not yet."""

    status = 409
    code = "talk_closed"
    message = N_("This can no longer be done for this talk, or not yet. The page shows how it is now.")


class NoteChanged(DomainError):
    """The other one of the two has changed the note since the form showed it."""

    code = "note_changed"
    message = N_(
        "This note has been changed meanwhile. It says now: “%(note)s”. What you entered is kept: add what is missing, "
        "and save again."
    )
    field = "note"
    status = 409

    def __init__(self, note: str) -> None:
        super().__init__(note=note)


class ProgrammeNeeded(DomainError):
    """Talks at the hall count visitors, and no programme was chosen for them."""

    status = 422
    code = "talk_programme_needed"
    field = "programme"
    message = N_("Choose the programme in which guests at the hall are counted, or let no host talk at the hall.")


class PlaceNeeded(DomainError):
    """A guest at the hall is counted by place of origin, and none was chosen."""

    status = 422
    code = "talk_place_needed"
    field = "division"
    message = N_("Choose where you come from.")


class HostTaken(DomainError):
    """The account belongs to another host."""

    status = 409
    code = "talk_host_taken"
    field = "account"
    message = N_("This account belongs to another host.")


class HoursOverlap(DomainError):
    """Two periods of a host overlap on a weekday."""

    status = 422
    code = "talk_hours_overlap"
    field = "days_1"
    message = N_("Two of these periods overlap on the same weekday.")
