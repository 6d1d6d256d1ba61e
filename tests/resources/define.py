"""Resources of a hall for tests; call these inside a transaction."""

from typing import Any

from hallapp.resources.models import AskedBy
from hallapp.resources.service import SaveResource, save_resource


def headsets(hall_id: int, **changes: Any) -> int:
    """Define headsets, one for each person, which groups ask for themselves; return their number."""
    values = {
        "names": {"zh": "讲解耳机", "en": "Headsets"},
        "units": {"zh": "台", "en": "sets"},
        "quantity": 30,
        "people_each": 1,
    }
    return save_resource(SaveResource(hall_id=hall_id, **(values | changes))).number


def rooms(hall_id: int, **changes: Any) -> int:
    """Define session rooms, one for each booking by rule; return their number."""
    values = {
        "names": {"zh": "会议室", "en": "Session room"},
        "units": {"zh": "间", "en": "rooms"},
        "quantity": 2,
        "asked_by": AskedBy.RULE,
    }
    return save_resource(SaveResource(hall_id=hall_id, **(values | changes))).number
