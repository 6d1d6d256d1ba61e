"""Pictures of a hall and of its programmes, and notices."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.core.database import Model


class Picture(Model):
    """One picture of a hall, cropped and stored in several sizes.

    `place` says where it is shown: `hall`, `map`, or `programme-` with the programme's web address name. `digest` names
    its files in addresses. `width` and `height` are those of the largest file.
    """

    __tablename__ = "picture"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(50), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    alt_zh: Mapped[str] = mapped_column(String(200), default="")
    alt_en: Mapped[str] = mapped_column(String(200), default="")

    files: Mapped[list["PictureFile"]] = relationship(order_by="PictureFile.width", cascade="all, delete-orphan")

    @property
    def widths(self) -> list[int]:
        """Return the widths in which it is stored, the smallest first."""
        return sorted({file.width for file in self.files})

    def alt(self, language: str) -> str:
        """Return its description in a language, else in the other."""
        return (self.alt_zh or self.alt_en) if language == "zh" else (self.alt_en or self.alt_zh)


class PictureFile(Model):
    """One size of a picture in one format (`webp` or `jpg`)."""

    __tablename__ = "picture_file"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "place"], ["picture.hall_id", "picture.place"]),
        Index(None, "digest"),  # an address names the file alone: halls of one host may show each other's
    )

    hall_id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(50), primary_key=True)
    width: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(4), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Notice(Model):
    """A notice for visitors, shown from its first day to its last one. It is numbered within its hall."""

    __tablename__ = "notice"
    __table_args__ = (CheckConstraint("first <= last", name="days"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[date]
    last: Mapped[date]
    text_zh: Mapped[str] = mapped_column(String(500), default="")
    text_en: Mapped[str] = mapped_column(String(500), default="")

    def text(self, language: str) -> str:
        """Return its text in a language, else in the other."""
        return (self.text_zh or self.text_en) if language == "zh" else (self.text_en or self.text_zh)
