"""The one-time code by which the person at the machine proves to be its owner."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime


class SetupCode(Model):
    """The single valid code of an empty installation, by its digest; the code itself is only printed."""

    __tablename__ = "setup_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
