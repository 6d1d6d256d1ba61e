"""The manager's form of a question."""

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import NumberField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.questions.models import KIND_NAMES, Question, QuestionKind
from hallapp.questions.service import OPTIONS_MOST

_WORDS_MOST = 200
_OPTIONS_LENGTH = OPTIONS_MOST * 60
_SHORTER = _l("Please shorten this to %(max)d characters.")


def _words(label: str) -> StringField:
    return StringField(label, filters=[tidy], validators=[without_controls, Length(max=_WORDS_MOST, message=_SHORTER)])


def _lines(label: str) -> TextAreaField:
    length = Length(max=_OPTIONS_LENGTH, message=_SHORTER)
    return TextAreaField(label, filters=[tidy], validators=[without_controls, length])


class QuestionForm(RefusableForm):
    """A question: its programme, its words, what an answer is, and where it is shown."""

    programme = SelectField(_l("Programme"), coerce=int)
    words_zh = _words(_l("Question in Chinese"))
    words_en = _words(_l("Question in English"))
    kind = RadioField(
        _l("The answer is"),
        choices=lambda: [(kind.value, _(name)) for kind, name in KIND_NAMES.items()],
        default=QuestionKind.TEXT.value,
        validators=[InputRequired(_l("Please choose one of these."))],
    )
    options_zh = _lines(_l("Options in Chinese, one in each line"))
    options_en = _lines(_l("Options in English, one in each line"))
    required = BooleanField(_l("An answer is required"))
    at_desk = BooleanField(_l("Show the answer at the desk"))
    position = NumberField(_l("Order"), required=False)

    @classmethod
    def of(cls, question: Question) -> "QuestionForm":
        """Return the form filled with a question."""
        values = {name: getattr(question, name) for name in ("required", "at_desk", "position")}
        for language in ("zh", "en"):
            values[f"words_{language}"] = question.words.get(language, "")
            values[f"options_{language}"] = "\n".join(option.get(language, "") for option in question.options).strip()
        return cls(formdata=None, data={**values, "programme": question.programme_id, "kind": question.kind.value})

    def words(self) -> dict[str, str]:
        """Return the question by language."""
        texts = {"zh": self.words_zh.data, "en": self.words_en.data}
        return {language: text for language, text in texts.items() if text}

    def options(self) -> dict[str, tuple[str, ...]]:
        """Return the options of each language; empty lines do not count."""
        texts = {"zh": self.options_zh.data, "en": self.options_en.data}
        return {
            language: tuple(line.strip() for line in (text or "").splitlines() if line.strip())
            for language, text in texts.items()
        }
