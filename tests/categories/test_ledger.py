"""People by category in the ledger: nobody is lost, a take-back returns what was admitted, and a recount agrees."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.categories.errors import CategoriesOverlap
from hallapp.categories.models import Category
from hallapp.categories.queries import list_families
from hallapp.categories.service import CategoryInput, SaveFamily, save_family
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.core.texts import Texts
from hallapp.desk import errors
from hallapp.ledger import categories
from hallapp.ledger.facet_parts import Name
from hallapp.ledger.models import Figure
from hallapp.ledger.recount import recount
from hallapp.periods import Period
from hallapp.reports import tables
from hallapp.reports.drilldown import filters, ledger_rows, sums
from hallapp.reports.errors import FigureUnknown
from hallapp.reports.figures import filing
from hallapp.reports.figures.service import compute, get_report
from tests import factories
from tests.categories.conftest import AGES, MEMBERS, MINORS, OLDER, ROLES, STAFF, define, named
from tests.conftest import examples
from tests.desk.conftest import NOW, admit, admit_walk_in, make_counter, take_back

NOVEMBER = Period.month(2026, 11)
NUMBERS = st.dictionaries(st.sampled_from([MINORS, OLDER, MEMBERS, STAFF]), st.integers(0, 30), max_size=4)
ACTS = st.tuples(
    st.sampled_from(["admit", "walk_in", "walk_in", "take_back", "next_day"]),
    st.integers(0, 9),
    st.integers(1, 40),
    st.none() | NUMBERS,
)


def figures(hall_id: int) -> dict[int, int]:
    """People of November by the numbers of families and categories."""
    rows = db.session.execute(
        db.select(Figure.part, Figure.visitors).where(
            Figure.hall_id == hall_id, Figure.facet == categories.CATEGORY, Figure.span == "month"
        )
    )
    return {int(part): visitors for part, visitors in rows if visitors}


def recounted(hall_id: int) -> list[object]:
    read_snapshot()
    return list(recount(hall_id))


@pytest.mark.either_database
@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(ACTS, max_size=12))
def test_whatever_happens_families_add_up_and_the_recount_agrees(
    app: Flask, clock: time_machine.Traveller, acts: list[tuple[str, int, int, dict[int, int] | None]]
) -> None:
    clock.move_to(NOW)
    counter = make_counter()
    define(counter.hall.id)
    done: list[tuple[str, Counter[int]]] = []
    for act, which, people, given_numbers in acts:
        if act == "next_day":
            clock.shift(timedelta(hours=7))
        elif act == "take_back" and done:
            take_back(counter, done.pop(which % len(done))[0])
        elif act in ("admit", "walk_in"):
            _admit(counter, act, people, given_numbers, done)
    expected = sum((one for _event, one in done), Counter())
    assert figures(counter.hall.id) == {number: people for number, people in expected.items() if people}
    assert recounted(counter.hall.id) == []
    report = get_report(counter.hall, NOVEMBER)
    for table in tables.in_section(report, "own"):
        if table.adds_up:
            assert sum(row.visitors for row in table.rows) == report.totals.visitors
        assert all(0 <= row.visitors <= report.totals.visitors for row in table.rows)


def _admit(
    counter: SimpleNamespace,
    act: str,
    people: int,
    numbers: dict[int, int] | None,
    done: list[tuple[str, Counter[int]]],
) -> None:
    given_numbers, counts, event_id = numbers or {}, {"440000": people}, str(uuid4())
    ages = [given_numbers[one] for one in (MINORS, OLDER) if one in given_numbers]
    roles = [given_numbers[one] for one in (MEMBERS, STAFF) if one in given_numbers]
    fits = sum(ages) <= people and max(roles, default=0) <= people

    def act_once(**sure: int) -> None:
        if act == "admit":
            extra = {"role": Role.MANAGER, "reason": "改期", "categories": given_numbers, "counts": counts}
            admit(counter, event_id=event_id, **extra, **sure)
        else:
            admit_walk_in(counter, counts, event_id=event_id, categories=given_numbers, **sure)

    try:
        _sure(act_once)
    except errors.WrongCategories:
        assert not fits
        return
    assert fits
    known = Counter({number: n for number, n in given_numbers.items() if n})
    known += Counter({AGES: people if ages else 0, ROLES: people if roles else 0})
    done.append((event_id, known))


def _sure(act: Callable[..., None], **sure: int) -> None:
    """Do an act, and say yes to whatever the desk asks about its number of people."""
    try:
        act(**sure)
    except errors.Question as question:
        _sure(act, **question.confirm)


def test_numbers_of_the_booking_hold_when_all_come_at_once_and_only_then(counter: SimpleNamespace) -> None:
    define(counter.hall.id)
    with transaction():
        booking = db.session.get_one(Booking, counter.booking.id)
        booking.categories = {AGES: 40, MINORS: 20, ROLES: 40}
    first = admit(counter)  # a scan alone
    assert figures(counter.hall.id) == {AGES: 40, MINORS: 20, ROLES: 40}
    take_back(counter, first.event_id)
    assert figures(counter.hall.id) == {}
    admit(counter, counts={"440000": 33})  # who of them stayed away is not known
    assert figures(counter.hall.id) == {}
    admit(counter, counts={"440000": 5}, categories={MINORS: 4, OLDER: 1})
    assert figures(counter.hall.id) == {AGES: 5, MINORS: 4, OLDER: 1}
    with pytest.raises(errors.WrongCategories):
        admit(counter, counts={"430000": 2}, categories={MINORS: 2, OLDER: 1})
    assert recounted(counter.hall.id) == []


def _hide(hall_id: int, *numbers: int) -> None:
    with transaction():
        for number in numbers:
            db.session.get_one(Category, (hall_id, number)).hidden = True


def _book_categories(counter: SimpleNamespace) -> None:
    with transaction():
        row = db.session.get_one(Booking, counter.booking.id)
        row.categories = {AGES: 40, MINORS: 5, OLDER: 3, ROLES: 40, MEMBERS: 30, STAFF: 20}


@pytest.mark.parametrize("from_the_card", [False, True])
def test_a_category_switched_off_keeps_the_people_of_bookings_that_have_it(
    counter: SimpleNamespace, *, from_the_card: bool
) -> None:
    """The card asks for minors only: the older people of the booking are not among the others for that."""
    define(counter.hall.id)
    _book_categories(counter)
    _hide(counter.hall.id, OLDER, ROLES)
    admit(counter, categories={MINORS: 6} if from_the_card else None)
    minors = 6 if from_the_card else 5
    assert figures(counter.hall.id) == {AGES: 40, MINORS: minors, OLDER: 3, ROLES: 40, MEMBERS: 30, STAFF: 20}


@pytest.mark.parametrize(
    ("given", "ages"),
    [
        ({}, {}),  # emptied on the card: nobody knows the ages
        ({MINORS: 39}, {AGES: 40, MINORS: 39}),  # no room for the older ones
    ],
)
def test_numbers_from_the_card_win_over_a_category_switched_off(
    counter: SimpleNamespace, given: dict[int, int], ages: dict[int, int]
) -> None:
    define(counter.hall.id)
    _book_categories(counter)
    _hide(counter.hall.id, OLDER, ROLES)
    admit(counter, categories=given)
    assert figures(counter.hall.id) == {**ages, ROLES: 40, MEMBERS: 30, STAFF: 20}


def test_report_shows_what_is_known_and_what_is_not_and_new_names_move_no_figure(counter: SimpleNamespace) -> None:
    before = filing.write(compute(counter.hall, NOVEMBER))
    define(counter.hall.id)
    admit(counter, counts={"440000": 33}, categories={MINORS: 20})
    admit_walk_in(counter, {"110000": 7})
    report = get_report(counter.hall, NOVEMBER)
    ages, roles = tables.in_section(report, "own")[-2:]
    shown = [(row.code, row.visitors, row.groups) for row in ages.rows]
    assert shown == [("1.2", 20, 1), ("1.3", 0, 0), ("1.rest", 13, None), ("1.unknown", 7, None)]
    assert [(row.code, row.visitors) for row in roles.rows] == [("4.5", 0), ("4.6", 0), ("4.unknown", 40)]
    written = filing.write(compute(counter.hall, NOVEMBER))
    assert "categories" not in before  # what is filed for a hall without categories stays as it was
    assert filing.read(written).facets == report.facets
    with transaction():
        save_family(
            SaveFamily(
                hall_id=counter.hall.id,
                number=AGES,
                names=named("年龄段", "Age"),
                rest={},
                adds_up=True,
                required=False,
                hidden=True,
                categories=(CategoryInput(number=OLDER, names=named("老年人", "Older people")),),
            )
        )
    family = list_families(counter.hall.id)[0]
    assert (family.asked, {one.number: one.hidden for one in family.categories}) == ((), {MINORS: True, OLDER: False})
    age = tables.in_section(get_report(counter.hall, NOVEMBER), "own")[-2]
    assert sorted(row.visitors for row in age.rows) == [0, 7, 13, 20]
    assert recounted(counter.hall.id) == []


@pytest.mark.either_database
def test_recount_finds_and_mends_a_lost_figure_of_a_category(counter: SimpleNamespace) -> None:
    define(counter.hall.id)
    admit(counter, counts={"440000": 33}, categories={MINORS: 20})
    right = figures(counter.hall.id)
    with transaction():
        db.session.execute(delete(Figure).where(Figure.facet == categories.CATEGORY))
    assert {one.part for one in recount(counter.hall.id)} == {str(AGES), str(MINORS)}
    with transaction():
        recount(counter.hall.id, repair=True)
    assert figures(counter.hall.id) == right


@pytest.mark.either_database
def test_parts_of_a_large_group_count_as_one_in_each_category(counter: SimpleNamespace) -> None:
    define(counter.hall.id)
    with transaction():
        first = db.session.get_one(Booking, counter.booking.id)
        first.party = 7
        second = factories.booking(slot=first.slot, origins={"440000": 30}, party=7)
    admit(counter, counts={"440000": 20}, categories={MINORS: 5})
    undone = admit(counter, code=second.reference, counts={"440000": 30}, categories={MINORS: 7, OLDER: 2})
    take_back(counter, undone.event_id)
    admit(counter, code=second.reference, counts={"440000": 30}, categories={MINORS: 8, OLDER: 0})
    report = get_report(counter.hall, NOVEMBER)
    ages = tables.in_section(report, "own")[-2]
    assert [(row.visitors, row.groups) for row in ages.rows] == [(13, 1), (0, 0), (37, None), (0, None)]
    assert recounted(counter.hall.id) == []


@pytest.mark.either_database
def test_every_number_of_a_category_leads_to_the_entries_behind_it(counter: SimpleNamespace) -> None:
    define(counter.hall.id)
    first = admit_walk_in(counter, {"440000": 20, "110000": 13}, categories={MINORS: 20, MEMBERS: 5})
    admit_walk_in(counter, {"440000": 7}, categories={OLDER: 7})
    report = get_report(counter.hall, NOVEMBER)
    linked = [row for table in tables.in_section(report, "own") for row in table.rows if row.link and "." in row.code]
    assert {row.code: row.visitors for row in linked} == {"1.2": 20, "1.3": 7, "4.5": 5, "4.6": 0}
    for row in linked:
        wanted = filters.read(NOVEMBER, row.link or {}, counter.hall.id)
        rows = ledger_rows.list_page(counter.hall.id, wanted, close=None).rows
        total = sums.of(counter.hall, wanted)
        assert (total.visitors, total.agrees, total.rows) == (row.visitors, True, len(rows))
        assert sum(one.visitors for one in rows) == row.visitors
    take_back(counter, first.event_id)
    total = sums.of(counter.hall, filters.read(NOVEMBER, {"category": "1.2"}, counter.hall.id))
    assert (total.visitors, total.agrees, total.rows) == (0, True, 2)
    for args in ({"category": "1.2", "division": "440000"}, {"category": "1.rest"}, {"category": "9"}):
        with pytest.raises(FigureUnknown):
            filters.read(NOVEMBER, args, counter.hall.id)


@pytest.mark.either_database
def test_filed_names_have_every_language_of_the_hall_and_older_files_stay_equal(counter: SimpleNamespace) -> None:
    german = Name.of("1.2", Texts({"de": "Minderjährige", "en": "Minors", "zh": "未成年人"}))
    assert [german.name(code) for code in ("de", "zh_Hant", "fr")] == ["Minderjährige", "未成年人", "Minors"]
    define(counter.hall.id)
    admit(counter, counts={"440000": 33}, categories={MINORS: 20})
    before = filing.write(compute(counter.hall, NOVEMBER))
    assert "others" not in str(before)
    with transaction():
        minors = db.session.get_one(Category, (counter.hall.id, MINORS))
        minors.name = minors.name.updated({"de": "Minderjährige"})
    after = filing.write(compute(counter.hall, NOVEMBER))
    named_so = next(row["category"] for row in after["categories"] if row["visitors"] == 20)
    assert named_so["others"] == {"de": "Minderjährige"}
    assert filing.write(filing.read(after)) == after and filing.write(filing.read(before)) == before


@pytest.mark.either_database
@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("counted", [False, True])
def test_a_family_whose_people_overlap_cannot_begin_to_add_up(
    counter: SimpleNamespace, *, counted: bool, overlap: bool
) -> None:
    families = define(counter.hall.id).families
    numbers = {ROLES: 20, MEMBERS: 15, STAFF: 6 if overlap else 5}
    if counted:
        admit_walk_in(counter, counts={"440000": 20}, categories={MEMBERS: 15, STAFF: numbers[STAFF]})
    else:
        with transaction():
            factories.booking(slot=factories.slot(programme=counter.programme), visitors=20, categories=numbers)
    roles = families[1]
    command = SaveFamily(
        hall_id=counter.hall.id,
        number=ROLES,
        names=roles.names,
        rest=named("其他", "Others"),
        adds_up=True,
        required=False,
        categories=tuple(CategoryInput(number=one.number, names=one.names) for one in roles.categories),
    )
    if overlap:
        with pytest.raises(CategoriesOverlap), transaction():
            save_family(command)
        db.session.rollback()
    else:
        with transaction():
            save_family(command)
    assert list_families(counter.hall.id)[1].adds_up is not overlap
