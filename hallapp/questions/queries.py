"""Reads of questions and answers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.core.texts import Texts
from hallapp.questions.models import Answer, Question, QuestionKind
from hallapp.questions.values import Asked


def list_asked(hall_id: int, programme_id: int | None = None, *, version: int | None = None) -> tuple[Asked, ...]:
    """Return the questions of a hall, or of one of its programmes, in their order; also those asked no longer.

    `version` is that of the hall's facts, where known.
    """
    held = _held.get(hall_id, version=version)
    return held if programme_id is None else tuple(one for one in held if one.programme_id == programme_id)


def list_active(hall_id: int, programme_id: int) -> tuple[Asked, ...]:
    """Return the questions that are put to groups who book a programme."""
    return tuple(one for one in list_asked(hall_id, programme_id) if one.active)


def takes_files(asked: Iterable[Asked]) -> bool:
    """Return whether any of these questions asks for a file."""
    return any(one.active and one.kind is QuestionKind.FILE for one in asked)


def find_answers(hall_id: int, booking_ids: Iterable[int]) -> Mapping[int, Mapping[int, str]]:
    """Return the answers as stored by booking and question; a booking without answers has an empty mapping."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    ids = list(booking_ids)
    if ids and list_asked(hall_id):
        query = select(Answer.booking_id, Answer.question, Answer.text)
        for booking_id, number, text in db.session.execute(
            query.where(Answer.hall_id == hall_id, Answer.booking_id.in_(ids))
        ):
            found[booking_id][number] = text
    return found


def find_file(hall_id: int, booking_id: int, number: int) -> tuple[str, bytes] | None:
    """Return type and content of the file that a booking gave as its answer, or None."""
    mine, kept = aliased(Answer), Answer
    same = (kept.hall_id == mine.hall_id, kept.digest == mine.digest, kept.content.is_not(None))
    query = select(kept.text, kept.content).join(mine, and_(*same))
    mine_is = (mine.hall_id == hall_id, mine.booking_id == booking_id, mine.question == number)
    row = db.session.execute(query.where(*mine_is).limit(1)).one_or_none()
    return (row[0], row[1]) if row is not None and row[1] is not None else None


def find_question(hall_id: int, number: int) -> Question | None:
    """Return a question of this hall, or None."""
    return db.session.get(Question, (hall_id, number))


def _load(hall_id: int) -> tuple[Asked, ...]:
    names = Asked.__dataclass_fields__.keys() - {"options"}
    query = select(Question.__table__).where(Question.hall_id == hall_id)
    rows = db.session.execute(query.order_by(Question.position, Question.number)).mappings()
    return tuple(
        Asked(options=tuple(Texts(one) for one in row["options"]), **{name: row[name] for name in names})
        for row in rows
    )


_held = Facts(_load)
