"""The forms for the sign and the limit of text messages, and for the templates of a kind."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import Field, Form, FormField, StringField
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from hallapp.accounts.web.forms import StaffForm
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import Described, LineList, NumberField, without_controls
from hallapp.messages.texting import TextKind
from hallapp.notifications.models import TextSetting, TextTemplate
from hallapp.notifications.texting import Provider
from hallapp.notifications.texts import SaveTemplate, read_variables

_TOO_LONG = _l("Please shorten this to %(max)d characters.")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_TEMPLATES = {Provider.ALIYUN: re.compile(r"SMS_[0-9]{1,20}"), Provider.TENCENT: re.compile(r"[0-9]{1,20}")}
_EXAMPLES = {Provider.ALIYUN: "SMS_154950909", Provider.TENCENT: "1234567"}
_COMMAS = re.compile(r"[,，、;；\s]+")


def _bare(sign: str | None) -> str:
    """Return a sign without the brackets that the provider puts around it."""
    return (tidy(sign) or "").strip("【】[]")


class TextSettingForm(StaffForm):
    """The sign before each text message, and how many a day at most."""

    shown_last = "daily_limit"
    sign = StringField(
        _l("Signature of the text messages"),
        filters=[_bare],
        validators=[without_controls, Length(max=40, message=_TOO_LONG)],
    )
    daily_limit = NumberField(
        _l("Daily limit of text messages"),
        required=False,
        validators=[Optional(), NumberRange(max=1_000_000, message=_l("Enter %(max)d at most."))],
    )

    @classmethod
    def of(cls, setting: TextSetting | None) -> "TextSettingForm":
        """Return the form with the present values."""
        return cls(formdata=None, data={"sign": setting.sign, "daily_limit": setting.daily_limit} if setting else {})


class _TemplateForm(Described, Form):  # type: ignore[misc]
    """A template and its variables."""

    template = StringField(_l("Template"), filters=[tidy], validators=[without_controls])
    parameters = StringField(_l("Variables"), filters=[tidy], validators=[without_controls])


class TemplatesForm(StaffForm):
    """The templates of a kind of message: one line for each language, at home and abroad."""

    shown_last = "rows"
    rows = LineList(FormField(_TemplateForm), max_entries=40)

    def offer(
        self, kind: TextKind, provider: Provider, languages: list[str], stored: Mapping[Any, TextTemplate]
    ) -> "TemplatesForm":
        """Give the form its lines; those that were not sent show what is stored."""
        self.kind, self.provider = kind, provider
        self.places = [(language, abroad) for abroad in (False, True) for language in languages]
        for language, abroad in self.places[len(self.rows) :]:
            row = stored.get((kind.outbox_kind, language, abroad))
            self.rows.append_entry({"template": row.template, "parameters": row.parameters} if row else None)
        return self

    @property
    def lines(self) -> Iterator[tuple[str, bool, Any]]:
        """Return the lines with their language, and whether they are for numbers abroad."""
        return ((language, abroad, row.form) for (language, abroad), row in zip(self.places, self.rows, strict=False))

    @property
    def wrong(self) -> bool:
        """Return whether a line has an error."""
        return any(field.errors for _language, _abroad, row in self.lines for field in row)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check all lines."""
        valid = bool(super().validate(*args, **kwargs))
        for _language, _abroad, row in self.lines:
            for field, check in ((row.template, self._check_template), (row.parameters, self._check_parameters)):
                try:
                    check(field, row)
                except ValidationError as error:
                    field.errors, valid = [*field.errors, str(error)], False
        return valid

    def _check_template(self, field: Field, row: Any) -> None:
        if not field.data:
            if row.parameters.data:
                raise ValidationError(_("Enter the provider’s name of the template, or empty its variables."))
        elif not _TEMPLATES[self.provider].fullmatch(field.data):
            raise ValidationError(_("Enter a template such as %(example)s.", example=_EXAMPLES[self.provider]))

    def _check_parameters(self, field: Field, _row: Any) -> None:
        variables = read_variables(_normal(field.data))
        if len(_normal(field.data)) > 500:
            raise ValidationError(_("Please shorten this to %(max)d characters.", max=500))
        for one in variables:
            if one.placeholder not in self.kind.placeholders:
                raise ValidationError(_("This message has no placeholder %(name)s.", name=one.placeholder))
            if self.provider is Provider.TENCENT and one.name != one.placeholder:
                raise ValidationError(
                    _("This provider numbers the variables: write only placeholders, in their order.")
                )
            if not _NAME.fullmatch(one.name):
                raise ValidationError(_("%(name)s is not the name of a variable.", name=one.name))
        names = [one.name for one in variables]
        if self.provider is Provider.ALIYUN and len(set(names)) < len(names):
            raise ValidationError(_("Each variable can be filled once only."))

    def to_templates(self) -> tuple[SaveTemplate, ...]:
        """Return the templates. The form must have been found valid."""
        return tuple(
            SaveTemplate(
                language=language,
                abroad=abroad,
                template=row.template.data or "",
                parameters=_normal(row.parameters.data),
            )
            for language, abroad, row in self.lines
        )


def _normal(typed: str | None) -> str:
    """Return variables separated by commas: people also type Chinese commas, spaces, braces and dollar signs."""
    plain = re.sub(r"[${}]", "", (typed or "").replace("＝", "="))
    plain = re.sub(r"\s*=\s*", "=", plain)
    return ",".join(part for part in _COMMAS.split(plain) if part)
