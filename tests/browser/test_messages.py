"""The pages of messages, outbox and feedback, in both languages, both colour schemes and two widths."""

import pytest
from playwright.sync_api import expect

from hallapp.accounts.roles import Role
from hallapp.booking.models import BookingState
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.feedback import keys
from hallapp.feedback.models import Feedback
from hallapp.guides.models import Assignment, Guide
from hallapp.messages.models import MessageKind, MessageText
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel
from hallapp.notifications.service import NewMessage
from hallapp.schedule.models import Programme, Slot
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import WINDOWS, faults
from tests.browser.scene import MANAGER, PHONE, Scene
from tests.browser.test_pages import LONG_NAME
from tests.conftest import SECRET

GUIDE = "guide-of-messages"


@pytest.fixture(scope="module")
def addresses(stage: Scene) -> dict[str, str]:
    """The pages by a name, in a hall where each of them has something to show."""
    with stage.live.app.app_context(), transaction():
        programme = db.session.get_one(Programme, stage.programme_id)
        slot = db.session.query(Slot).filter_by(programme_id=programme.id).first()
        assert slot
        hall = programme.hall
        said, fresh = (
            factories.booking(slot=slot, state=BookingState.ARRIVED, organisation=LONG_NAME, origins={"440000": 8})
            for _ in range(2)
        )
        staff = factories.staff(hall=hall, role=Role.GUIDE, name=GUIDE)
        guide = Guide(hall_id=hall.id, staff_id=staff.id, name="小何", created_at=clock.now())
        db.session.add(guide)
        db.session.flush()
        db.session.add(
            Assignment(hall_id=hall.id, booking_id=said.id, guide_id=guide.id, assigned_at=clock.now()),
        )
        line = "讲解员讲得特别好，下次还要来！" * 8
        db.session.add(
            Feedback(hall_id=hall.id, booking_id=said.id, stars_visit=4, stars_guide=5, line=line, given_at=clock.now())
        )
        own = {"hall_id": hall.id, "kind": MessageKind.PLACED, "subject": "{when}", "body": "{name}\n\n{link}"}
        for language in ("zh", "en"):
            db.session.add(MessageText(**own, language=language, channel=Channel.EMAIL))
        recipient = "a-very-long-name-of-somebody@a-very-long-host-name-of-an-organisation.example.org"
        new = {"hall_id": hall.id, "kind": "booking_placed", "subject": LONG_NAME, "body": "您好\n\n" + LONG_NAME * 3}
        message = outbox.put(NewMessage(**new, recipient=recipient))
        outbox.put(NewMessage(**new, channel=Channel.SMS, recipient="+8619900001050"))
        message.attempts = 1
        outbox.mark_failed(message.id, error="recipient refused: 550 5.1.1 no such user", for_good=True)
        return {
            "feedback asked": f"/feedback/{keys.make(fresh.reference, (SECRET,))}",
            "feedback given": f"/feedback/{keys.make(said.reference, (SECRET,))}",
            "messages": "/admin/messages",
            "words of a mail": "/admin/messages/placed/{language}/email",
            "words of a text message": "/admin/messages/reminder/{language}/sms",
            "text messages": "/admin/messages/texts",
            "outbox": "/admin/outbox",
            "outbox, one message": f"/admin/outbox/{message.id}",
            "feedback": "/admin/feedback",
            "feedback on paper": f"/desk/feedback/{fresh.reference}",
            "feedback of a guide": "/guide/feedback",
        }


@pytest.mark.nightly
@pytest.mark.parametrize(("language", "scheme", "size"), WINDOWS)
def test_pages_of_messages_and_feedback_are_accessible_and_fit(
    open_page: Opener, stage: Scene, addresses: dict[str, str], language: str, scheme: str, size: dict[str, int]
) -> None:
    page = open_page(size=size, language=language, color_scheme=scheme, reduced_motion="reduce")
    problems = []
    for name, address in addresses.items():
        person = {"messages": MANAGER, "feedback of a guide": GUIDE}.get(name)
        if person:
            stage.hold_session(page, name=person)
        page.goto(stage.url(address.format(language=language)))
        expect(page.locator("h1")).to_be_visible()
        if name == "words of a mail":
            page.fill("#body", "{name")
            page.get_by_role("button", name="预览" if language == "zh" else "Preview").click()
            expect(page.locator("#body-error")).to_be_visible()
        problems += [f"{name}: {problem}" for problem in faults(page)]
    assert not problems, "\n".join(problems)


def test_a_group_says_how_it_was_by_the_keyboard(open_page: Opener, stage: Scene, addresses: dict[str, str]) -> None:
    page = open_page(size=PHONE, language="zh")
    page.goto(stage.url(addresses["feedback asked"]))
    page.locator("[name=visit]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("讲得很好")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("谢谢")
    with stage.live.app.app_context():
        said = db.session.query(Feedback).filter_by(line="讲得很好").one()
        assert (said.stars_visit, said.stars_guide) == (4, None)
