"""Values for the placeholders of a message: from a booking, or made up for a preview."""

from collections.abc import Sequence
from datetime import date, time, timedelta

from hallapp.booking import join_links
from hallapp.booking.models import AGREED, OPEN_STATES, Booking
from hallapp.booking.names import group_name
from hallapp.core import clock, formats, runtime
from hallapp.core.i18n import force_locale, ngettext
from hallapp.feedback import keys
from hallapp.messages.placeholders import clean
from hallapp.resources import words
from hallapp.resources.queries import list_resources
from hallapp.resources.values import sum_quantities
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall
from hallapp.schedule.no_shows import describe

_MADE_UP = {
    "zh": {
        "name": "何秀珍",
        "organisation": "广州市越秀区东湖街老年大学",
        "reply": "当天因设备检修闭馆，敬请谅解。",
        "programme": "讲解参观",
    },
    "en": {
        "name": "He Xiuzhen",
        "organisation": "Donghu Street University of the Third Age",
        "reply": "The hall is closed for repairs on that day. We are sorry.",
        "programme": "Guided tour",
    },
}
_MADE_UP_PEOPLE = 38
_MADE_UP_KEY = "x" * 16
#: The texts for people on their way to the hall.
_ON_THE_WAY = ("address", "directions", "bring", "late")


def facts_of(booking: Booking, *, language: str, parts: Sequence[Booking] = ()) -> dict[str, str]:
    """Return the values of a booking; missing ones are empty. Of a large group, `parts` are those that it is about."""
    slot = booking.slot
    hall = slot.programme.hall
    base, page = base_url(hall), f"{base_url(hall)}/visits/{booking.key}"
    online, agreed = slot.programme.is_online, booking.state in AGREED
    with force_locale(language):
        organisation = group_name(booking)
    return {
        **_of_hall(hall, language),
        **(dict.fromkeys(_ON_THE_WAY, "") if online else {}),
        "name": clean(booking.contact_name),
        "organisation": clean(organisation),
        "when": formats.when(slot.starts_at, slot.ends_at, hall.time_zone, language),
        "programme": clean(slot.programme.name(language)),
        "people": str(booking.visitors),
        "resources": _resources_of(parts or (booking,), language),
        "reference": formats.reference(booking.reference),
        **(_of_parts(parts, language) if len(parts) > 1 else {}),
        "link": page,
        "pass": f"{page}/pass" if agreed and not online else "",
        "join": join_links.address_of(booking) if agreed and online else "",
        "appeal": f"{page}/appeal",
        "until": formats.moment(booking.offered_until, hall.time_zone, language) if booking.offered_until else "",
        "reply": clean(booking.reply, one_line=False),
        "feedback": f"{base}/feedback/{keys.make(booking.reference, runtime.settings().secret_keys)}",
    }


def _of_parts(parts: Sequence[Booking], language: str) -> dict[str, str]:
    """Return the values of all parts of a large group: each time with its people, their sum, each reference."""
    zone = parts[0].slot.programme.hall.time_zone
    times: dict[date, list[str]] = {}  # a part may have been moved to another day
    with force_locale(language):
        for part in parts:
            span = formats.span(part.slot.starts_at, part.slot.ends_at, zone)
            people = ngettext("%(num)s person", "%(num)s people", part.visitors)
            times.setdefault(part.slot.day, []).append(f"{span} {people}")
    programmes = dict.fromkeys(clean(part.slot.programme.name(language)) for part in parts)
    return {
        "when": " · ".join(f"{formats.day(day, language)} {' · '.join(some)}" for day, some in times.items()),
        "programme": " · ".join(programmes),
        "people": str(sum(part.visitors for part in parts)),
        "reference": " · ".join(formats.reference(part.reference) for part in parts),
    }


def _resources_of(bookings: Sequence[Booking], language: str) -> str:
    """Return the equipment and rooms of a group that is still to come, those of all its parts together."""
    held = sum_quantities(booking.resources for booking in bookings if booking.state in OPEN_STATES)
    if not held:
        return ""
    with force_locale(language):
        return clean(words.in_one_line(list_resources(bookings[0].hall_id), held))


def _resources_of_everyone(hall: Hall, language: str) -> str:
    """Return, for a preview, as much of each resource of a hall as a group may have."""
    known = [one for one in list_resources(hall.id) if not one.retired]
    with force_locale(language):
        return clean(words.in_one_line(known, {one.number: one.allowance(_MADE_UP_PEOPLE) for one in known}))


def made_up(hall: Hall, *, language: str) -> dict[str, str]:
    """Return the values for a preview: of a booking that does not exist, at a real hall."""
    base = base_url(hall)
    starts = clock.at(hall.today() + timedelta(days=7), time(9, 30), hall.time_zone)
    return {
        **_of_hall(hall, language),
        **_MADE_UP["zh" if language.startswith("zh") else "en"],
        "when": formats.when(starts, starts + timedelta(minutes=90), hall.time_zone, language),
        "people": str(_MADE_UP_PEOPLE),
        "resources": _resources_of_everyone(hall, language),
        "reference": "K7M2-9QXT",
        "link": f"{base}/visits/{_MADE_UP_KEY}",
        "appeal": f"{base}/visits/{_MADE_UP_KEY}/appeal",
        "pass": f"{base}/visits/{_MADE_UP_KEY}/pass",
        "join": "",
        "until": formats.moment(starts - timedelta(days=5), hall.time_zone, language),
        "feedback": f"{base}/feedback/{_MADE_UP_KEY}",
    }


def _of_hall(hall: Hall, language: str) -> dict[str, str]:
    with force_locale(language):
        rules = "\n".join(describe(hall.no_show_tiers))
    longer = {name: clean(hall.text(name, language), one_line=False) for name in ("directions", "bring", "late")}
    return {
        "hall": clean(hall.text("name", language)),
        "address": clean(hall.text("address", language)),
        "phone": clean(hall.phone),
        "book": f"{base_url(hall)}/book",
        "rules": rules,
        **longer,
    }
