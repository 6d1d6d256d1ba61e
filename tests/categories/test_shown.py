"""Categories that the desk corrected are the same on every page, and a badge brings those that its list names."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask

from hallapp.accounts.roles import Role
from hallapp.badges.categories import describe_person, find_categories
from hallapp.booking import service
from hallapp.booking.lifecycle import by_staff
from hallapp.categories.queries import list_families
from hallapp.core.database import db, transaction
from hallapp.ledger.categories import count_arrived
from hallapp.ledger.recount import recount
from hallapp.namelist import queries as namelist
from hallapp.namelist.models import ListColumn, Person
from hallapp.presence.muster import get_muster
from tests import factories
from tests.badges.conftest import admit as admit_badge
from tests.badges.conftest import give_names, make
from tests.booking.helpers import page
from tests.categories.conftest import AGES, MEMBERS, MINORS, OLDER, ROLES, clock, counter, define
from tests.desk.conftest import admit, admit_walk_in, take_back
from tests.office import signed_in
from tests.presence.test_presence import set_presence

__all__ = ["clock", "counter"]


def test_corrected_categories_are_the_same_everywhere(app: Flask, counter: SimpleNamespace) -> None:
    """40 were booked, 12 of them minors; 33 came at once, 9 of them minors, and 5 later, of whom nobody asked."""
    define(counter.hall.id)
    set_presence(counter)
    with transaction():
        booking = db.session.merge(counter.booking)
        booking.categories = {AGES: 40, MINORS: 12}
    desk, manager = signed_in(app, counter.desk), signed_in(app, counter.manager)
    staff_page = f"/bookings/{booking.reference}"
    assert "成年人 28" in page(manager.get(staff_page)) and "（到馆）" not in page(manager.get(staff_page))
    admit(counter, counts={"440000": 33}, categories={MINORS: 9, OLDER: 2})
    corrected = "未成年人 9 · 60岁及以上 2 · 成年人 22"
    pages = {
        "the desk": lambda: desk.get(f"/t/{counter.code.rsplit('/')[-1]}", follow_redirects=True),
        "the booking": lambda: manager.get(staff_page),
        "the organiser": lambda: app.test_client().get(f"/visits/{booking.key}"),
        "badges": lambda: manager.get(f"{staff_page}/badges"),
        "muster": lambda: desk.get("/desk/muster"),
    }
    for name, get in pages.items():
        told = page(get())
        assert corrected in told and "未记录" not in told, name
    admit(counter, counts={"440000": 5})
    for name, get in pages.items():
        assert f"{corrected} · 未记录 5" in page(get()), name
    admit_walk_in(counter, {"440000": 4}, categories={MINORS: 1})
    muster = page(desk.get("/desk/muster"))
    assert "未成年人 10 · 60岁及以上 2 · 成年人 25 · 未记录 5" in muster and "未成年人 1 · 成年人 3" in muster
    assert "身份" not in muster  # of the other family nothing is known
    with transaction():
        assert recount(counter.hall.id) == []


def test_the_muster_list_has_the_categories_of_those_who_came_today(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    """33 came yesterday, 9 of them minors, and 5 today, 2 of them minors."""
    define(counter.hall.id)
    admit(counter, counts={"440000": 33}, categories={MINORS: 9})
    clock.shift(timedelta(days=1))
    late = {"role": Role.MANAGER, "reason": "迟到", "counts": {"440000": 5}, "categories": {MINORS: 2}}
    admit(counter, **late)
    assert get_muster(counter.hall).categories == {AGES: 5, MINORS: 2}


def test_the_muster_list_has_the_categories_of_a_group_that_was_moved_after_a_mistake(counter: SimpleNamespace) -> None:
    define(counter.hall.id)
    mistake = admit(counter, categories={MINORS: 9})
    take_back(counter, mistake.event_id)
    with transaction():
        later = factories.programme(hall=db.session.merge(counter.hall), guides=0)
        slot = factories.slot(programme=later, day=counter.hall.today(), starts=time(14))
        service.move(db.session.merge(counter.booking), slot.id, by=by_staff(counter.manager.id))
    admit(counter, categories={MINORS: 4}, role=Role.MANAGER, reason="-")
    assert [line.categories for line in get_muster(counter.hall).inside] == [{AGES: 40, MINORS: 4}]


@pytest.mark.parametrize(
    ("extra", "given", "words"),
    [
        ({"age_group": "未成年人"}, {MINORS: 1}, "Minors"),
        ({"age_group": " minors "}, {MINORS: 1}, "Minors"),
        ({"age_group": "成年人"}, {MINORS: 0}, ""),
        ({"age_group": "60岁及以上", "free": "党员"}, {OLDER: 1, MEMBERS: 1}, "60 and older · Party members"),
        ({"age_group": "未成年人", "free": "60岁及以上"}, None, ""),  # one person cannot be both: it stays unknown
        ({"age_group": "12岁"}, None, ""),
        ({"place": "党员", "note": "未成年人"}, None, ""),
        ({}, None, ""),
    ],
)
def test_a_list_names_the_categories_of_a_person(
    app: Flask, counter: SimpleNamespace, extra: dict[str, str], given: dict[int, int] | None, words: str
) -> None:
    families = define(counter.hall.id).families
    person = Person(hall_id=counter.hall.id, booking_id=counter.booking.id, position=1, name="何秀珍", extra=extra)
    assert find_categories(person, families) == given
    assert describe_person(person, families, "en") == words


def test_a_badge_admits_its_person_by_the_categories_of_the_list(counter: SimpleNamespace) -> None:
    define(counter.hall.id)
    give_names(counter, "何秀珍", "王小明")
    with transaction():
        child = namelist.list_people(counter.booking.id)[1]
        child.extra = {ListColumn.AGE_GROUP.value: "未成年人"}
    codes = make(counter)
    for name in codes:
        admit_badge(counter, codes[name])
    with transaction():
        assert recount(counter.hall.id) == []
    found = count_arrived(counter.hall.id, [counter.booking.id])
    assert found == {counter.booking.id: {AGES: 1, MINORS: 1}}
    assert ROLES in {family.number for family in list_families(counter.hall.id)}
