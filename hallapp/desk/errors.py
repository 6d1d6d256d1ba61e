"""Why the desk refuses: each reason a named type with a stable code, and words that say what to do."""

from collections.abc import Mapping
from typing import Any, ClassVar

from hallapp.core.errors import N_, DomainError
from hallapp.desk.group import Group
from hallapp.schedule.policy import DoorRule


class Refusal(DomainError):
    """The desk does not do it. `group` is the group concerned, where it may be shown.

    `title` can be read from a metre away; `message` says what to do, and may use %(when)s (the slot of the group),
    %(arrived)s (its people), %(since)s (its last admission), %(span)s (how early or late it is now), and the `params`.
    """

    title: ClassVar[str]
    overridable: ClassVar[bool] = False

    def __init__(self, *, group: Group | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.group = group

    @property
    def confirm(self) -> Mapping[str, Any]:
        """The fields that, added to the same request, say yes to what is asked; empty where nobody at the desk may."""
        return {}


class Unreadable(Refusal):
    """What was sent cannot be read; sending it again unchanged will not help."""

    status = 422


class InvalidReference(Unreadable):
    """It has the shape of a reference, but its check character is wrong."""

    code = "invalid_reference"
    title = N_("Check the reference")
    message = N_("This reference has a slip: one character is wrong, or two are swapped. Compare it with the pass.")


class InvalidCode(Unreadable):
    """Nothing was scanned or typed."""

    code = "invalid_code"
    title = N_("Nothing scanned")
    message = N_("Nothing was scanned. Scan the pass, or type its reference.")


class InvalidEventId(Unreadable):
    """The event has no UUID."""

    code = "invalid_event_id"
    title = N_("Load the page again")
    message = N_("This page did not send a proper event number. Load the page again.")


class InvalidCounts(Unreadable):
    """The numbers of people cannot be read, or there is nobody, or a thousand."""

    code = "invalid_counts"
    title = N_("Check the numbers")
    message = N_("Check the numbers: whole numbers of people, 1 to 999 in all, each with its place of origin.")


class InvalidTime(Unreadable):
    """The time of the event cannot be read."""

    code = "invalid_time"
    title = N_("Load the page again")
    message = N_("The time that this device sent cannot be read. Load the page again.")


class TimeUnclear(Unreadable):
    """The clock of a device was wrong, and nobody can tell when the act was; the device asks whoever holds it."""

    code = "time_unclear"
    title = N_("When was this?")
    message = N_(
        "The clock of this device was wrong when this was taken. Say in its list when it was, and send it again."
    )


class InvalidWalkIn(Unreadable):
    """The programme or the kind of organisation does not exist here, or the name is too long."""

    code = "invalid_walk_in"
    title = N_("Check the walk-in")
    message = N_("Check the walk-in: its programme, its kind of group, and a name of up to 200 characters.")


class TimeInFuture(Unreadable):
    """The event is said to happen in the future."""

    code = "time_in_future"
    title = N_("Clock is ahead")
    message = N_("The clock of this device is ahead. Set it right and try again.")


class TimeTooOld(Unreadable):
    """The event is said to have happened more than a week ago."""

    code = "time_too_old"
    title = N_("Too long ago")
    message = N_("This happened more than 7 days ago, so it can no longer be counted here. Tell your manager.")


class Unknown(Refusal):
    """No pass and no reference of this hall."""

    code = "unknown"
    title = N_("Unknown pass")
    message = N_(
        "This is no pass and no reference of this hall. Search by the organisation, or by the last four digits of the "
        "phone; or admit the group as a walk-in."
    )


class NotAPass(Refusal):
    """A code, but of another system: an address, a contact, a health code."""

    code = "not_a_pass"
    title = N_("Not a pass")
    message = N_(
        "This is a code of another system, not of this hall. Ask the group for its pass, on paper or in the message of "
        "the hall; or type its reference, its organisation, or the last four digits of the phone."
    )


class OtherHall(Refusal):
    """A pass of another hall; nothing of it is shown here."""

    code = "other_hall"
    title = N_("Another hall")
    message = N_("This pass is for another hall. Ask the group to look up the hall and its address on the pass.")


class Replaced(Refusal):
    """A newer pass has replaced this one."""

    code = "replaced"
    title = N_("Replaced pass")
    message = N_("A newer pass has replaced this one. Ask for the newest pass, or type the reference of the booking.")


class Cancelled(Refusal):
    """The booking was cancelled."""

    code = "cancelled"
    title = N_("Cancelled")
    message = N_(
        "This booking for %(when)s was cancelled, and its places were given back. A manager can admit the group with a "
        "reason; if there is room, admit it as a walk-in."
    )
    overridable = True


class NotAgreed(Refusal):
    """The hall has not said yes: the booking waits for an answer or a place, was declined or has lapsed."""

    code = "not_agreed"
    title = N_("Not confirmed")
    message = N_(
        "This booking for %(when)s is not confirmed: it waits for an answer or a place, was declined, or has lapsed. A "
        "manager can admit the group with a reason; if there is room, admit it as a walk-in."
    )
    overridable = True


class AnotherDay(Refusal):
    """The booking is for another day."""

    code = "another_day"
    title = N_("Another day")
    message = N_(
        "This pass is for another day: %(when)s. Ask the group to come then; a manager can admit it today with a "
        "reason."
    )
    overridable = True


class OutOfTime(Refusal):
    """The group comes earlier or later than the hall lets in, and nobody of it is in yet.

    Where the hall only wants it seen (`confirmable`), one more touch admits it, else a manager with a reason.
    """

    overridable = True

    @property
    def confirmable(self) -> bool:
        """Whether whoever is at the desk may admit the group all the same."""
        return (
            self.group is not None
            and self.group.booking is not None
            and self.group.booking.hall.door_rule is DoorRule.WARN
        )

    @property
    def confirm(self) -> Mapping[str, Any]:
        """One more touch, where the hall leaves it to the desk."""
        return {"anyway": True} if self.confirmable else {}


class TooEarly(OutOfTime):
    """It is earlier than the hall's rule lets the group in."""

    code = "too_early"
    title = N_("Early")
    message = N_(
        "This group is early: %(span)s before its time, %(when)s. Ask it to wait, or admit it all the same, as the "
        "hall lets you."
    )


class TooLate(OutOfTime):
    """It is later than the hall's rule lets the group in."""

    code = "too_late"
    title = N_("Late")
    message = N_(
        "This group is late by %(span)s: its time is %(when)s. See whether there is room and a guide, then admit it "
        "all the same, as the hall lets you."
    )


class AlreadyArrived(Refusal):
    """Everybody that was booked has arrived, and no number of further people was given."""

    code = "already_arrived"
    title = N_("In already")
    message = N_(
        "This group is in already: %(arrived)s arrived, the last at %(since)s. If more people came, give their number."
    )


class Question(Refusal):
    """A number of people that is counted only once somebody has said that it is right.

    Yes is the same request with these people as `sure`, and with what is still to come now as `known_to_come`: what
    changes between the question and its answer is asked about again.
    """

    def __init__(self, *, people: int, group: Group | None = None, **params: Any) -> None:
        super().__init__(group=group, people=people, **params)
        self.people = people

    @property
    def confirm(self) -> Mapping[str, Any]:
        """The number that was asked about, and what is still to come."""
        known = {"known_to_come": self.group.known_to_come} if self.group and self.group.booking else {}
        return {"sure": self.people, **known}


class CountedMeanwhile(Question):
    """Others of the group were counted since the numbers were read that this act goes by."""

    code = "counted_meanwhile"
    title = N_("More people?")
    message = N_(
        "%(arrived)s of this group are in already, since %(since)s (%(place)s). Are these %(people)s more people?"
    )


class MoreThanExpected(Question):
    """More people than are still to come, and the act does not say that it knew so."""

    code = "more_than_expected"
    title = N_("More people?")
    message = N_("%(to_come)s of this group are still to come. Are %(people)s people here?")


class TooManyPeople(Question):
    """Far more people than were booked."""

    code = "too_many_people"
    title = N_("Is the number right?")
    message = N_("%(people)s people, and in all %(total)s of a group of %(booked)s. Is the number right?")


class TooManyWalkIns(Question):
    """More people without a booking than the hall takes in one group."""

    code = "too_many_people"
    title = N_("Is the number right?")
    message = N_("%(people)s people without a booking: the hall asks from more than %(most)s on. Is the number right?")


class InvalidNote(Unreadable):
    """The note for the guide is too long."""

    code = "invalid_note"
    title = N_("Shorten the note")
    message = N_("The note for the guide may have 200 characters. Shorten it: what was typed still stands there.")


class VisitOver(Refusal):
    """The day of the visit is over: nobody would read a note any more."""

    code = "visit_over"
    title = N_("The visit is over")
    message = N_("The day of this visit is over, so a note would reach nobody.")


class ManagerNeeded(Refusal):
    """Only a manager may admit with a reason."""

    code = "manager_needed"
    title = N_("Manager needed")
    message = N_("Only a manager can admit a group against the rule. Ask your manager to sign in here.")
    status = 403


class EventIdUsed(Refusal):
    """Another act has this id already."""

    code = "event_id_used"
    title = N_("Load the page again")
    message = N_("This page sent an event number that is taken. Load the page again.")


class UnknownEvent(Refusal):
    """No such event in this hall."""

    code = "unknown_event"
    title = N_("Unknown event")
    message = N_("There is no such event in this hall. Load the page again.")


class NotAnAdmission(Refusal):
    """A take-back cannot be taken back."""

    code = "not_an_admission"
    title = N_("A take-back")
    message = N_("This is a take-back itself. If the people are here, admit them again.")


class AlreadyTakenBack(Refusal):
    """Somebody else took it back before."""

    code = "already_taken_back"
    title = N_("Taken back already")
    message = N_("This was taken back already. Nothing was changed.")


class MonthClosed(Refusal):
    """The figures of that month are signed: a correction needs a manager's reason."""

    code = "month_closed"
    title = N_("The month is closed")
    message = N_("The figures of that month are signed. A manager can take this back in the report, with a reason.")


class AlreadySettled(Refusal):
    """Somebody else settled it before, or the admission was taken back."""

    code = "already_settled"
    title = N_("Settled already")
    message = N_("This was settled already. Nothing was changed.")


class InvalidBatch(Unreadable):
    """A batch of events that is none, or too long."""

    code = "invalid_batch"
    title = N_("Load the page again")
    message = N_("What this device sent cannot be read. Load the page again; what waits on the device stays there.")


class InvalidEvent(Unreadable):
    """One event of a batch cannot be read."""

    code = "invalid_event"
    title = N_("Not readable")
    message = N_("This entry cannot be read. Admit the group again, by hand if need be.")
