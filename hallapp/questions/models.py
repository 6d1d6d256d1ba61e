"""Questions of a programme, and the answers of bookings."""

from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core import facts
from hallapp.core.database import Model, enum_type
from hallapp.core.errors import N_
from hallapp.core.texts import Texts, texts_column


class QuestionKind(StrEnum):
    """The kind of an answer."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    FILE = "file"


KIND_NAMES = {
    QuestionKind.TEXT: N_("Text"),
    QuestionKind.CHOICE: N_("Choice from a list"),
    QuestionKind.NUMBER: N_("Whole number"),
    QuestionKind.FILE: N_("File: a letter as PDF or picture"),
}


class Question(Model):
    """A question of a programme, numbered within its hall.

    `words` is the question, `options` are the choices, each in the hall's languages. A question that is no longer
    asked (`active`) stays, because bookings have answers to it.
    """

    __tablename__ = "question"
    __table_args__ = (Index(None, "hall_id", "programme_id"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    kind: Mapped[QuestionKind] = mapped_column(enum_type(QuestionKind))
    words: Mapped[Texts] = texts_column(200)
    options: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    required: Mapped[bool] = mapped_column(default=False)
    at_desk: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Answer(Model):
    """A booking's answer to a question.

    `text` is the text or the digits; of a choice it is the chosen option in every language as JSON, so that an option
    that is renamed later changes no answer; of a file it is its type, `pdf` or `jpg`. A file has a `digest`. Its
    `content` is stored once in a hall: the answers of other bookings with the same file, such as the other parts of a
    large group, have only the digest. Answers are erased with the contact details of the booking.
    """

    __tablename__ = "answer"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "question"], ["question.hall_id", "question.number"]),
        CheckConstraint("text <> ''", name="text"),
        Index(None, "booking_id"),
        Index(None, "hall_id", "digest"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), primary_key=True)
    question: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


facts.watch(Question)
