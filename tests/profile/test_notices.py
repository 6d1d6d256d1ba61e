"""Notices, the introduction and closures, from the manager's form to the visitors' pages."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from hallapp.profile import queries
from hallapp.schedule import closed_days, days, planning
from tests import factories
from tests.admin.setup.conftest import house, last_entry, refused, save, stranger
from tests.booking.helpers import page

__all__ = ["house", "stranger"]


def typed(house: SimpleNamespace, *, first: int = 0, last: int = 3, **texts: str) -> dict[str, str]:
    today = house.hall.today()
    days = {"first": str(today + timedelta(days=first)), "last": str(today + timedelta(days=last))}
    return {"text_zh": "北门施工", "text_en": "Works at the north gate", **days, **texts}


def test_notices_are_shown_on_their_days_changed_and_deleted(house: SimpleNamespace) -> None:
    visitor = house.app.test_client()
    for first, last, text in ((0, 0, "Today only"), (1, 9, "From tomorrow"), (-9, -1, "Until yesterday")):
        answer = save(house, "/admin/notices", **typed(house, first=first, last=last, text_en=text))
        assert (answer.status_code, answer.location) == (303, "/admin/notices?saved=1")
    for path in ("/", "/book"):
        shown = page(visitor.get(path, query_string={"lang": "en"}))
        assert "Today only" in shown
        assert "From tomorrow" not in shown
        assert "Until yesterday" not in shown
    assert "北门施工" in page(visitor.get("/?lang=zh"))

    listed = page(house.client.get("/admin/notices?lang=en"))
    assert re.findall("Shown now|Not yet shown|No longer shown", listed) == [
        "Not yet shown",
        "Shown now",
        "No longer shown",
    ]
    assert save(house, "/admin/notices/1", text_en="Another text", text_zh="").status_code == 303
    assert last_entry("notice_saved").detail["after"] == {"text_zh": "", "text_en": "Another text"}
    assert house.client.submit("/admin/notices/1/delete").status_code == 303
    assert [one.number for one in queries.list_notices(house.hall.id)] == [2, 3]
    assert save(house, "/admin/notices", **typed(house)).status_code == 303
    assert {one.number for one in queries.list_notices(house.hall.id)} == {2, 3, 4}


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"text_zh": "", "text_en": " "}, "text_zh", "Enter the text of the notice"),
        ({"text_en": "x" * 501}, "text_en", "500"),
        ({"last": "1999-01-01"}, "last", "The last day is before the first one."),
        ({"first": "tomorrow"}, "first", "Enter a day such as"),
        ({"last": ""}, "last", "Enter a day such as"),
    ],
)
def test_bad_notices_are_refused_beside_their_field(
    house: SimpleNamespace, changes: dict[str, str], field: str, message: str
) -> None:
    house.client.get("/admin/notices?lang=en")
    answer = save(house, "/admin/notices", **{**typed(house), **changes})
    refused(answer, field, message)
    assert queries.list_notices(house.hall.id) == []


@pytest.mark.parametrize("number", ["1", "0", "x", "9" * 30])
def test_another_halls_notice_is_unknown(house: SimpleNamespace, stranger: SimpleNamespace, number: str) -> None:
    save(house, "/admin/notices", **typed(house))
    theirs = SimpleNamespace(client=house.app.test_client())
    theirs.client.sign_in(factories.make(factories.staff, hall=stranger.hall, role=Role.MANAGER))
    assert theirs.client.get(f"/admin/notices/{number}").status_code == 404
    theirs.client.get("/admin/notices")
    assert theirs.client.submit(f"/admin/notices/{number}/delete").status_code == 404
    assert len(queries.list_notices(house.hall.id)) == 1


def test_introduction_hours_and_notes_are_on_the_home_page(house: SimpleNamespace) -> None:
    texts = {"intro_en": "Two thousand years\nof trade", "coach_en": "Coaches stop at gate 2", "access_en": "A lift"}
    assert save(house, "/admin/hall", **texts, intro_zh="两千年商贸").status_code == 303
    shown = page(house.app.test_client().get("/?lang=en"))
    for text in (*texts.values(), "Opening hours", "Tue–Sun", "10:00–11:30"):
        assert text.replace("\n", " ") in shown.replace("\n", " ")
    assert "两千年商贸" in page(house.app.test_client().get("/?lang=zh"))


def test_the_reason_of_a_closure_is_on_both_pages(house: SimpleNamespace) -> None:
    day = next(day for number in range(3, 9) if (day := house.hall.today() + timedelta(days=number)).weekday() != 0)
    with transaction():
        command = closed_days.SetDays(
            hall_id=house.hall.id, by=None, first=day, last=day, closed=True, reason={"zh": "设备检修", "en": "Repairs"}
        )
        planning.carry_out(days.plan(command))
    visitor = house.app.test_client()
    for path in ("/", "/book"):
        assert "Repairs" in page(visitor.get(path, query_string={"lang": "en"}))
        assert "设备检修" in page(visitor.get(path, query_string={"lang": "zh"}))
