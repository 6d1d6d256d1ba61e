"""Publish what has been closed before a page or a file of the public is made."""

from hallapp.core.database import transaction
from hallapp.reports import publishing
from hallapp.schedule.models import Hall


def keep_published(hall: Hall) -> None:
    """Publish the months that have been closed, in a transaction of its own; a page calls it before it reads.

    A number is so remembered before anybody sees it. Of many visitors at once, one publishes and the others find it
    done.
    """
    if publishing.list_due(hall.id):
        with transaction():
            publishing.publish_due(hall.id)
