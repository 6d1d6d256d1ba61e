"""Reads of halls, programmes and slots."""

from sqlalchemy import select

from hallapp.core.database import db
from hallapp.schedule.models import Hall


def get_hall(hall_id: int) -> Hall:
    """A hall by its id. Raises NoResultFound."""
    return db.session.get_one(Hall, hall_id)


def find_hall_of_host(host: str) -> Hall | None:
    """The hall that visitors reach by this host name; where none claims it, the first hall; None without any."""
    name = host.partition(":")[0].lower()
    claimed = db.session.scalar(select(Hall).where(Hall.host == name))
    return claimed or db.session.scalar(select(Hall).order_by(Hall.id).limit(1))
