"""Every setting: what it may be, and the one line that names it where it may not."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from hallapp.settings import ROOT, Settings, SettingsError
from tests import warm

SERVER = ("-m", "gunicorn", "-c", "python:hallapp.server", "wsgi:app")
KEY, OTHER_KEY = "Rk2v-9sLq_XwT4bZ", "pQ7-uN3xVd_5yHfc"


def read(tmp_path: Path, **environ: str) -> Settings:
    return Settings.from_environ({"HALL_INSTANCE": str(tmp_path), "HALL_SECRET_KEY": KEY, **environ})


def test_settings_have_their_defaults(tmp_path: Path) -> None:
    assert read(tmp_path) == Settings(
        database_url=f"sqlite:///{tmp_path}/hallapp.sqlite3",
        secret_keys=(KEY,),
        base_url="http://127.0.0.1:8000",
        instance=tmp_path,
        mail_url=None,
        sms_url=None,
        proxies=0,
        log_format="text",
        rate_limits=True,
        demo=True,
        jobs_at_once=2,
        connect_seconds=5,
        statement_seconds=20,
        pooled=False,
        metrics_token=None,
        sentry_dsn=None,
        scan_command=None,
        webhook_private=False,
    )


def test_instance_is_beside_the_code_where_not_given() -> None:
    assert Settings.from_environ({"HALL_SECRET_KEY": KEY}).instance == ROOT / "instance"


def test_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    names = ["DATABASE_URL", "BASE_URL", "MAIL_URL", "SMS_URL", "PROXIES", "LOG_FORMAT", "RATE_LIMITS", "DEMO"]
    names += ["JOBS_AT_ONCE", "DATABASE_POOLER"]
    names += ["JOBS_AT_ONCE", "METRICS_TOKEN", "SENTRY_DSN"]
    assert read(tmp_path, **{f"HALL_{name}": "" for name in names}) == read(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("DATABASE_URL", "sqlite:////var/lib/hall.db", "database_url", "sqlite:////var/lib/hall.db"),
        ("DATABASE_URL", "postgresql://u:p%40@h:5432/d", "database_url", "postgresql+psycopg://u:p%40@h:5432/d"),
        (
            "DATABASE_URL",
            "postgres://u@h/d?sslmode=require",
            "database_url",
            "postgresql+psycopg://u@h/d?sslmode=require",
        ),
        ("DATABASE_URL", "postgresql+psycopg:///d", "database_url", "postgresql+psycopg:///d"),
        ("DATABASE_POOLER", "transaction", "pooled", True),
        ("DATABASE_POOLER", "none", "pooled", False),
        ("SECRET_KEY", f"{KEY}, {OTHER_KEY}", "secret_keys", (KEY, OTHER_KEY)),
        ("BASE_URL", "https://visit.example.org/", "base_url", "https://visit.example.org"),
        ("BASE_URL", "HTTPS://Visit.Example.org:8443", "base_url", "https://visit.example.org:8443"),
        ("BASE_URL", "http://192.0.2.7:80", "base_url", "http://192.0.2.7:80"),
        ("BASE_URL", "https://xn--fsqu00a.cn", "base_url", "https://xn--fsqu00a.cn"),
        ("MAIL_URL", "smtp://mail.example.org", "mail_url", "smtp://mail.example.org"),
        ("MAIL_URL", "smtps://u:p%40@h:465?from=a@b.cn", "mail_url", "smtps://u:p%40@h:465?from=a@b.cn"),
        ("MAIL_URL", "file:///var/mail/hall", "mail_url", "file:///var/mail/hall"),
        ("SMS_URL", "http://127.0.0.1:8080/send", "sms_url", "http://127.0.0.1:8080/send"),
        ("SMS_URL", "http://sms.example.org/send#tls=off", "sms_url", "http://sms.example.org/send#tls=off"),
        ("MAIL_URL", "smtp://h?tls=off", "mail_url", "smtp://h?tls=off"),
        ("SECRET_KEY", f"{KEY},0123456789abcdef", "secret_keys", (KEY, "0123456789abcdef")),
        ("SMS_URL", "https://sms.example.org/send?key=1", "sms_url", "https://sms.example.org/send?key=1"),
        ("SMS_URL", "aliyun://id:k%2Fy@dysmsapi.example", "sms_url", "aliyun://id:k%2Fy@dysmsapi.example"),
        (
            "SMS_URL",
            "tencent://id:key@sms.example/1400006666?region=ap-beijing",
            "sms_url",
            "tencent://id:key@sms.example/1400006666?region=ap-beijing",
        ),
        ("PROXIES", "2", "proxies", 2),
        ("PROXIES", "0", "proxies", 0),
        ("LOG_FORMAT", "json", "log_format", "json"),
        ("WEBHOOK_PRIVATE", "on", "webhook_private", True),
        ("RATE_LIMITS", "off", "rate_limits", False),
        ("RATE_LIMITS", "on", "rate_limits", True),
        ("DEMO", "off", "demo", False),
        ("JOBS_AT_ONCE", "10", "jobs_at_once", 10),
        ("DATABASE_CONNECT_SECONDS", "2", "connect_seconds", 2),
        ("DATABASE_STATEMENT_SECONDS", "0", "statement_seconds", 0),
        ("METRICS_TOKEN", KEY, "metrics_token", KEY),
        ("SENTRY_DSN", "https://k3y@o1.ingest.example.org/42", "sentry_dsn", "https://k3y@o1.ingest.example.org/42"),
        ("SCAN_COMMAND", "clamdscan --no-summary -", "scan_command", "clamdscan --no-summary -"),
        ("SCAN_COMMAND", " ", "scan_command", None),
        ("SENTRY_DSN", "http://k3y@192.0.2.7:9000/own/42", "sentry_dsn", "http://k3y@192.0.2.7:9000/own/42"),
    ],
)
def test_good_value_is_accepted(tmp_path: Path, name: str, value: str, attribute: str, expected: Any) -> None:
    assert getattr(read(tmp_path, **{f"HALL_{name}": value}), attribute) == expected


@pytest.mark.parametrize(
    ("address", "hosts", "ports"),
    [
        ("postgresql://u:p%40@h1,h2,h3/d?target_session_attrs=read-write", "h1,h2,h3", ",,"),
        ("postgres://u:p%40@h1:5432,h2,h3:5434/d?target_session_attrs=primary", "h1,h2,h3", "5432,,5434"),
        ("postgresql+psycopg://u:p%40@[::1]:5432,192.0.2.7/d?target_session_attrs=any", "::1,192.0.2.7", "5432,"),
        ("postgresql://u:p%40@/d?host=h1,h2&port=1,2&target_session_attrs=read-write", "h1,h2", "1,2"),
        ("postgresql://u:p%40@/d?host=h1:1&host=h2:2&target_session_attrs=read-write", "h1,h2", "1,2"),
    ],
)
def test_several_hosts_reach_the_driver_as_they_are_written(
    tmp_path: Path, address: str, hosts: str, ports: str
) -> None:
    url = make_url(read(tmp_path, HALL_DATABASE_URL=address).database_url)
    _arguments, given = url.get_dialect()().create_connect_args(url)
    assert (given["host"], given["port"]) == (hosts, ports)
    assert (given["user"], given["password"], given["dbname"]) == ("u", "p@", "d")
    assert given["target_session_attrs"] in ("read-write", "primary", "any")


BAD = [
    ("JOBS_AT_ONCE", "0"),
    ("JOBS_AT_ONCE", "11"),
    ("JOBS_AT_ONCE", "²"),
    ("DATABASE_CONNECT_SECONDS", "1"),
    ("DATABASE_STATEMENT_SECONDS", "-1"),
    ("DATABASE_STATEMENT_SECONDS", "9" * 5000),
    *(("METRICS_TOKEN", token) for token in ("short", " ", f"{KEY} x", f"{KEY}é", "change-me-change-me", "a" * 20)),
    *(
        ("SENTRY_DSN", dsn)
        for dsn in (
            *("sentry.example.org", "https://sentry.example.org/42", "https://k3y@/42", "https://k3y@host", "on"),
            *("https://k3y@host/project", "ftp://k3y@host/42", "https://k3y@host:99999/42", "https://k3y@host/42?a=b"),
            *("https://k3y@host/４２", "https://k3y@host/42#x", "https://k3y:secret@host/42"),
        )
    ),
    ("DATABASE_URL", "hall.db"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "sqlite:///hall.db"),
    ("DATABASE_URL", "mysql://u@h/d"),
    ("DATABASE_URL", "postgresql+asyncpg://u@h/d"),
    ("DATABASE_URL", "postgresql://u@h:70000/d"),
    ("DATABASE_URL", "postgresql://u@h:port/d"),
    ("DATABASE_URL", "postgresql://u@h1,h2/d"),  # a standby might be taken
    ("DATABASE_URL", "postgresql://u@/d?host=h1&host=h2"),
    ("DATABASE_URL", "postgresql://u@h1,/d?target_session_attrs=any"),
    ("DATABASE_URL", "postgresql://u@h1,h2:70000/d?target_session_attrs=any"),
    ("DATABASE_URL", "postgresql://u@h1:x,h2/d?target_session_attrs=any"),
    ("DATABASE_URL", "postgresql://u@h1,h2/d?target_session_attrs=read-write&no_such_thing=1"),
    ("DATABASE_URL", "postgresql://u@h/d?target_session_attrs=standby"),
    ("DATABASE_URL", "mysql://u@h1,h2/d?target_session_attrs=any"),
    ("DATABASE_POOLER", "session"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", f"{KEY},"),
    ("SECRET_KEY", f"{KEY},short"),
    ("SECRET_KEY", " "),
    *(
        ("SECRET_KEY", weak)
        for weak in (
            "aaaaaaaaaaaaaaaaaaaa",
            "0123456789abcdef",
            "change-me-change-me",
            "supersecretpassword",
            "abc123abc123abc123",
            "hallapp-secret-key-2026",
            "1234567890123456",
            "my-super-secret-key",
            "please_replace_this_key!",
        )
    ),
    ("BASE_URL", "visit.example.org"),
    ("BASE_URL", "ftp://visit.example.org"),
    ("BASE_URL", "https://"),
    ("BASE_URL", "https://visit.example.org/hall"),
    ("BASE_URL", "https://visit.example.org?x=1"),
    ("BASE_URL", "https://u@visit.example.org"),
    ("BASE_URL", "https://visit.example.org:0"),
    ("BASE_URL", "https://visit.example.org:65536"),
    ("BASE_URL", "https://visit.example.org:"),
    ("BASE_URL", "https://visit example.org"),
    ("BASE_URL", "https://展览.cn"),
    ("BASE_URL", "https://[::1]:8000"),
    ("MAIL_URL", "mail.example.org"),
    ("MAIL_URL", "http://mail.example.org"),
    ("MAIL_URL", "smtp://"),
    ("MAIL_URL", "smtp://h:99999"),
    ("MAIL_URL", "smtp://h:port"),
    ("MAIL_URL", "smtp://h/path"),
    ("MAIL_URL", "smtp://h?to=a@b.cn"),
    ("MAIL_URL", "smtp://h?tls=on"),
    ("MAIL_URL", "smtps://h?tls=off"),
    ("MAIL_URL", "smtp://h?from=nobody"),
    ("MAIL_URL", "smtp://h?from=a@b.cn%0d%0aBcc:c@d.cn"),
    ("MAIL_URL", "smtp://h?from=a@b.cn&from=c@d.cn"),
    ("MAIL_URL", "file://folder"),
    ("MAIL_URL", "file:folder"),
    ("SMS_URL", "smtp://h"),
    ("SMS_URL", "http://sms.example.org/send"),
    ("SMS_URL", "https://sms.example.org/send#plain"),
    ("SMS_URL", "https://"),
    ("SMS_URL", "aliyun://dysmsapi.example"),
    ("SMS_URL", "aliyun://id@dysmsapi.example"),
    ("SMS_URL", "aliyun://:key@dysmsapi.example"),
    ("SMS_URL", "aliyun://id:key@"),
    ("SMS_URL", "aliyun://id:key@dysmsapi.example/send"),
    ("SMS_URL", "aliyun://id:key@dysmsapi.example#tls=off"),
    ("SMS_URL", "aliyun://id:key@dysmsapi.example?sign=x"),
    ("SMS_URL", "tencent://id:key@sms.example"),
    ("SMS_URL", "tencent://id:key@sms.example/app"),
    ("SMS_URL", "tencent://id:key@sms.example/1400006666?region="),
    ("SMS_URL", "tencent://id:key@sms.example:port/1400006666"),
    ("SMS_URL", "huawei://id:key@sms.example"),
    ("PROXIES", "-1"),
    ("PROXIES", "10"),
    ("PROXIES", "one"),
    ("PROXIES", "１"),
    ("PROXIES", "1.0"),
    ("LOG_FORMAT", "xml"),
    ("WEBHOOK_PRIVATE", "yes"),
    ("LOG_FORMAT", "JSON"),
    ("RATE_LIMITS", "yes"),
    ("DEMO", "0"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_value_is_refused_in_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        read(tmp_path, **{f"HALL_{name}": value})
    message = str(refusal.value)
    assert message.startswith(f"HALL_{name}")
    assert "\n" not in message


def test_secret_values_are_not_in_the_line_that_refuses_them(tmp_path: Path) -> None:
    for name, value in (
        ("SECRET_KEY", "pa$$word"),
        ("MAIL_URL", "smtp://u:pa$$word@h:99999"),
        ("DATABASE_URL", "mysql://u:pa$$word@h/d"),
        ("DATABASE_URL", "postgresql://u:pa$$word@h1,h2/d"),
        ("DATABASE_URL", "postgresql://u:pa$$word@h1,h2/d?no_such_thing=1"),
        ("SMS_URL", "aliyun://u:pa$$word/rest@h"),
        ("SMS_URL", "tencent://u:pa$$word@h"),
        ("METRICS_TOKEN", "pa$$word"),
        ("SENTRY_DSN", "https://pa$$word@host/none"),
    ):
        with pytest.raises(SettingsError) as refusal:
            read(tmp_path, **{f"HALL_{name}": value})
        assert "pa$$word" not in str(refusal.value)


def test_secret_key_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    environ = {"HALL_INSTANCE": str(tmp_path / "new" / "folder")}
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Settings.from_environ(environ).secret_keys, range(32)))
    assert len(keys) == 1
    ((key,),) = keys
    assert len(key) >= 32
    assert stat.S_IMODE((tmp_path / "new" / "folder" / "secret_key").stat().st_mode) == 0o600


def test_folder_that_cannot_hold_the_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"^HALL_INSTANCE"):
        Settings.from_environ({"HALL_INSTANCE": str(tmp_path / "file" / "folder")})


def test_start_stops_with_one_line(tmp_path: Path) -> None:
    """A cold start of the server; the other commands below are forked from a process that has its modules already."""
    result = subprocess.run(
        [sys.executable, *SERVER],
        cwd=ROOT,
        env={**os.environ, "HALL_INSTANCE": str(tmp_path), "HALL_PROXIES": "many"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode != 0
    assert result.stdout == ""
    assert result.stderr == "hallapp: HALL_PROXIES must be the number of proxies in front, 0 to 9\n"


@pytest.mark.parametrize("command", [("-c", "import wsgi"), ("-m", "flask", "--app", "wsgi", "routes")])
def test_command_stops_with_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = start(command, HALL_INSTANCE=str(tmp_path), HALL_PROXIES="many")
    assert result.returncode != 0
    assert result.stdout == "hallapp: HALL_PROXIES must be the number of proxies in front, 0 to 9\n"


def test_start_names_a_folder_that_cannot_hold_the_database(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    result = start(("-c", "import wsgi"), HALL_INSTANCE=str(folder), HALL_SECRET_KEY=KEY)
    assert (result.returncode, len(result.stdout.splitlines())) == (2, 1)
    assert result.stdout.startswith(f"hallapp: HALL_INSTANCE or HALL_DATABASE_URL: cannot make the folder {folder}: ")


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "80 80"])
def test_server_refuses_a_port_that_does_not_exist(tmp_path: Path, port: str) -> None:
    result = start(SERVER, HALL_INSTANCE=str(tmp_path), PORT=port)
    assert result.returncode != 0
    assert result.stdout == f"hallapp: PORT must be a port, 1 to 65535, not {port!r}\n"


def start(command: tuple[str, ...], **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; its standard output and its errors come together."""
    return warm.run([sys.executable, *command], env={**os.environ, **environ}, timeout=60)
