/* The desk without a network: today's groups from the snapshot, acts into the queue, and back to the server in order. */

import * as clock from "./desk-clock.js";
import { codeOf, derive, isForeign, looksLikeReference, open } from "./desk-cipher.js";
import * as draw from "./desk-draw.js";
import { eventOf } from "./desk-forms.js";
import { finishLeaving } from "./desk-wipe.js";
import { draw as drawMuster, renew as renewMuster, startMuster } from "./desk-muster.js";
import * as queue from "./desk-queue.js";
import { Offline, SignedOut } from "./desk-send.js";
import { startSignIn } from "./desk-signin.js";
import { fetchSnapshot, isSnapshot } from "./desk-snapshot.js";
import * as store from "./desk-store.js";

const SNAPSHOT_MS = 60_000;
const AFTER_ACT_MS = 1_500;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 30_000;
const CLOCK_OFF_MS = 120_000;
/** Without a secure address the browser gives no service worker and no cryptography: then the desk needs its network. */
export const isPossible = () => window.isSecureContext && "serviceWorker" in navigator && Boolean(window.crypto.subtle);

const ASKED_MS = 800; // sooner it is the second click of a double click, not an answer

const state = { network: "online", snapshot: null, events: [], pauseMs: FIRST_PAUSE_MS };
let timer = null;
let losses = 0; // how often the network was lost: a round that was under way then may have been heard before
let onBack = () => {};

export const isOffline = () => state.network !== "online";
export const hasWaiting = () => queue.waiting(state.events).length > 0;

/** The server did not answer: from now on this device decides, and asks again by itself. */
export function lost(error) {
  losses += 1;
  if (state.network === "online") state.network = error instanceof SignedOut ? "signed-out" : "offline";
  show();
  again();
}

/** Read the stored data, fetch what is missing, and keep both up to date. `back` is called when the network returns. */
export async function start({ back }) {
  onBack = back;
  if (!isPossible()) return draw.drawNetwork({ state: "online-only" });
  await register();
  askToStay().catch(() => {}); // the browser decides
  const kept = await store.read("snapshot");
  if (kept && isSnapshot(kept.content) && kept.content.hall === queue.hallId()) state.snapshot = kept;
  if (kept) clock.remember(kept.skewMs);
  if (document.getElementById("network").hasAttribute("data-shell") || !navigator.onLine) state.network = "offline";
  await endOfDay();
  await reload();
  await wireDevice();
  startMuster(lost);
  startSignIn(document.getElementById("sign-in-again"), hurry);
  window.addEventListener("online", () => hurry());
  window.addEventListener("offline", () => lost());
  window.addEventListener("focus", () => isOffline() && hurry());
  navigator.serviceWorker.addEventListener("message", (event) => event.data === "send" && hurry());
  navigator.serviceWorker.addEventListener("controllerchange", sayReady); // the worker of another release
  setInterval(() => tick(), SNAPSHOT_MS);
  await tick();
  await sayReady();
}

async function sayReady() {
  document.getElementById("network").dataset.ready = String(await renewShell());
}

/** Ask the browser not to clear the store of this device when its disk gets full. */
async function askToStay() {
  if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
}

/** The name of this device, and whether it keeps tomorrow's groups too. */
async function wireDevice() {
  const name = document.getElementById("device-name");
  const tomorrow = document.getElementById("device-tomorrow");
  name.value = await queue.deviceName();
  tomorrow.checked = (await store.read("days")) === 2;
  name.addEventListener("change", () => name.value.trim() && store.keep("device", name.value.trim()).catch(show));
  tomorrow.addEventListener("change", () => store.keep("days", tomorrow.checked ? 2 : 1).then(hurry, show));
  document.getElementById("device").hidden = false;
}

async function register() {
  try {
    await navigator.serviceWorker.register("/desk/sw.js", { scope: "/desk" });
  } catch (error) {
    console.warn(error); // no network: the present worker stays
  }
}

/** Let the worker store the shell for the signed-in person; returns whether the page would open offline. */
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

/** Send waiting entries, then renew the snapshot; a call in the meantime gets the same round. */
function tick() {
  ticking = ticking || round().finally(() => {
    ticking = null;
  });
  return ticking;
}

async function round() {
  const before = state.network;
  const lossesBefore = losses;
  await endOfDay();
  let isLeft = false;
  const steps = [queue.flush, async () => (isLeft = await finishLeaving()), renewSnapshot, renewMuster];
  let found = "online";
  for (const step of steps) if (found === "online" && !isLeft) found = await networkBy(step);
  if (isLeft) return;
  if (found === "online" && losses !== lossesBefore) found = "offline"; // asked again in a moment
  state.network = found;
  if (found === "online" && !hasWaiting()) state.pauseMs = FIRST_PAUSE_MS;
  await reload();
  again();
  if (before === "online" || found !== "online") return;
  draw.clearAnswerOfOffline();
  onBack();
  sayReady().catch((error) => console.warn(error)); // the shell may be of an earlier session, or missing
}

/** Take a step, and return the state of the network after it: an invalid answer is no fault of the network. */
async function networkBy(step) {
  try {
    await step();
  } catch (error) {
    if (error instanceof SignedOut) return "signed-out";
    if (error instanceof queue.NoNetwork || error instanceof Offline) return "offline";
    console.warn(error); // the next step does not need this one
  }
  return "online";
}

/** Send waiting entries before any other request; false where the server does not answer, or did not a moment ago. */
export async function flushed() {
  if (isOffline()) {
    hurry();
    return false; // no one at the counter should wait for a network that may hang
  }
  if (hasWaiting()) await tick();
  return !hasWaiting() && !isOffline();
}

/** Something was done with the server: the numbers of the snapshot have changed. */
export function acted() {
  setTimeout(tick, AFTER_ACT_MS);
}

async function renewSnapshot() {
  state.snapshot = await fetchSnapshot(state.snapshot, (await store.read("days")) || 1);
  await store.keep("snapshot", state.snapshot).catch(() => {}); // the page has it, and says that it is not kept
  await queue.countedIn(state.snapshot.madeAt);
  freshenCard();
}

/** At the day's end the device forgets its groups; waiting entries stay. */
async function endOfDay() {
  if (!state.snapshot) return;
  const { days } = state.snapshot.content;
  if (clock.now() < Date.parse(days[days.length - 1].ends_at)) return;
  state.snapshot = null;
  await store.forget("snapshot").catch(() => {}); // it is not shown in any case
}

/* Display */

async function reload() {
  state.events = await queue.list();
  show();
}

function show() {
  const refused = state.events.filter((event) => event.state === "refused" || event.state === "unclear").length;
  const asOf = state.snapshot ? timeOf(state.snapshot.madeAt) : "";
  const skewMs = Math.abs(clock.skew() || 0);
  const clockOff = skewMs > CLOCK_OFF_MS ? Math.round(skewMs / 60_000) : 0;
  draw.drawNetwork({ state: state.network, waiting: queue.waiting(state.events).length, refused, asOf, clockOff, store: store.trouble() });
  draw.drawWaiting(state.events, labelOf, (event) => clock.local(guessOf(event), zone()));
  draw.freshenAnswer(state.events);
  const isShown = isOffline() && state.snapshot !== null;
  document.getElementById("offline-day").hidden = !isShown;
  for (const id of ["figures", "events", "day"]) document.getElementById(id).hidden = isOffline();
  if (isShown) draw.drawDay(todaysRows().map(groupOf));
  const known = state.snapshot && { rows: todaysRows(), madeAt: state.snapshot.madeAt };
  drawMuster({ isOffline: isOffline(), known, zone: zone(), counted: queue.countWaiting(state.events) });
}

/** The hall's time zone. */
const zone = () => document.getElementById("network").dataset.zone;
const timeOf = (instant) => clock.local(instant, zone()).slice(11);

/** The start value for the question about a time: the device's clock if plausible, else the time of the list. */
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

/* The snapshot */

const today = () => clock.local(clock.now(), zone()).slice(0, 10);
const todaysRows = () => state.snapshot.content.groups.filter((row) => row.day === today());
const findRow = (booking) => state.snapshot && state.snapshot.content.groups.find((row) => row.booking === booking);

/** A row with its numbers as this device knows them: from the snapshot, and from later acts on this device. */
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

/** The row of a scanned pass with its decrypted part; or the reason why there is none. */
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

let shown = null; // the group of the last card, with its decrypted part

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
  const isOutOfTime = Boolean(timing && timing.rule) && !group.arrived; // people who follow an admitted group belong to it
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

/** Answers that the server would not give. */
const ONLY_OFFLINE = new Set(["offline-text", "no-list", "not-in-list"]);

export function refuse(reason, { keep = false, outcome = "refused", ...places } = {}) {
  const time = state.snapshot ? timeOf(state.snapshot.madeAt) : "";
  const words = draw.word(reason, { time, ...places });
  draw.drawAnswer(outcome, draw.word(`${reason}-title`), words, { isOfOffline: ONLY_OFFLINE.has(reason) });
  if (!keep) draw.clearCard();
  return outcome;
}

/* Acts */

const snapshotAt = () => (state.snapshot ? state.snapshot.madeAt : new Date(clock.now()).toISOString());

/** The name of this device; empty where it stores nothing. */
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

/** Put an act into the queue; returns the outcome. `form` is the card's or the walk-in's, `fields` its values. */
export async function take(form, fields) {
  const event = eventOf(form, fields);
  const people = Object.values(event.counts || {}).reduce((sum, one) => sum + one, 0);
  if (event.counts && !(people > 0 && people < 1000)) return refuse("check-numbers", { keep: true });
  if (isKept(event)) return said("repeated", people || "", "", event.id);
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

/** Report an act of this device, and what could not be checked; returns the outcome. */
export function said(outcome, people, unchecked, event = lastKept) {
  const title = draw.word(`${outcome.replace("_", "-")}-title`, { n: people });
  draw.drawAnswer(outcome, title, `✓ ${draw.word("taken-here")} ${unchecked}`, { event });
  draw.clearCard();
  return outcome;
}

let lastKept = ""; // the id of the act that was stored last

/** Store an event, and send it as soon as the server answers; it is stored whatever the network is. */
export async function keep(event) {
  const whole = { ...event, snapshotAt: snapshotAt() };
  lastKept = "";
  const kept = await queue.add(whole).catch((error) => sendNow(whole, error));
  if (kept) lastKept = kept.id;
  await reload();
  if (state.network === "online") tick();
  else again();
}

/** This device cannot keep an act: only the server's own answer counts it. Throws why it was not kept where none comes. */
async function sendNow(event, unkept) {
  if (isOffline()) throw unkept;
  const answer = await queue.sendUnkept(event).catch(() => null);
  if (queue.isDone(answer)) return;
  if (answer) draw.drawAnswer("refused", draw.word("not-counted-title"), answer.message);
  throw unkept;
}

/** The buttons in the list of this device's entries. */
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
