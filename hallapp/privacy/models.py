"""The versions of a hall's privacy notice."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core import facts
from hallapp.core.database import Model, UtcDateTime
from hallapp.core.texts import Texts, texts_column


class PrivacyVersion(Model):
    """A notice that someone has seen or accepted, in the words of that time, since when it has been there.

    `digest` is the beginning of the hash of `content` (SHA-256), which has the sections by language. So equal notices
    are one version, and a version never changes.
    """

    __tablename__ = "privacy_version"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(12), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class PrivacyWords(Model):
    """The words that a hall adds to its notice; each line is a paragraph."""

    __tablename__ = "privacy_words"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    text: Mapped[Texts] = texts_column()


facts.watch(PrivacyVersion, PrivacyWords)
