"""The origin sets that halls made themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime


class OwnOrigins(Model):
    """A list of places that a hall uploaded. It never changes: its `code` is made of its content (`own.code_of`).

    `places` are as in `own.Place`, in their order.
    """

    __tablename__ = "own_origins"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    places: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
