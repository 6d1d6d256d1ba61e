/* What the device keeps: events in the order in which they were decided, and a few things by name.
 *
 * The browser may close the store while it is open, somebody may delete it, and the disk may be full. So this page
 * remembers what was kept: a store that is gone is made again with it, and what waits can still be sent where it cannot.
 */

const NAME = "hall-desk";
const EVENTS = "events";
const THINGS = "things";
const OPEN_MS = 3_000; // some browsers neither open it nor fail
const REST_MS = 60_000; // the pause before the store is tried again
const OWN = ["key", "device"]; // values of the device, not of the signed-in person

/** The device could not keep something; `isFull` where it has no room left. */
export class StoreError extends Error {
  constructor(cause) {
    super(cause && cause.message ? cause.message : "the store of this device failed");
    this.name = "StoreError";
    this.isFull = Boolean(cause) && cause.name === "QuotaExceededError";
  }
}

const events = new Map(); // by their place in the order
const things = new Map();
const unsaved = new Map(); // events as they are now, null where they are gone, which the store does not know yet
let opened = null;
let restsUntil = 0;
let failure = null; // why the last change could not be kept

/** Why this device keeps nothing now: "full", "broken", or "" where it does. */
export const trouble = () => (failure ? (failure.isFull ? "full" : "broken") : "");

function database() {
  if (performance.now() < restsUntil) throw new Error("the store did not open a moment ago");
  if (!opened) {
    const opening = inTime(openDatabase());
    opened = opening;
    opening.catch(() => letGo(opening));
  }
  return opened;
}

/** The next access opens it again. */
function letGo(one) {
  if (opened === one) opened = null;
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => make(request.result);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      const ours = opened;
      database.onclose = () => letGo(ours);
      database.onversionchange = () => {
        database.close(); // it is being deleted, which would wait for us
        letGo(ours);
      };
      resolve(database);
    };
  });
}

/** Create the store; if it was deleted while this page was open, with the data that it had. */
function make(database) {
  const kept = database.createObjectStore(EVENTS, { keyPath: "seq", autoIncrement: true });
  const named = database.createObjectStore(THINGS);
  for (const event of events.values()) kept.put(event);
  for (const name of OWN) if (things.has(name)) named.put(things.get(name), name);
}

function inTime(promise) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => {
      restsUntil = performance.now() + REST_MS;
      reject(new Error("the store does not open"));
    }, OPEN_MS);
  });
  const stop = () => clearTimeout(timer);
  promise.then(stop, stop);
  return Promise.race([promise, late]);
}

/** Run a request on one store in a transaction; give its result once all of it is on the disk. */
async function attempt(store, mode, act) {
  const transaction = (await database()).transaction(store, mode, mode === "readwrite" ? { durability: "strict" } : {});
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error || new Error("the store was closed"));
    const request = act(transaction.objectStore(store));
  });
}

/** The same, once more with a store that is opened anew where it has failed. Throws StoreError. */
async function on(store, mode, act) {
  const used = opened;
  try {
    return await attempt(store, mode, act);
  } catch (error) {
    if (error && error.name === "QuotaExceededError") throw new StoreError(error);
    letGo(used || opened);
  }
  try {
    return await attempt(store, mode, act);
  } catch (error) {
    throw new StoreError(error);
  }
}

/** Change a store, and remember whether it could be. */
async function change(store, act) {
  try {
    const result = await on(store, "readwrite", act);
    failure = null;
    return result;
  } catch (error) {
    failure = error;
    throw error;
  }
}

/** A value by its name; from this page's memory where the store cannot be read. */
export async function read(name) {
  try {
    setIn(things, name, await on(THINGS, "readonly", (store) => store.get(name)));
  } catch (error) {
    failure = error;
  }
  return things.get(name);
}

function setIn(map, name, value) {
  if (value === undefined || value === null) map.delete(name);
  else map.set(name, value);
}

/** Keep a thing; this page remembers it in any case. Throws StoreError. */
export async function keep(name, thing) {
  things.set(name, thing);
  await change(THINGS, (store) => store.put(thing, name));
}

export async function forget(name) {
  things.delete(name);
  await change(THINGS, (store) => store.delete(name));
}

/** All events, oldest first; those that this page remembers where the store cannot be read. */
export async function listEvents() {
  for (const [seq, event] of [...unsaved]) await put(seq, event);
  try {
    const all = await on(EVENTS, "readonly", (store) => store.getAll());
    events.clear();
    for (const event of all) events.set(event.seq, event);
    for (const [seq, event] of unsaved) setIn(events, seq, event);
  } catch (error) {
    failure = error;
  }
  return [...events.values()].sort((one, other) => one.seq - other.seq);
}

/** Keep a new event; gives its place in the order. Throws StoreError: then it is kept nowhere. */
export async function addEvent(event) {
  const seq = await change(EVENTS, (store) => store.add(event));
  events.set(seq, { ...event, seq });
  return seq;
}

/** Change an event. If the store fails, this page uses its memory: sending an event twice counts it once. */
export const saveEvent = (event) => put(event.seq, event);
export const removeEvent = (seq) => put(seq, null);

async function put(seq, event) {
  unsaved.set(seq, event);
  setIn(events, seq, event);
  try {
    await change(EVENTS, (store) => (event ? store.put(event) : store.delete(seq)));
    if (unsaved.get(seq) === event) unsaved.delete(seq);
  } catch {
    /* tried again when they are listed */
  }
}
