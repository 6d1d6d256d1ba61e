"""Publishing of closed months before a public page or file is made."""

from hallapp.core.database import transaction
from hallapp.reports import publishing
from hallapp.schedule.models import Hall


def keep_published(hall: Hall) -> None:
    """Publish the closed months in a transaction of its own; a page calls it before it reads.

    So a number is stored before anyone sees it. Of many visitors at the same time, one publishes and the others find
    the work done.
    """
    if publishing.list_due(hall.id):
        with transaction():
            publishing.publish_due(hall.id)
