/* Events that wait: kept in order with their own ids, sent in batches, kept until the server has stored them. */

import * as clock from "./desk-clock.js";
import { SignedOut, freshToken, newEventId } from "./desk-send.js";
import { pulse } from "./desk-watch.js";
import { timely } from "./timely.js";
import { newKey, open, seal } from "./desk-cipher.js";
import * as store from "./desk-store.js";

const BATCH = 50;
const PATIENCE_MS = 20_000;
const SHOWN_STORED = 5; // this many stored entries stay visible
/** Entries whose time is unknown: the user of the device is asked. */
const UNCLEAR = new Set(["time_unclear", "time_too_old", "time_in_future"]);
const FINAL = new Set(["admitted", "repeated", "taken_back", "conflict", "left"]);

/** The server does not answer. */
export class NoNetwork extends Error {}

/** The server's answer cannot be read by this device. */
export class BadAnswer extends Error {}

export const hallId = () => Number(document.getElementById("network").dataset.hall);

/** Store an event on this device, in order. Its `secret` part is encrypted. */
export async function add(event) {
  const { secret, ...plain } = event;
  const kept = { id: newEventId(), hall: hallId(), state: "waiting", stamp: clock.stamp(), ...plain };
  if (secret) kept.sealed = await seal(secret, await deviceKey());
  kept.seq = await store.addEvent(kept);
  askToBeWoken().catch(() => {}); // kept it is in any case
  return kept;
}

/** The browser wakes the worker when the network is back, where it can. */
async function askToBeWoken() {
  const registration = await navigator.serviceWorker.getRegistration("/desk");
  if (registration.sync) await registration.sync.register("desk-events");
}

async function deviceKey() {
  const kept = await store.read("key");
  if (kept) return kept;
  const key = await newKey();
  await store.keep("key", key);
  return key;
}

/** The name of this device, until it is given one. */
export async function deviceName() {
  const kept = await store.read("device");
  if (kept) return kept;
  const name = newEventId().slice(0, 4).toUpperCase();
  await store.keep("device", name).catch(() => {}); // then it has this name while the page is open
  return name;
}

/** This hall's events on the device, oldest first. */
export async function list() {
  return (await store.listEvents()).filter((event) => event.hall === hallId());
}

export const waiting = (events) => events.filter((event) => event.state === "waiting");

/** People by division whom this device has moved in a booking since its snapshot. */
export function movedSince(events, booking) {
  const moved = {};
  for (const event of events) {
    if (event.state === "refused" || event.inSnapshot) continue;
    const meant = event.type === "take_back" ? events.find((one) => one.id === event.undoes) : event;
    if (!meant || meant.booking !== booking) continue;
    if (meant.type !== "admit" && meant.type !== "badge") continue;
    const sign = event.type === "take_back" ? -1 : 1;
    for (const [division, people] of Object.entries(meant.counts)) moved[division] = (moved[division] ?? 0) + sign * people;
  }
  return moved;
}

/** People of a booking who left by this device and are not in the snapshot. */
export function leftOf(events, booking) {
  const undone = undoneBy(events);
  const left = events.filter((one) => one.type === "leave" && one.booking === booking && one.state !== "refused" && !undone.has(one.id));
  return left.reduce((sum, one) => sum + one.people, 0);
}

/** The ids of the events taken back here. */
export const undoneBy = (events) => new Set(events.filter((one) => one.undoes && one.state !== "refused").map((one) => one.undoes));

/** How many people came in and left by the entries that wait. */
export function countWaiting(events) {
  const undone = undoneBy(events);
  const counted = { came: 0, left: 0 };
  for (const event of waiting(events).filter((one) => !one.undoes && !undone.has(one.id))) {
    const people = event.counts ? Object.values(event.counts).reduce((sum, count) => sum + count, 0) : event.people || 1;
    counted[event.type === "leave" ? "left" : "came"] += people;
  }
  return counted;
}

/**
 * Send what waits, oldest first, one page at a time; gives what the server says of this device's clock, or null where
 * nothing waited. Throws NoNetwork or SignedOut; what was not answered goes on waiting.
 */
export function flush() {
  return alone(async () => {
    let told = null;
    for (let due = await listDue(); due.length; due = await listDue()) {
      if (due.some((event) => event.stamp)) await hearTheTime();
      const clear = await ask(due.slice(0, BATCH));
      if (clear.length) told = await sendSome(clear);
    }
    return told;
  });
}

/** One page after the other where the browser can see to it; else two may send the same, which counts once. */
const alone = (act) => (navigator.locks ? navigator.locks.request("desk-events", act) : act());

/** Events to send; a take-back of an event with an unknown time waits behind it. */
async function listDue() {
  const events = await list();
  const unclear = new Set(events.filter((event) => event.state === "unclear").map((event) => event.id));
  return waiting(events).filter((event) => !unclear.has(event.undoes));
}

/** The time by the server, before anything is timed by it. */
async function hearTheTime() {
  try {
    await pulse(PATIENCE_MS);
  } catch (error) {
    if (error.status === 401) throw new SignedOut("no session");
    throw new NoNetwork(error.message);
  }
}

/** Put aside events whose time is unknown; returns the others. */
async function ask(events) {
  const clear = [];
  for (const event of events) {
    if (momentOf(event) !== null) clear.push(event);
    else await store.saveEvent({ ...event, state: "unclear" });
  }
  const asked = new Set(events.filter((event) => !clear.includes(event)).map((event) => event.id));
  return clear.filter((event) => !asked.has(event.undoes));
}

/** The time of an act, as ISO text: as entered, as the device can prove, or as its clock said in earlier versions. */
function momentOf({ saidAt, stamp, occurredAt, snapshotAt }) {
  if (saidAt || !stamp) return saidAt || occurredAt;
  const found = clock.timeOf(stamp, Date.parse(snapshotAt));
  return found === null ? null : new Date(found).toISOString();
}

async function sendSome(events) {
  const body = { hall: hallId(), device: await deviceName(), events: await Promise.all(events.map(toSend)) };
  const answer = await post(body);
  const answers = (answer && answer.answers) || [];
  if (answers.length !== events.length) throw new BadAnswer("an answer of another shape");
  for (const [place, event] of events.entries()) {
    if (isAnswer(answers[place])) await store.saveEvent(answered(event, answers[place], answer.now));
  }
  await tidy();
  if (!answers.every(isAnswer)) throw new BadAnswer("some answers have another shape"); // what they are about waits
  return { skewSeconds: answer.skew_seconds, corrected: answer.corrected };
}

/** Send an act that this device cannot keep; gives the server's answer to it. Throws NoNetwork, SignedOut or BadAnswer. */
export async function sendUnkept({ secret, ...event }) {
  const sent = await toSend({ id: newEventId(), stamp: clock.stamp(), ...event });
  const answer = await post({ hall: hallId(), device: await deviceName(), events: [{ ...sent, ...secret }] });
  const [first] = (answer && answer.answers) || [];
  if (!isAnswer(first)) throw new BadAnswer("an answer of another shape");
  return first;
}

/** Whether the server has done the request, now or before. */
export const isDone = (answer) => isAnswer(answer) && FINAL.has(answer.outcome);

const isAnswer = (answer) => Boolean(answer) && typeof answer.outcome === "string";

async function toSend(event) {
  const { id, type, booking, code, counts, people, known, sure, snapshotAt, passVersion, undoes, reason, more, sealed, stamp } = event;
  // A name that cannot be read any more must not keep the people of it from being counted.
  const opened = sealed ? await deviceKey().then((key) => open(sealed, key)).catch(() => ({})) : {};
  const secret = typeof opened === "string" ? { organisation: opened } : opened; // as it was kept before
  return {
    event_id: id,
    type,
    booking,
    code,
    counts,
    visitors: people,
    known_to_come: known,
    sure,
    occurred_at: momentOf(event),
    device_at: stamp && new Date(stamp.wall).toISOString(),
    offline: true,
    snapshot_at: snapshotAt,
    pass_version: passVersion,
    undoes,
    reason,
    ...more,
    ...secret,
  };
}

function answered(event, answer, now) {
  if (UNCLEAR.has(answer.reason)) return { ...event, state: "unclear", saidAt: undefined };
  if (!FINAL.has(answer.outcome)) return { ...event, state: "refused", reasonCode: answer.reason, message: answer.message };
  const { sealed, message, reasonCode, ...rest } = event; // no names stay on the device after sending
  const unsettled = Object.values(answer.unsettled || {}).reduce((sum, people) => sum + people, 0);
  return { ...rest, state: "stored", storedAt: now, unsettled };
}

async function post(body, { again = true } = {}) {
  let response;
  try {
    response = await fetch("/desk/arrivals/batch", {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
      },
      body: JSON.stringify({ ...body, now: new Date().toISOString() }),
      signal: timely(PATIENCE_MS),
    });
    if (response.ok) return await response.json();
  } catch (error) {
    throw new NoNetwork(error.message, { cause: error });
  }
  // The signed-in person may belong to another hall: the waiting events are not theirs.
  if (response.status === 401 || response.status === 409) throw new SignedOut("nobody of this hall");
  if (response.status === 400 && again && (await freshToken())) return post(body, { again: false });
  throw new NoNetwork(`answer ${response.status}`);
}

/** A new snapshot contains the events stored before it was made. */
export async function countedIn(madeAt) {
  for (const event of await list()) {
    if (event.state === "stored" && Date.parse(event.storedAt) <= Date.parse(madeAt) && !event.inSnapshot) {
      await store.saveEvent({ ...event, inSnapshot: true });
    }
  }
  await tidy();
}

async function tidy() {
  const done = (await list()).filter((event) => event.state === "stored" && event.inSnapshot);
  for (const event of done.slice(0, -SHOWN_STORED)) await store.removeEvent(event.seq);
}

/** Set the time of an act that a person entered, as ISO text. */
export const sayWhen = (event, saidAt) => store.saveEvent({ ...event, state: "waiting", saidAt });
/** Let a refused event wait again. */
export const retry = (event) => store.saveEvent({ ...event, state: "waiting" });
/** Mark a refused event as resolved by a person. */
export const putAway = (event) => store.removeEvent(event.seq);
