"""The page of the rule for no-shows: steps, refusals beside their fields, and the preview of a change."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from hallapp.admin.setup.no_show_preview import Effect, preview
from hallapp.booking import absence, retention
from hallapp.booking.lifecycle import SYSTEM
from hallapp.booking.models import BookingState, Pause
from hallapp.core.database import db, transaction
from hallapp.schedule.no_shows import Consequence, NoShowScope, Tier, Unit
from tests import factories
from tests.admin.setup.conftest import hall_of, last_entry, refused, save
from tests.booking.helpers import page
from tests.no_shows import pause_after

REMIND, REVIEW, PAUSE = Consequence
PHONE = "+8619900000300"


def step(number: int, count: str, within: str, unit: str, consequence: str, days: str = "") -> dict[str, str]:
    values = {"count": count, "within": within, "unit": unit, "consequence": consequence, "days": days}
    return {f"no_show_tiers-{number}-{name}": value for name, value in values.items()}


def test_steps_are_saved_and_a_blank_line_is_none(house: SimpleNamespace) -> None:
    lines = {
        **step(0, "１", "90", "days", "remind"),
        **step(2, "3", "6", "months", "pause", "60"),
        "no_show_scope": "either",
    }
    answer = save(house, "/admin/no-shows", **lines)
    assert (answer.status_code, answer.location) == (303, "/admin/no-shows?saved=1")
    hall = hall_of(house)
    assert hall.no_show_tiers == (Tier(1, 90, Unit.DAYS, REMIND), Tier(3, 6, Unit.MONTHS, PAUSE, 60))
    assert hall.no_show_scope is NoShowScope.EITHER
    assert last_entry("policy_saved").detail["after"]["no_show_tiers"] == (
        "1 / 90 days: remind; 3 / 6 months: pause 60 days"
    )
    former = db.session.execute(text("SELECT no_show_count, no_show_months, no_show_pause_days FROM hall"))
    assert former.all() == [(3, 6, 60)], "the version before works with the first pause"
    assert save(house, "/admin/no-shows").status_code == 303  # as the page shows it
    assert hall_of(house).no_show_tiers == hall.no_show_tiers
    told = page(house.client.get("/book?lang=en"))
    assert "3 missed visits within 6 months: online booking is paused for 60 days." in told


@pytest.mark.parametrize(
    ("lines", "field", "message"),
    [
        (
            {**step(0, "2", "90", "days", "remind"), **step(3, "2", "6", "months", "pause", "9")},
            "1-count",
            "needs more",
        ),
        (step(1, "2", "", "days", "remind"), "0-within", "Enter a whole number"),
        (step(0, "2", "7", "months", "pause", "9"), "0-within", "erased after 6 months"),
        (step(0, "2", "6", "months", "pause"), "0-days", "Enter for how many days"),
        (step(0, "2", "6", "years", "pause", "9"), "0-unit", "Not a valid choice"),
    ],
)
def test_a_contradiction_is_shown_beside_its_field_and_nothing_is_lost(
    house: SimpleNamespace, lines: dict[str, str], field: str, message: str
) -> None:
    house.client.get("/admin/no-shows?lang=en")
    for button in ({}, {"preview": "1"}):
        answer = save(house, "/admin/no-shows", **lines, **button)
        refused(answer, f"no_show_tiers-{field}", message)
        assert 'value="2"' in page(answer)
    assert hall_of(house).no_show_tiers == ()


@pytest.mark.either_database
def test_the_preview_counts_groups_by_their_next_no_show_and_saves_nothing(house: SimpleNamespace) -> None:
    with transaction():
        hall_of(house).no_show_tiers = pause_after(3)
        for number, group in enumerate(("01", "01", "02", "03", "03", "03")):
            booked = factories.booking(
                slot=factories.slot(programme=house.programme, day=house.hall.today() - timedelta(days=9 - number)),
                phone=f"+861990000{group}00",
            )
            booked.state = BookingState.CONFIRMED
            absence.mark_absent(booked, by=SYSTEM)
    rule = (Tier(2, 6, Unit.MONTHS, REVIEW, 30), Tier(4, 6, Unit.MONTHS, PAUSE, 90))
    db.session.expire_all()
    assert preview(hall_of(house), rule, NoShowScope.PHONE) == [
        Effect(consequence=REMIND, saved=2, proposed=0),  # the third group was paused: its no-shows are settled
        Effect(consequence=REVIEW, saved=0, proposed=2),
        Effect(consequence=PAUSE, saved=1, proposed=1),
    ]
    lines = {**step(0, "2", "6", "months", "review", "30"), **step(1, "4", "6", "months", "pause", "90")}
    house.client.get("/admin/no-shows?lang=en")
    shown = page(save(house, "/admin/no-shows", **lines, preview="1"))
    assert "What this change would do" in shown
    assert "2 missed visits within 6 months: for 30 days, the hall confirms each online booking itself." in shown
    assert hall_of(house).no_show_tiers == pause_after(3)


@pytest.mark.either_database
def test_a_pause_settles_the_rule_after_the_erasure_of_the_person(house: SimpleNamespace) -> None:
    """The pause then has a digest in place of the phone."""

    def miss(days_ago: int) -> Pause | None:
        day = house.hall.today() - timedelta(days=days_ago)
        slot = factories.slot(programme=house.programme, day=day)
        return absence.mark_absent(factories.booking(slot=slot, phone=PHONE), by=SYSTEM)

    with transaction():
        hall_of(house).no_show_tiers = pause_after(3)
        assert [miss(9), miss(8)] == [None, None]
        pause = miss(7)
    assert pause and pause.phone == PHONE
    with transaction():
        retention.erase_bookings(hall_of(house), [pause.booking])
    db.session.expire_all()
    assert pause.phone != PHONE
    effects = preview(hall_of(house), pause_after(3), NoShowScope.PHONE)
    assert [(each.saved, each.proposed) for each in effects] == [(1, 1), (0, 0), (0, 0)]
    with transaction():
        assert miss(6) is None
