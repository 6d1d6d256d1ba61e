"""Deployment settings: read from the environment once, checked once, failing at start-up.

Policy that a manager may change (group sizes, notice, opening times) is not here: it lives in rows of `schedule`.
"""

import contextlib
import ipaddress
import os
import re
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
MIN_SECRET_LENGTH = 16
_DIFFERENT_LEAST = 6  # characters of a secret key
_REST_LEAST = 10  # characters of a secret key outside common words
_EVERYBODYS = re.compile(
    "secret|passw(?:or[dt])?|change|hallapp|hall|example|develop(?:ment)?|production|default|admin|token|flask|key|test"
    "|please|replace|this|with|your|super|insecure|letmein|me|my|0?123456789|0?12345(?:678?)?|abcdef|qwerty|asdf|zxcv"
)
_HOST = re.compile(r"[0-9A-Za-z.-]+(:[1-9][0-9]*)?")  # the capacity of a QR code in alphanumeric mode
_ADDRESS = re.compile(r"[!-;=?A-~]+@[0-9A-Za-z.-]+")  # printable ASCII without < > @ and spaces
_POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
_APP_ID = re.compile(r"[0-9]{6,12}")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z0-9]+){1,3}")
#: The providers of text messages that have a driver of their own, each with the shape of its `HALL_SMS_URL`.
SMS_PROVIDERS = {
    "aliyun": "aliyun://ID:SECRET@dysmsapi.aliyuncs.com",
    "tencent": "tencent://ID:SECRET@sms.tencentcloudapi.com/1400006666",
}

#: Variables that earlier versions used, with their replacement; they are ignored with a warning at the start.
GONE = {
    "HALL_JOBS": "the worker does the long work now: `make run` starts it, elsewhere run `flask --app wsgi worker`",
}


def find_instance(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the data folder."""
    return Path(environ.get("HALL_INSTANCE") or ROOT / "instance").absolute()


class SettingsError(Exception):
    """One setting has a value that cannot be used; the message is one line that names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a deployment.

    `secret_keys` holds the newest key first: the first signs, all of them verify.
    `base_url` has no trailing slash and no path. `proxies` counts the trusted hops in front. `jobs_at_once` is
    how many exports and imports are at work at one time, on all machines together. `connect_seconds` and
    `statement_seconds` are how long a page waits for PostgreSQL, 0 is for ever. `pooled` says that a pooler such as
    PgBouncer gives each transaction another connection of the server. `metrics_token` opens `/metrics` to other
    machines; `sentry_dsn` is where errors are reported. `scan_command` is a virus scanner that
    reads an upload from its standard input. `webhook_private` lets webhooks go to the own network, and without
    encryption. Pages of online programmes may show pages of the
    `embed_hosts` in a frame.
    """

    database_url: str
    secret_keys: tuple[str, ...]
    base_url: str
    instance: Path
    mail_url: str | None
    sms_url: str | None
    proxies: int
    log_format: str
    rate_limits: bool
    demo: bool
    jobs_at_once: int
    connect_seconds: int
    statement_seconds: int
    pooled: bool
    metrics_token: str | None
    sentry_dsn: str | None
    scan_command: str | None
    webhook_private: bool
    embed_hosts: tuple[str, ...] = ()

    @property
    def secure(self) -> bool:
        """Return whether visitors reach the application by HTTPS."""
        return self.base_url.startswith("https://")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read and check every `HALL_…` variable.

        Raises:
            SettingsError: for the first variable whose value cannot be used.
        """
        instance = find_instance(environ)
        return cls(
            database_url=_database_url(environ.get("HALL_DATABASE_URL"), instance),
            secret_keys=_secret_keys(environ.get("HALL_SECRET_KEY"), instance),
            base_url=_base_url(environ.get("HALL_BASE_URL") or "http://127.0.0.1:8000"),
            instance=instance,
            mail_url=_mail_url(environ.get("HALL_MAIL_URL")),
            sms_url=_sms_url(environ.get("HALL_SMS_URL")),
            proxies=_number("HALL_PROXIES", environ, default=0, least=0, most=9, what="the number of proxies in front"),
            log_format=_choice("HALL_LOG_FORMAT", environ.get("HALL_LOG_FORMAT"), ("text", "json")),
            rate_limits=_choice("HALL_RATE_LIMITS", environ.get("HALL_RATE_LIMITS"), ("on", "off")) == "on",
            demo=_choice("HALL_DEMO", environ.get("HALL_DEMO"), ("on", "off")) == "on",
            jobs_at_once=_number("HALL_JOBS_AT_ONCE", environ, default=2, least=1, most=10),
            connect_seconds=_number("HALL_DATABASE_CONNECT_SECONDS", environ, default=5, least=2, most=60),
            statement_seconds=_number("HALL_DATABASE_STATEMENT_SECONDS", environ, default=20, least=0, most=3600),
            pooled=_choice("HALL_DATABASE_POOLER", environ.get("HALL_DATABASE_POOLER"), ("none", "transaction"))
            == "transaction",
            metrics_token=_metrics_token(environ.get("HALL_METRICS_TOKEN")),
            sentry_dsn=_sentry_dsn(environ.get("HALL_SENTRY_DSN")),
            scan_command=_scan_command(environ.get("HALL_SCAN_COMMAND")),
            webhook_private=_choice("HALL_WEBHOOK_PRIVATE", environ.get("HALL_WEBHOOK_PRIVATE"), ("off", "on")) == "on",
            embed_hosts=_embed_hosts(environ.get("HALL_EMBED_HOSTS")),
        )


def _choice(name: str, value: str | None, allowed: tuple[str, ...]) -> str:
    """Return the value, or the first allowed one where there is none."""
    if not value:
        return allowed[0]
    if value not in allowed:
        raise SettingsError(f"{name} must be one of {', '.join(allowed)}")
    return value


def _split(name: str, value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # a port out of range is found on access only
    except ValueError:  # the words of the error may hold a part of a password
        raise SettingsError(
            f"{name} is not a valid address: write / : @ # ? in a user or a password as %2F %3A %40 %23 %3F"
        ) from None
    return parts


def _url(name: str, value: str | None, *, schemes: tuple[str, ...]) -> str | None:
    if not value:
        return None
    parts = _split(name, value)
    if parts.scheme not in schemes:
        raise SettingsError(f"{name} must start with {' or '.join(scheme + '://' for scheme in schemes)}")
    if parts.scheme == "file":
        if not parts.path.startswith("/") or parts.netloc:
            raise SettingsError(f"{name} must name a folder by its whole path, as in file:///var/mail/hall")
    elif not parts.hostname:
        raise SettingsError(f"{name} names no host")
    return value


def _mail_url(value: str | None) -> str | None:
    url = _url("HALL_MAIL_URL", value, schemes=("smtp", "smtps", "file"))
    parts = urlsplit(url or "")
    if parts.scheme != "file" and parts.path.strip("/"):
        raise SettingsError("HALL_MAIL_URL must have no path: smtp://user:password@host:port?from=address")
    given = parse_qs(parts.query, keep_blank_values=True)
    senders, tls = given.pop("from", []), given.pop("tls", [])
    if tls not in ([], ["off"]) or (tls and parts.scheme != "smtp"):
        raise SettingsError("HALL_MAIL_URL: tls=off is for smtp:// alone, where messages may go without encryption")
    if given or len(senders) > 1 or not all(_ADDRESS.fullmatch(sender) for sender in senders):
        raise SettingsError("HALL_MAIL_URL may end in ?from=address, whom messages are from, and tls=off")
    return url


def is_this_machine(host: str) -> bool:
    """Return whether a host is this same machine, so that data sent to it crosses no network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sms_url(value: str | None) -> str | None:
    url = _url("HALL_SMS_URL", value, schemes=("https", "http", *SMS_PROVIDERS))
    parts = urlsplit(url or "")
    if parts.fragment not in ("", "tls=off"):
        raise SettingsError("HALL_SMS_URL: #tls=off is the only thing that may stand behind #")
    if parts.scheme == "http" and not parts.fragment and not is_this_machine(parts.hostname or ""):
        raise SettingsError(
            "HALL_SMS_URL must start with https://; http:// to another machine needs #tls=off at its end"
        )
    if parts.scheme in SMS_PROVIDERS:
        _check_provider(parts)
    return url


def _check_provider(parts: SplitResult) -> None:
    """See that the address of a provider has all that its requests need. Raises SettingsError."""
    shape = SMS_PROVIDERS[parts.scheme]
    if not parts.username or not parts.password:
        raise SettingsError(f"HALL_SMS_URL needs the id and the secret of the access key, as in {shape}")
    app_id = parts.path.strip("/")
    if parts.scheme == "tencent" and not _APP_ID.fullmatch(app_id):
        raise SettingsError(f"HALL_SMS_URL needs the SdkAppId of the application after the host, as in {shape}")
    if parts.scheme == "aliyun" and app_id:
        raise SettingsError(f"HALL_SMS_URL has nothing after the host, as in {shape}")
    query = parse_qs(parts.query, keep_blank_values=True)
    if set(query) - {"region"} or any(not _REGION.fullmatch(one) for one in query.get("region", [])):
        raise SettingsError("HALL_SMS_URL: ?region= with a region such as ap-guangzhou is the only thing after ?")
    if parts.fragment and not is_this_machine(parts.hostname or ""):
        raise SettingsError("HALL_SMS_URL: a provider on another machine is not spoken to without encryption")


def _base_url(value: str) -> str:
    parts = _split("HALL_BASE_URL", value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("HALL_BASE_URL must be an address such as https://visit.example.org")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise SettingsError("HALL_BASE_URL must have no path, query or user: the application serves from the root")
    if not _HOST.fullmatch(parts.netloc):
        raise SettingsError("HALL_BASE_URL must name its host in ASCII letters, digits, dots and hyphens (punycode)")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _database_url(value: str | None, instance: Path) -> str:
    if not value:
        return f"sqlite:///{instance / 'hallapp.sqlite3'}"
    try:
        url = _several_hosts(value) or make_url(value)
    except (ArgumentError, ProgrammingError, ValueError):
        raise SettingsError(
            "HALL_DATABASE_URL must look like sqlite:////path or postgresql://user:password@host/name"
        ) from None
    if url.drivername == "sqlite":
        if not Path(url.database or "").is_absolute():
            raise SettingsError(
                "HALL_DATABASE_URL must name a file by its whole path, as in sqlite:////var/lib/hall.db"
            )
        return value
    if url.drivername not in _POSTGRESQL:
        raise SettingsError("HALL_DATABASE_URL must be SQLite or PostgreSQL")
    if not all(_is_port(port) for port in _ports(url)):
        raise SettingsError("HALL_DATABASE_URL has a port that does not exist")
    _check_session(url)
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _several_hosts(value: str) -> URL | None:
    """Return the address of several PostgreSQL servers, `…@host1:port1,host2:port2/name`; None for any other address.

    libpq itself reads it, because SQLAlchemy knows no list of hosts in that place.
    """
    scheme, _colon, rest = value.partition("://")
    if scheme not in _POSTGRESQL or "," not in re.split("[/?]", rest.rpartition("@")[2])[0]:
        return None
    given = {name: str(text) for name, text in conninfo_to_dict(f"postgresql://{rest}").items()}
    names = ("user", "password", "dbname")
    username, password, database = (given.pop(name, None) for name in names)
    return URL.create("postgresql", username=username, password=password, database=database, query=given)


def _check_session(url: URL) -> None:
    """Refuse an address by which a standby could be taken, where nothing can be written."""
    hosts = [host for text in url.normalized_query.get("host", ()) for host in text.split(",")]
    wanted = url.query.get("target_session_attrs")
    if len(hosts) > 1 and not all(hosts):
        raise SettingsError("HALL_DATABASE_URL has a comma without a host beside it")
    if wanted not in (None, "any", "primary", "read-write"):
        raise SettingsError("HALL_DATABASE_URL: target_session_attrs must be read-write, primary or any")
    if len(hosts) > 1 and not wanted:
        raise SettingsError(
            "HALL_DATABASE_URL names several hosts: add ?target_session_attrs=read-write, which finds the one that"
            " takes writes, or =any where each of them does"
        )


def _ports(url: URL) -> list[str]:
    """Return the ports of an address as they are written; an empty one is the usual port."""
    given = [str(url.port)] if url.port is not None else []
    for text in url.normalized_query.get("port", ()):
        given += text.split(",")
    return given


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536)


def _number(
    name: str, environ: Mapping[str, str], *, default: int, least: int, most: int, what: str = "a whole number"
) -> int:
    """The number in a variable, or the default where it is not set."""
    value = environ.get(name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
        raise SettingsError(f"{name} must be {what}, {least} to {most}")
    return int(value)


def _secret_keys(value: str | None, instance: Path) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in (value or _kept(instance / "secret_key", _new_key)).split(","))
    if any(len(key) < MIN_SECRET_LENGTH for key in keys):
        raise SettingsError(f"HALL_SECRET_KEY: each key needs {MIN_SECRET_LENGTH} characters or more")
    if is_weak(keys[0]):  # an older key only reads what it has signed
        raise SettingsError(
            "HALL_SECRET_KEY can be guessed: take 32 random characters, such as secrets.token_urlsafe()"
        )
    return keys


def _metrics_token(value: str | None) -> str | None:
    if not value:
        return None
    if len(value) < MIN_SECRET_LENGTH or not re.fullmatch("[!-~]+", value):
        raise SettingsError(f"HALL_METRICS_TOKEN needs {MIN_SECRET_LENGTH} or more ASCII characters without a space")
    if is_weak(value):
        raise SettingsError("HALL_METRICS_TOKEN can be guessed: take one of secrets.token_urlsafe()")
    return value


def _scan_command(value: str | None) -> str | None:
    """Return the command line of a virus scanner. Raises SettingsError where a quotation mark is left open."""
    try:
        words = shlex.split(value or "")
    except ValueError:
        raise SettingsError("HALL_SCAN_COMMAND must be a command such as: clamdscan --no-summary -") from None
    return shlex.join(words) if words else None


def _embed_hosts(value: str | None) -> tuple[str, ...]:
    """Return the names of hosts, separated by commas. Raises SettingsError where one is no name of a host."""
    hosts = tuple(one.strip().lower() for one in (value or "").split(",") if one.strip())
    if not all(_HOST.fullmatch(one) for one in hosts):
        raise SettingsError("HALL_EMBED_HOSTS must be names of hosts, separated by commas, such as: player.example.org")
    return hosts


def _sentry_dsn(value: str | None) -> str | None:
    if not value:
        return None
    parts = _split("HALL_SENTRY_DSN", value)
    well_formed = parts.scheme in ("http", "https") and parts.hostname and parts.username and parts.password is None
    number = parts.path.rpartition("/")[2]
    if not well_formed or parts.query or parts.fragment or not (number.isascii() and number.isdecimal()):
        raise SettingsError("HALL_SENTRY_DSN must look like https://key@host/number, as Sentry shows it")
    return value


def is_weak(key: str) -> bool:
    """Return whether a key is little more than a repeated piece, or than common words and sequences."""
    rest = _EVERYBODYS.sub("", re.sub(r"[\W_]", "", key.casefold()))
    return len(set(key)) < _DIFFERENT_LEAST or len(rest) < _REST_LEAST or bool(re.fullmatch(r"(.{1,8}?)\1+.?", key))


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Return the text of a file that only its owner can read; it is created at first use, by one process only."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(path, make())
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"HALL_INSTANCE: cannot keep the secret key in {path}: {error}") from None


def _write_once(path: Path, text: str) -> None:
    """Create a file with its text, unless another process was first: no one reads half of it."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(text)
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)
