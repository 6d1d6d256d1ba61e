/* The desk: forms are sent in the background, and the parts of the page that changed are put in place.
 *
 * Nothing is drawn here: every answer of the server is the parts that have changed of the page that a browser without
 * JavaScript gets. Where the server does not answer, the device goes on by itself (desk-offline.js). A scanner is a
 * keyboard, so these rules keep a scan from admitting anybody by accident:
 *   - what a scanner types is a scan wherever the focus is, and what ends it does nothing else (see desk-scanner.js);
 *   - Enter admits only from the button or a number, never from the scan field, empty or not (some scanners send it twice).
 */

import { admitBadge, badgeOf, keepBadge } from "./desk-badges.js";
import { startCamera } from "./desk-camera.js";
import * as departures from "./desk-departures.js";
import { backToScan, guardFocus } from "./desk-focus.js";
import { Offline, SignedOut, newEventId, send } from "./desk-send.js";
import * as offline from "./desk-offline.js";
import { StoreError } from "./desk-store.js";
import { listenForScans } from "./desk-scanner.js";
import { isOn, play, toggle as toggleSound } from "./desk-sound.js";
import { clearAnswer, clearCard } from "./desk-draw.js";
import { startWatch } from "./desk-watch.js";
import { sumOf } from "./people.js";
import { started } from "./started.js";

const byId = (id) => document.getElementById(id);
const REFRESH_MS = 60_000;
const LOOKED_UP = ["answer", "card"];
const ACTED = ["answer", "card", "figures", "events", "row"];
const SECOND_CLICK_MS = 700;
let acts = Promise.resolve(); // acts and look-ups go one after the other, in the order in which they were asked for

function trouble(word) {
  const place = byId("trouble");
  const words = word && byId("words").content.querySelector(`[data-word="${word}"]`);
  place.textContent = "";
  if (words) place.append(words.cloneNode(true));
  place.hidden = !words;
}

/** Report a failed act. An act that neither the server nor this device has is not counted: the message says so. */
function wordOf(error) {
  if (error instanceof StoreError) return "not-kept";
  if (error instanceof SignedOut) return "signed-out";
  return error instanceof Offline ? "offline" : "broken";
}

/** Put the named parts of an answered page in place of those on this page; `row` is the one that changed in the list. */
function swap(page, ids) {
  for (const id of ids) {
    const part = page.getElementById(id);
    if (part && !(id === "day" && swapDay(part))) byId(id).replaceWith(document.adoptNode(part));
  }
  if (ids.includes("row")) swapRows(page);
  wake(document.body);
}

const DAY_ROWS = 'tr[id^="day-"]';

/** Put only the changed rows of today's list in place, where it has the same groups; false where it has others. */
function swapDay(part) {
  const rows = [...part.querySelectorAll(DAY_ROWS)];
  const present = [...byId("day").querySelectorAll(DAY_ROWS)];
  if (!rows.length || rows.map((row) => row.id).join() !== present.map((row) => row.id).join()) return false;
  for (const [at, row] of rows.entries()) {
    const old = present[at];
    const isSame = old.textContent === row.textContent && old.className === row.className && old.hidden === row.hidden;
    if (!isSame) old.replaceWith(document.adoptNode(row));
    else for (const token of old.querySelectorAll('[name="csrf_token"]')) token.value = row.querySelector('[name="csrf_token"]').value;
  }
  return true;
}

function swapRows(page) {
  for (const row of page.querySelectorAll(DAY_ROWS)) {
    const old = byId(row.id);
    if (old) old.replaceWith(document.adoptNode(row));
    else if (row.id !== "day-others" || !row.hidden) inTurn(renew); // the list here does not know it yet
  }
}

/** Announce the news: the answer, or the group and its number. Unchanged texts are not repeated. */
function announce() {
  wake(document.body);
  const told = [...document.querySelectorAll("#answer:not([hidden]) h2, #answer:not([hidden]) p")];
  const group = [...document.querySelectorAll("#card .count, #card h2, #card .visit, #card .ready")];
  const said = (told.length ? told : group).map((one) => one.textContent.replace(/\s+/g, " ").trim()).filter(Boolean).join(" · ");
  if (byId("announcement").textContent !== said) byId("announcement").textContent = said;
}

/** Show the parts that need this script, and let buttons show the number of their fields. */
function wake(root) {
  for (const element of root.querySelectorAll("[data-needs-script][hidden]")) element.hidden = false;
  for (const form of root.querySelectorAll("form[data-act]")) countPeople(form);
}

function countPeople(form) {
  const button = form.querySelector("[data-template]");
  if (!button) return;
  const people = sumOf(form.querySelectorAll('input[type="number"]'));
  button.textContent = people ? button.dataset.template.replace("{n}", people) : button.dataset.plain;
}

async function submit(form) {
  const act = form.dataset.act;
  const fields = new FormData(form);
  if (fields.has("event_id")) {
    // The device's own id, made once for this form: sent again after a lost answer, it is the same event.
    form.dataset.eventId = form.dataset.eventId || newEventId();
    fields.set("event_id", form.dataset.eventId);
  }
  form.setAttribute("aria-busy", "true");
  try {
    play(act === "admit-offline" ? await offline.take(form, fields) : await askServer(form, fields, act));
    announce();
  } catch (error) {
    trouble(act || error instanceof StoreError ? wordOf(error) : error instanceof SignedOut ? "signed-out" : "lookup-offline");
    play("refused");
    throw error;
  } finally {
    form.removeAttribute("aria-busy");
    backToScan();
  }
}

/** Let the server answer, after all that waited; where it does not, this device does. Gives the outcome. */
async function askServer(form, fields, act) {
  if (offline.isPossible()) {
    if (act && !(await offline.flushed())) return decideHere(form, fields, act);
    if (offline.isOffline()) return decideHere(form, fields, act);
  }
  try {
    if (act) fields.set("device", await offline.deviceName());
    const parts = act ? ACTED : LOOKED_UP;
    const page = await send(form.action, fields, offline.isPossible() ? { attempts: 1, parts } : { parts });
    trouble("");
    swap(page, parts);
    const { outcome } = byId("answer").dataset;
    if (act === "walk-in" && DONE.includes(outcome)) emptyWalkIn();
    if (act && offline.isPossible()) offline.acted();
    return outcome;
  } catch (error) {
    if (!offline.isPossible() || !(error instanceof Offline || error instanceof SignedOut)) throw error;
    offline.lost(error);
    return decideHere(form, fields, act);
  }
}

async function decideHere(form, fields, act) {
  trouble("");
  if (!act) return offline.lookUp(fields.get("q"), Boolean(fields.get("scanned")));
  const outcome = await offline.take(form, fields);
  if (act === "walk-in" && DONE.includes(outcome)) emptyWalkIn();
  return outcome;
}

const DONE = ["admitted", "repeated"];

/** The walk-in is counted: the next one is another one. */
function emptyWalkIn() {
  if (byId("answer").dataset.reason) return; // it is asked about
  const form = document.querySelector("#walk-in form");
  form.reset();
  delete form.dataset.eventId;
  byId("walk-in").open = false;
}

/** Look up a scanned or typed text; the field is free for the next scan at once. */
async function lookUp(text, isScanned) {
  const scan = byId("scan");
  const input = byId("q");
  const flag = scan.elements.scanned;
  input.value = text;
  flag.value = isScanned ? "1" : "";
  const sent = submit(scan);
  input.value = flag.value = "";
  try {
    await sent;
  } catch (error) {
    input.value = input.value || text;
    throw error;
  }
}

let backUntil = 0; // until then a click on “Take back” is the second of two
let unheard = null; // a request without an answer: repeated, it is the same event

/** Send an act as JSON, or store it on this device with the same id; then update the page's numbers. */
async function doHere(what, atServer, onDevice) {
  const id = unheard && unheard.what === what ? unheard.id : newEventId();
  trouble("");
  try {
    const outcome = await heardOr(() => atServer(id), () => onDevice(id));
    unheard = null;
    play(outcome);
    announce();
    backToScan();
    if (!offline.isOffline()) await renew();
    if (offline.isPossible()) offline.acted();
  } catch (error) {
    unheard = { what, id };
    trouble(wordOf(error));
    play("refused");
    backToScan();
    throw error;
  } finally {
    // Whoever has gone on to a button meanwhile stays there; what had the focus may have been put in place anew.
    if (document.activeElement === document.body) backToScan();
  }
}

async function heardOr(atServer, onDevice) {
  if (offline.isPossible() && !(await offline.flushed())) return onDevice();
  try {
    return await atServer();
  } catch (error) {
    if (!offline.isPossible() || !(error instanceof Offline || error instanceof SignedOut)) throw error;
    offline.lost(error);
    return onDevice();
  }
}

/** Record a departure: of the group of a scan, or of a typed number of people. */
async function leave(text, isScanned) {
  const wanted = departures.departure(text);
  const keep = (id) => departures.keepDeparture(wanted, id, isScanned);
  if (wanted) return doHere(`leave ${text} ${wanted.visitors}`, (id) => departures.leave(wanted, id), keep);
  play("refused");
  announce();
}

/** The request of a scanned or typed text. */
function ask(text, isScanned) {
  if (departures.isLeaving()) return leave(text, isScanned);
  const badge = badgeOf(text);
  return badge ? admitByBadge(badge) : lookUp(text, isScanned);
}

const admitByBadge = (badge, options = {}) =>
  doHere(`badge ${badge} ${options.anyway}`, (id) => admitBadge(badge, id, options), (id) => keepBadge(badge, id));

function inTurn(act) {
  acts = acts.catch(() => {}).then(act);
  acts.catch((error) => {
    if (!(error instanceof Offline || error instanceof SignedOut || error instanceof StoreError)) console.error(error);
  });
}

/** A text from the scanner or the camera; `isScanned` is false for a typed one. */
function scan(text, isScanned = true) {
  const trimmed = text.trim();
  if (trimmed) inTurn(() => ask(trimmed, isScanned));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("main.desk")) return;
  event.preventDefault();
  if (form.id === "scan") {
    const text = byId("q").value;
    byId("q").value = "";
    scan(text, false);
  } else if (form.id === "leaving-form") {
    inTurn(() => leave("", false));
  } else if (!form.hasAttribute("aria-busy")) {
    inTurn(() => submit(form));
  }
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-act]");
  if (form) countPeople(form);
});

document.addEventListener("keydown", (event) => {
  if (event.key in KEYS) {
    event.preventDefault();
    KEYS[event.key]();
  } else if (event.key === "ArrowDown" && event.target === byId("q")) {
    const first = document.querySelector("#card [data-first]");
    if (first) {
      event.preventDefault();
      first.focus();
    }
  } else if (event.key === "Escape") {
    backToScan({ always: true });
  }
});

/* A second click on “Take back” would meet the row of another group: the first has moved all rows on. */
document.addEventListener(
  "click",
  (event) => {
    const isBack = event.target.closest('[data-do="take-back"], form[data-act="take-back"] button');
    if (!isBack || !event.detail) return; // a key presses the focused element
    const isSecond = performance.now() < backUntil;
    if (!isSecond) backUntil = performance.now() + SECOND_CLICK_MS;
    else {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);

/** The function keys; each of these is also a button or a link that Tab reaches (docs/desk.md lists them). */
const KEYS = {
  F2: () => toggle("walk-in"),
  F4: () => toggle("leaving"),
  F6: () => goTo("#day:not([hidden]) button, #offline-day:not([hidden]) button"),
  F8: () => goTo('#waiting:not([hidden]) [data-do="take-back"]:not([hidden]), #events:not([hidden]) form[data-act] button'),
  F9: () => byId("camera-button").click(),
};

/** Put the focus on the first of these, so that Enter presses it. */
const goTo = (selector) => document.querySelector(selector)?.focus();

/** Open a part of the page by its key, or close it again; only one of the two is open at a time. */
function toggle(id) {
  const part = byId(id);
  if (!part) return;
  part.open = !part.open || !part.contains(document.activeElement);
  if (part.open) FIRST[id]().focus();
  else backToScan({ always: true });
}

const FIRST = { "walk-in": () => byId("walk-in-visitors-0"), leaving: () => byId("leaving-visitors") };

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!(target.id in FIRST)) return;
    if (target.id === "leaving") byId("leaving-on").hidden = !target.open;
    if (!target.open) return;
    for (const other of Object.keys(FIRST)) if (other !== target.id && byId(other)) byId(other).open = false;
    // Announced a moment later: a person who has moved to another field stays there.
    if (!target.querySelector(":focus:not(summary)")) FIRST[target.id]().focus();
  },
  true,
);

function showSound() {
  byId("sound-button").setAttribute("aria-pressed", String(isOn()));
}

/** No: the people of the question are not admitted. */
document.addEventListener("click", (event) => {
  if (!event.target.closest("a[data-no]")) return;
  event.preventDefault();
  clearAnswer();
  clearCard();
  backToScan({ always: true });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do], button[data-pick], button[data-badge]");
  if (!button) return;
  if (button.dataset.badge) inTurn(() => admitByBadge(button.dataset.badge, { anyway: true }));
  else if (button.dataset.do) inTurn(() => offline.press(button));
  else {
    inTurn(async () => {
      play(offline.pick(Number(button.dataset.booking)));
      announce();
    });
  }
});

/** Take the day from the server again. */
async function renew() {
  try {
    const parts = ["figures", "events", "day"];
    swap(await send(window.location.pathname, null, { attempts: 1, parts }), parts);
  } catch {
    /* the next act reports the error */
  }
}

/** The network is back. */
function heardAgain() {
  trouble("");
  return renew();
}

const isIdle = () => !offline.isOffline() && !document.hidden && !document.activeElement.closest("#day, #events");

/** Bookings change too, not only by acts: the list is renewed while the desk is idle. */
async function refresh() {
  if (isIdle()) await renew();
}

/** Another desk has acted: renew the lists and the open card, unless the card is being edited. */
async function follow() {
  if (offline.isOffline() || document.hidden) return;
  if (isIdle()) await renew();
  const card = byId("card");
  const form = card.querySelector('form[data-act="admit"]:not(.question):not([aria-busy])');
  const isTouched = (field) => (field.type === "checkbox" ? field.checked : field.value !== field.defaultValue);
  if (!card.dataset.reference || !form || [...form.querySelectorAll("input:not([type=hidden])")].some(isTouched)) return;
  const fields = new FormData(byId("scan"));
  fields.set("q", card.dataset.reference);
  const hadFocus = card.contains(document.activeElement);
  const before = numbersOf(card);
  try {
    const page = await send(byId("scan").action, fields, { attempts: 1, parts: LOOKED_UP });
    const isSame = byId("card") === card && !card.contains(document.querySelector("[aria-busy]"));
    if (!isSame || numbersOf(page.getElementById("card")) === before) return;
    swap(page, LOOKED_UP);
    announce();
    if (hadFocus) backToScan({ always: true }); // the numbers have changed under the person's hands
  } catch {
    /* the act itself sends what it knew */
  }
}

/** The people still to come and arrived on a card. */
function numbersOf(card) {
  const known = card.querySelector('input[name="known_to_come"]');
  return known ? known.value : "";
}

byId("sound-button").addEventListener("click", () => {
  toggleSound();
  showSound();
  play("admitted");
  backToScan();
});

if (window.location.search) window.history.replaceState(null, "", window.location.pathname + window.location.hash); // no code stays in the address
showSound();
wake(document.body);
listenForScans((text) => scan(text), { field: () => byId("q"), leaveAlone: "#sign-in-again *" });
guardFocus((text) => scan(text));
startCamera({ button: byId("camera-button"), place: byId("camera"), words: byId("words"), onCode: (text) => scan(text) });
play(byId("answer").dataset.outcome);
setInterval(() => inTurn(refresh), REFRESH_MS);
startWatch({ shown: () => Number(byId("events").dataset.latest || 0), isOffline: offline.isOffline, onNews: () => inTurn(follow) });
offline.start({ back: () => inTurn(heardAgain) }).catch((error) => console.warn(error)); // as before, then
backToScan();
started();
