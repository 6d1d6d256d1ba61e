"""The places that a booking named when the hall still asked for them, such as cities, in the forms that change it."""

from typing import TypeVar

from wtforms import SelectChoice

from hallapp.booking.models import Booking
from hallapp.booking.web.forms import OriginFields
from hallapp.core.i18n import language

F = TypeVar("F", bound=OriginFields)


def keep_places(form: F, booking: Booking) -> F:
    """Offer the places of a booking in each line of its form too; return the form.

    Without them, a person who changes anything would have to choose these places anew.
    """
    origins = booking.hall.origins
    kept = [one.division for one in booking.origins if one.division not in origins]
    for line in form.origins:
        field = line.form.division
        offered = {choice.value for choice in field.choices}
        more = [SelectChoice(code, origins.name(code, language())) for code in kept if code not in offered]
        field.choices = [*field.choices, *more]
    return form
