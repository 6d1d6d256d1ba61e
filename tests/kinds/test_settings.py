"""A hall's kinds of organisation: what a new hall gets, how a manager changes them, and what is refused."""

import re
from collections.abc import Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import force_locale
from hallapp.core.texts import Texts
from hallapp.history.naming import find_kind
from hallapp.kinds import errors, service, standard
from hallapp.kinds.models import OrganisationKind
from hallapp.kinds.queries import list_kinds
from hallapp.kinds.service import SaveKind
from hallapp.kinds.values import Kinds, individual_in_sql, is_individual
from hallapp.schedule import starter
from hallapp.schedule.models import Hall
from tests import factories
from tests.client import CheckingClient

BOTH = ("zh", "en")
SEED = ("party", "union", "youth", "women", "united-front", "armed-forces", "reserve", "discipline")


@pytest.fixture
def hall(app: Flask) -> Hall:
    """A hall that the version before made."""
    return factories.make(factories.hall)


def save(hall: Hall, *, code: str | None = None, of_individuals: bool = False, **names: str) -> str:
    with transaction():
        command = SaveKind(
            hall=db.session.get_one(Hall, hall.id),
            by=None,
            code=code,
            names=Texts(names),
            languages=BOTH,
            of_individuals=of_individuals,
        )
        return service.save(command)


def names_of(kinds: Kinds, reader: str = "en") -> list[str]:
    with force_locale(reader):
        return [kinds.name(code) for code in kinds]


@pytest.mark.parametrize(
    ("country", "has", "lacks"),
    [
        ("CN", SEED, ("university", "tourism")),
        ("DE", ("university", "tourism"), SEED[:1] + SEED[2:]),
        ("US", (), SEED[4:]),
    ],
)
def test_new_hall_gets_the_kinds_of_its_country(
    app: Flask, country: str, has: Sequence[str], lacks: Sequence[str]
) -> None:
    with transaction():
        made = starter.create_hall(
            starter.CreateHall(
                slug="new", name={"en": "New Hall"}, country=country, time_zone="UTC", opened_on=date(2026, 1, 1)
            )
        )
    codes = list(list_kinds(made.id))
    assert db.session.scalar(select(func.count()).select_from(OrganisationKind)) == len(codes)
    assert set(has) <= set(codes)
    assert not set(lacks) & set(codes)
    assert {standard.INDIVIDUAL, standard.OTHER, "company", "school"} <= set(codes)
    assert country != "CN" or codes[:8] == list(SEED)


def test_hall_of_the_version_before_has_what_it_had(hall: Hall) -> None:
    kinds = list_kinds(hall.id)
    assert tuple(kinds) == standard.FIRST
    assert names_of(kinds)[:2] == ["Party organisation", "Trade union"]
    assert names_of(kinds, "zh")[:2] == ["党组织", "工会"]


def test_kinds_are_added_renamed_ordered_retired_and_offered_again(hall: Hall) -> None:
    assert save(hall, zh="志愿者团队", en="Volunteer teams") == "volunteer-teams"
    assert save(hall, zh="合唱团") == "kind-2"
    assert save(hall, zh="家庭", en="Families", of_individuals=True) == "individual-families"
    assert save(hall, en="Individual learners") == "kind-individual-lear"  # no kind of individuals by its name alone
    save(hall, code="party", zh="党群组织", en="Party and mass organisations")
    with transaction():
        service.offer(hall, "discipline", by=None)
        service.retire(hall, "women", by=None)
        service.move(hall, "union", up=True, by=None)
        service.move(hall, "union", up=True, by=None)  # it is the first already
    kinds = list_kinds(hall.id)
    assert list(kinds)[:3] == ["union", "party", "youth"]
    assert list(kinds)[-5:] == [
        "volunteer-teams",
        "kind-2",
        "individual-families",
        "kind-individual-lear",
        "discipline",
    ]
    assert names_of(kinds)[1] == "Party and mass organisations"
    assert kinds["kind-2"].name("en") == "合唱团"  # the nearest text that there is
    assert not kinds.is_offered("women")
    with transaction():
        service.offer(hall, "women", by=None)
    assert list_kinds(hall.id).is_offered("women")
    save(hall, code="party", zh="党组织", en="Party organisation")
    assert list_kinds(hall.id)["party"].names == {}  # a standard name again, in every language


@pytest.mark.parametrize(
    ("code", "names", "refusal"),
    [
        (None, {}, errors.KindNameMissing),
        (None, {"zh": "学校"}, errors.KindNameTaken),
        (None, {"zh": "院校", "en": " ｓｃｈｏｏｌ "}, errors.KindNameTaken),
        ("party", {"zh": "党组织", "en": "Trade Union"}, errors.KindNameTaken),
        ("unknown", {"zh": "新"}, errors.KindMissing),
    ],
)
def test_names_that_cannot_be(hall: Hall, code: str | None, names: dict[str, str], refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        save(hall, code=code, **names)
    assert tuple(list_kinds(hall.id)) == standard.FIRST


def test_kind_of_walk_ins_stays(hall: Hall) -> None:
    with pytest.raises(errors.KindNeeded), transaction():
        service.retire(hall, standard.INDIVIDUAL, by=None)


@pytest.mark.both_databases
def test_codes_tell_individuals_the_same_in_sql(app: Flask) -> None:
    codes = (*standard.NAMES, "individual-families", "kind-individual-lear", "individuals", "Individual-x", "kind-2")
    for code in codes:
        assert db.session.scalar(select(individual_in_sql(db.literal(code)))) == is_individual(code), code


def test_file_names_kinds_as_the_hall_does(hall: Hall) -> None:
    kinds = list_kinds(hall.id)
    assert find_kind("部队", kinds) == "government"  # as long as the hall has no kind of its own for them
    assert [find_kind(text, kinds) for text in ("党支部", "Trade Union", "高校", "nothing")] == [
        *("party", "union", "school", None),
    ]
    with transaction():
        service.offer(hall, "armed-forces", by=None)
    save(hall, code="party", zh="志愿者", en="Volunteers")
    save(hall, zh="媒体", en="Media")
    kinds = list_kinds(hall.id)
    found = [find_kind(text, kinds) for text in ("部队", "党支部", "志愿者", "媒体", "media", "博物馆")]
    assert found == ["armed-forces", None, "party", "media", "media", "culture"]


def test_manager_changes_the_kinds_on_the_page(hall: Hall, client: CheckingClient) -> None:
    client.sign_in(factories.make(factories.staff, hall=hall, role=Role.MANAGER))
    assert "More standard kinds" in client.get("/admin/kinds?lang=en").get_data(as_text=True)
    taken = client.submit("/admin/kinds", {"name_zh": "新", "name_en": "Company"})
    shown = taken.get_data(as_text=True)
    assert (taken.status_code, "already called “Company”" in shown, 'value="新"' in shown) == (409, True, True)
    assert client.submit("/admin/kinds", {"name_zh": "长" * 41, "name_en": "Long"}).status_code == 422
    assert client.submit("/admin/kinds", {"name_zh": "", "name_en": " "}).status_code == 422
    assert client.submit("/admin/kinds", {"name_zh": "志愿者", "name_en": "Volunteers"}).status_code == 303
    edit = client.get("/admin/kinds/party").get_data(as_text=True)
    assert re.search(r'name="name_zh"[^>]*value="党组织"', edit)
    assert client.submit("/admin/kinds/party", {"name_zh": "党群", "name_en": "Party"}).status_code == 303
    client.get("/admin/kinds")
    for path, status in (
        ("volunteers/move", 303),
        ("volunteers/retire", 303),
        ("volunteers/retire", 303),  # a second click
        ("volunteers/offer", 303),
        ("reserve/offer", 303),
        ("individual/retire", 409),
        ("nothing/retire", 404),
        ("nothing/offer", 404),
    ):
        assert client.submit(f"/admin/kinds/{path}", {"to": "up"}).status_code == status, path
    assert client.get("/admin/kinds/nothing").status_code == 404
    kinds = list_kinds(hall.id)
    assert list(kinds)[-3:] == ["volunteers", "other", "reserve"]
    assert kinds.is_offered("volunteers")
    trail = client.get("/admin/audit").get_data(as_text=True)
    assert "Retired a kind of organisation" in trail
