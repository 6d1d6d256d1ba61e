"""Sign-in attempts: how many are allowed, and which data of refused ones is stored.

Names and networks are stored as keyed digests only: many people type their password into the name field.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from flask import Flask, current_app
from sqlalchemy import update

from hallapp.accounts import service
from hallapp.accounts.models import RefusedSignIn
from hallapp.accounts.web import known
from hallapp.core import clock, limits
from hallapp.core.database import db, transaction, upsert
from hallapp.core.logs import log
from hallapp.core.web.responses import client_network

LIMIT_SECONDS = 5 * 60
LIMIT_PER_NAME = 10  # from one network: an attacker elsewhere must not lock the owner out
LIMIT_PER_NAME_ANYWHERE = 100
LIMIT_PER_NETWORK = 60  # a whole hall signs in from one address
LIMIT_PER_DEVICE = 10  # for one account
_HALL = "hallapp_hall_of_request"
_SHOWN = 12  # characters of a digest in the log


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: the name as accounts keep it, where it comes from, and the account that has the name, if any."""

    name: str
    network: str
    staff_id: int | None
    hall_id: int | None
    device: str | None

    @classmethod
    def of(cls, typed: str) -> Self:
        """Return the sign-in attempt of this request."""
        staff = service.find_staff(typed)
        return cls(
            name=service.tidy_name(typed),
            network=client_network(),
            staff_id=staff.id if staff else None,
            hall_id=staff.hall_id if staff else current_app.extensions[_HALL](),
            device=known.find_device(staff.id) if staff else None,
        )

    def count(self) -> None:
        """Count it in a transaction of its own, so that it stays counted. Raises TooManyRequests."""
        with transaction():
            if self.device:
                limits.hit("sign_in_device", self._by_device, limit=LIMIT_PER_DEVICE, seconds=LIMIT_SECONDS)
                return
            limits.hit("sign_in_network", self.network, limit=LIMIT_PER_NETWORK, seconds=LIMIT_SECONDS)
            limits.hit("sign_in_name_there", self._by_name, limit=LIMIT_PER_NAME, seconds=LIMIT_SECONDS)
            limits.hit("sign_in_name", self.name, limit=LIMIT_PER_NAME_ANYWHERE, seconds=LIMIT_SECONDS)

    def forgive(self) -> None:
        """Forget the failures before a success; needs a transaction."""
        if self.device:
            limits.forget("sign_in_device", self._by_device, seconds=LIMIT_SECONDS)
        else:
            limits.forget("sign_in_name_there", self._by_name, seconds=LIMIT_SECONDS)

    def note_refusal(self, *, limited: bool) -> None:
        """Record that it was refused, in a transaction of its own.

        An attempt over the limits is counted only in an existing row, so that no one can fill the table.
        """
        if self.hall_id is None:
            return
        name, network = _digest("name", self.name), _digest("network", self.network)
        log.warning("sign-in refused: name %s, network %s", name[:_SHOWN], network[:_SHOWN])
        now = clock.now()
        key = {"hall_id": self.hall_id, "day": now.date(), "name": name, "network": network}
        with transaction():
            if limited:
                _count_again(key)
            else:
                _count(key, self.staff_id)

    @property
    def _by_device(self) -> str:
        return f"{self.device} {self.staff_id}"

    @property
    def _by_name(self) -> str:
        return f"{self.network} {self.name}"


def let_hall_be_found(app: Flask, find_hall: Callable[[], int | None]) -> None:
    """Register `find_hall`, which gives a request's hall: its administrators see refused names without an account."""
    app.extensions[_HALL] = find_hall


def _count(key: dict[str, object], staff_id: int | None) -> None:
    now, table = clock.now(), RefusedSignIn.__table__
    row = {**key, "staff_id": staff_id, "times": 1, "first_at": now, "last_at": now}
    again = {"times": table.c.times + 1, "last_at": now, "staff_id": staff_id}
    db.session.execute(upsert(table, row).on_conflict_do_update(index_elements=list(key), set_=again))


def _count_again(key: dict[str, object]) -> None:
    values = {"times": RefusedSignIn.times + 1, "last_at": clock.now()}
    statement = update(RefusedSignIn).filter_by(**key).values(values)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _digest(what: str, text: str) -> str:
    """Return a digest that identifies equal values and reveals nothing without the service's key."""
    key = hmac.digest(current_app.config["SECRET_KEY"].encode(), b"hallapp refused sign-in v1", "sha256")
    return hmac.digest(key, f"{what}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()
