"""Issue certificates, decide for which programmes, and erase the names of individuals on them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, delete, select, update

from hallapp.booking.models import Booking
from hallapp.booking.queries import list_parts
from hallapp.certificates import codes, queries
from hallapp.certificates.errors import NoCertificate, ProgrammesNeeded
from hallapp.certificates.models import Certificate, CertificateProgramme, CertificateSetting, Scope
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.kinds.values import individual_in_sql
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, note
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSetting:
    """The command that sets for which programmes a hall issues certificates."""

    hall_id: int
    by: int | None
    scope: Scope
    words: Texts
    programmes: Collection[int]


def issue(booking: Booking) -> Certificate:
    """Return the certificate of a group; needs a transaction.

    A new one is made only where there is none, or where the present one no longer states what the hall recorded.

    Raises:
        NoCertificate: the group did not come, its visit is not over, or the hall issues none for its programme.
    """
    first = list_parts(booking)[0]
    db.session.execute(select(Booking.id).where(Booking.id == first.id).with_for_update())
    if not queries.may_have(booking):
        raise NoCertificate
    present = queries.find_of_booking(booking)
    if present is not None and queries.is_current(present):
        return present
    if present is not None:
        present.replaced_at = clock.now()
    made = Certificate(
        hall_id=booking.hall_id,
        code=codes.make(),
        booking_id=first.id,
        day=queries.list_days(booking)[0],
        organisation=first.organisation,
        people=queries.count_people(booking),
        issued_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def save_setting(command: SaveSetting) -> None:
    """Set for which programmes a hall issues certificates; certificates that exist stay as they are.

    Raises:
        ProgrammesNeeded: certificates are wanted for chosen programmes, and none was chosen.
    """
    if command.scope is Scope.CHOSEN and not command.programmes:
        raise ProgrammesNeeded
    capacity.hold_hall(command.hall_id)
    setting = queries.find_setting(command.hall_id)
    if setting is None:
        setting = CertificateSetting(hall_id=command.hall_id, scope=Scope.NONE)
        db.session.add(setting)
    detail = apply(setting, {"scope": command.scope, "words": command.words})
    before = queries.list_programme_ids(command.hall_id)
    if before != frozenset(command.programmes):
        _choose(command)
        detail.setdefault("before", {})["programmes"] = _listed(before)
        detail.setdefault("after", {})["programmes"] = _listed(command.programmes)
    subject = f"hall {command.hall_id}"
    note(hall_id=command.hall_id, by=command.by, action="certificates_saved", subject=subject, detail=detail)


def _choose(command: SaveSetting) -> None:
    db.session.execute(delete(CertificateProgramme).where(CertificateProgramme.hall_id == command.hall_id))
    for programme_id in sorted(command.programmes):
        db.session.add(CertificateProgramme(hall_id=command.hall_id, programme_id=programme_id))


def _listed(programmes: Collection[int]) -> str:
    return ", ".join(map(str, sorted(programmes)))


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the names of individuals on the certificates of these bookings; needs a transaction."""
    alone = select(Booking.id).where(Booking.id.in_(bookings), individual_in_sql(Booking.kind))
    db.session.execute(
        update(Certificate)
        .where(Certificate.hall_id == hall.id, Certificate.booking_id.in_(alone), Certificate.organisation != "")
        .values(organisation=""),
        execution_options={"synchronize_session": False},
    )
