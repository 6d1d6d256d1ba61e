"""All errors of the booking form at once: what the service would refuse only after the others have been corrected."""

from hallapp.booking import checks, tours
from hallapp.booking.errors import GroupTooLarge, GroupTooSmall, PartsNeeded, PartsWrong, SlotUnknown
from hallapp.booking.web.forms import BookingForm
from hallapp.core import clock
from hallapp.core.errors import DomainError
from hallapp.core.i18n import language
from hallapp.schedule import queries
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.models import Hall, Programme


def refuse_the_rest(form: BookingForm, hall: Hall, programme: Programme) -> None:
    """Add to the errors of a form those of the group's size, the chosen time and the tour's language.

    A form without errors stays without: nothing was submitted, or a button only changed the page. Then the size is only
    judged in words beside its field.
    """
    if not any(form.problems()):
        return
    refusal = form.refusal
    for check in (_check_size, _check_time, _check_language):
        try:
            check(form, hall, programme)
        except DomainError as error:
            if not form.has_error_at(error):
                form.refuse(error)
    form.refusal = refusal


def _check_size(form: BookingForm, hall: Hall, programme: Programme) -> None:
    policy = programme.policy
    most = max(policy.group_max, hall.large_group_max)
    if form.people > most:
        raise GroupTooLarge(most=most, people=form.people)
    if 0 < form.people < policy.group_min:
        raise GroupTooSmall(least=policy.group_min, people=form.people)


def _check_time(form: BookingForm, hall: Hall, programme: Programme) -> None:
    if not form.slot.data:
        return
    most = programme.policy.group_max
    if form.parts or most < form.people <= hall.large_group_max:
        _check_parts(form, most)
        return
    slot = queries.find_slot(hall.id, form.slot_id) if form.slot_id is not None else None
    if slot is None or slot.programme_id != programme.id:
        raise SlotUnknown
    checks.check_time(slot, clock.now())
    if not form.wait.data and slot.visitors_free < form.people <= most:
        raise SlotFull(left=slot.visitors_free, asked=form.people)


def _check_parts(form: BookingForm, most: int) -> None:
    """Check that a large group has chosen its parts, and for its number of people."""
    if not form.parts:
        raise PartsNeeded(people=form.people)
    if form.people <= most or sum(people for _slot, people in form.parts) != form.people:
        raise PartsWrong(people=form.people)


def _check_language(form: BookingForm, hall: Hall, programme: Programme) -> None:
    if not form.tour_language.errors:
        languages = tours.list_languages(hall, programme)
        tours.choose(languages, asked=form.tour_language.language, pages=language())
