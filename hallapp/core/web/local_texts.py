"""Texts in several languages on forms: one field for each language that the hall offers."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wtforms import Field, StringField, TextAreaField

from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import name_of
from hallapp.core.text import tidy
from hallapp.core.texts import Texts
from hallapp.core.web.fields import without_controls
from hallapp.core.web.languages import offered


class TextsField:
    """The declaration of a text on a form, such as `name = TextsField(_l("Name"))`.

    Of each form it makes the fields `name_zh`, `name_en` and so on, and `form.name` is a `LocalText` of them.
    """

    def __init__(self, label: Any, *, long: bool = False, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        self.label = label
        self._kind = TextAreaField if long else StringField
        self._validators, self._kwargs = list(validators) or [without_controls], kwargs
        self.position = StringField().creation_counter

    def in_language(self, language: str, *, alone: bool) -> Any:
        """Return the field of one language; without its name in the label where the hall has no other language."""
        label = self.label if alone else _("%(what)s (%(language)s)", what=self.label, language=name_of(language))
        field = self._kind(label, filters=[tidy], validators=self._validators, **self._kwargs)
        field.creation_counter = self.position
        return field


class Part(NamedTuple):
    """A text's field of one language."""

    language: str
    field: Field


class LocalText:
    """A text of a form, by language."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts

    @property
    def data(self) -> Texts:
        """Return what was typed."""
        return Texts({part.language: part.field.data or "" for part in self.parts})

    @property
    def errors(self) -> list[str]:
        """Return the errors of all its fields."""
        return [message for part in self.parts for message in part.field.errors]


class WithTexts:
    """A form with texts in several languages; to be named before the class of the form."""

    _unbound_fields: Any
    _fields: Mapping[str, Field]

    def __init__(self, *args: Any, languages: Collection[str] | None = None, **kwargs: Any) -> None:
        self.languages = tuple(languages or offered())
        declared = dict(_declared(type(self)))
        alone = len(self.languages) == 1
        made = [
            (f"{name}_{language}", text.in_language(language, alone=alone))
            for name, text in declared.items()
            for language in self.languages
        ]
        # Sorting keeps the order of equals, so the languages of a text follow each other.
        fields = sorted([*self._unbound_fields, *made], key=lambda field: field[1].creation_counter)
        self._unbound_fields = fields
        super().__init__(*args, **kwargs)
        self.texts = {
            name: LocalText([Part(language, self._fields[f"{name}_{language}"]) for language in self.languages])
            for name in declared
        }
        vars(self).update(self.texts)

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, *args: Any, **kwargs: Any) -> None:
        """Fill the fields of each language from the texts of an object or of the data."""
        for name, _text in _declared(type(self)):
            found = getattr(obj, name, None) if obj is not None else (data or {}).get(name)
            for language in self.languages:
                kwargs.setdefault(f"{name}_{language}", (found or {}).get(language, ""))
        super().process(formdata, obj, data, *args, **kwargs)  # type: ignore[misc]

    def field_of(self, error: DomainError) -> Field | None:
        """Return the field beside which a refusal is shown: of a text as a whole, that of its first language."""
        if error.field in self.texts:
            return self.texts[error.field].parts[0].field
        found: Field | None = super().field_of(error)  # type: ignore[misc]
        return found

    def fold(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values by field name with the texts in place of the fields of single languages."""
        single = {part.field.short_name for text in self.texts.values() for part in text.parts}
        rest = {name: value for name, value in values.items() if name not in single}
        return rest | {name: text.data for name, text in self.texts.items()}


def _declared(form: type) -> Iterator[tuple[str, TextsField]]:
    for one in reversed(form.__mro__):
        yield from ((name, value) for name, value in vars(one).items() if isinstance(value, TextsField))
