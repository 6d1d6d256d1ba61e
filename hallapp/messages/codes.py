"""Short messages with a code, and the notice to a mail address that is about to be replaced: always in these words."""

from collections.abc import Mapping

from hallapp.booking.models import Booking, CodePurpose
from hallapp.core import formats, runtime
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.messages.placeholders import clean
from hallapp.notifications import kinds
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel
from hallapp.notifications.service import NewMessage
from hallapp.schedule.models import Hall

KIND = "booking_code"
kinds.register(KIND, N_("Verification codes"), KIND, secret=True)


def send_code(booking: Booking, *, purpose: CodePurpose, code: str, email: str | None) -> None:
    """Put a code into the outbox, in the booking's language: to a mail address, else to the booking's phone."""
    hall = booking.slot.programme.hall
    with force_locale(booking.language):
        name = clean(hall.text("name", booking.language))
        if email is None:
            if runtime.settings().sms_url:
                text = _(
                    "%(hall)s: your verification code is %(code)s. It is valid for 30 minutes.", hall=name, code=code
                )
                values = {"hall": name, "code": code}
                _put(booking, Channel.SMS, booking.phone, subject="", body=text, values=values)
            return
        subject = _("%(code)s is the verification code for your booking at %(hall)s", code=code, hall=name)
        if purpose is CodePurpose.HOLD:
            words = _(
                "Please enter this code on the page of your booking within 30 minutes. Until then we "
                "hold the places for you; without the code they are released."
            )
        elif purpose is CodePurpose.DATA:
            words = _(
                "Someone with the link of your booking wants to save or erase its personal data. If it is you, please "
                "enter this code within 30 minutes. Do not pass it on."
            )
        else:
            words = _(
                "Please enter this code on the page of your booking. From then on, messages about the "
                "booking go to this address."
            )
        unasked = _("If you have not booked with us, you can ignore this message.")
        _put(
            booking,
            Channel.EMAIL,
            email,
            subject=subject,
            body="\n\n".join((code, words, unasked, _signed(hall, name))),
        )


def tell_old_address(booking: Booking, *, email: str | None) -> None:
    """Tell the known mail address of a booking that another one was given, or that it was taken away."""
    if not booking.email:
        return
    hall = booking.slot.programme.hall
    with force_locale(booking.language):
        name = clean(hall.text("name", booking.language))
        reference = formats.reference(booking.reference)
        subject = _("Booking %(reference)s: your e-mail address is being changed", reference=reference)
        if email is None:
            what = _("This address has been removed from booking %(reference)s.", reference=reference)
        else:
            what = _(
                "A new e-mail address was given for booking %(reference)s. Messages go there once it is confirmed.",
                reference=reference,
            )
        doubt = _("If this was not you, please call the hall.")
        _put(
            booking, Channel.EMAIL, booking.email, subject=subject, body="\n\n".join((what, doubt, _signed(hall, name)))
        )


def _signed(hall: Hall, name: str) -> str:
    return "\n".join(part for part in (name, clean(hall.phone)) if part)


def _put(
    booking: Booking,
    channel: Channel,
    recipient: str,
    *,
    subject: str,
    body: str,
    values: Mapping[str, str] | None = None,
) -> None:
    outbox.put(
        NewMessage(
            hall_id=booking.hall_id,
            kind=KIND,
            channel=channel,
            recipient=recipient,
            subject=subject,
            body=body,
            booking_id=booking.id,
            language=booking.language,
            values=values,
        )
    )
