"""One factory a model: real rows through the real session, each with sensible values that a test may change.

They must be called inside `with transaction():` (services flush only), or through `make`, which opens one.
"""

import itertools
import secrets
from collections.abc import Callable
from datetime import date, time, timedelta
from functools import cache
from typing import Any, TypeVar

from argon2 import PasswordHasher

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.booking import bigrams, reference
from hallapp.booking.models import HOLDING, Booking, Origin, TourLanguage
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule import capacity
from hallapp.schedule.models import Hall, Programme, Slot
from tests.texts import fold

T = TypeVar("T")
_counter = itertools.count(1)


def make(factory: Callable[..., T], **values: Any) -> T:
    """One row, made in a transaction of its own."""
    with transaction():
        return factory(**values)


def _save(row: T) -> T:
    db.session.add(row)
    db.session.flush()
    return row


def hall(**values: Any) -> Hall:
    """A hall in Guangzhou."""
    number = next(_counter)
    return _save(
        Hall(
            **fold(
                {
                    "slug": f"hall-{number}",
                    "name_zh": "岭南展览馆",
                    "name_en": "Lingnan Exhibition Hall",
                    "address_zh": "广州市越秀区东风路一号",
                    "address_en": "1 Dongfeng Road, Yuexiu, Guangzhou",
                    "phone": "020 8345 0000",
                    "opened_on": date(2017, 6, 29),
                    # Tests that place many bookings are not about floods; those that are set the limits themselves.
                    "open_per_phone": 0,
                    "open_per_organisation": 0,
                    "brake_per_hour": 0,
                    "network_places": 0,
                    "created_at": clock.now(),
                    **values,
                }
            )
        )
    )


def programme(*, hall: Hall, **values: Any) -> Programme:
    """A guided tour of 90 minutes for 8 to 50 people, with one guide."""
    number = next(_counter)
    return _save(
        Programme(
            **fold(
                {
                    "hall_id": hall.id,
                    "slug": f"tour-{number}",
                    "name_zh": "讲解参观",
                    "name_en": "Guided tour",
                    "minutes": 90,
                    "group_min": 8,
                    "group_max": 50,
                    "guides": 1,
                    **values,
                }
            )
        )
    )


def slot(*, programme: Programme, day: date | None = None, starts: time = time(9, 30), **values: Any) -> Slot:
    """A slot of 100 places and 3 guides, added by hand, in a week from now unless told otherwise."""
    zone = "Asia/Shanghai"
    day = day or clock.today(zone) + timedelta(days=7)
    starts_at = clock.at(day, starts, zone)
    return _save(
        Slot(
            **{
                "hall_id": programme.hall_id,
                "programme_id": programme.id,
                "day": day,
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=programme.minutes),
                "visitor_capacity": 100,
                "guide_capacity": 3,
                "open_by_hand": True,
                **values,
            }
        )
    )


def booking(*, slot: Slot, origins: dict[str, int] | None = None, **values: Any) -> Booking:
    """A confirmed booking of 20 people from Guangdong, which holds its places; SlotFull where there are too few."""
    origins = origins or {"440000": 20}
    visitors = sum(origins.values())
    row = Booking(
        **{
            "hall_id": slot.hall_id,
            "slot_id": slot.id,
            "key": secrets.token_urlsafe(24),
            "reference": reference.make(),
            "submission": secrets.token_hex(32),
            "organisation": "广州市越秀区东湖街老年大学",
            "organisation_key": bigrams.organisation_key(str(values.get("organisation", "广州市越秀区东湖街老年大学"))),
            "kind": "school",
            "contact_name": "何秀珍",
            "phone": "+8619900001050",
            "phone_tail": "1050",
            "visitors": visitors,
            "guides": slot.programme.guides,
            "tour_language": TourLanguage(str(values.get("language", "zh"))) if slot.programme.guides else None,
            "consented_at": clock.now(),
            "created_at": clock.now(),
            **values,
        }
    )
    row.origins = [Origin(division=code, visitors=n, hall_id=slot.hall_id) for code, n in origins.items()]
    if row.state in (None, *HOLDING):
        capacity.claim(slot, visitors=visitors, guides=row.guides, forced=row.over_limit is not None)
    _save(row)
    bigrams.index(row)
    return row


PASSWORD = "correct horse battery staple"


#: Digests of passwords that cost next to nothing, for tests that sign in a hundred times.
CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


@cache
def _password_hash() -> str:
    return CHEAP.hash(PASSWORD)


def staff(*, hall: Hall, role: Role = Role.DESK, **values: Any) -> Staff:
    """A member of staff whose password is `PASSWORD`."""
    number = next(_counter)
    return _save(
        Staff(
            **{
                "hall_id": hall.id,
                "name": f"{role.value}{number}",
                "role": role,
                "password_hash": _password_hash(),
                "created_at": clock.now(),
                **values,
            }
        )
    )
