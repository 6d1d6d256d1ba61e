"""The service points of the demonstration: the example scheme, and an entry that waits for approval."""

from hallapp.points import service, setup
from hallapp.schedule.models import Hall


def fill(hall: Hall, *, guide: int, desk: int, manager: int) -> None:
    """Give service points to the guide and the desk; the guide has entered a training."""
    setup.save_setting(hall.id, is_open=True, by=manager)
    setup.add_person(hall.id, desk, by=manager)
    service.enter(
        service.Enter(
            hall=hall,
            by=guide,
            staff_id=guide,
            code="training_attended",
            day=hall.today(),
            times=1,
            evidence="市文化馆讲解员培训，结业证书存办公室",
        )
    )
