"""The mail that tells a person of the answer to their appeal; a person without an address reads it on the statement."""

from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.notifications import kinds
from hallapp.notifications import service as notifications
from hallapp.points.models import PointAppeal
from hallapp.points.values import quarter_of
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall
from hallapp.signon.queries import find_address

KIND = "points"
kinds.register(KIND, N_("Service points"), KIND)


def tell_answered(hall: Hall, appeal: PointAppeal) -> None:
    """Tell a person that their appeal was answered; needs a transaction. The words stay on the statement."""
    address = find_address(appeal.staff)
    if address is None:
        return
    language = hall.language_codes[0]
    with force_locale(language):
        quarter = quarter_of(appeal.quarter)
        subject = _(
            "Your appeal about service points was answered (%(quarter)s)",
            quarter=formats.quarter(quarter.first, language),
        )
        body = "\n\n".join([subject, f"{base_url(hall)}/my-points/{quarter}", hall.text("name", language)])
    notifications.enqueue(hall_id=hall.id, kind=KIND, recipient=address.email, subject=subject, body=body)
