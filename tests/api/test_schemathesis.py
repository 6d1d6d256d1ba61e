"""The API against its own document: generated requests, right and wrong ones, find no difference.

All checks are made but one, by which every request of the right types would have to be accepted: a schema cannot say
that a phone number exists, or that a place is free.
"""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from hallapp.accounts.roles import Role
from hallapp.api.web import access
from hallapp.core.database import db, transaction
from tests import factories
from tests.api.table import program
from tests.conftest import examples

#: Pictures and papers are drawn for seconds, and take no other input than the rest.
_DRAWN = r"(pdf|png|\{form\})$"


@pytest.mark.on_database("sqlite")
def test_generated_requests_are_answered_as_documented(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "REQUESTS_A_MINUTE", 10**6)
    monkeypatch.setattr(access, "REFUSALS_A_MINUTE", 10**6)
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        factories.slot(programme=factories.programme(hall=hall))
    key = program(app, admin).key
    db.session.remove()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    tried = 0
    for found in schema.exclude(path_regex=_DRAWN).get_all_operations():
        operation = found.ok()
        tried += 1

        @settings(
            max_examples=examples(5),
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategies.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode]))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(
                headers={"Authorization": f"Bearer {key}"}, excluded_checks=[positive_data_acceptance]
            )

        check()
    assert tried > 15
