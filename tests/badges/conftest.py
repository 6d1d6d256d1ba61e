"""A counter with a group of 40 whose contact has handed in names."""

from types import SimpleNamespace
from uuid import uuid4

import pytest

from hallapp.accounts.roles import Role
from hallapp.badges import codes, queries, service
from hallapp.badges.service import Admitted
from hallapp.core.database import db, transaction
from hallapp.desk.commands import Admit
from hallapp.namelist import queries as namelist
from hallapp.namelist.models import ListColumn, Person
from hallapp.schedule.policy import NameList
from tests.desk.conftest import KEYS, clock, counter, summaries

__all__ = ["admit", "admit_command", "clock", "code_of", "counter", "group", "make", "summaries"]

NAMES = ("何秀珍", "𠮷川龑", "阿卜杜拉·买买提", "Anna Schmidt")


def give_names(counter: SimpleNamespace, *names: str, place: str = "") -> None:
    """Put these people on the list of the counter's booking, in the place of any before."""
    with transaction():
        for person in namelist.list_people(counter.booking.id):
            db.session.delete(person)
        db.session.flush()
        for position, name in enumerate(names, 1):
            db.session.add(
                Person(
                    hall_id=counter.hall.id,
                    booking_id=counter.booking.id,
                    position=position,
                    name=name,
                    extra={ListColumn.PLACE.value: place} if place else {},
                )
            )


def make(counter: SimpleNamespace, *, renew: bool = False) -> dict[str, str]:
    """The QR texts of the badges by name, made in a transaction of its own."""
    with transaction():
        made = service.make(db.session.merge(counter.booking), by=counter.desk.id, renew=renew)
        return {person.name: code_of(badge.token) for person, badge in made}


def code_of(token: str) -> str:
    """The QR text of a badge."""
    return codes.qr_text(token, KEYS, "http://127.0.0.1:8000")


def admit_command(counter: SimpleNamespace, code: str, **values: object) -> Admit:
    """Admit by a badge, with an id of its own."""
    shared = {"hall_id": counter.hall.id, "staff_id": counter.desk.id, "role": Role.DESK, "event_id": str(uuid4())}
    return Admit(**{**shared, "code": code, **values})


def admit(counter: SimpleNamespace, code: str, **values: object) -> Admitted:
    """Admit by a badge in a transaction of its own."""
    with transaction():
        return service.admit_badge(admit_command(counter, code, **values), keys=KEYS)


@pytest.fixture
def group(counter: SimpleNamespace) -> SimpleNamespace:
    """The counter, with four names on its group's list and `badges`: their QR texts by name."""
    with transaction():
        db.session.merge(counter.hall).name_list = NameList.OPTIONAL
    give_names(counter, *NAMES)
    counter.badges = make(counter)
    assert len(queries.list_in_force(counter.booking.id)) == len(NAMES)
    return counter
