"""The messages that go by text message: their values, and the templates of the provider that cover them."""

from collections.abc import Mapping
from dataclasses import dataclass

from hallapp.core.errors import N_
from hallapp.core.i18n import installed
from hallapp.messages import announcement, codes, links, placeholders, queries
from hallapp.messages.models import MESSAGE_NAMES, MessageKind
from hallapp.notifications import kinds, texts
from hallapp.notifications.models import TextTemplate
from hallapp.notifications.texting import Provider
from hallapp.schedule.models import Hall

_HALL = {"hall": placeholders.COMMON["hall"]}
#: The messages by text besides those about a booking's course, with their placeholders.
_OTHERS: dict[str, dict[str, str]] = {
    codes.KIND: {**_HALL, "code": N_("the verification code")},
    links.KIND: {**_HALL, "when": placeholders.COMMON["when"], "link": placeholders.COMMON["link"]},
    announcement.KIND: {**placeholders.COMMON, "text": N_("what the hall wrote to the groups of a day")},
}
_ADDRESSES = ("link", "book", "pass", "appeal", "feedback")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextKind:
    """A kind of message by text: its key in addresses, its kind in the outbox, and what its templates can contain."""

    key: str
    outbox_kind: str
    name: str
    placeholders: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The templates of a kind by language, for the mainland and abroad; `used` says that the hall sends it by text."""

    kind: TextKind
    used: bool
    home: Mapping[str, TextTemplate | None]
    abroad: Mapping[str, TextTemplate | None]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the languages without a template for numbers of the mainland."""
        return tuple(language for language, template in self.home.items() if template is None)


def list_kinds() -> list[TextKind]:
    """Return the kinds of messages that can go by text message."""
    course = [
        TextKind(
            key=kind.value,
            outbox_kind=kind.outbox_kind,
            name=MESSAGE_NAMES[kind],
            placeholders=_with_paths(placeholders.names_of(kind)),
        )
        for kind in MessageKind
    ]
    others = [
        TextKind(key=key, outbox_kind=key, name=kinds.get_kind(key).name, placeholders=_with_paths(names))
        for key, names in _OTHERS.items()
    ]
    return course + others


def find_kind(key: str) -> TextKind | None:
    """Return the kind of a key, or None."""
    return next((kind for kind in list_kinds() if kind.key == key), None)


def languages_of(hall: Hall) -> list[str]:
    """Return the languages in which a hall writes to organisers."""
    return [one for one in installed() if one in hall.language_codes]


def list_coverage(hall: Hall, provider: Provider) -> list[Coverage]:
    """Return the templates of each kind of message, and what is missing."""
    stored, ways = texts.list_templates(hall.id, provider), queries.list_ways(hall.id)
    used = {kind.value for kind, way in ways.items() if way.sms} | set(_OTHERS)
    languages = languages_of(hall)
    return [
        Coverage(
            kind=kind,
            used=kind.key in used,
            home={language: stored.get((kind.outbox_kind, language, False)) for language in languages},
            abroad={language: stored.get((kind.outbox_kind, language, True)) for language in languages},
        )
        for kind in list_kinds()
    ]


def _with_paths(names: Mapping[str, str]) -> dict[str, str]:
    """Add the part after the host of each address: a template has the host itself, as providers demand."""
    paths = {f"{name}{texts.PATH}": N_("the same address without https:// and the host") for name in _ADDRESSES}
    return {
        each: meaning
        for name, words in names.items()
        for each, meaning in ((name, words), *((one, paths[one]) for one in (f"{name}{texts.PATH}",) if one in paths))
    }
