"""A message made ready to be sent: its words filled in, and the same as HTML, which is made of the filled-in text."""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from hallapp.core import runtime
from hallapp.messages import placeholders, queries, standard
from hallapp.messages.models import MessageKind
from hallapp.messages.standard import Words
from hallapp.notifications.models import Channel
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message with nothing left to fill in; a text message has no subject and no paragraphs of HTML."""

    subject: str
    body: str
    paragraphs: tuple[Markup, ...] = ()


def words_of(hall_id: int, kind: MessageKind, language: str, channel: Channel, *, online: bool = False) -> Words:
    """Return the hall's own words for a message, else the standard ones: those for an online programme, if `online`."""
    own = queries.find_text(hall_id, kind, language, channel)
    if own:
        return Words(subject=own.subject, body=own.body, own=True)
    return standard.words_of(kind, language, channel, online=online)


def write(hall: Hall, words: Words, values: dict[str, str], *, channel: Channel) -> Letter:
    """Fill words in."""
    body = placeholders.render(words.body, values)
    if channel is Channel.SMS:
        return Letter(subject="", body=" ".join(body.split()))
    return Letter(
        subject=placeholders.render_line(words.subject, values),
        body=body,
        paragraphs=tuple(_paragraphs(body, base_url(hall))),
    )


def html(hall: Hall, letter: Letter, *, language: str) -> str:
    """Return the mail as an HTML page: inline styles, no picture, nothing that is fetched from anywhere."""
    return runtime.render("messages/mail.html", hall=hall, letter=letter, lang=language)


def _paragraphs(text: str, base: str) -> list[Markup]:
    """Return each paragraph, escaped, with its lines, and with links for addresses of this hall's own pages.

    Other addresses stay text: a group's name is typed by a stranger, and must not become a link in the hall's mail.
    """
    own = re.compile(f"({re.escape(base)}/[A-Za-z0-9/_.~-]*[A-Za-z0-9/_~-])")
    return [Markup("<br>\n").join(_line(line, own) for line in one.split("\n")) for one in text.split("\n\n")]


def _line(line: str, own: re.Pattern[str]) -> Markup:
    parts = own.split(line)  # text, address, text, address, …
    return Markup("").join(
        Markup('<a href="{0}">{0}</a>').format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
