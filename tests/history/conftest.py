"""A hall with two programmes, its manager's browser, and files as people have them."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from hallapp.history import queries, service, work
from hallapp.history.models import HistoryDraft
from hallapp.jobs import files
from hallapp.schedule.models import Hall
from tests import factories, markup
from tests.sheets.here import read_here

__all__ = ["read_here"]

HEADING = ["日期", "来源地", "人数", "团队数", "单位", "类别", "项目"]


@pytest.fixture
def hall(app: Flask) -> Hall:
    """A hall that opened in June 2017."""
    with transaction():
        made = factories.hall(opened_on=date(2017, 6, 29))
        factories.programme(hall=made, slug="tour", position=1, name_zh="讲解参观", name_en="Guided tour")
        factories.programme(hall=made, slug="oath", position=2, name_zh="主题宣誓", name_en="Oath")
    return made


@pytest.fixture
def manager(hall: Hall, client: FlaskClient) -> FlaskClient:
    """The browser of the hall's manager."""
    client.sign_in(factories.make(factories.staff, hall=hall, role=Role.MANAGER))
    client.get("/reports/history")
    return client


def csv_file(*rows: Sequence[Any], heading: Sequence[str] = HEADING, mark: str = ",") -> bytes:
    """A file with these rows below a heading."""
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows([heading, *rows])
    return text.getvalue().encode("utf-8", "replace")


def upload(client: FlaskClient, content: bytes, name: str = "历年数据.csv") -> Any:
    """Send a file as the page does."""
    client.get("/reports/history")
    data = {"csrf_token": client.csrf_token, "file": (io.BytesIO(content), name)}
    return client.post("/reports/history", data=data, content_type="multipart/form-data")


def columns_of(client: FlaskClient, path: str) -> dict[str, str]:
    """The form of a page as it is filled."""
    page = markup.tree(client.get(path).get_data(as_text=True))
    filled = {}
    for select in page.iter("select"):
        options = list(select.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        filled[select.get("name")] = chosen[0].get("value", "")
    return filled


def read(client: FlaskClient, content: bytes, name: str = "历年数据.csv") -> str:
    """Send a file and confirm the columns as they are guessed; gives the address of its page."""
    path = str(upload(client, content, name).location)
    client.submit(f"{path}/columns", columns_of(client, path))
    return path


def draft_of(hall: Hall) -> HistoryDraft:
    """The one draft of the hall."""
    return queries.list_drafts(hall.id)[0]


def take_in(app: Flask, hall: Hall, content: bytes, name: str = "a.xlsx") -> HistoryDraft:
    """A draft that was looked at, without a browser."""
    key = files.new_key()
    files.store(hall.id, key, io.BytesIO(content))
    new = service.NewDraft(hall_id=hall.id, staff_id=None, key=key, filename=name, file_bytes=len(content))
    with transaction():
        draft = service.take_in(new)
    work.read(hall.id, draft.id)
    return queries.get_draft(hall.id, draft.id)
