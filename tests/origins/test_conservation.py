"""Whatever the set, nobody is lost: places, regions and areas add up to all people, also after a take-back."""

from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallapp.core.database import read_snapshot, transaction
from hallapp.desk import service as desk
from hallapp.ledger import history
from hallapp.ledger.facets import COUNTRY, DIVISION, PREFECTURE
from hallapp.ledger.recount import recount
from hallapp.origins.queries import get_set
from hallapp.origins.values import area_of, division_of
from hallapp.periods import SINCE_OPENING, Span
from hallapp.reports.figures.service import compute, sum_regions
from tests import factories
from tests.conftest import examples

pytestmark = pytest.mark.either_database

HALLS = [("cn", "440000"), ("DE", "DE-BE"), ("US", "US-MA"), ("world", "FR")]


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[str, str], list[tuple[dict[str, int], bool]]]:
    """A set, and groups with their people by place; some are taken back."""
    which = draw(st.sampled_from(HALLS))
    origins = get_set(1, *which, cities=True, countries=True)
    codes = st.sampled_from([*origins.divisions, *list(origins.areas)[:12]])
    group = st.dictionaries(codes, st.integers(1, 40), min_size=1, max_size=4)
    return which, draw(st.lists(st.tuples(group, st.booleans()), min_size=1, max_size=5))


@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories())
def test_places_regions_and_areas_add_up(app: Flask, drawn: tuple) -> None:  # type: ignore[type-arg]
    (code, home), groups = drawn
    with app.app_context():
        with transaction():
            hall = factories.hall(
                origin_set=code,
                home_division=home,
                origin_cities=True,
                origin_countries=True,
                opened_on=date(2020, 1, 1),
            )
            programme = factories.programme(hall=hall, slug="tour", group_max=500)
            staff = factories.staff(hall=hall, password_hash="none")
        act = {"hall_id": hall.id, "staff_id": staff.id}
        came: dict[str, int] = {}
        for counts, taken_back in groups:
            event = str(uuid4())
            with transaction():
                desk.admit_walk_in(
                    desk.AdmitWalkIn(**act, event_id=event, programme="tour", counts=counts, sure=sum(counts.values()))
                )
            if taken_back:
                with transaction():
                    desk.take_back(desk.TakeBack(**act, event_id=event))
            else:
                came = {one: came.get(one, 0) + counts.get(one, 0) for one in {*came, *counts}}
        with transaction():
            made = history.begin(hall.id, name="old.csv", digest="0" * 64, staff_id=None)
            row = history.NewRow(
                number=1, span=Span.MONTH, first=date(2020, 2, 1), division=home, programme_id=programme.id,
                kind="school", visitors=7, groups=1,
            )  # fmt: skip
            history.add_rows(made, [row])
            history.count(made)
        came[home] = came.get(home, 0) + 7
        read_snapshot()
        found = compute(hall, SINCE_OPENING)
        by_division: dict[str, int] = {}
        for one, people in came.items():
            by_division[division_of(one)] = by_division.get(division_of(one), 0) + people
        assert {one: people for one, people in found.people_of(DIVISION).items() if people} == by_division
        assert sum(sum_regions(hall.origins, found).values()) == sum(came.values()) == found.totals.visitors
        areas = {area_of(one): people for one, people in came.items() if area_of(one)}
        assert found.people_of(PREFECTURE) | found.people_of(COUNTRY) == areas
        assert found.check.agrees and recount(hall.id) == []
