"""The content of a printed pass in one language, as plain values collected before anything is drawn."""

from dataclasses import dataclass

from hallapp.booking import access, tours
from hallapp.booking.models import Booking
from hallapp.booking.names import group_name
from hallapp.core import formats
from hallapp.core.i18n import force_locale, ngettext
from hallapp.core.i18n import gettext as _
from hallapp.core.regions import Paper
from hallapp.resources import words
from hallapp.resources.queries import list_resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The sheet's own words."""

    title: str
    show: str
    tear: str
    group: str
    when: str
    programme: str
    visitors: str
    contact: str
    reference: str
    origins: str
    note: str
    access: str
    resources: str
    directions: str
    bring: str
    late: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassSheet:
    """One group's pass. `accent` is `#rrggbb`; `origins` are ready to print, such as `Guangdong 16`.

    `programme` names the language of the tour too. `note` is the group's, `hall_note` is printed on every pass of the
    hall.
    """

    labels: Labels
    language: str
    accent: str
    notice: str
    qr_text: str
    reference: str
    day: str
    time: str
    programme: str
    organisation: str
    contact_name: str
    visitors: str
    origins: tuple[str, ...]
    note: str
    hall_name: str
    address: str
    phone: str
    directions: str
    bring: str
    late: str
    hall_note: str = ""
    paper: Paper = Paper.A4
    access: str = ""
    resources: str = ""


def sheet_of(booking: Booking, *, qr_text: str, language: str) -> PassSheet:
    """Return a booking's sheet in a language, `zh` or `en`. Texts that the hall has not set use general words."""
    hall, slot = booking.slot.programme.hall, booking.slot
    with force_locale(language):
        return PassSheet(
            labels=_labels(),
            language=language,
            paper=hall.region.paper,
            accent=hall.accent,
            notice=_("Demonstration: made-up visitors and bookings") if hall.demonstration else "",
            qr_text=qr_text,
            reference=formats.reference(booking.reference),
            day=formats.day(slot.day, language, year=True),
            time=formats.span(slot.starts_at, slot.ends_at, hall.time_zone),
            programme=" · ".join(filter(None, (slot.programme.name(language), tours.name_of(booking)))),
            organisation=group_name(booking),
            contact_name=booking.contact_name,
            visitors=ngettext("%(num)s person", "%(num)s people", booking.visitors),
            origins=tuple(f"{hall.origins.name(o.division, language)} {o.visitors}" for o in booking.origins),
            note=booking.note,
            access=access.describe(booking.access),
            resources=describe_resources(booking),
            hall_name=hall.text("name", language),
            address=hall.text("address", language),
            phone=hall.phone,
            directions=hall.text("directions", language) or hall.text("address", language),
            bring=hall.text("bring", language) or _("This pass, printed or on a phone."),
            late=hall.text("late", language) or _call(hall.phone),
            hall_note=hall.text("pass_note", language),
        )


def describe_resources(booking: Booking) -> str:
    """Return the equipment and rooms of a booking in one line, in the reader's language; empty without any."""
    return words.in_one_line(list_resources(booking.hall_id), booking.resources) if booking.resources else ""


def _call(phone: str) -> str:
    if not phone:
        return _("Please tell the hall as soon as you know.")
    return _("Please call the hall as soon as you know: %(phone)s", phone=phone)


def _labels() -> Labels:
    return Labels(
        title=_("Entry pass"),
        show=_("Show this code at the desk, or read out the reference."),
        tear=_("Tear off along the dashed line, fold along the dotted line, and bring this card."),
        group=_("Group"),
        when=_("When"),
        programme=_("Programme"),
        visitors=_("People"),
        contact=_("Contact"),
        reference=_("Reference"),
        origins=_("From"),
        note=_("Note"),
        access=_("Access needs"),
        resources=_("Equipment and rooms"),
        directions=_("How to get there"),
        bring=_("What to bring"),
        late=_("If you are late"),
    )
