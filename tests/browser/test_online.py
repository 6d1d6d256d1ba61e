"""An online programme in a browser: registered on a phone, joined while it is open, and counted by division."""

from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Mode, Programme, Slot
from hallapp.worker import bodies
from tests import factories
from tests.browser.conftest import Opener
from tests.browser.looks import faults
from tests.browser.scene import DESKTOP, PHONE, Scene
from tests.browser.steps import fill_booking

STREAM = "https://live.example.org/talk.m3u8"


@pytest.mark.nightly
def test_a_group_registers_joins_and_is_counted_by_division(open_page: Opener, stage: Scene) -> None:
    programme, slot = _offer(stage)
    asked: list[str] = []

    def serve_stream(route: Route) -> None:
        asked.append(route.request.url)
        playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-ENDLIST\n"
        route.fulfill(body=playlist, headers={"Access-Control-Allow-Origin": "*"})

    try:
        manager = open_page(size=DESKTOP, language="zh")
        stage.hold_session(manager)
        manager.goto(stage.url(f"/admin/online/{slot}"))
        manager.fill("[name=stream]", STREAM)
        manager.get_by_role("button", name="保存").click()
        expect(manager.locator(".notice.good")).to_contain_text("✓")
        assert faults(manager) == []

        visitor = open_page(size=PHONE, language="zh")
        visitor.route(STREAM, serve_stream)
        visitor.goto(stage.url("/book?programme=cloud-talk"))
        fill_booking(visitor, organisation="线上小学", division="440000", visitors=30)
        visitor.locator("button.book").click()
        visitor.wait_for_url("**/visits/*")
        expect(visitor.locator("main")).not_to_contain_text("凭证")
        visitor.get_by_role("button", name="进入线上节目").click()
        expect(visitor.locator("#countdown-time")).to_be_visible()
        assert faults(visitor) == []
        _move(stage, slot, timedelta(minutes=-30))
        visitor.reload()
        visitor.get_by_label("广东").fill("28")
        assert faults(visitor) == []
        with visitor.expect_response("**/online/beat") as sent:
            visitor.get_by_role("button", name="进入直播").click()
        assert sent.value.status == 204
        expect(visitor.locator("#stream")).to_be_visible()
        visitor.fill("[name=text]", "展品从哪里来？")
        visitor.get_by_role("button", name="提问").click()
        expect(visitor.locator(".question")).to_contain_text("展品从哪里来")
        assert asked
        played = len(asked)  # asking and looking for answers does not stop the stream
        manager.reload()
        manager.fill("[name=answer]", "本地捐赠")
        manager.get_by_role("button", name="向观众展示").click()
        visitor.get_by_role("button", name="查看新回答").click()
        expect(visitor.locator(".question blockquote")).to_contain_text("本地捐赠")
        assert len(asked) == played
        assert faults(visitor) == []

        _move(stage, slot, timedelta(hours=-2))
        with stage.live.app.app_context():
            assert bodies.count_audiences(db.session.get_one(Hall, stage.hall_id)).count == 1
        manager.reload()
        row = manager.locator("tr", has_text="广东")
        expect(row).to_contain_text("28")
        expect(manager.locator(".question")).to_contain_text("线上小学")
        assert faults(manager) == []
    finally:
        with stage.live.app.app_context(), transaction():
            db.session.get_one(Programme, programme).active = False


def _offer(stage: Scene) -> tuple[int, int]:
    """A session that opens in a quarter of an hour; returns the ids of its programme and its slot."""
    with stage.live.app.app_context(), transaction():
        hall = db.session.get_one(Hall, stage.hall_id)
        talk = factories.programme(
            hall=hall, slug="cloud-talk", mode=Mode.ONLINE, guides=0, group_min=1, name_zh="云讲堂", position=9
        )
        starts = clock.now() + timedelta(minutes=30)
        slot = factories.slot(
            programme=talk,
            day=clock.local_day(starts, stage.time_zone),
            starts_at=starts,
            ends_at=starts + timedelta(minutes=60),
        )
        return talk.id, slot.id


def _move(stage: Scene, slot: int, by: timedelta) -> None:
    """Let time pass for one session."""
    with stage.live.app.app_context(), transaction():
        row = db.session.get_one(Slot, slot)
        row.starts_at += by
        row.ends_at += by
