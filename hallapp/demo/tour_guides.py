"""The demonstration's guides, and who of them leads whom in the coming days."""

from datetime import time, timedelta

from hallapp.guides import assigning, service
from hallapp.guides.models import GuideLanguage
from hallapp.guides.service import GuideFacts, SetPattern
from hallapp.schedule.models import Hall

_ZH, _YUE, _EN = GuideLanguage.MANDARIN, GuideLanguage.CANTONESE, GuideLanguage.ENGLISH
_GUIDES = (
    ("刘晓岚", (_ZH, _YUE), range(7)),
    ("陈嘉怡", (_ZH, _EN), range(7)),
    ("Amy 黄", (_EN, _ZH), (1, 3, 5, 6)),
)
_DAYS = 7


def hire(hall: Hall, *, account: int, by: int) -> None:
    """Let three guides work here, the first with the account of a guide, and assign them to the coming groups."""
    today = hall.today()
    programmes = tuple(programme.slug for programme in hall.programmes)
    for number, (name, languages, weekdays) in enumerate(_GUIDES):
        facts = GuideFacts(
            hall_id=hall.id,
            by=by,
            name=name,
            languages=languages,
            programmes=programmes,
            staff_id=None if number else account,
        )
        guide = service.add(facts)
        spans = tuple((weekday, time(8, 30), time(23, 59)) for weekday in weekdays)
        service.set_pattern(SetPattern(hall_id=hall.id, by=by, guide_id=guide.id, valid_from=today, spans=spans))
    assigning.assign_suggested(hall, first=today, last=today + timedelta(days=_DAYS), by=by)
