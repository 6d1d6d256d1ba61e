/* The desk without a network: today's groups from the snapshot, acts into the queue, and back to the server in order. */

import * as clock from "./desk-clock.js";
import { codeOf, derive, isForeign, looksLikeReference, open } from "./desk-cipher.js";
import * as draw from "./desk-draw.js";
import { finishLeaving } from "./desk-wipe.js";
import * as queue from "./desk-queue.js";
import { Offline, SignedOut } from "./desk-send.js";
import { startSignIn } from "./desk-signin.js";
import * as store from "./desk-store.js";
import { peopleOf } from "./people.js";
import { timely } from "./timely.js";

const SNAPSHOT_MS = 60_000;
const AFTER_ACT_MS = 1_500;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
const PATIENCE_MS = 10_000;
const CLOCK_OFF_MS = 120_000;
/** Without a secure address the browser gives no service worker, no locks and no cryptography: then all is as before. */
export const isPossible = () => window.isSecureContext && "locks" in navigator && "indexedDB" in window;

const ASKED_MS = 800; // sooner is the second click of two, and nobody's answer

const state = { network: "online", snapshot: null, events: [], pauseMs: FIRST_PAUSE_MS };
let timer = null;
let onBack = () => {};

export const isOffline = () => state.network !== "online";
export const hasWaiting = () => queue.waiting(state.events).length > 0;

/** The server did not answer: from now on this device decides, and asks again by itself. */
export function lost(error) {
  if (state.network === "online") state.network = error instanceof SignedOut ? "signed-out" : "offline";
  show();
  again();
}

/** Read what the device holds, fetch what it should hold, and keep both up to date. `back` is told of the network's return. */
export async function start({ back }) {
  onBack = back;
  if (!isPossible()) return;
  await register();
  const kept = await store.read("snapshot");
  if (kept && kept.content.hall === queue.hallId()) state.snapshot = kept;
  if (kept) clock.remember(kept.skewMs);
  if (document.getElementById("network").hasAttribute("data-shell") || !navigator.onLine) state.network = "offline";
  await endOfDay();
  await reload();
  await wireDevice();
  startSignIn(document.getElementById("sign-in-again"), hurry);
  window.addEventListener("online", () => hurry());
  window.addEventListener("offline", () => lost());
  window.addEventListener("focus", () => isOffline() && hurry());
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "send" && hurry());
  setInterval(() => tick(), SNAPSHOT_MS);
  await tick();
  document.getElementById("network").dataset.ready = String(await renewShell());
}

/** What this device is called, and whether it keeps tomorrow's groups too. */
async function wireDevice() {
  const name = document.getElementById("device-name");
  const tomorrow = document.getElementById("device-tomorrow");
  name.value = await queue.deviceName();
  tomorrow.checked = (await store.read("days")) === 2;
  name.addEventListener("change", () => name.value.trim() && store.keep("device", name.value.trim()));
  tomorrow.addEventListener("change", () => store.keep("days", tomorrow.checked ? 2 : 1).then(hurry));
  document.getElementById("device").hidden = false;
}

async function register() {
  try {
    await navigator.serviceWorker.register("/desk/sw.js", { scope: "/desk" });
  } catch (error) {
    console.warn(error); // no network: the worker that is there goes on
  }
}

/** Let the worker keep the shell of who is signed in now; gives whether the page would open without a network. */
async function renewShell() {
  const worker = (await navigator.serviceWorker.ready).active;
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = (event) => resolve(event.data);
    worker.postMessage("renew", [channel.port2]);
  });
}

/* Being heard again */

function hurry() {
  state.pauseMs = FIRST_PAUSE_MS;
  return tick();
}

function again() {
  clearTimeout(timer);
  if (!isOffline() && !hasWaiting()) return;
  timer = setTimeout(tick, state.pauseMs);
  state.pauseMs = Math.min(LONGEST_PAUSE_MS, state.pauseMs * 2);
}

let ticking = null;

/** Send what waits, then renew the snapshot; whoever asks meanwhile gets the same round. */
function tick() {
  ticking ??= round().finally(() => {
    ticking = null;
  });
  return ticking;
}

async function round() {
  const before = state.network;
  try {
    await endOfDay();
    await queue.flush();
    if (await finishLeaving()) return;
    await renewSnapshot();
    freshenCard();
    state.network = "online";
    state.pauseMs = FIRST_PAUSE_MS;
  } catch (error) {
    if (!(error instanceof queue.NoNetwork || error instanceof SignedOut || error instanceof Offline)) console.warn(error);
    state.network = error instanceof SignedOut ? "signed-out" : "offline";
  }
  await reload();
  again();
  if (before !== "online" && state.network === "online") onBack();
}

/** Send what waits before anything else is done with the server; false where nobody answers, or did not a moment ago. */
export async function flushed() {
  if (isOffline()) {
    hurry();
    return false; // nobody at the counter waits for a network that may hang
  }
  if (hasWaiting()) await tick();
  return !hasWaiting() && !isOffline();
}

/** Something was done with the server: the numbers of the snapshot have changed. */
export function acted() {
  setTimeout(tick, AFTER_ACT_MS);
}

async function renewSnapshot() {
  const days = store.read("days");
  const headers = { Accept: "application/json" };
  const kept = state.snapshot;
  const path = `/desk/snapshot?days=${(await days) ?? 1}`;
  if (kept && kept.etag && kept.path === path) headers["If-None-Match"] = kept.etag;
  let response;
  try {
    response = await fetch(path, { headers, cache: "no-store", redirect: "manual", signal: timely(PATIENCE_MS) });
  } catch (error) {
    throw new queue.NoNetwork(error.message, { cause: error });
  }
  if (response.status === 401) throw new SignedOut("no session");
  if (!response.ok && response.status !== 304) throw new queue.NoNetwork(`answer ${response.status}`);
  const content = response.ok ? await response.json() : kept.content;
  const madeAt = response.headers.get("X-Made-At");
  clock.heard(madeAt);
  state.snapshot = { content, madeAt, path, etag: response.headers.get("ETag"), skewMs: clock.skew() };
  await store.keep("snapshot", state.snapshot);
  await queue.countedIn(madeAt);
}

/** At the day's end the device forgets its groups; what waits stays. */
async function endOfDay() {
  if (!state.snapshot) return;
  const { days } = state.snapshot.content;
  if (clock.now() < Date.parse(days[days.length - 1].ends_at)) return;
  state.snapshot = null;
  await store.forget("snapshot");
}

/* What the page shows */

async function reload() {
  state.events = await queue.list();
  show();
}

function show() {
  const refused = state.events.filter((event) => event.state === "refused" || event.state === "unclear").length;
  const asOf = state.snapshot ? timeOf(state.snapshot.madeAt) : "";
  const skewMs = Math.abs(clock.skew() || 0);
  const clockOff = skewMs > CLOCK_OFF_MS ? Math.round(skewMs / 60_000) : 0;
  draw.drawNetwork({ state: state.network, waiting: queue.waiting(state.events).length, refused, asOf, clockOff });
  draw.drawWaiting(state.events, labelOf, (event) => clock.local(guessOf(event), zone()));
  const isShown = isOffline() && state.snapshot !== null;
  document.getElementById("offline-day").hidden = !isShown;
  for (const id of ["figures", "events", "day"]) document.getElementById(id).hidden = isOffline();
  if (isShown) draw.drawDay(todaysRows().map(groupOf));
}

/** The hall's time zone. */
const zone = () => document.getElementById("network").dataset.zone;
const timeOf = (instant) => clock.local(instant, zone()).slice(11);

/** What the question when an act was begins with: what its clock said, if that is likely, else the time of the list. */
function guessOf({ stamp, occurredAt, snapshotAt }) {
  const said = stamp ? stamp.wall : Date.parse(occurredAt);
  const earliest = Date.parse(snapshotAt);
  return said >= earliest && said <= clock.now() ? said : Math.min(earliest, clock.now());
}

const KINDS = { walk_in: "walk-in", badge: "a-badge", leave: "people-leave" };

function labelOf(event) {
  const meant = event.undoes ? state.events.find((one) => one.id === event.undoes) : event;
  const { type, label: named } = meant || {};
  const what = [draw.word(KINDS[type] || "a-group"), named];
  const label = type === "leave" || type === "badge" ? what.filter(Boolean).join(" · ") : named || what[0];
  return event.undoes ? `${draw.word("take-back")} · ${label}` : label;
}

/* What the snapshot knows */

const today = () => clock.local(clock.now(), zone()).slice(0, 10);
const todaysRows = () => state.snapshot.content.groups.filter((row) => row.day === today());
const findRow = (booking) => state.snapshot && state.snapshot.content.groups.find((row) => row.booking === booking);

/** A row with its numbers as this device knows them: by the snapshot, and by what was done here since. */
function groupOf(row) {
  const moved = queue.movedSince(state.events, row.booking);
  const people = Object.fromEntries([...Object.keys(row.people), ...Object.keys(moved)].map((one) => [one, row.people[one] ?? [0, 0]]));
  const origins = Object.entries(people)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([division, [booked, arrived]]) => ({ division, booked, arrived: arrived + (moved[division] ?? 0) }));
  const booked = origins.reduce((sum, origin) => sum + origin.booked, 0);
  const arrived = origins.reduce((sum, origin) => sum + origin.arrived, 0);
  let left = Math.max(0, booked - arrived);
  for (const origin of origins) {
    origin.toCome = Math.min(left, Math.max(0, origin.booked - origin.arrived));
    left -= origin.toCome;
  }
  return { ...row, origins, booked, arrived, toCome: Math.max(0, booked - arrived) };
}

/** Find whose pass was scanned, and show the group; gives the outcome where it is refused, else "". */
export async function lookUp(text, isScanned) {
  const found = await findPass(text, isScanned);
  return found.row ? choose(found.row, found.who) : refuse(found.reason);
}

/** The row of the list whose pass was scanned, and what the pass opens of it; or the reason why there is none. */
export async function findPass(text, isScanned) {
  const code = codeOf(text);
  if (!code) return { reason: isForeign(text) || (isScanned && !looksLikeReference(text)) ? "not-a-pass" : "offline-text" };
  if (!state.snapshot) return { reason: "no-list" };
  const { content } = state.snapshot;
  const { find, key } = await derive(code, content);
  if (content.replaced.includes(find)) return { reason: "replaced" };
  for (const row of content.groups) {
    const pass = (row.passes || []).find(([digest]) => digest === find);
    if (pass) return { row, who: await open(pass[1], key) };
  }
  return { reason: "not-in-list" };
}

/** The group of a badge, its division, and whether its person is in, as far as the list says; null where it does not. */
export async function findBadge(code) {
  if (!state.snapshot) return null;
  const { find } = await derive(code, state.snapshot.content);
  for (const row of state.snapshot.content.groups) {
    const badge = (row.badges || []).find(([digest]) => digest === find);
    if (!badge) continue;
    const group = groupOf(row);
    const most = group.origins.reduce((one, other) => (other.toCome > one.toCome ? other : one));
    return { group, division: badge[1] || most.division, isIn: badge[2], label: `${row.time} · ${row.programme}` };
  }
  return null;
}

/** People of a row who are inside, as far as this device knows. */
export const insideOf = (row) => groupOf(row).arrived - queue.leftOf(state.events, row.booking);
export const events = () => state.events;

/** Show a group that was chosen by its time. */
export const pick = (booking) => choose(findRow(booking), null);

let shown = null; // the group whose card was drawn last, and what its pass opened

/** Another desk may have admitted the group whose card lies here. */
function freshenCard() {
  const row = shown && findRow(shown.booking);
  if (row && draw.isStale(groupOf(row))) choose(row, shown.who);
}

function choose(row, who) {
  shown = { booking: row.booking, who };
  const group = groupOf(row);
  const hindrance = row.state === "cancelled" ? "cancelled" : row.day === today() ? "" : "another-day";
  const timing = hindrance ? null : timingOf(row);
  const isOutOfTime = Boolean(timing && timing.rule) && !group.arrived; // who follows a group that is in belongs to it
  draw.drawCard(group, who, { canAdmit: !hindrance, timing, isOutOfTime });
  if (hindrance) return refuse(hindrance, { keep: true, when: `${row.day} ${row.time}` });
  if (!group.toCome) return refuse("in-already", { keep: true, arrived: group.arrived });
  if (isOutOfTime) return refuse(`${timing.side}-${timing.rule}`, { keep: true, outcome: "repeated", n: timing.minutes });
  draw.clearAnswer();
  return "";
}

/** Minutes before the time of a row, or after its start, and the hall's rule where it does not let such a group in. */
function timingOf(row) {
  const late = Math.trunc((clock.now() - Date.parse(row.starts_at)) / 60_000);
  const { door = {} } = state.snapshot.content;
  const isNews = -late > door.early_news || late > door.late_news;
  const isBeyond = (door.early !== null && -late > door.early) || (door.late !== null && late > door.late);
  return { minutes: Math.abs(late), side: late < 0 ? "early" : "late", rule: isBeyond ? door.rule : "", isNews };
}

export function refuse(reason, { keep = false, outcome = "refused", ...places } = {}) {
  const time = state.snapshot ? timeOf(state.snapshot.madeAt) : "";
  draw.drawAnswer(outcome, draw.word(`${reason}-title`), draw.word(reason, { time, ...places }));
  if (!keep) draw.clearCard();
  return outcome;
}

/* Acts */

const snapshotAt = () => (state.snapshot ? state.snapshot.madeAt : new Date(clock.now()).toISOString());

/** What this device is called; empty where it keeps nothing. */
export async function deviceName() {
  if (!isPossible()) return "";
  return queue.deviceName().catch(() => "");
}

/**
 * What is asked before an act is kept, as the server would: whether they are more people than those who are in already,
 * or whether the number is right. The same button, pressed once more, says yes. Gives the word of the question, or "".
 */
function question(event, form, people) {
  const row = event.type === "admit" && findRow(event.booking);
  const group = row ? groupOf(row) : null;
  const word = group && isMoreThanKnown(event, group, people) ? "more" : people > mostOf(event, group) ? "many" : "";
  if (!word || event.sure >= people) return "";
  const isAnswer = form.dataset.sure === String(people) && performance.now() - Number(form.dataset.askedAt) > ASKED_MS;
  if (!isAnswer) {
    Object.assign(form.dataset, { sure: people, askedAt: performance.now() });
    return word;
  }
  event.sure = people;
  if (word === "more") event.known = toComeOf(group);
  return "";
}

const toComeOf = (group) => Object.fromEntries(group.origins.map((one) => [one.division, one.toCome]));

/** Whether people whom the card took for still to come are in already, by this device's list. */
function isMoreThanKnown({ known }, group, people) {
  if (!known) return false;
  const expected = Object.values(known).reduce((sum, one) => sum + one, 0);
  return Math.min(people, expected) > group.toCome;
}

/** As many as come in now without a question, by the hall's rule. */
function mostOf({ type, more }, group) {
  const { ask } = state.snapshot ? state.snapshot.content : {};
  if (ask && type === "walk_in" && more.programme in ask.walk_in) return ask.walk_in[more.programme];
  if (!ask || !group) return Infinity;
  const { booked, arrived } = group;
  return booked - arrived + Math.max(ask.people, Math.floor((booked * ask.percent) / 100));
}

/** Take an act into the queue; gives the outcome. `form` is the card's or the walk-in's, `fields` what it holds. */
export async function take(form, fields) {
  const event = eventOf(form, fields);
  const people = Object.values(event.counts || {}).reduce((sum, one) => sum + one, 0);
  if (event.counts && !(people > 0 && people < 1000)) return refuse("check-numbers", { keep: true });
  if (isKept(event)) return said("repeated", people || "", "");
  const asked = question(event, form, people);
  if (asked) {
    const row = findRow(event.booking);
    refuse(asked, { keep: true, outcome: "repeated", n: people, arrived: row ? groupOf(row).arrived : 0 });
    return "asked";
  }
  await keep(event);
  const isBack = event.type === "take_back";
  const age = state.snapshot ? draw.word("unchecked", { time: timeOf(state.snapshot.madeAt) }) : draw.word("unchecked-all");
  return said(isBack ? "taken_back" : "admitted", people || "", isBack ? "" : age);
}

/** Whether this very act waits or is stored already: pressed twice, it counts once. */
const isKept = ({ id, undoes }) =>
  state.events.some((one) => one.state !== "refused" && (id ? one.id === id : undoes && one.undoes === undoes));

/** Say what was taken on this device, and what of it could not be checked; gives the outcome. */
export function said(outcome, people, unchecked) {
  const title = draw.word(`${outcome.replace("_", "-")}-title`, { n: people });
  draw.drawAnswer(outcome, title, `✓ ${draw.word("taken-here")} ${unchecked}`);
  draw.clearCard();
  return outcome;
}

/** Keep an event, and send it as soon as somebody hears; whatever the network is, it is kept then. */
export async function keep(event) {
  await queue.add({ ...event, snapshotAt: snapshotAt() });
  await reload();
  if (state.network === "online") tick();
  else again();
}

function eventOf(form, fields) {
  const id = form.dataset.eventId ? { id: form.dataset.eventId } : {};
  const act = form.dataset.act;
  if (act === "take-back") {
    return { ...id, type: "take_back", undoes: new URL(form.action).pathname.split("/").slice(-2)[0] };
  }
  if (act === "walk-in") {
    const counts = countsOf(fields);
    const organisation = fields.get("organisation");
    return { ...id, type: "walk_in", counts, secret: organisation ? { organisation } : undefined, more: { kind: fields.get("kind"), programme: fields.get("programme") } };
  }
  if (act === "admit-offline") return { ...id, ...fromSnapshot(form, fields) };
  const reason = fields.get("reason") || undefined;
  const group = { booking: Number(form.dataset.booking), label: form.dataset.label };
  const sure = Number(fields.get("sure")) || undefined;
  return { ...id, type: "admit", code: fields.get("code"), ...group, counts: countsOf(fields), known: knownOf(fields), sure, reason };
}

function fromSnapshot(form, fields) {
  const { booking, version, known, label } = form.dataset;
  const counts = {};
  for (const input of form.querySelectorAll("input[data-division]")) add(counts, input.dataset.division, input.value);
  add(counts, fields.get("other-division"), fields.get("other-visitors"));
  return { type: "admit", booking: Number(booking), passVersion: version ? Number(version) : undefined, counts, known: JSON.parse(known), label };
}

/** The rows of a form of the server. */
function countsOf(fields) {
  const counts = {};
  for (const [name, value] of fields) {
    const row = /^origins-(\d+)-visitors$/.exec(name)?.[1];
    if (row) add(counts, fields.get(`origins-${row}-division`), value);
  }
  return counts;
}

/** What the server's own card said was still to come, such as `430000:2 440000:38`. */
function knownOf(fields) {
  const known = {};
  for (const pair of (fields.get("known_to_come") || "").split(" ").filter(Boolean)) {
    const [division, people] = pair.split(":");
    known[division] = Number(people);
  }
  return known;
}

function add(counts, division, value) {
  const people = peopleOf(value || "");
  if (division && people !== null && people !== 0) counts[division] = (counts[division] || 0) + people; // NaN stays, and is refused
}

/** The buttons in the list of what was taken here. */
export async function press(button) {
  const event = state.events.find((one) => one.seq === Number(button.dataset.seq));
  if (button.dataset.do === "retry") await queue.retry(event);
  else if (button.dataset.do === "when") {
    const saidAt = clock.instantOf(button.closest("li").querySelector("[data-when]").value, zone());
    if (Number.isNaN(saidAt) || saidAt > clock.now()) return refuse("when", { keep: true });
    await queue.sayWhen(event, new Date(saidAt).toISOString());
  }
  else if (button.dataset.do === "away") {
    if (!window.confirm(draw.word("put-away"))) return;
    await queue.putAway(event);
  } else {
    await keep({ type: event.type === "leave" ? "leave_back" : "take_back", undoes: event.id });
  }
  await reload();
  hurry();
}
