"""Devices of a hall, and their texts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core.database import Model, UtcDateTime, enum_type
from hallapp.core.errors import N_
from hallapp.core.texts import Texts, former_texts, mirror, texts_column


class DeviceKind(StrEnum):
    """The kind of a device, which decides the pages that it opens."""

    KIOSK = "kiosk"
    SCREEN = "screen"


KIND_NAMES = {
    DeviceKind.KIOSK: N_("Kiosk: a tablet where groups check in by themselves"),
    DeviceKind.SCREEN: N_("Big screen: the display in the lobby"),
}
SHORT_KIND_NAMES = {DeviceKind.KIOSK: N_("Kiosk"), DeviceKind.SCREEN: N_("Big screen")}


class Device(Model):
    """One device. Its link is not stored: `digest` is the SHA-256 of the link's token.

    A kiosk admits groups in the name of an account of its own (`staff_id`), which is closed from the first day on: no
    one signs in with it, but the ledger and the audit trail show which device it was.
    """

    __tablename__ = "device"
    __table_args__ = (Index(None, "hall_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    kind: Mapped[DeviceKind] = mapped_column(enum_type(DeviceKind))
    name: Mapped[str] = mapped_column(String(40))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeviceWords(Model):
    """The texts on a hall's devices; a hall without a row has no texts and names no organisation.

    `kiosk` tells an admitted group where to go. `organisations` lets the big screen name the groups that it expects.
    """

    __tablename__ = "device_words"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    kiosk: Mapped[Texts] = texts_column()
    organisations: Mapped[bool]


mirror(DeviceWords, former_texts(kiosk=None))
