"""Pictures of a hall and of its programmes, and notices."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.core import facts
from hallapp.core.database import Model
from hallapp.core.texts import Texts, former_texts, mirror, texts_column


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
    alt: Mapped[Texts] = texts_column(200)

    files: Mapped[list["PictureFile"]] = relationship(order_by="PictureFile.width", cascade="all, delete-orphan")

    @property
    def widths(self) -> list[int]:
        """Return the widths in which it is stored, the smallest first."""
        return sorted({file.width for file in self.files})


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
    text: Mapped[Texts] = texts_column(500)


mirror(Picture, former_texts(alt=(200, 200)))
mirror(Notice, former_texts(text=(500, 500)))
facts.watch(Picture)  # every public page tells social networks of the hall's
