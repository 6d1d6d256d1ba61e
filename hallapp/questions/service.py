"""Change the questions of a programme, and store the answers of bookings."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, not_, select, update

from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.core.texts import Texts
from hallapp.questions import errors, queries
from hallapp.questions.models import Answer, Question, QuestionKind
from hallapp.questions.values import Given
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, note

QUESTIONS_MOST = 12
OPTIONS_MOST = 30
_UNTRACKED: Any = {"execution_options": {"synchronize_session": False}}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveQuestion:
    """The command for a question; `number` is None for a new one. `options` has one option in each line."""

    hall_id: int
    by: int | None
    number: int | None
    programme_id: int
    kind: QuestionKind
    words: Texts
    options: Texts
    required: bool
    at_desk: bool
    position: int


def save_question(command: SaveQuestion) -> Question:
    """Add or change a question.

    Raises:
        QuestionEmpty, OptionsMissing, OptionsDiffer, KindFixed, TooManyQuestions: for its values.
        NoResultFound: there is no question of this number.
    """
    capacity.hold_hall(command.hall_id)  # so that two new questions get different numbers
    if not command.words:
        raise errors.QuestionEmpty
    options = _pair(command.options) if command.kind is QuestionKind.CHOICE else []
    if command.number is None:
        question = _add(command)
    else:
        question = db.session.get_one(Question, (command.hall_id, command.number))
        if question.kind is not command.kind:
            raise errors.KindFixed
    values = {
        "words": command.words,
        "options": options,
        "required": command.required,
        "at_desk": command.at_desk,
        "position": command.position,
        "active": True,
    }
    detail = apply(question, values)
    _note(question, command.by, "question_saved", detail)
    return question


def stop_asking(hall_id: int, number: int, by: int | None) -> None:
    """Ask a question no longer; its answers stay with their bookings. Raises NoResultFound."""
    capacity.hold_hall(hall_id)
    question = db.session.get_one(Question, (hall_id, number))
    _note(question, by, "question_stopped", apply(question, {"active": False}))


def store(hall_id: int, booking_id: int, given: Iterable[Given]) -> None:
    """Store the answers of a new booking, and the content of a file only where the hall does not have it yet."""
    rows = [_row(hall_id, booking_id, one) for one in given]
    for row in rows:
        if row["content"] is not None and _hold_content(hall_id, row["digest"]):
            row["content"] = None
    if rows:
        _NEW_ANSWER.run(*rows)


def change(hall_id: int, booking_id: int, given: Iterable[Given], asked: Iterable[int]) -> list[int]:
    """Replace the answers to the questions that were `asked` by those given; return the numbers that changed.

    A file that was not sent again stays, so its question is not among those asked.
    """
    before = queries.find_answers(hall_id, [booking_id])[booking_id]
    digests = dict(
        db.session.execute(
            select(Answer.question, Answer.digest).where(Answer.hall_id == hall_id, Answer.booking_id == booking_id)
        ).all()
    )
    new = {one.number: one for one in given}
    changed = [
        number
        for number in asked
        if (number in new) != (number in before)
        or (number in new and (new[number].text, new[number].digest) != (before[number], digests[number]))
    ]
    if changed:
        _delete(Answer.hall_id == hall_id, Answer.booking_id == booking_id, Answer.question.in_(changed))
        store(hall_id, booking_id, (new[number] for number in changed if number in new))
    return changed


def erase(hall_id: int, booking_ids: object) -> None:
    """Erase the answers of bookings, of which `booking_ids` is a list or a query."""
    _delete(Answer.hall_id == hall_id, Answer.booking_id.in_(booking_ids))  # type: ignore[arg-type]


def _hold_content(hall_id: int, digest: object) -> bool:
    """Return whether the hall has a file already. Its row is locked, so that nobody deletes it meanwhile."""
    kept = select(Answer.booking_id).where(
        Answer.hall_id == hall_id, Answer.digest == digest, Answer.content.is_not(None)
    )
    return db.session.execute(kept.limit(1).with_for_update(read=True)).first() is not None


def _delete(*which: ColumnElement[bool]) -> None:
    """Delete answers. The content of a file moves to another answer that has the same file, where there is one."""
    kept = select(Answer.hall_id, Answer.booking_id, Answer.question, Answer.digest)
    for row in db.session.execute(kept.where(*which, Answer.content.is_not(None)).with_for_update()).all():
        same = (Answer.hall_id == row.hall_id, Answer.digest == row.digest, Answer.content.is_(None))
        heir = db.session.execute(
            select(Answer.booking_id, Answer.question).where(*same, not_(and_(*which))).limit(1)
        ).first()
        if heir is not None:
            content = db.session.scalar(select(Answer.content).where(*_key(row.hall_id, row.booking_id, row.question)))
            db.session.execute(update(Answer).where(*_key(row.hall_id, *heir)).values(content=content), **_UNTRACKED)
    db.session.execute(delete(Answer).where(*which), **_UNTRACKED)


def _key(hall_id: int, booking_id: int, question: int) -> tuple[ColumnElement[bool], ...]:
    return Answer.hall_id == hall_id, Answer.booking_id == booking_id, Answer.question == question


def _add(command: SaveQuestion) -> Question:
    active = queries.list_active(command.hall_id, command.programme_id)
    if len(active) >= QUESTIONS_MOST:
        raise errors.TooManyQuestions(most=QUESTIONS_MOST)
    newest = db.session.scalar(select(func.max(Question.number)).where(Question.hall_id == command.hall_id)) or 0
    question = Question(
        hall_id=command.hall_id,
        number=newest + 1,
        programme_id=command.programme_id,
        kind=command.kind,
        words=Texts(),
        options=[],
        active=True,
    )
    db.session.add(question)
    return question


def _pair(options: Texts) -> list[dict[str, str]]:
    """Return the options with their words in every language. Raises OptionsMissing, OptionsDiffer."""
    filled = {language: _lines(text) for language, text in options.items() if _lines(text)}
    sizes = {len(lines) for lines in filled.values()}
    if not sizes or max(sizes) < 2:
        raise errors.OptionsMissing
    if len(sizes) > 1:
        raise errors.OptionsDiffer
    return [dict(zip(filled, words, strict=True)) for words in zip_longest(*filled.values())]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _note(question: Question, by: int | None, action: str, detail: dict[str, dict[str, object]]) -> None:
    subject = f"question {question.number}"
    note(hall_id=question.hall_id, by=by, action=action, subject=subject, detail=detail)


def _row(hall_id: int, booking_id: int, given: Given) -> dict[str, object]:
    mine = {"hall_id": hall_id, "booking_id": booking_id, "question": given.number}
    return mine | {"text": given.text, "digest": given.digest, "content": given.content}


_NEW_ANSWER = Prepared(insert(Answer.__table__))  # type: ignore[arg-type]
