"""The facts of a hall for search engines, in the vocabulary of schema.org."""

from typing import Any

from hallapp.profile.models import Picture
from hallapp.schedule.hours import OpeningHours
from hallapp.schedule.models import Hall

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def describe(hall: Hall, *, site: str, language: str, hours: OpeningHours, picture: Picture | None) -> dict[str, Any]:
    """Return the hall as a museum: name, address, phone, picture, and its usual and special hours."""
    facts = {
        "@context": "https://schema.org",
        "@type": "Museum",
        "name": hall.text("name", language),
        "url": f"{site}/",
        "description": hall.text("intro", language),
        "address": hall.text("address", language),
        "telephone": hall.phone,
        "image": f"{site}/pictures/{picture.digest}/{picture.width}.jpg" if picture else "",
        "isAccessibleForFree": True,
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": list(_DAYS[line.first : line.last + 1]),
                "opens": f"{line.opens:%H:%M}",
                "closes": f"{line.closes:%H:%M}",
            }
            for line in hours.week
            if line.opens and line.closes
        ],
        "specialOpeningHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "validFrom": span.first.isoformat(),
                "validThrough": span.last.isoformat(),
                "opens": "00:00",
                "closes": "00:00",  # closed all day, in this vocabulary
            }
            for span in hours.special
            if not span.open
        ],
    }
    return {name: value for name, value in facts.items() if value}
