"""Errors of the API about unreadable values are in the language of the request, whichever schema refuses them."""

from collections.abc import Iterator
from typing import Any

import marshmallow
import pytest
from flask import Flask
from marshmallow import Schema, ValidationError, fields

from hallapp.accounts.roles import Role
from hallapp.api.web.schemas.common import Answer
from hallapp.api.web.wording import in_words
from hallapp.core.database import transaction
from hallapp.core.i18n import force_locale
from tests import factories
from tests.api.table import program

#: What the validators of the schemas refuse.
_WRONG: tuple[Any, ...] = ("", "x" * 5000, "?", -(10**12), 10**12, [], [0] * 5000)


def _schemas(below: type[Schema] = Schema) -> Iterator[type[Schema]]:
    for schema in below.__subclasses__():
        if not issubclass(schema, Answer):
            yield from _schemas(schema)
            if schema.__module__.startswith("hallapp.api"):
                yield schema


def _fields(field: fields.Field[Any]) -> Iterator[fields.Field[Any]]:
    yield field
    for name in ("inner", "key_field", "value_field"):
        inner = getattr(field, name, None)
        if inner is not None:
            yield from _fields(inner)


def _messages(field: fields.Field[Any]) -> Iterator[str]:
    yield from (text for text in field.error_messages.values() if "{" not in text)
    for validator in field.validators:
        for value in _WRONG:
            try:
                validator(value)
            except ValidationError as error:
                yield from error.messages  # type: ignore[misc]
            except TypeError:  # a number has no length, a text no size
                continue


@pytest.mark.on_database("sqlite")
def test_every_message_of_the_schemas_is_translated(app: Flask) -> None:
    shapes = [field for schema in _schemas() for one in schema().fields.values() for field in _fields(one)]
    messages = {text for field in shapes for text in _messages(field)}
    messages |= set(marshmallow.Schema._default_error_messages.values())
    assert len(messages) > 25
    for language in ("zh", "zh_Hant"):
        with force_locale(language):
            assert [text for text in messages if in_words(text) == text] == []
    with force_locale("en"):
        assert [text for text in messages if in_words(text) != text] == []


@pytest.mark.on_database("sqlite")
def test_errors_of_a_body_are_in_the_language_of_the_program(app: Flask) -> None:
    with transaction():
        admin = factories.staff(hall=factories.hall(), role=Role.ADMIN)
    site = program(app, admin)
    body = {"event_id": "1", "counts": {"440000": 10**6}, "occurred_at": "2026-12-05T09:30:00", "colour": "red"}
    refused = site.post("/walk-ins", body, Accept_Language="zh-CN")
    assert {one["pointer"]: one["detail"] for one in refused.json["errors"]} == {
        "/event_id": "应为UUID。",
        "/counts/440000": "应在0至9999之间。",
        "/occurred_at": "应为带时区的时间，如2026-12-05T09:30:00+08:00。",
        "/colour": "没有此字段。",
    }
    english = site.post("/walk-ins", body, Accept_Language="en")
    assert "Unknown field." in english.text
