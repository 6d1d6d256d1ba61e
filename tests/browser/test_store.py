"""A device whose own store is missing, closed, deleted or full: it works with the server, says so, and confirms nothing
that is kept nowhere."""

import json

import pytest
from playwright.sync_api import Page, expect

from hallapp.booking.models import Booking
from tests.browser.conftest import Opener
from tests.browser.scene import DESKTOP, Scene
from tests.browser.test_offline import DUMP, admit, arrived, cut, open_desk, ready, stored
from tests.conftest import tried

#: How stores fail: what a browser does in place of opening one, or at each change of it.
MISSING = "Object.defineProperty(window, 'indexedDB', { value: undefined });"
FORBIDDEN = """IDBFactory.prototype.open = function () {
  throw new DOMException("The user denied permission to access the database.", "SecurityError");
};"""
REFUSED = """IDBFactory.prototype.open = function () {
  const request = new EventTarget();
  request.error = new DOMException("The operation failed.", "InvalidStateError");
  setTimeout(() => request.onerror && request.onerror(new Event("error")));
  return request;
};"""
SILENT = "IDBFactory.prototype.open = () => new EventTarget();"
#: A full disk lets everything be read, and each transaction that adds or changes anything is undone.
FILL = """() => {
  window.room = window.room || { add: IDBObjectStore.prototype.add, put: IDBObjectStore.prototype.put };
  for (const name of ["add", "put"]) IDBObjectStore.prototype[name] = function (...given) {
    const request = window.room[name].apply(this, given);
    const transaction = this.transaction;
    Object.defineProperty(transaction, "error", {
      get: () => new DOMException("Encountered full disk while committing transaction.", "QuotaExceededError"),
    });
    request.addEventListener("success", (event) => {
      event.stopImmediatePropagation();
      transaction.abort();
    });
    return request;
  };
}"""
EMPTY = "() => Object.assign(IDBObjectStore.prototype, window.room)"
#: The browser closes the store under the page, as it does after a failure of its own.
CLOSE = """() => {
  const closed = window.stores.splice(0);
  for (const store of closed) {
    store.close();
    store.dispatchEvent(new Event("close"));
  }
  return closed.length;
}"""
#: It closes it without a word: the next transaction fails.
CLOSE_SILENTLY = "() => window.stores.splice(0).map((store) => store.close()).length"
WATCH = """const openStore = IDBFactory.prototype.open;
window.stores = [];
IDBFactory.prototype.open = function (...given) {
  const request = openStore.apply(this, given);
  request.addEventListener("success", () => window.stores.push(request.result));
  return request;
};"""
DELETE = """() => new Promise((resolve, reject) => {
  const request = indexedDB.deleteDatabase("hall-desk");
  request.onsuccess = () => resolve(true);
  request.onerror = () => reject(request.error);
})"""


#: How a store is lost while the desk is open.
LOSSES = [
    pytest.param(CLOSE_SILENTLY, id="closed-silently"),
    pytest.param(DELETE, id="deleted"),
    pytest.param(CLOSE, id="closed"),
]
#: What a browser may do instead of opening a store. The next test refuses it in CI.
FAULTS = [
    pytest.param(MISSING, id="missing"),
    pytest.param(SILENT, id="silent"),
    pytest.param(FORBIDDEN, id="forbidden"),
    pytest.param(REFUSED, id="refused"),
]


def show(page: Page, code: str) -> None:
    page.locator("#q").focus()
    page.keyboard.insert_text(code)
    page.keyboard.press("Enter")
    expect(page.locator("#card button.admit")).to_be_visible()


def stored_events(page: Page) -> list[dict[str, object]]:
    """The events that lie in the store."""
    return list(json.loads(page.evaluate(DUMP))[0]["events"])


@pytest.mark.parametrize("fault", tried(FAULTS, 1))
def test_desk_without_a_store_works_with_the_server_and_says_so(open_page: Opener, stage: Scene, fault: str) -> None:
    booking = stage.book(f"无存储检验组{len(fault)}", {"440000": 5})
    _open_without_store(open_page, stage, fault, booking)


def test_desk_without_a_store_and_a_network_counts_nothing(open_page: Opener, stage: Scene) -> None:
    first, second = (stage.book(f"无存储无网络检验组{number}", {"440000": 5}) for number in range(2))
    page = _open_without_store(open_page, stage, REFUSED, first)
    show(page, stage.code(second))
    page.context.set_offline(True)
    page.locator("#card button.admit").click()
    expect(page.locator("#trouble")).to_contain_text("Not counted", timeout=40_000)
    expect(page.locator("#answer")).not_to_have_attribute("data-outcome", "admitted")
    expect(page.locator("#network [data-slot=state]")).to_contain_text("cannot store entries")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("#network")).to_have_attribute("data-state", "online", timeout=40_000)
    page.locator("#card button.admit").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted", timeout=40_000)
    assert sum(arrived(stage, [second]).values()) == 5


def _open_without_store(open_page: Opener, stage: Scene, fault: str, booking: Booking) -> Page:
    """A desk that says that it has no store, and has admitted a group with the server all the same."""
    page = open_page(size=DESKTOP, language="en")
    page.add_init_script(fault)
    stage.sign_in(page)
    expect(page.locator('#network [data-slot="store"]')).to_contain_text("cannot work offline now", timeout=40_000)
    expect(page.locator("#network")).to_have_attribute("data-state", "online")
    admit(page, stage.code(booking), 5)
    assert sum(arrived(stage, [booking]).values()) == 5
    return page


def test_desk_whose_disk_is_full_confirms_nothing_that_is_kept_nowhere(open_page: Opener, stage: Scene) -> None:
    before, during, after = (stage.book(f"存储满检验组{number}", {"440000": 4 + number}) for number in range(3))
    page = open_page(size=DESKTOP, language="en")
    open_desk(page, stage)
    cut(page.context, page)
    admit(page, stage.code(before), 4)
    page.evaluate(FILL)
    show(page, stage.code(during))
    page.locator("#card button.admit").click()
    expect(page.locator("#trouble")).to_contain_text("Not counted")
    expect(page.locator("#trouble")).to_contain_text("full")
    expect(page.locator("#trouble")).not_to_contain_text("Nothing is lost")
    expect(page.locator('#network [data-slot="store"]')).to_contain_text("full")
    assert [event["booking"] for event in stored_events(page)] == [before.id]

    page.context.set_offline(False)
    stored(page)  # what waited is sent, though the device cannot note it
    expect(page.locator("#waiting .stored")).to_have_count(1)
    page.locator("#card button.admit").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    assert arrived(stage, [before, during]) == {(before.id, "440000"): 4, (during.id, "440000"): 5}

    page.evaluate(EMPTY)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator('#network [data-slot="store"]')).to_be_hidden()
    cut(page.context, page)
    admit(page, stage.code(after), 6)
    page.context.set_offline(False)
    stored(page)
    assert sum(arrived(stage, [before, during, after]).values()) == 4 + 5 + 6


@pytest.mark.parametrize("how", tried(LOSSES, 1))
def test_store_that_is_closed_or_deleted_is_opened_again_with_all_that_waits(
    open_page: Opener, stage: Scene, how: str
) -> None:
    first, second = (stage.book(f"存储关闭检验组{len(how)}-{number}", {"440000": 7 + number}) for number in range(2))
    page = open_page(size=DESKTOP, language="en")
    page.add_init_script(WATCH)
    open_desk(page, stage)
    cut(page.context, page)
    page.keyboard.press("F2")
    page.fill("#walk-in-visitors-0", "3")
    page.fill("#walk-in-organisation", "过路合唱团")
    page.locator("#walk-in button.admit").click()
    expect(page.locator("#answer")).to_have_attribute("data-outcome", "admitted")
    admit(page, stage.code(first), 7)
    assert page.evaluate(how)
    admit(page, stage.code(second), 8)
    expect(page.locator("#waiting li")).to_have_count(3)
    expect(page.locator('#network [data-slot="store"]')).to_be_hidden()
    page.close()
    page = page.context.new_page()
    page.goto(stage.url("/desk"))
    expect(page.locator("#waiting li")).to_have_count(3)
    page.context.set_offline(False)
    stored(page)
    expect(page.locator("#waiting .refused")).to_have_count(0)
    assert arrived(stage, [first, second]) == {(first.id, "440000"): 7, (second.id, "440000"): 8}
    ready(page)


def test_browser_is_asked_to_keep_the_store(open_page: Opener, stage: Scene) -> None:
    page = open_page(size=DESKTOP, language="en")
    page.add_init_script(
        "StorageManager.prototype.persist = () => { window.isAsked = true; return Promise.reject(new Error('no')); };"
    )
    open_desk(page, stage)
    assert page.evaluate("window.isAsked")
