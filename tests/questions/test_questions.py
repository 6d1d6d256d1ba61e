"""Questions of a programme: from the manager's form to the booking, the desk, the export and the end."""

import io
from collections.abc import Iterator
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from hallapp.booking import lists, retention
from hallapp.booking.models import Booking, BookingEvent
from hallapp.core.database import db, transaction
from hallapp.core.texts import Texts
from hallapp.desk import snapshot
from hallapp.questions import queries, service
from hallapp.questions.models import Answer, QuestionKind
from hallapp.questions.service import SaveQuestion
from hallapp.questions.values import Given
from tests import factories
from tests.admin.setup.conftest import house, last_entry, refused, save, stranger
from tests.booking.helpers import MADE, page, typed
from tests.questions.test_uploads import pdf, picture

__all__ = ["house", "stranger"]

OPTIONS = Texts({"zh": "党员活动\n研学", "en": "Party day\nStudy tour"})
CHINESE = {"Theme": "主题", "Coaches": "车辆数", "Letter": "公函", "Remark": "补充", "Material": "材料"}
STUDY = '{"en": "Study tour", "zh": "研学"}'


def ask(house: Any, kind: QuestionKind, words: str, **values: Any) -> int:
    defaults = {"options": Texts(), "required": False, "at_desk": False, "position": 0}
    with transaction():
        question = service.save_question(
            SaveQuestion(
                **{
                    **{"hall_id": house.hall.id, "by": None, "number": None, "programme_id": house.programme.id},
                    **{"kind": kind, "words": Texts({"zh": CHINESE[words], "en": words})},
                    **defaults,
                    **values,
                }
            )
        )
        return question.number


@pytest.fixture
def asking(house: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """A hall that asks for a theme, a number, a letter and a remark; and a time of its programme."""
    house.theme = ask(house, QuestionKind.CHOICE, "Theme", options=OPTIONS, required=True, at_desk=True)
    house.coaches = ask(house, QuestionKind.NUMBER, "Coaches")
    house.letter = ask(house, QuestionKind.FILE, "Letter", required=True)
    house.remark = ask(house, QuestionKind.TEXT, "Remark", at_desk=True)
    with transaction():
        house.hall.slots_until = MADE
        house.slot = factories.slot(programme=house.programme, starts=time(14))
    yield house


def answers(asking: SimpleNamespace, **changes: Any) -> dict[str, Any]:
    given = {"theme": STUDY, "coaches": "２", "letter": (io.BytesIO(pdf()), "信.exe"), "remark": " 请安排 "} | changes
    return {f"question_{getattr(asking, name)}": value for name, value in given.items() if value is not None}


def book(asking: SimpleNamespace, **changes: Any) -> Any:
    visitor = asking.app.test_client()
    visitor.get("/book?lang=en")
    sent = typed(asking.slot) | answers(asking, **changes)
    return visitor.submit("/book", sent, content_type="multipart/form-data")


def only() -> Booking:
    return db.session.scalars(select(Booking)).one()


@pytest.mark.either_database
def test_answers_reach_all_who_prepare_the_visit_and_are_erased(asking: SimpleNamespace) -> None:
    empty = page(asking.app.test_client().get("/book?lang=en"))
    for words in ("Theme", "Coaches", "Letter", "Remark", "Study tour", 'enctype="multipart/form-data"'):
        assert words in empty
    assert book(asking).status_code == 303
    booking = only()
    stored = queries.find_answers(asking.hall.id, [booking.id])[booking.id]
    assert stored == {asking.theme: STUDY, asking.coaches: "2", asking.letter: "pdf", asking.remark: "请安排"}

    organiser = asking.app.test_client()
    shown = page(organiser.get(f"/visits/{booking.key}?lang=en"))
    assert "Study tour" in shown
    assert "File received (PDF)" in shown
    assert f"/answers/{asking.letter}" not in shown
    for path in (f"/bookings/{booking.reference}", f"/desk?code={booking.reference}"):
        shown = page(asking.client.get(path, headers={"Accept-Language": "zh"}))
        assert "研学" in shown
    file = asking.client.get(f"/bookings/{booking.reference}/answers/{asking.letter}")
    assert file.data.startswith(b"%PDF-")
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in file.headers["Content-Security-Policy"]
    assert asking.client.get(f"/bookings/{booking.reference}/answers/{asking.theme}").status_code == 404
    assert organiser.get(f"/bookings/{booking.reference}/answers/{asking.letter}").status_code in (302, 303)

    sheet = openpyxl.load_workbook(io.BytesIO(lists.write_xlsx([booking], hall=asking.hall, language="en"))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert dict(zip(rows[0][-4:], rows[1][-4:], strict=True)) == {
        "Theme": "Study tour",
        "Coaches": "2",
        "Letter": "File received (PDF)",
        "Remark": "请安排",
    }
    with transaction():
        booking.slot.day = asking.hall.today() - timedelta(days=400)
        assert retention.erase(asking.hall) == 1
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 0


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"theme": ""}, "theme", "Please choose one of these."),
        ({"theme": '{"en": "Mine"}'}, "theme", "Not a valid choice"),
        ({"coaches": "two"}, "coaches", "Enter a whole number"),
        ({"remark": "x" * 501}, "remark", "500"),
        ({"letter": None}, "letter", "Please choose a file."),
        ({"letter": (io.BytesIO(b"<script>"), "letter.pdf")}, "letter", "cannot be read as a PDF"),
    ],
)
@pytest.mark.on_database("sqlite")
def test_a_wrong_answer_is_refused_beside_its_field(
    asking: SimpleNamespace, changes: dict[str, Any], field: str, message: str
) -> None:
    answer = book(asking, **changes)
    assert answer.status_code == 422
    shown = page(answer)
    assert f'id="question_{getattr(asking, field)}-error"' in shown
    assert message in shown
    assert 'value="何秀珍"' in shown
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 0


def test_organiser_and_staff_change_answers_and_the_file_stays_unless_replaced(asking: SimpleNamespace) -> None:
    assert book(asking).status_code == 303
    booking = only()
    organiser = asking.app.test_client()
    asked = page(organiser.get(f"/visits/{booking.key}/change?what=answers&lang=en"))
    assert "A file has been received." in asked
    sent = {"what": "answers"} | answers(asking, letter=None, coaches="", remark="Later")
    path = f"/visits/{booking.key}/change"
    assert organiser.submit(path, sent, content_type="multipart/form-data").status_code == 303
    stored = queries.find_answers(asking.hall.id, [booking.id])[booking.id]
    assert stored == {asking.theme: STUDY, asking.letter: "pdf", asking.remark: "Later"}
    events = db.session.scalars(select(BookingEvent).where(BookingEvent.booking_id == booking.id)).all()
    assert events[-1].detail["fields"] == ["answers"]

    asking.client.get(f"/bookings/{booking.reference}?lang=en")
    sent = answers(asking, letter=(io.BytesIO(picture()), "x"), theme="", remark="")
    path = f"/bookings/{booking.reference}/answers"
    assert asking.client.submit(path, sent, content_type="multipart/form-data").status_code == 303
    assert queries.find_answers(asking.hall.id, [booking.id])[booking.id] == {asking.coaches: "2", asking.letter: "jpg"}
    assert "Not answered yet" in page(asking.client.get(f"/bookings/{booking.reference}?lang=en"))


@pytest.mark.on_database("sqlite")
def test_staff_book_without_answers_and_only_those_of_the_programme_count(asking: SimpleNamespace) -> None:
    with transaction():
        other = factories.programme(hall=asking.hall, name_en="Workshop", guides=0)
    foreign = ask(SimpleNamespace(hall=asking.hall, programme=other), QuestionKind.TEXT, "Material")
    shown = page(asking.client.get("/bookings/new?lang=en"))
    assert "Only for: Workshop" in shown
    sent = typed(asking.slot, source="phone", pass_language="en") | {
        f"question_{asking.remark}": "A",
        f"question_{foreign}": "B",
    }
    assert asking.client.submit("/bookings/new", sent).status_code == 303
    booking = only()
    assert queries.find_answers(asking.hall.id, [booking.id])[booking.id] == {asking.remark: "A"}
    taken = snapshot.take(asking.hall, days=1, language="en", keys=["0123456789abcdef"])
    assert taken is not None


@pytest.mark.either_database
def test_a_manager_adds_changes_and_stops_a_question(house: SimpleNamespace, stranger: SimpleNamespace) -> None:
    form = {"words_zh": "主题", "words_en": "Theme", "kind": "choice", "options_zh": "甲\n\n乙", "options_en": "A\nB"}
    sent = form | {"programme": str(house.programme.id), "required": "y", "position": "3"}
    answer = save(house, "/admin/questions", **sent)
    assert (answer.status_code, answer.location) == (303, "/admin/questions?saved=1")
    (one,) = queries.list_active(house.hall.id, house.programme.id)
    assert one.options == ({"zh": "甲", "en": "A"}, {"zh": "乙", "en": "B"})
    assert (one.required, one.at_desk) == (True, False)
    assert save(house, "/admin/questions/1", words_en="Subject").status_code == 303
    assert last_entry("question_saved").detail["after"] == {"words_en": "Subject"}
    assert house.client.submit("/admin/questions/1/stop").status_code == 303
    assert queries.list_active(house.hall.id, house.programme.id) == ()
    assert "No longer asked" in page(house.client.get("/admin/questions?lang=en"))
    assert house.client.get("/admin/questions/2").status_code == 404
    with transaction():
        theirs = factories.programme(hall=stranger.hall)
    assert save(house, "/admin/questions", **(sent | {"programme": str(theirs.id)})).status_code == 422


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"words_zh": "", "words_en": " "}, "words_zh", "Enter the question"),
        ({"kind": "choice", "options_zh": "甲"}, "options_zh", "at least two options"),
        ({"kind": "choice", "options_zh": "甲\n乙", "options_en": "A\nB\nC"}, "options_zh", "same number"),
        ({"words_en": "x" * 201}, "words_en", "200"),
        ({"position": "first"}, "position", "whole number"),
    ],
)
@pytest.mark.on_database("sqlite")
def test_a_wrong_question_is_refused_beside_its_field(
    house: SimpleNamespace, changes: dict[str, str], field: str, message: str
) -> None:
    good = {"words_zh": "主题", "words_en": "Theme", "kind": "text", "programme": str(house.programme.id)}
    answer = save(house, "/admin/questions?lang=en", **(good | changes))
    refused(answer, field, message)


@pytest.mark.either_database
def test_the_letter_of_a_large_group_is_stored_once_and_stays_until_the_last_part_is_erased(
    asking: SimpleNamespace,
) -> None:
    with transaction():
        parts = [factories.booking(slot=asking.slot, party=77) for _part in range(3)]
        letter = Given(number=asking.letter, text="pdf", digest="d" * 64, content=pdf())
        for part in parts:
            service.store(asking.hall.id, part.id, [letter])

    def stored() -> int:
        return db.session.scalar(select(func.count(Answer.content)).where(Answer.digest == "d" * 64)) or 0

    def files() -> list[bool]:
        found = [queries.find_file(asking.hall.id, part.id, asking.letter) for part in parts]
        assert all(one == ("pdf", letter.content) for one in found if one)
        return [one is not None for one in found]

    assert (stored(), files()) == (1, [True, True, True])
    with transaction():
        service.erase(asking.hall.id, [parts[0].id])
    assert (stored(), files()) == (1, [False, True, True])
    with transaction():
        other = Given(number=asking.letter, text="pdf", digest="e" * 64, content=b"%PDF-other")
        assert service.change(asking.hall.id, parts[1].id, [other], [asking.letter]) == [asking.letter]
    assert queries.find_file(asking.hall.id, parts[1].id, asking.letter) == ("pdf", b"%PDF-other")
    assert queries.find_file(asking.hall.id, parts[2].id, asking.letter) == ("pdf", letter.content)
    with transaction():
        service.erase(asking.hall.id, select(Booking.id).where(Booking.party == 77))
    assert (stored(), files()) == (0, [False, False, False])
    assert db.session.scalar(select(func.count(Answer.booking_id))) == 0


def test_questions_of_another_programme_are_asked_after_the_move(asking: SimpleNamespace) -> None:
    assert book(asking).status_code == 303
    key = only().key
    with transaction():
        second = factories.programme(hall=asking.hall)
        slot = factories.slot(programme=second, starts=time(16))
        house = SimpleNamespace(hall=asking.hall, programme=second)
    ask(house, QuestionKind.TEXT, "Material", required=True)
    organiser = asking.app.test_client()
    sent = {"what": "time", "programme": second.slug, "slot": str(slot.id)}
    organiser.get(f"/visits/{key}/change?what=time")
    moved = organiser.submit(f"/visits/{key}/change", sent)
    assert moved.location.endswith("/change?what=answers")
    assert "not answered yet" in page(organiser.get(f"/visits/{key}?lang=en"))
    assert "Material" in page(organiser.get(f"{moved.location}&lang=en"))
