"""Every form of the settings warns before what was typed is left unsaved: the pages are found by their links."""

from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from hallapp.core import clock
from tests.browser.conftest import Opener
from tests.browser.scene import Scene
from tests.conftest import tried

#: There are 60 pages with the words of messages, of two channels.
PAGES_OF_A_VIEW = max(tried((2, 100), 1))

#: Change the first field of each form that sends something typed; return the address of each form without a warning.
_CHANGE = """() => [...document.querySelectorAll('#main form[method=post]')].filter((form) => {
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
  form.dataset.tried = 'yes';
  return true;
}).length"""
_SILENT = """() => [...document.querySelectorAll('#main form[data-tried]')]
  .filter((form) => !form.querySelector('.unsaved')?.textContent).map((form) => form.action)"""


def test_every_form_of_the_settings_warns(open_page: Opener, stage: Scene) -> None:
    page = open_page(language="en", size={"width": 1280, "height": 900})
    stage.hold_session(page)
    page.on("dialog", lambda dialog: dialog.accept())
    forms, views, silent = 0, Counter[str](), []
    routes = stage.live.app.url_map.bind("")
    # The times of a day have fields that stand beside their forms.
    today = f"/admin/calendar/days/{clock.today(stage.time_zone)}"
    waiting, seen = [today, "/admin"], set[str]()
    while waiting:
        path = waiting.pop(0)
        view = routes.match(path)[0]
        if path in seen or views[view] == PAGES_OF_A_VIEW:
            continue
        seen.add(path)
        views[view] += 1
        page.goto(stage.url(path))
        waiting += [link for link in _links(page) if link.startswith("/admin")]
        forms += page.evaluate(_CHANGE)
        page.wait_for_timeout(0)  # the words are written after the event
        silent += [f"{path}: {action}" for action in page.evaluate(_SILENT)]
    assert not silent, "\n".join(silent)
    assert {"/admin/presence", "/admin/messages", "/admin/templates/new", "/admin/alerts", "/admin/policy"} <= seen
    assert forms > 15
    _what_came_back_is_unsaved(page, stage)


def _what_came_back_is_unsaved(page: Page, stage: Scene) -> None:
    page.goto(stage.url("/admin/templates/new"))
    expect(page.locator(".unsaved").first).to_be_empty()
    page.get_by_role("button", name="Add a line").first.click()
    expect(page.locator(".unsaved").first).to_contain_text("Not saved yet")


def _links(page: Page) -> list[str]:
    hrefs = page.evaluate("() => [...document.querySelectorAll('a[href]')].map((one) => one.href)")
    return [urlsplit(href).path for href in hrefs]
