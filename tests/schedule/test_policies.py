"""A hall's policy, its programmes and its logo: bad combinations are refused with a reason, changes leave a trail."""

import io
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy.exc import NoResultFound

from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule import capacity, checks, errors, queries, service
from hallapp.schedule.models import DayRule, Hall, Logo, Mode, Programme
from hallapp.schedule.no_show_errors import NoShowPeriodTooLong
from hallapp.schedule.no_shows import NoShowScope
from hallapp.schedule.policies import (
    AddProgramme,
    SavePolicy,
    SaveProgramme,
    add_programme,
    delete_logo,
    save_logo,
    save_policy,
    save_programme,
)
from hallapp.schedule.policy import AccessNeed, Confirmation, DoorRule, NameList, ProofOfWork
from tests import factories
from tests.no_shows import pause_after
from tests.schedule.helpers import do, every_day, extend, hits_of, open_days, slots, template, trail
from tests.texts import changed, fold

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00
#: The class is not exactly the field's of another reason, so each row says both.
REFUSED = [
    ({"group_min": 51}, errors.GroupSizeCrossed, "group_min"),
    ({"group_min": 0}, errors.NumberOutOfRange, "group_min"),
    ({"group_max": 2**31}, errors.NumberOutOfRange, "group_max"),
    ({"notice_hours": -1}, errors.NumberOutOfRange, "notice_hours"),
    ({"days_ahead": -1}, errors.NumberOutOfRange, "days_ahead"),
    ({"days_ahead": 366}, errors.NumberOutOfRange, "days_ahead"),
    ({"days_ahead": 2, "notice_hours": 49}, errors.NoticeBeyondWindow, "notice_hours"),
    ({"days_ahead": 0, "notice_hours": 24}, errors.NoticeBeyondWindow, "notice_hours"),
    ({"days_ahead": 2, "change_hours": 49}, errors.ChangeBeyondWindow, "change_hours"),
    ({"offer_hours": 0}, errors.NumberOutOfRange, "offer_hours"),
    ({"offer_hours": 721}, errors.NumberOutOfRange, "offer_hours"),
]
REFUSED_OF_A_HALL = [
    *REFUSED,
    ({"closed_weekdays": frozenset(range(7))}, errors.NeverOpen, "closed_weekdays"),
    ({"closed_weekdays": frozenset({7})}, errors.NumberOutOfRange, "closed_weekdays"),
    (
        {"no_show_tiers": pause_after(3, months=7), "retention_months": 6},
        NoShowPeriodTooLong,
        "no_show_tiers-0-within",
    ),
    ({"retention_months": 0}, errors.NumberOutOfRange, "retention_months"),
    ({"languages": ()}, errors.LanguagesMissing, "languages"),
    ({"languages": ("zh", "fr")}, errors.LanguagesMissing, "languages"),
    ({"languages": ("",)}, errors.LanguagesMissing, "languages"),
    ({"name_en": " "}, errors.LanguageWithoutName, "name_en"),
    ({"name_zh": "", "languages": ("zh",)}, errors.LanguageWithoutName, "name_zh"),
    ({"accent": "red"}, errors.AccentInvalid, "accent"),
    ({"accent": "#fff"}, errors.AccentInvalid, "accent"),
    ({"accent": "#777777"}, errors.AccentTooPale, "accent"),
    ({"guides_on_duty": 0}, errors.GuidesTooFew, "guides_on_duty"),
    ({"guides_on_duty": -1}, errors.NumberOutOfRange, "guides_on_duty"),
    ({"inside_capacity": 7}, errors.InsideTooSmall, "inside_capacity"),
    ({"inside_capacity": 0}, errors.NumberOutOfRange, "inside_capacity"),
    ({"inside_capacity": 2**31}, errors.NumberOutOfRange, "inside_capacity"),
    ({"name_zh": "馆" * 121}, errors.TextTooLong, "name_zh"),
    ({"notice_en": "x" * 2001}, errors.TextTooLong, "notice_en"),
    ({"phone": "1" * 33}, errors.TextTooLong, "phone"),
    ({"bring_zh": "a\0b"}, errors.TextUnreadable, "bring_zh"),
    ({"late_en": "\ud83d"}, errors.TextUnreadable, "late_en"),
]
REFUSED_OF_A_PROGRAMME = [
    *REFUSED,
    ({"group_max": 7}, errors.GroupSizeCrossed, "group_min"),  # against the hall's smallest group of 8
    ({"minutes": 0}, errors.NumberOutOfRange, "minutes"),
    ({"minutes": 1441}, errors.NumberOutOfRange, "minutes"),
    ({"guides": -1}, errors.NumberOutOfRange, "guides"),
    ({"guides": 4}, errors.GuidesTooFew, "guides"),
    ({"group_min": 41}, errors.InsideTooSmall, "group_min"),
    ({"position": 2**31}, errors.NumberOutOfRange, "position"),
    ({"name_zh": ""}, errors.NameMissing, "name_zh"),
    ({"name_en": " "}, errors.NameMissing, "name_en"),
    ({"name_en": "x" * 61}, errors.TextTooLong, "name_en"),
    ({"about_zh": "\0"}, errors.TextUnreadable, "about_zh"),
]


@pytest.fixture
def hall(app: Flask) -> Hall:
    with time_machine.travel(NOW, tick=False), transaction():
        return factories.hall(days_ahead=14)


@pytest.fixture
def tour(hall: Hall) -> Programme:
    return factories.make(factories.programme, hall=hall, slug="tour", minutes=60, group_min=None, group_max=None)


def policy(hall: Hall, **values: Any) -> SavePolicy:
    return SavePolicy.of(hall, by=None, **changed(hall, values))


@time_machine.travel(NOW, tick=False)
def test_all_values_of_a_policy_are_stored(hall: Hall, tour: Programme) -> None:
    texts = {
        name: {language: f"{name} {language}" for language in ("zh", "en")}
        for name in (
            "name",
            "address",
            "directions",
            "bring",
            "late",
            "notice",
            "pass_note",
            "appeal",
            "intro",
            "coach",
            "access",
        )
        for language in ("zh", "en")
    }
    values = texts | {
        "languages": ("en", "zh"),
        "phone": "020 1",
        "accent": "#0B5394",
        "group_min": 5,
        "group_max": 40,
        "large_group_max": 160,
        "notice_hours": 24,
        "days_ahead": 30,
        "release_time": time(8, 30),
        "change_hours": 12,
        "offer_hours": 6,
        "confirmation": Confirmation.REVIEW,
        "name_list": NameList.OPTIONAL,
        "retention_months": 12,
        "no_show_tiers": pause_after(3, months=12, days=30),
        "no_show_scope": NoShowScope.EITHER,
        "inside_capacity": 300,
        "guides_on_duty": 4,
        "early_minutes": 45,
        "late_minutes": 0,
        "door_rule": DoorRule.MANAGER,
        "ask_over_percent": 10,
        "ask_over_people": 0,
        "ask_walk_in": 80,
        "open_per_phone": 4,
        "open_per_organisation": 0,
        "brake_per_hour": 100,
        "brake_hold_hours": 24,
        "network_places": 500,
        "proof_of_work": ProofOfWork.ALWAYS,
        "confirm_by_code": True,
        "access_needs": (AccessNeed.WHEELCHAIRS, AccessNeed.HEARING_LOOP),
        "line_on": True,
        "line_opens": time(7, 30),
        "line_per_minute": 45,
        "closed_weekdays": frozenset({0, 6}),
        "holidays": DayRule.OPEN,
        "makeup_days": DayRule.CLOSED,
    }
    do(save_policy, SavePolicy(hall_id=hall.id, by=None, **values))
    db.session.expire_all()
    stored = {name: getattr(hall, name) for name in values}
    assert stored == values | {
        "languages": "en,zh",
        "accent": "#0b5394",
        "closed_weekdays": "06",
        "access_needs": "wheelchairs,hearing_loop",
    }
    assert SavePolicy.of(hall, by=None) == SavePolicy(hall_id=hall.id, by=None, **values | {"accent": "#0b5394"})


@time_machine.travel(NOW, tick=False)
def test_the_trail_has_before_and_after_of_what_changed_only(hall: Hall, tour: Programme) -> None:
    staff = factories.make(factories.staff, hall=hall)
    for _ in range(2):  # the second time nothing changes
        do(
            save_policy,
            SavePolicy.of(hall, by=staff.id, days_ahead=20, release_time=time(8), confirmation=Confirmation.REVIEW),
        )
    for _ in range(2):
        do(save_programme, SaveProgramme.of(tour, by=staff.id, group_max=30, mode=Mode.ONLINE))
    assert trail() == [
        (
            "policy_saved",
            f"hall {hall.slug}",
            {
                "before": {"days_ahead": 14, "release_time": "00:00", "confirmation": "at_once"},
                "after": {"days_ahead": 20, "release_time": "08:00", "confirmation": "review"},
            },
        ),
        (
            "programme_saved",
            "programme tour",
            {"before": {"mode": "on_site", "group_max": None}, "after": {"mode": "online", "group_max": 30}},
        ),
    ]


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("values", "refusal", "field"), REFUSED_OF_A_HALL)
def test_a_bad_combination_of_a_hall_is_refused(
    hall: Hall, tour: Programme, values: dict, refusal: type[DomainError], field: str
) -> None:
    before = policy(hall)
    with pytest.raises(refusal) as refused, transaction():
        save_policy(policy(hall, **values))
    assert refused.value.field == field
    db.session.expire_all()
    assert (policy(hall), trail()) == (before, [])


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    "values",
    [
        {"closed_weekdays": frozenset(range(7)), "holidays": DayRule.OPEN},
        {"days_ahead": 0, "notice_hours": 23, "change_hours": 23},
        {"days_ahead": 365, "notice_hours": 8760, "change_hours": 8760},
        {"days_ahead": 2, "notice_hours": 48, "change_hours": 48},
        {"no_show_tiers": pause_after(3), "retention_months": 6},
        {"languages": ("en",)},
        {"accent": "#767676"},  # 4.54 to 1
        {"group_min": 50, "group_max": 50},
        {"inside_capacity": 8, "guides_on_duty": 1},
        {"offer_hours": 720},
    ],
)
def test_a_combination_at_its_limit_is_accepted(hall: Hall, tour: Programme, values: dict) -> None:
    do(save_policy, policy(hall, **values))
    assert policy(hall, **values) == policy(hall)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("own", "values", "refusal"),
    [
        ({"group_min": 30}, {"group_max": 29}, errors.GroupSizeCrossed),
        ({"group_max": 20}, {"group_min": 21}, errors.GroupSizeCrossed),
        ({"notice_hours": 49}, {"days_ahead": 2}, errors.NoticeBeyondWindow),
        ({"days_ahead": 1}, {"notice_hours": 25}, errors.NoticeBeyondWindow),
        ({"change_hours": 49}, {"days_ahead": 2}, errors.ChangeBeyondWindow),
        ({"guides": 3}, {"guides_on_duty": 2}, errors.GuidesTooFew),
        ({"group_min": 30}, {"inside_capacity": 29}, errors.InsideTooSmall),
    ],
)
def test_a_hall_is_held_against_each_programme_that_is_offered(
    hall: Hall, own: dict, values: dict, refusal: type[DomainError]
) -> None:
    tour = factories.make(factories.programme, hall=hall, **{"group_min": None, "group_max": None} | own)
    with pytest.raises(refusal) as refused, transaction():
        save_policy(policy(hall, **values))
    assert refused.value.params.get("programme") in (None, "", "讲解参观 / Guided tour")
    with transaction():
        tour.active = False
    do(save_policy, policy(hall, **values))


def test_people_of_online_programmes_do_not_count_as_inside(hall: Hall) -> None:
    factories.make(factories.programme, hall=hall, group_min=30, mode=Mode.ONLINE)
    with time_machine.travel(NOW, tick=False):
        do(save_policy, policy(hall, inside_capacity=29))


@pytest.mark.parametrize(
    ("colour", "contrast"),
    [("#ffffff", 1.0), ("#000000", 21.0), ("#767676", 4.54), ("#b3261e", 6.54), ("#ff0000", 4.0)],
)
def test_contrast_with_white_is_that_of_wcag(colour: str, contrast: float) -> None:
    assert checks.contrast_with_white(colour) == pytest.approx(contrast, abs=0.005)


@time_machine.travel(NOW, tick=False)
def test_other_closing_days_and_limits_reach_the_slots(hall: Hall, tour: Programme) -> None:
    with transaction():
        template(tour, *every_day(time(10)))
    extend(hall)
    do(save_policy, policy(hall, closed_weekdays=frozenset({0, 1, 2, 3, 4, 5}), inside_capacity=50, guides_on_duty=2))
    assert open_days() == [date(2026, 11, 29), date(2026, 12, 6)]
    assert {(slot.inside_capacity, slot.guides_on_duty) for slot in slots()} == {(50, 2)}
    held = next(slot for slot in slots() if slot.open)
    with transaction():
        capacity.claim(held, visitors=40, guides=2)
    for values in ({"closed_weekdays": frozenset({6})}, {"inside_capacity": 39}, {"guides_on_duty": 1}):
        assert hits_of(save_policy, policy(hall, **values)) == [held.id]
    do(save_policy, policy(hall, inside_capacity=None, guides_on_duty=None))
    assert {(slot.inside_capacity, slot.guides_on_duty) for slot in slots()} == {(None, None)}


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(("values", "refusal", "field"), REFUSED_OF_A_PROGRAMME)
def test_a_bad_combination_of_a_programme_is_refused(
    hall: Hall, tour: Programme, values: dict, refusal: type[DomainError], field: str
) -> None:
    with transaction():
        hall.inside_capacity, hall.guides_on_duty = 40, 3
    before = SaveProgramme.of(tour, by=None)
    with pytest.raises(refusal) as refused, transaction():
        save_programme(SaveProgramme.of(tour, by=None, **changed(tour, values)))
    assert refused.value.field == field
    with pytest.raises(refusal) as refused, transaction():
        usual = {"slug": "new", "name_zh": "新", "name_en": "New", "minutes": 60, "guides": 1}
        add_programme(AddProgramme(**{"hall_id": hall.id, "by": None, **fold({**usual, **values})}))
    assert refused.value.field == field
    db.session.expire_all()
    assert (SaveProgramme.of(tour, by=None), trail()) == (before, [])
    assert queries.find_programme(hall.id, "new") is None


@time_machine.travel(NOW, tick=False)
def test_a_programme_sets_rules_aside_and_gives_them_back(hall: Hall, tour: Programme) -> None:
    own = {
        "group_min": 1,
        "group_max": 9,
        "notice_hours": 5,
        "days_ahead": 7,
        "release_time": time(9),
        "change_hours": 3,
        "offer_hours": 2,
        "confirmation": Confirmation.REVIEW,
        "name_list": NameList.OPTIONAL,
    }
    do(save_programme, SaveProgramme.of(tour, by=None, **own))
    assert {name: getattr(tour.policy, name) for name in own} == own
    do(save_programme, SaveProgramme.of(tour, by=None, **dict.fromkeys(own)))
    assert {name: getattr(tour.policy, name) for name in own} == {name: getattr(hall, name) for name in own}


@time_machine.travel(NOW, tick=False)
def test_a_new_programme_follows_the_halls_template_and_comes_last(hall: Hall, tour: Programme) -> None:
    with transaction():
        template(hall, (1, time(10)))
    extend(hall)
    new = {"slug": "talk-2", "name": {"zh": " 讲座 ", "en": "Talk"}, "minutes": 45}
    do(add_programme, AddProgramme(hall_id=hall.id, by=None, **new))
    talk = queries.get_programme(hall.id, "talk-2")
    assert (talk.name.get("zh", ""), talk.position, talk.active, talk.mode) == ("讲座", 1, True, Mode.ON_SITE)
    assert [slot.day for slot in slots(programme=talk)] == [date(2026, 11, 24), date(2026, 12, 1)]
    action, subject, detail = trail()[-1]
    assert (action, subject, detail["before"]) == ("programme_added", "programme talk-2", {})
    assert detail["after"]["minutes"] == 45


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("slug", "refusal"),
    [
        ("tour", errors.ProgrammeExists),
        ("", errors.SlugInvalid),
        ("Tour", errors.SlugInvalid),
        ("a--b", errors.SlugInvalid),
        ("讲座", errors.SlugInvalid),
        ("²", errors.SlugInvalid),
        ("a\0", errors.SlugInvalid),
        ("a" * 41, errors.SlugInvalid),
    ],
)
def test_an_invalid_short_name_is_refused(hall: Hall, tour: Programme, slug: str, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal) as refused, transaction():
        add_programme(AddProgramme(hall_id=hall.id, by=None, slug=slug, name={"zh": "新", "en": "New"}, minutes=60))
    assert refused.value.field == "slug"


@time_machine.travel(NOW, tick=False)
def test_another_halls_programme_is_unknown_here_and_its_short_name_free(hall: Hall, tour: Programme) -> None:
    other = factories.make(factories.hall)
    with pytest.raises(NoResultFound), transaction():
        save_programme(SaveProgramme.of(tour, by=None, hall_id=other.id))
    do(add_programme, AddProgramme(hall_id=other.id, by=None, slug="tour", name={"zh": "新", "en": "New"}, minutes=60))
    assert [each.slug for each in queries.list_all_programmes(other.id)] == ["tour"]


@time_machine.travel(NOW, tick=False)
def test_a_programme_that_was_booked_keeps_its_mode(hall: Hall, tour: Programme) -> None:
    slot = factories.make(factories.slot, programme=tour, open_by_hand=True)
    with transaction():
        capacity.claim(slot, visitors=10, guides=1)
    with pytest.raises(errors.ModeFixed) as refused, transaction():
        save_programme(SaveProgramme.of(tour, by=None, mode=Mode.ONLINE))
    assert refused.value.field == "mode"
    with transaction():
        capacity.release(slot, visitors=10, guides=1)
    do(save_programme, SaveProgramme.of(tour, by=None, mode=Mode.ONLINE))


def picture(form: str, size: tuple[int, int] = (12, 8)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, "red").save(content, form)
    return content.getvalue()


def test_a_logo_is_kept_replaced_and_taken_away(hall: Hall) -> None:
    for form, content_type in (("PNG", "image/png"), ("JPEG", "image/jpeg"), ("JPEG", "image/jpeg")):
        with transaction():
            save_logo(hall.id, picture(form), by=None)
        logo = queries.find_logo(hall.id)
        assert logo is not None
        assert (logo.content_type, logo.content) == (content_type, picture(form))
    with transaction():
        delete_logo(hall.id, by=None)
        delete_logo(hall.id, by=None)
    assert queries.find_logo(hall.id) is None
    assert [action for action, _, _ in trail()] == ["logo_saved", "logo_saved", "logo_deleted"]
    first, second, gone = (detail for _, _, detail in trail())
    assert (first["before"], first["after"]) == ({}, second["before"])
    assert (gone["before"], gone["after"]) == (second["after"], {})


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", errors.LogoEmpty),
        (b"x" * (200 * 1024 + 1), errors.LogoTooLarge),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', errors.LogoNotAnImage),
        (b"\x89PNG\r\n\x1a\n", errors.LogoNotAnImage),
        (b"\xff\xd8\xff\xe0nothing", errors.LogoNotAnImage),
        (picture("PNG")[:40], errors.LogoNotAnImage),
        (picture("GIF"), errors.LogoNotAnImage),
        (picture("PNG", (2500, 2500)), errors.LogoTooLarge),
    ],
)
def test_an_invalid_logo_is_refused(hall: Hall, content: bytes, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal) as refused, transaction():
        save_logo(hall.id, content, by=None)
    assert refused.value.field == "logo"
    assert db.session.query(Logo).count() == 0


def test_the_service_offers_all_verbs() -> None:
    assert {name for name in service.__all__ if not hasattr(service, name)} == set()
    assert (service.save_policy, service.save_logo) == (save_policy, save_logo)
