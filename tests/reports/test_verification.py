"""Anyone who holds a printed report may check its digest, and learns nothing else."""

import io
import re
from types import SimpleNamespace

import pypdf
import pypdfium2
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import update

from hallapp.core.database import transaction
from hallapp.ledger.models import MonthClose
from hallapp.periods import Period
from hallapp.reports.closing import digests, month_close
from hallapp.schedule import service as schedule
from tests import factories

NOVEMBER = Period.month(2026, 11)


@pytest.fixture
def closed(november: SimpleNamespace) -> MonthClose:
    with transaction():
        return month_close.close(november.hall.id, NOVEMBER, staff_id=november.manager.id)


def seen(client: FlaskClient, digest: str, *, language: str = "en") -> tuple[int, str]:
    page = client.get(f"/verify/{digest}", query_string={"lang": language})
    return page.status_code, " ".join(re.sub(r"<[^>]+>", " ", page.text.split("<main", 1)[1]).split())


def test_qr_of_the_paper_opens_its_verification(
    november: SimpleNamespace, closed: MonthClose, client: FlaskClient
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (300, 100), "#ad3b26").save(picture, "JPEG")
    with transaction():
        schedule.save_logo(november.hall.id, picture.getvalue(), november.manager.id)
    client.sign_in(november.manager)
    for address, is_signed in (
        ("/reports/2026-11.pdf", True),
        ("/reports/2026-11/versions/1.pdf", True),
        ("/reports/2026-10.pdf", False),
    ):
        paper = client.get(address).data
        page = pypdfium2.PdfDocument(paper)[0].render(scale=3).to_pil()
        assert [code.text for code in zxingcpp.read_barcodes(page)] == (
            [f"http://127.0.0.1:8000/verify/{closed.digest[:16]}"] if is_signed else []
        )
        assert len(pypdf.PdfReader(io.BytesIO(paper)).pages[0].images) == 1
    client.get("/sign-out")
    status, said = seen(client, closed.digest[:16])
    assert status == 200
    assert "✓ The digest matches" in said and "Lingnan Exhibition Hall" in said and "November 2026" in said
    chinese = seen(client, digests.short(closed.digest).upper(), language="zh")[1]
    assert "✓ 摘要码相符" in chinese and "岭南展览馆" in chinese and "归档时间" in chinese
    assert not re.search(r"\b74\b", said), "no figures"
    assert november.manager.name not in said, "no names"


def test_replaced_changed_unknown_and_mistyped_digests_are_told_apart(
    november: SimpleNamespace, closed: MonthClose, client: FlaskClient
) -> None:
    assert seen(client, closed.digest[:16])[0] == 200
    for wrong in (closed.digest[:15] + ("0" if closed.digest[15] != "0" else "1"), "0" * 64):
        assert seen(client, wrong)[0] == 404
    for odd in (closed.digest[:8], closed.digest[:15], "x" * 16, "0" * 65, "²" * 16):
        status, said = seen(client, odd)
        assert (status, "its first 16 or more" in said) == (422, True), odd
    assert client.get("/verify").status_code == 200
    assert client.get("/verify", query_string={"digest": digests.grouped(closed.digest)}).status_code == 200
    with transaction():
        month_close.reopen(november.hall.id, NOVEMBER, reason="Counted twice", staff_id=november.manager.id)
    said = seen(client, closed.digest[:16])[1]
    assert "◷ No longer the current version" in said and "Counted twice" not in said
    with transaction():
        factories.db.session.execute(update(MonthClose).values(figures={**closed.figures, "untimed": 99}))
    assert "✗ The digest does not match" in seen(client, closed.digest[:16])[1]
    with transaction():
        factories.db.session.execute(update(MonthClose).values(hall_id=factories.hall().id))
    assert seen(client, closed.digest[:16])[0] == 404, "another hall's"
