"""The reader's language."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.core import i18n
from hallapp.core.i18n import force_locale


def language_of(page: str) -> str:
    return page.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW", "zh-Hant"),
        ("en-GB,en;q=0.9", "en"),
        ("en;q=0.5,zh;q=0.9", "zh-CN"),
        ("fr-FR,fr", "zh-CN"),
        ("fr-FR,en;q=0.3", "en"),
        ("*", "zh-CN"),
        ("not a;q=language,,", "zh-CN"),
    ],
)
def test_language_is_the_browsers_choice_or_chinese(client: FlaskClient, accepted: str, language: str) -> None:
    answer = client.get("/sign-in", headers={"Accept-Language": accepted})
    assert language_of(answer.text) == language
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_language_that_was_asked_for_is_remembered(client: FlaskClient) -> None:
    assert language_of(client.get("/sign-in?lang=en").text) == "en"
    cookie = client.get_cookie("language")
    assert cookie and (cookie.value, cookie.http_only, cookie.same_site, cookie.max_age) == (
        "en",
        True,
        "Lax",
        31536000,
    )
    assert language_of(client.get("/sign-in", headers={"Accept-Language": "zh-CN"}).text) == "en"
    assert language_of(client.get("/sign-in?lang=zh").text) == "zh-CN"
    assert language_of(client.get("/sign-in").text) == "zh-CN"


@pytest.mark.parametrize("unknown", ["fr", "", "zh-CN", "EN", "en%0d%0aSet-Cookie:a=b"])
def test_unknown_language_changes_nothing(client: FlaskClient, unknown: str) -> None:
    answer = client.get(f"/sign-in?lang={unknown}")
    assert language_of(answer.text) == "zh-CN"
    assert client.get_cookie("language") is None


def test_switch_keeps_what_else_was_asked_for(client: FlaskClient) -> None:
    page = client.get("/sign-in?next=/desk?text%3Da%26b&lang=zh&lang=fr&x=%22%3E%3Cb%3E").text
    assert 'href="?next=%2Fdesk%3Ftext%3Da%26b&amp;x=%22%3E%3Cb%3E&amp;lang=en"' in page


def test_language_outside_of_requests_is_the_forced_one(app: Flask) -> None:
    with app.app_context():
        assert i18n.language() == "zh"
        with force_locale("en"):
            assert i18n.language() == "en"


def test_texts_follow_each_change_of_the_language(app: Flask) -> None:
    def shown() -> tuple[str, str]:
        return i18n.language(), i18n.gettext("Save")

    with app.app_context():
        before = shown()
        with force_locale("en"):
            inside = shown()
            with force_locale("zh_Hant"):
                assert shown() == ("zh_Hant", "儲存")
            assert inside == shown() == ("en", "Save")
        assert before == shown() == ("zh", "保存")
