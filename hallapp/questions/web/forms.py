"""The manager's form of a question."""

from typing import Any

from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired, Length

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import NumberField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.questions.models import KIND_NAMES, Question, QuestionKind
from hallapp.questions.service import OPTIONS_MOST

_WORDS_MOST = 200
_OPTIONS_LENGTH = OPTIONS_MOST * 60
_SHORTER = _l("Please shorten this to %(max)d characters.")


class QuestionForm(WithTexts, RefusableForm):
    """A question: its programme, its words, what an answer is, and where it is shown."""

    programme = SelectField(_l("Programme"), coerce=int)
    words: Any = TextsField(_l("Question"), validators=[without_controls, Length(max=_WORDS_MOST, message=_SHORTER)])
    kind = RadioField(
        _l("The answer is"),
        choices=lambda: [(kind.value, _(name)) for kind, name in KIND_NAMES.items()],
        default=QuestionKind.TEXT.value,
        validators=[InputRequired(_l("Please choose one of these."))],
    )
    options: Any = TextsField(
        _l("Options"), long=True, validators=[without_controls, Length(max=_OPTIONS_LENGTH, message=_SHORTER)]
    )
    required = BooleanField(_l("An answer is required"))
    at_desk = BooleanField(_l("Show the answer at the desk"))
    position = NumberField(_l("Order"), required=False)

    @classmethod
    def of(cls, question: Question) -> "QuestionForm":
        """Return the form filled with a question."""
        values = {name: getattr(question, name) for name in ("words", "required", "at_desk", "position")}
        languages = dict.fromkeys(language for option in question.options for language in option)
        values["options"] = {
            language: "\n".join(option.get(language, "") for option in question.options) for language in languages
        }
        return cls(formdata=None, data={**values, "programme": question.programme_id, "kind": question.kind.value})
