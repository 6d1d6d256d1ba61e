"""Every form of the settings warns before what was typed is left unsaved: the pages are found by their links."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import pytest
from playwright.sync_api import Page, expect

from hallapp.accounts import service
from hallapp.core import clock
from tests import markup
from tests.browser.conftest import Opener
from tests.browser.scene import MANAGER, Scene
from tests.client import sign_in_as
from tests.conftest import tried

#: There are 60 pages with the words of messages, of two channels.
PAGES_OF_A_VIEW = max(tried((2, 100), 1))

#: Change the first field of each form that sends something typed; return how many forms there are, and the address of
#: each form without a warning.
_CHANGE = """async () => {
  const changed = [...document.querySelectorAll('#main form[method=post]')].filter((form) => {
    const field = [...form.elements].find((one) =>
      one.matches(':enabled')
      && one.matches('input:not([type=hidden], [type=submit], [type=button], [type=file]), select, textarea')
      && (one.tagName !== 'SELECT' || one.options.length > 1));
    if (!field) return false;
    if (field.matches('[type=checkbox]')) field.checked = !field.checked;
    else if (field.matches('[type=radio]'))
      [...form.elements].find((one) => one.name === field.name && !one.checked).checked = true;
    else if (field.tagName === 'SELECT') field.selectedIndex = field.selectedIndex ? 0 : 1;
    else if (field.type === 'date') field.value = '2031-05-06';
    else if (field.type === 'color') field.value = '#123456';
    else field.value += '1';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return true;
  });
  await new Promise((resolve) => setTimeout(resolve));  // the words are written after the event
  const silent = changed.filter((form) => !form.querySelector('.unsaved')?.textContent);
  return [changed.length, silent.map((form) => form.action)];
}"""


@pytest.mark.nightly
def test_every_form_of_the_settings_warns(open_page: Opener, stage: Scene) -> None:
    page = open_page(language="en", size={"width": 1280, "height": 900})
    stage.hold_session(page)
    page.on("dialog", lambda dialog: dialog.accept())
    forms, seen, silent = 0, set[str](), []
    for path, root in _pages_of_settings(stage):
        seen.add(path)
        if not _may_be_typed_in(root):
            continue
        page.goto(stage.url(path))
        changed, without_words = page.evaluate(_CHANGE)
        forms += changed
        silent += [f"{path}: {action}" for action in without_words]
    assert not silent, "\n".join(silent)
    assert {"/admin/presence", "/admin/messages", "/admin/templates/new", "/admin/alerts", "/admin/policy"} <= seen
    assert forms > 15
    _what_came_back_is_unsaved(page, stage)


def _what_came_back_is_unsaved(page: Page, stage: Scene) -> None:
    page.goto(stage.url("/admin/templates/new"))
    expect(page.locator(".unsaved").first).to_be_empty()
    page.get_by_role("button", name="Add a line").first.click()
    expect(page.locator(".unsaved").first).to_contain_text("Not saved yet")


def _pages_of_settings(stage: Scene) -> Iterator[tuple[str, Element]]:
    """Each page that links lead to, read without the browser, which opens those with something to type in alone."""
    client = stage.live.app.test_client()
    with stage.live.app.app_context():
        sign_in_as(client, service.get_staff_by_name(MANAGER))
    routes, views = stage.live.app.url_map.bind(""), Counter[str]()
    # The times of a day have fields that stand beside their forms.
    waiting, seen = [f"/admin/calendar/days/{clock.today(stage.time_zone)}", "/admin"], set[str]()
    while waiting:
        path = waiting.pop(0)
        view = routes.match(path)[0]
        if path in seen or views[view] == PAGES_OF_A_VIEW:
            continue
        seen.add(path)
        views[view] += 1
        answer = client.get(path, follow_redirects=True)
        if answer.mimetype == "text/html":
            root = markup.tree(answer.get_data(as_text=True))
            links = (urlsplit(urljoin(path, link.get("href", ""))).path for link in root.iter("a"))
            waiting += [link for link in links if link.startswith("/admin")]
            yield path, root


def _may_be_typed_in(root: Element) -> bool:
    """Whether a page has a field and a form that is sent, wherever on the page they stand."""
    is_sent = any(form.get("method", "").lower() == "post" for form in root.findall(".//main//form"))
    buttons = ("hidden", "submit", "button")
    typed = (field for name in ("input", "select", "textarea") for field in root.iter(name))
    return is_sent and any(field.get("type") not in buttons for field in typed)
