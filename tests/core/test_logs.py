"""Logs: one line a request, with its id, and nobody in it."""

import json
import logging
import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.core import logs

PERSONAL = ("13800138000", "何秀珍", "203.0.113.9", "a-very-secret-key", "Mozilla-of-somebody", "he@example.org")


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


@pytest.fixture
def as_json(odd: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    (handler,) = (handler for handler in logs.log.handlers if isinstance(handler, logs.StandardError))
    monkeypatch.setattr(handler, "formatter", logs.Formatter(as_json=True))


def test_request_line_names_the_route_never_the_path(odd: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    answer = odd.get(
        "/odd/echo/a-very-secret-key?text=何秀珍&phone=13800138000",
        headers={"User-Agent": "Mozilla-of-somebody", "Cookie": "a=he@example.org", "X-Request-ID": "13800138000"},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )
    (line,) = lines(capsys)
    request_id = answer.headers["X-Request-ID"]
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\dT[\d:.]+\+00:00 info GET /odd/echo/<typed> 200 \d+ms \[{request_id}\]", line
    )


def test_unknown_path_is_not_logged(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/visit/a-very-secret-key?phone=13800138000")
    (line,) = lines(capsys)
    assert " GET - 404 " in line


def test_files_are_not_logged(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/static/icon.svg")
    assert lines(capsys) == []


@pytest.mark.parametrize("path", ["/odd/bug", "/odd/typed"])
@pytest.mark.parametrize("form", ["as text", "as json"])
def test_failure_is_logged_with_its_place_and_nobodys_data(
    odd: FlaskClient, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest, path: str, form: str
) -> None:
    if form == "as json":
        request.getfixturevalue("as_json")
    odd.get("/sign-in")
    typed = " ".join(PERSONAL)
    answer = odd.submit(path, {"typed": typed}, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    log = capsys.readouterr().err
    assert answer.status_code >= 500
    assert "tests/core/conftest.py" in log
    assert answer.headers["X-Request-ID"] in log
    assert any(kind in log for kind in ("ValueError", "IntegrityError", "DataError", "OperationalError"))
    for personal in PERSONAL:
        assert personal not in log
        assert json.dumps(personal)[1:-1] not in log


def test_failure_of_an_error_page_names_no_address(
    odd: FlaskClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hallapp.core.web.responses.error_answer", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        odd.get("/odd/lost/a-very-secret-key")
    log = capsys.readouterr().err
    assert "error while answering" in log and "ZeroDivisionError" in log
    assert "a-very-secret-key" not in log


def test_a_lost_database_is_one_line_without_anybodys_data(
    odd: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    odd.get("/sign-in")
    capsys.readouterr()

    answer = odd.submit("/odd/lost", {"typed": " ".join(PERSONAL)}, environ_base={"REMOTE_ADDR": "203.0.113.9"})

    log = capsys.readouterr().err
    assert answer.status_code == 503
    assert "Traceback" not in log
    assert [word for word in PERSONAL if word in log] == []


def test_json_lines_can_be_read_by_a_machine(
    odd: FlaskClient, as_json: None, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = odd.get("/odd/bug", headers={"X-Typed": "x"})
    error, request_line = (json.loads(line) for line in lines(capsys))
    assert {error["request_id"], request_line["request_id"]} == {answer.headers["X-Request-ID"]}
    assert (error["level"], error["logger"], error["message"]) == ("error", "hallapp", "unexpected error")
    assert error["exception"].endswith("ValueError")
    assert set(request_line) == {"at", "level", "logger", "message", "request_id"}
    assert datetime.fromisoformat(request_line["at"]).tzinfo is not None


def test_warnings_of_libraries_take_the_same_form_without_values(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ValueError("13800138000")
    except ValueError:
        logging.getLogger("sqlalchemy.pool").error("Exception during reset", exc_info=True)
    first, *rest = lines(capsys)
    assert first.endswith(" error Exception during reset")
    assert rest[-1] == "ValueError"
    assert "13800138000" not in "".join(rest).replace('raise ValueError("13800138000")', "")
