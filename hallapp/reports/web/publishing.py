"""Publishing of closed months before a public page or file is made."""

from hallapp.core.database import write_if_possible
from hallapp.reports import publishing
from hallapp.schedule.models import Hall


def keep_published(hall: Hall) -> None:
    """Publish the closed months in a transaction of its own; a page calls it before it reads.

    So a number is stored before anyone sees it. Of many visitors at the same time, one publishes and the others find
    the work done. Where nothing can be written, the page shows what was published before.
    """
    hall_id = hall.id
    if publishing.list_due(hall_id):
        write_if_possible(lambda: publishing.publish_due(hall_id), what="publishing closed months")
