"""Forms that services may refuse: where a refusal stands, and what a route answers."""

from typing import Any

import pytest
from flask import Flask
from wtforms import Form, StringField
from wtforms.validators import InputRequired

from hallapp.core.errors import DomainError
from hallapp.core.web.fields import Described
from hallapp.core.web.forms import Refusable, attempt, submit_form


class TooLoud(DomainError):
    code = "too_loud"
    message = "%(name)s is too loud."
    field = "song"


class SingForm(Refusable, Described, Form):  # type: ignore[misc]
    song = StringField(validators=[InputRequired("Choose a song.")])
    singer = StringField()


class LoneForm(SingForm):
    shown_last = "singer"


@pytest.fixture(autouse=True)
def _in_english(app: Flask) -> Any:
    with app.test_request_context("/?lang=en"):
        yield


def page_of(form: SingForm) -> Any:
    return lambda: " | ".join(f"{where}: {message}" for where, message in form.problems())


def refuse(error: DomainError) -> Any:
    def act() -> str:
        raise error

    return act


def test_invalid_input_is_shown_and_nothing_is_done() -> None:
    form = SingForm()
    form.validate()
    done: list[str] = []
    assert submit_form(form, lambda: done.append("sung") or "done", page_of(form)) == ("song: Choose a song.", 422)
    assert done == []


def test_an_act_that_is_accepted_gives_the_answer() -> None:
    form = SingForm(data={"song": "Jasmine"})
    form.song.raw_data = ["Jasmine"]
    assert submit_form(form, lambda: ("sung", 201), page_of(form)) == ("sung", 201)


@pytest.mark.parametrize(
    ("form_class", "field", "where"),
    [
        (SingForm, None, "song"),
        (SingForm, "singer", "singer"),
        (SingForm, "hall", "main"),
        (LoneForm, "hall", "singer"),
        (LoneForm, "song", "song"),
    ],
)
def test_a_refusal_is_shown_beside_its_field_or_the_one_that_the_form_names(
    form_class: type[SingForm], field: str | None, where: str
) -> None:
    form = form_class()
    form.song.validators = ()
    answer = submit_form(form, refuse(TooLoud(field=field, name="Li")), page_of(form))
    assert answer == (f"{where}: Li is too loud.", 409, {})


def test_a_refusal_is_added_to_earlier_errors() -> None:
    form = SingForm()
    form.refuse(TooLoud(name="Li"))
    form.refuse(TooLoud(name="Wu"))
    form.refuse(TooLoud(field="hall", name="He"))
    form.refuse(TooLoud(field="hall", name="Ma"))
    assert [message for _where, message in form.problems()] == [
        f"{name} is too loud." for name in ("Li", "Wu", "He", "Ma")
    ]


def test_a_button_without_fields_shows_its_refusal_on_the_page() -> None:
    assert attempt(refuse(TooLoud(name="Li")), lambda error: f"page: {error.code}") == ("page: too_loud", 409, {})
    assert attempt(lambda: "done", lambda error: f"page: {error.code}") == "done"


def test_other_errors_are_not_swallowed() -> None:
    def act() -> str:
        raise KeyError("a bug")

    form = SingForm(data={"song": "Jasmine"})
    form.song.raw_data = ["Jasmine"]
    with pytest.raises(KeyError):
        submit_form(form, act, page_of(form))
