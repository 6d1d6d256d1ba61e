"""Refusals of the desk: each a class with a stable code, and a message that says what to do."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from hallapp.core.errors import N_, DomainError
from hallapp.schedule.policy import DoorRule

if TYPE_CHECKING:
    from hallapp.desk.group import Group


class Refusal(DomainError):
    """The desk does not do it. `group` is the group concerned, where it may be shown.

    `title` can be read from a metre away; `message` says what to do, and may use %(when)s (the slot of the group),
    %(arrived)s (its people), %(since)s (its last admission), %(span)s (how early or late it is now), and the `params`.
    """

    title: ClassVar[str]
    overridable: ClassVar[bool] = False

    def __init__(self, *, group: "Group | None" = None, **params: Any) -> None:
        super().__init__(**params)
        self.group = group

    @property
    def confirm(self) -> Mapping[str, Any]:
        """Return the fields that confirm the request when added to it; empty where the desk may not confirm."""
        return {}


class Unreadable(Refusal):
    """The input cannot be read; sending it again unchanged will not help."""

    status = 422


class InvalidReference(Unreadable):
    """The text has the shape of a reference, but its check character is wrong."""

    code = "invalid_reference"
    title = N_("Check the reference")
    message = N_(
        "This reference contains a mistake: one character is wrong, or two are swapped. Compare it with the pass."
    )


class InvalidCode(Unreadable):
    """The scan or the input is empty."""

    code = "invalid_code"
    title = N_("Nothing scanned")
    message = N_("Nothing was scanned. Scan the pass, or enter its reference.")


class InvalidEventId(Unreadable):
    """The event has no UUID."""

    code = "invalid_event_id"
    title = N_("Reload the page")
    message = N_("The event number sent by this page is not valid. Reload the page.")


class InvalidCounts(Unreadable):
    """The numbers of people cannot be read, or their sum is zero or above 999."""

    code = "invalid_counts"
    title = N_("Check the numbers")
    message = N_("Check the numbers: whole numbers, 1 to 999 people in all, each with a place of origin.")


class InvalidCategories(Unreadable):
    """A number of people of a category cannot be read."""

    code = "invalid_categories"
    title = N_("Check the categories")
    message = N_("Enter the numbers of the categories as whole numbers in digits, or leave them empty.")


class WrongCategories(Unreadable):
    """More people are given for categories than are admitted."""

    code = "wrong_categories"
    title = N_("Check the categories")
    message = N_("The categories add up to %(given)s people, but %(people)s are admitted. Correct the numbers below.")


class InvalidTime(Unreadable):
    """The time of the event cannot be read."""

    code = "invalid_time"
    title = N_("Reload the page")
    message = N_("The time sent by this device cannot be read. Reload the page.")


class TimeUnclear(Unreadable):
    """The clock of a device was wrong, and the time of the act is unknown; the device asks its user."""

    code = "time_unclear"
    title = N_("When was this?")
    message = N_(
        "The clock of this device was wrong when this entry was made. Enter the right time in "
        "the list of this device, and upload it again."
    )


class InvalidWalkIn(Unreadable):
    """The programme or the kind of organisation does not exist here, or the name is too long."""

    code = "invalid_walk_in"
    title = N_("Check the walk-in")
    message = N_("Check the walk-in: its programme, its kind of group, and a name of up to 200 characters.")


class TimeInFuture(Unreadable):
    """The event is said to happen in the future."""

    code = "time_in_future"
    title = N_("The clock is fast")
    message = N_("The clock of this device is fast. Correct it and try again.")


class TimeTooOld(Unreadable):
    """The event is said to have happened more than a week ago."""

    code = "time_too_old"
    title = N_("Too long ago")
    message = N_("This happened more than 7 days ago, so it can no longer be counted here. Please tell your manager.")


class Unknown(Refusal):
    """The text is neither a pass nor a reference of this hall."""

    code = "unknown"
    title = N_("Unknown pass")
    message = N_(
        "This is not a pass or a reference of this hall. Search by the organisation, or by the "
        "last four digits of the phone number; or admit the group as a walk-in."
    )


class NotAPass(Refusal):
    """A code, but of another system: an address, a contact, a health code."""

    code = "not_a_pass"
    title = N_("Not a pass")
    message = N_(
        "This is a code of another system, not of this hall. Ask the group for its pass, on "
        "paper or in the message of the hall; or enter its reference, its organisation, or the "
        "last four digits of the phone number."
    )


class OtherHall(Refusal):
    """A pass of another hall; nothing of it is shown here."""

    code = "other_hall"
    title = N_("Another hall")
    message = N_("This pass is for another hall. Ask the group to look up the hall and its address on the pass.")


class Replaced(Refusal):
    """A newer pass has replaced this one."""

    code = "replaced"
    title = N_("Pass replaced")
    message = N_("This pass has been replaced. Ask for the latest pass, or enter the booking reference.")


class Cancelled(Refusal):
    """The booking was cancelled."""

    code = "cancelled"
    title = N_("Cancelled")
    message = N_(
        "This booking for %(when)s was cancelled, and its places were released. A manager can "
        "admit the group with a reason; if there is room, admit it as a walk-in."
    )
    overridable = True


class NotAgreed(Refusal):
    """The hall has not said yes: the booking waits for an answer or a place, was declined or has lapsed."""

    code = "not_agreed"
    title = N_("Not confirmed")
    message = N_(
        "This booking for %(when)s is not confirmed: it is waiting for an answer or a place, was "
        "declined, or has lapsed. A manager can admit the group with a reason; if there is room, "
        "admit it as a walk-in."
    )
    overridable = True


class TakesPlaceOnline(Refusal):
    """The programme is online: its people are its audience, which is counted apart, and never visitors of the hall."""

    code = "online"
    title = N_("Online programme")
    message = N_(
        "This booking is for an online programme, so nobody of it is expected in the hall. If people came, admit them "
        "as a walk-in."
    )


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
    """The group is earlier or later than the hall allows, and no one of it has been admitted yet.

    Where the hall only wants a warning (`confirmable`), one more touch admits the group, else a manager with a reason.
    """

    overridable = True

    @property
    def confirmable(self) -> bool:
        """Return whether any user of the desk may admit the group nevertheless."""
        return (
            self.group is not None
            and self.group.booking is not None
            and self.group.booking.hall.door.rule is DoorRule.WARN
        )

    @property
    def confirm(self) -> Mapping[str, Any]:
        """Return the fields for one more touch, where the hall leaves the decision to the desk."""
        return {"anyway": True} if self.confirmable else {}


class TooEarly(OutOfTime):
    """The group is earlier than the hall's rule allows."""

    code = "too_early"
    title = N_("Early")
    message = N_(
        "This group is early: %(span)s before its time, %(when)s. Ask it to wait, or admit it "
        "anyway, as the hall’s rule allows."
    )


class TooLate(OutOfTime):
    """The group is later than the hall's rule allows."""

    code = "too_late"
    title = N_("Late")
    message = N_(
        "This group is %(span)s late: its time is %(when)s. Check for room and a guide, then "
        "admit it anyway, as the hall’s rule allows."
    )


class AlreadyArrived(Refusal):
    """The whole booking has arrived, and no number of further people was given."""

    code = "already_arrived"
    title = N_("Already admitted")
    message = N_(
        "%(arrived)s people of this group have already arrived, the last at %(since)s. If more "
        "people came, enter their number."
    )


class Question(Refusal):
    """A number of people that is counted only after confirmation.

    The confirmation is the same request with these people as `sure`, and the people now still to come as
    `known_to_come`: a change between question and answer leads to a new question.
    """

    def __init__(self, *, people: int, group: "Group | None" = None, **params: Any) -> None:
        super().__init__(group=group, people=people, **params)
        self.people = people

    @property
    def confirm(self) -> Mapping[str, Any]:
        """Return the number to confirm, and the people still to come."""
        known = {"known_to_come": self.group.known_to_come} if self.group and self.group.booking else {}
        return {"sure": self.people, **known}


class CountedMeanwhile(Question):
    """Others of the group were counted since the numbers were read that this act goes by."""

    code = "counted_meanwhile"
    title = N_("More people?")
    message = N_(
        "%(arrived)s people of this group have already been admitted, the last of them at "
        "%(since)s (%(place)s). Are these %(people)s more people?"
    )


class MoreThanExpected(Question):
    """More people than are still to come, and the act does not say that it knew so."""

    code = "more_than_expected"
    title = N_("More people?")
    message = N_("%(to_come)s people of this group have not arrived yet. Have %(people)s arrived now?")


class TooManyPeople(Question):
    """Far more people than were booked."""

    code = "too_many_people"
    title = N_("Is the number right?")
    message = N_("%(people)s people, which makes %(total)s for a group of %(booked)s. Is the number right?")


class TooManyWalkIns(Question):
    """More people without a booking than the hall takes in one group."""

    code = "too_many_people"
    title = N_("Is the number right?")
    message = N_("%(people)s people without a booking: the number must be confirmed above %(most)s. Is it right?")


class BlockedWalkIn(Question):
    """The organisation is on the block list of the hall."""

    code = "blocked"
    title = N_("On the block list")
    message = N_(
        "This organisation is on the block list, and came without a booking. Ask a manager, or admit the %(people)s "
        "people all the same."
    )

    @property
    def confirm(self) -> Mapping[str, Any]:
        """Return the agreement, and the number of people, which was confirmed before."""
        return {"sure": self.people, "block_accepted": "yes"}


class InvalidNote(Unreadable):
    """The note for the guide is too long."""

    code = "invalid_note"
    title = N_("Shorten the note")
    message = N_("The note for the guide can have 200 characters. Please shorten it: your text is still there.")


class VisitOver(Refusal):
    """The day of the visit has passed: no one would read a note."""

    code = "visit_over"
    title = N_("The visit has ended")
    message = N_("The day of this visit has passed, so no one would read a note.")


class ManagerNeeded(Refusal):
    """Only a manager may admit with a reason."""

    code = "manager_needed"
    title = N_("A manager is needed")
    message = N_("Only a manager can admit a group as an exception. Ask your manager to sign in here.")
    status = 403


class EventIdUsed(Refusal):
    """Another act has this id already."""

    code = "event_id_used"
    title = N_("Reload the page")
    message = N_("The event number sent by this page is already in use. Reload the page.")


class UnknownEvent(Refusal):
    """The hall has no such event."""

    code = "unknown_event"
    title = N_("Unknown event")
    message = N_("This hall has no such action. Reload the page.")


class NotAnAdmission(Refusal):
    """A take-back cannot be taken back."""

    code = "not_an_admission"
    title = N_("An entry taken back")
    message = N_("This entry takes another one back. If the people are here, admit them again.")


class AlreadyTakenBack(Refusal):
    """The event was already taken back."""

    code = "already_taken_back"
    title = N_("Already taken back")
    message = N_("This was already taken back. Nothing was changed.")


class MonthClosed(Refusal):
    """The figures of that month are signed: a correction needs a manager's reason."""

    code = "month_closed"
    title = N_("The month is closed")
    message = N_(
        "The figures of that month are signed. A manager can take this entry back in the report, with a reason."
    )


class AlreadySettled(Refusal):
    """The conflict was already resolved, or the admission was taken back."""

    code = "already_settled"
    title = N_("Already resolved")
    message = N_("This was already resolved. Nothing was changed.")


class InvalidBatch(Unreadable):
    """The batch of events is not a list, or too long."""

    code = "invalid_batch"
    title = N_("Reload the page")
    message = N_(
        "The data sent by this device cannot be read. Reload the page; entries waiting on the device are kept."
    )


class InvalidEvent(Unreadable):
    """One event of a batch cannot be read."""

    code = "invalid_event"
    title = N_("Not readable")
    message = N_("This entry cannot be read. Admit the group again, manually if necessary.")
