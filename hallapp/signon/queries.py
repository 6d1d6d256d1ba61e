"""Reads of providers, and of the accounts that are connected."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select

from hallapp.accounts.models import Staff
from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.signon.models import SignOnIdentity, SignOnProvider, StaffAddress


def list_providers(hall_id: int) -> Sequence[SignOnProvider]:
    """Return the providers of a hall, in the order in which they were added."""
    wanted = select(SignOnProvider).where(SignOnProvider.hall_id == hall_id).order_by(SignOnProvider.number)
    return db.session.scalars(wanted).all()


class Offered(NamedTuple):
    """A provider as the page of the sign-in names it."""

    number: int
    name: str


def list_offered(hall_id: int, *, version: int | None = None) -> Sequence[Offered]:
    """Return the providers for a page to choose from; `version` is that of the hall's facts, where it is known."""
    return _OFFERED.get(hall_id, version=version)


def _load_offered(hall_id: int) -> tuple[Offered, ...]:
    wanted = select(SignOnProvider.number, SignOnProvider.name).where(SignOnProvider.hall_id == hall_id)
    return tuple(Offered(*row) for row in db.session.execute(wanted.order_by(SignOnProvider.number)))


_OFFERED = Facts(_load_offered)


def find_provider(hall_id: int, number: int) -> SignOnProvider | None:
    """Return a provider of a hall, or None where there is none of this number."""
    return db.session.get(SignOnProvider, (hall_id, number))


def get_provider(hall_id: int, number: int) -> SignOnProvider:
    """Return a provider of a hall. Raises NoResultFound."""
    wanted = select(SignOnProvider).where(SignOnProvider.hall_id == hall_id, SignOnProvider.number == number)
    return db.session.scalars(wanted).one()


def next_number(hall_id: int) -> int:
    """Return the number of the next provider of a hall."""
    newest = select(func.max(SignOnProvider.number)).where(SignOnProvider.hall_id == hall_id)
    return (db.session.scalar(newest) or 0) + 1


def find_identity(provider: SignOnProvider, subject: str) -> SignOnIdentity | None:
    """Return who has an account at a provider, by its subject; None where nobody has."""
    return db.session.get(SignOnIdentity, (provider.hall_id, provider.number, subject))


def list_connected(staff: Staff) -> dict[int, SignOnIdentity]:
    """Return the connections of a person, by the number of the provider."""
    wanted = select(SignOnIdentity).where(SignOnIdentity.hall_id == staff.hall_id, SignOnIdentity.staff_id == staff.id)
    return {one.provider_number: one for one in db.session.scalars(wanted)}


def count_connected(hall_id: int) -> dict[int, int]:
    """Return how many accounts are connected with each provider of a hall."""
    number = SignOnIdentity.provider_number
    wanted = select(number, func.count()).where(SignOnIdentity.hall_id == hall_id).group_by(number)
    return {provider: count for provider, count in db.session.execute(wanted)}  # noqa: C416 — rows are not pairs


def find_address(staff: Staff) -> StaffAddress | None:
    """Return the mail address of a person, or None."""
    return db.session.get(StaffAddress, (staff.hall_id, staff.id))


def find_staff_by_address(hall_id: int, email: str) -> Staff | None:
    """Return the account with a mail address, active or not; None where there is none."""
    return db.session.scalar(
        select(Staff)
        .join(StaffAddress, StaffAddress.staff_id == Staff.id)
        .where(Staff.hall_id == hall_id, StaffAddress.hall_id == hall_id, StaffAddress.email == email)
    )
