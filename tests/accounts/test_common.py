"""Common passwords are refused, with what people make of them; passwords of one's own are not."""

import time

import pytest
from flask import Flask

from hallapp.accounts import common, errors, passwords, service
from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from tests import factories
from tests.accounts.helpers import sign_in

NAMES = ("wang fang", "lingnan", "岭南展览馆", "Lingnan Exhibition Hall")

COMMON = (
    *("woaini1314", "woaini1314520", "5201314520", "1314520woaini", "zhangwei123"),
    *("wangfang1990", "wangfang19900101", "mima123456", "guanliyuan1", "我爱你1314520"),
    *("密码密码密码密码密码", "岭南展览馆岭南展览馆", "Lingnan2026!", "lingnanlingnan", "Exhibition2026"),
    *("qwerty123456", "Qwerty!23456", "qwertyuiop", "asdfghjkl;'", "zxcvbnm123", "1qaz2wsx3edc"),
    *("!QAZ2wsx#EDC", "q1w2e3r4t5y6", "123qweasdzxc", "Password123!", "P@ssw0rd2026"),
    *("ＰＡＳＳＷＯＲＤ１２３", "pass_word_123", "Admin@12345", "Summer2026!!", "iloveyou1234"),
    *("letmein12345", "123456789a", "a123456789", "0123456789", "9876543210", "1111111111"),
    *("1122334455", "abcabcabcabc", "aaaaaaaaaaaa", "hallapp2026", "welcome2026"),
)

FINE = (
    *("correct horse battery staple", "another long password", "tapir-cellar-42", "guide lantern river"),
    *("十个字符的口令也可以", "春眠不觉晓处处闻啼鸟", "Vb7xQ2mRw9LkTz4d", "dragon83920174", "7391640285"),
    *("lingnan teapot 4471", "wang fang likes plums", "\U0001f600" * 4 + "kettle thunder"),
)


@pytest.mark.parametrize("password", COMMON)
def test_common_password_is_refused(password: str) -> None:
    assert common.is_common(password, NAMES)


@pytest.mark.parametrize("password", FINE)
def test_uncommon_password_is_accepted(password: str) -> None:
    assert not common.is_common(password, NAMES)


def test_list_has_the_most_leaked_passwords_and_no_comments() -> None:
    entries = common._entries()
    assert len(entries) > 10_000
    assert {"123456", "password", "woaini1314", "5201314", "qwerty123456"} <= entries
    assert not any(entry.startswith("# ") or "\n" in entry or entry == "" for entry in entries)


def test_longest_password_is_looked_at_quickly() -> None:
    started = time.perf_counter()
    common.is_common("aB3$xqwerty1" * 16 + "zzzzzzzz", NAMES)
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize("name", ["lingnan2026!", "岭南展览馆2026!!", "Li Na 1990-01-01"])
def test_names_of_the_hall_and_of_the_account_are_too_easy(app: Flask, name: str) -> None:
    with transaction(), pytest.raises(errors.PasswordTooCommon):
        hall = factories.hall(slug="lingnan")
        service.add_staff(hall_id=hall.id, name="li na", role=Role.DESK, password=name)


def test_refusal_is_shown_beside_the_field(app: Flask) -> None:
    with transaction():
        lina = factories.staff(hall=factories.hall())
    client = app.test_client()
    client.sign_in(lina)
    client.get("/account/password")
    form = {"old": factories.PASSWORD, "password": "woaini1314520", "again": "woaini1314520"}
    answer = client.submit("/account/password", form)
    assert (answer.status_code, 'id="password-error"' in answer.text) == (422, True)
    assert "这个密码容易被猜到" in answer.text and "woaini" not in answer.text


def test_earlier_common_password_still_signs_in(app: Flask) -> None:
    """It is looked at when it is chosen; whoever has one must get in to change it."""

    with transaction():
        old = factories.staff(hall=factories.hall(), password_hash=passwords.digest("password123"))
    assert sign_in(app.test_client(), old, password="password123").status_code == 303


def test_command_refuses_a_common_password(app: Flask) -> None:
    with transaction():
        factories.hall(slug="north")
    command = ["staff", "add", "boss", "--role", "admin", "--password-stdin"]
    answer = app.test_cli_runner().invoke(args=command, input="Password2026!\n")
    assert answer.exit_code == 1 and "easy to guess" in answer.output
