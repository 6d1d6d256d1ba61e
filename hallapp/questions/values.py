"""Questions and answers as plain values."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hallapp.core.i18n import gettext as _
from hallapp.core.texts import Texts
from hallapp.questions.models import QuestionKind

FILE_NAMES = {"pdf": "PDF", "jpg": "JPEG"}
FILE_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question; see `Question`."""

    number: int
    programme_id: int
    kind: QuestionKind
    words: Texts
    options: tuple[Texts, ...]
    required: bool
    at_desk: bool
    active: bool

    def text(self, language: str) -> str:
        """Return the question in a language, else in another one."""
        return self.words(language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer to the question of this number, as it is stored; a file also has its content."""

    number: int
    text: str
    digest: str | None = None
    content: bytes | None = None

    def identity(self) -> list[str | int | None]:
        """Return what distinguishes it from another answer, as JSON values."""
        return [self.number, self.text, self.digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A question with the answer of one booking; the answer is empty where there is none."""

    number: int
    question: str
    answer: str
    is_file: bool
    at_desk: bool
    required: bool


def store_option(option: Texts) -> str:
    """Return the text by which the choice of an option is stored."""
    return json.dumps(dict(option), ensure_ascii=False, sort_keys=True)


def read_option(stored: str) -> Texts:
    """Return the option that was chosen, in every language, from the text by which it is stored."""
    return Texts(json.loads(stored))


def describe(kind: QuestionKind, text: str, language: str) -> str:
    """Return a stored answer for a reader."""
    if not text:
        return ""
    if kind is QuestionKind.CHOICE:
        return read_option(text)(language)
    if kind is QuestionKind.FILE:
        return _("File received (%(kind)s)", kind=FILE_NAMES.get(text, text))
    return text


def lines(asked: Sequence[Asked], given: Mapping[int, str], language: str) -> list[Line]:
    """Return the questions that are asked or answered, with the answers of one booking."""
    return [
        Line(
            number=one.number,
            question=one.text(language),
            answer=describe(one.kind, given.get(one.number, ""), language),
            is_file=one.kind is QuestionKind.FILE,
            at_desk=one.at_desk,
            required=one.required,
        )
        for one in asked
        if one.active or one.number in given
    ]
