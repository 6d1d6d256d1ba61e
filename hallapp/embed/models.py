"""The websites that may show a hall's pages in an iframe."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model


class EmbedSite(Model):
    """A website by its origin: scheme, host, and port if it is not the usual one."""

    __tablename__ = "embed_site"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(280), primary_key=True)
