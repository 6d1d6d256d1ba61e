"""Single sign-on with a certified OpenID provider, which the hall's own tests did not write: oidc-provider in node."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall
from hallapp.signon import service
from tests import factories, npm
from tests.signon.servers import CLIENT, SECRET
from tests.signon.test_sign_on import add, leave, role_of

HERE = "http://127.0.0.1:8000"
SERVER = Path(__file__).parent / "provider"
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass
class RealProvider:
    """The provider in a process of its own; `people` is the file of who has an account there."""

    issuer: str
    people: Path

    def set_claims(self, name: str, **claims: Any) -> None:
        self.people.write_text(json.dumps({name: claims}))


@pytest.fixture
def real(tmp_path: Path) -> Iterator[RealProvider]:
    folder, people = npm.install(SERVER), tmp_path / "people.json"
    shutil.copy(SERVER / "server.mjs", folder)
    settings = {"client": CLIENT, "secret": SECRET, "people": str(people)}
    settings |= {"redirect": f"{HERE}/sign-on/1/back", "home": f"{HERE}/sign-in"}
    command = [str(npm.NODE), "server.mjs"]
    quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=folder, text=True, **quiet) as process:  # type: ignore[call-overload]
        try:
            process.stdin.write(json.dumps(settings) + "\n")
            process.stdin.flush()
            issuer = process.stdout.readline().strip()
            assert issuer.startswith("http://127.0.0.1:"), "the provider did not start"
            yield RealProvider(issuer, people)
        finally:
            process.kill()


def enter(url: str, browser: requests.Session, name: str) -> str:
    """Sign in at the provider, and agree there, as a person does; gives the path by which the browser comes back."""
    page = _follow(browser, browser.get(url, allow_redirects=False))
    for _step in range(3):
        if isinstance(page, str):
            return page
        [action], hidden = _FORM.findall(page.text), dict(_HIDDEN.findall(page.text))
        typed = {"login": name, "password": "any"} if 'name="login"' in page.text else {}
        answer = browser.post(urljoin(page.url, action), {**hidden, **typed}, allow_redirects=False)
        page = _follow(browser, answer)
    raise AssertionError("the provider asks and asks")


def _follow(browser: requests.Session, answer: requests.Response) -> requests.Response | str:
    while answer.is_redirect:
        target = urljoin(answer.url, answer.headers["Location"])
        if target.startswith(HERE):
            return target.removeprefix(HERE)
        answer = browser.get(target, allow_redirects=False)
    assert answer.ok, (answer.status_code, answer.text)
    return answer


def test_certified_provider_opens_accounts_gives_and_takes_roles_and_ends_its_session(
    app: Flask, client: FlaskClient, real: RealProvider
) -> None:
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        lina = factories.staff(hall=hall, name="lina")
        service.set_address(lina, "lina@example.org", by=admin.id)
    roles = (("leads", Role.MANAGER), ("desk", Role.DESK))
    provider = add(hall, issuer=real.issuer, roles=roles)
    real.set_claims("u-1", email="Lina@example.org", email_verified=True, groups=["staff", "leads"])
    browser = requests.Session()
    back = enter(leave(client), browser, "u-1")
    assert client.get(back).location == "/today"
    assert role_of(lina) is Role.MANAGER
    assert app.test_client().get(back).location == "/sign-in?refused=state"

    client.get("/account")
    ended = client.get(client.submit("/sign-out", {}).location)
    end_url = re.search(rf'href="({re.escape(real.issuer)}[^"]*)"', ended.text)
    assert end_url, ended.text
    assert enter(end_url[1].replace("&amp;", "&"), browser, "u-1") == "/sign-in"

    real.set_claims("u-1", groups=["desk"])  # the connection counts, not the address
    open_here = app.test_client()
    assert open_here.get(enter(leave(open_here), requests.Session(), "u-1")).location == "/desk"
    assert role_of(lina) is Role.DESK

    real.set_claims("u-1", groups=[])
    other = app.test_client()
    assert other.get(enter(leave(other), requests.Session(), "u-1")).location == "/sign-in?refused=group"
    assert open_here.get("/account").status_code == 303  # what was open has ended with the group

    with transaction():
        service.change(db.session.merge(provider), _with_secret(hall, "wrong"))
    assert other.get(enter(leave(other), requests.Session(), "u-1")).location == "/sign-in?refused=answer"
    assert db.session.scalars(select(Staff.id).where(Staff.name == "lina")).one() == lina.id


def _with_secret(hall: Hall, secret: str) -> service.SaveProvider:
    return service.SaveProvider(hall_id=hall.id, by=None, name="Company", client_id=CLIENT, secret=secret)
