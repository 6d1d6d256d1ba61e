"""Placeholders: what they may be, and that nothing in a text is ever carried out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.messages import placeholders
from hallapp.messages.errors import BracesUnclear, PlaceholderUnknown
from hallapp.messages.models import MessageKind

VALUES = {
    "name": "何秀珍",
    "when": "12月5日",
    "reply": "",
    "phone": "",
    "organisation": "{link}",
    "link": "https://x/y",
}


@pytest.mark.parametrize(
    "text",
    [
        "{booking.key.__class__}",
        "{name.__class__}",
        "{name!r}",
        "{name:>99999999}",
        "{name[0]}",
        "{{7*7}}",
        "{{name}}",
        "{% for x in y %}",
        "{0}",
        "{}",
        "{Name}",
        "{ name }",
        "{name",
        "name}",
        "}{",
        "{na\nme}",
        "{\u202ename}",
        "{ｎame}",
    ],
)
def test_braces_that_hold_no_placeholder_are_refused(text: str) -> None:
    with pytest.raises((BracesUnclear, PlaceholderUnknown)) as refused:
        placeholders.check(f"Dear {{name}}, {text} bye", MessageKind.REMINDER, field="body")
    assert refused.value.field == "body"


@pytest.mark.parametrize("name", ["{until}", "{password}", "{feedback}", "{booking_key}"])
def test_placeholders_of_other_kinds_are_refused_by_name(name: str) -> None:
    with pytest.raises(PlaceholderUnknown) as refused:
        placeholders.check(f"a {name} b", MessageKind.REMINDER, field="subject")
    assert refused.value.params == {"name": name}


@pytest.mark.parametrize("text", ["%(name)s %s %d", "$name ${name}".replace("{name}", "name"), "<%= 7*7 %>", "#{name}"])
def test_other_languages_of_templates_are_plain_words(text: str) -> None:
    placeholders.check(text, MessageKind.REMINDER, field="body")
    assert placeholders.render(text, VALUES) == text.replace("{name}", "何秀珍")


def test_placeholders_in_values_are_not_evaluated() -> None:
    assert placeholders.render("{organisation} {name}", VALUES) == "{link} 何秀珍"


def test_lines_and_paragraphs_without_anything_to_say_are_left_out() -> None:
    text = "Dear {name},\n\nThe hall writes:\n{reply}\n\n{name}\n{phone}\nbye\n \n\n{reply}{phone}"
    assert placeholders.render(text, VALUES) == "Dear 何秀珍,\n\n何秀珍\nbye"


def test_what_is_typed_keeps_to_its_line_and_its_direction() -> None:
    assert placeholders.clean("A\r\nBcc: x@y.z\x00\u2028\u202eB\ud800 𠮷😀") == "A Bcc: x@y.z B? 𠮷😀"
    assert placeholders.clean(" a\r\nb\x1b ", one_line=False) == "a\nb"


@given(st.text(max_size=80))
def test_whatever_is_accepted_renders_to_itself_but_for_placeholders(text: str) -> None:
    try:
        placeholders.check(text, MessageKind.THANKS, field="body")
    except (BracesUnclear, PlaceholderUnknown):
        return
    line = placeholders.render_line(text, {})
    assert "{" not in line and "}" not in line


def test_every_standard_text_passes_its_own_check() -> None:
    from flask import Flask

    from hallapp.core.web import languages
    from hallapp.messages import standard
    from hallapp.notifications.models import Channel
    from hallapp.settings import ROOT

    app = Flask("hallapp", root_path=str(ROOT / "hallapp"))
    languages.init_app(app)
    with app.app_context():
        for kind in MessageKind:
            for language in ("zh", "en"):
                for channel in (Channel.EMAIL, Channel.SMS):  # organisers are not written to in group chats
                    words = standard.words_of(kind, language, channel)
                    placeholders.check(words.subject, kind, field="subject")
                    placeholders.check(words.body, kind, field="body")
                    assert bool(words.subject) == (channel is Channel.EMAIL)
