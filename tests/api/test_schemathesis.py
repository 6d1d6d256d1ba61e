"""The API against its own document: generated requests, right and wrong ones, find no difference.

All checks are made but one, by which every request of the right types would have to be accepted: a schema cannot say
that a phone number exists, or that a place is free. Half of the requests name things that exist, so they reach further
than the first look-up. `make test-nightly` sends forty times as many, on both databases.
"""

from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from hallapp.accounts.roles import Role
from hallapp.api.web import access
from hallapp.core.database import db, transaction
from hallapp.presence.models import PresenceSetting
from tests import factories
from tests.api.table import program
from tests.conftest import examples

#: Pictures and papers are drawn for seconds, and take no other input than the rest.
_DRAWN = r"(pdf|png|\{form\})$"


def a_hall(app: Flask) -> tuple[str, dict[str, Any]]:
    """A key of a hall, and values of requests that name what the hall has."""
    with transaction():
        hall = factories.hall()
        db.session.add(PresenceSetting(hall_id=hall.id, counts_leaving=True, warn_at_percent=90))
        admin, desk = factories.staff(hall=hall, role=Role.ADMIN), factories.staff(hall=hall, role=Role.DESK)
        programme = factories.programme(hall=hall, guides=0)
        slot = factories.slot(programme=programme, visitor_capacity=500)
        booking = factories.booking(slot=factories.slot(programme=programme, day=hall.today(), visitor_capacity=500))
        known = {
            **{"slot": slot.id, "slot_id": slot.id, "slots": [slot.id], "programme": programme.slug},
            **{"reference": booking.reference, "code": booking.reference, "kind": booking.kind, "number": desk.id},
            **{
                "organisation": "东湖小学",
                "contact_name": "何秀珍",
                "phone": "020 8345 0000",
                "email": "a@hall.example",
            },
            **{"origins": [{"division": "440000", "visitors": 20}], "counts": {"440000": 2}, "consent": True},
            **{"answers": {}, "categories": {}, "resources": {}, "over_limit": "x", "language": "zh"},
            **{"slug": programme.slug, "day": slot.day.isoformat(), "until": slot.day.isoformat()},
        }
    return program(app, admin).key, known


def name_what_exists(case: schemathesis.Case, known: dict[str, Any]) -> None:
    """Put values of the hall where a request has some of the same name."""
    for place in (case.path_parameters, case.query, case.body):
        if isinstance(place, dict):
            place.update({name: known[name] for name in place.keys() & known.keys()})
            if "event_id" in place and place is case.body:
                place["event_id"] = str(uuid4())


@pytest.mark.on_database("sqlite")
def test_generated_requests_are_answered_as_documented(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "REQUESTS_A_MINUTE", 10**6)
    monkeypatch.setattr(access, "REFUSALS_A_MINUTE", 10**6)
    key, known = a_hall(app)
    db.session.remove()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    tried = 0
    for found in schema.exclude(path_regex=_DRAWN).get_all_operations():
        operation = found.ok()
        right, wrong = (
            operation.as_strategy(generation_mode=mode) for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        )
        tried += 1

        @settings(
            max_examples=examples(2),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategies.one_of([right, wrong]), is_known=strategies.booleans())
        def check(case: schemathesis.Case, is_known: bool) -> None:
            if is_known and case.meta.generation.mode is GenerationMode.POSITIVE:
                name_what_exists(case, known)
            case.call_and_validate(
                headers={"Authorization": f"Bearer {key}"}, excluded_checks=[positive_data_acceptance]
            )

        check()
    assert tried > 15
