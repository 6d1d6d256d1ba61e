/* What the device keeps: events in the order in which they were decided, and a few things by name. */

const NAME = "hall-desk";
const EVENTS = "events";
const THINGS = "things";
let opened = null;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(EVENTS, { keyPath: "seq", autoIncrement: true });
      request.result.createObjectStore(THINGS);
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** Run requests on one store in a transaction, and give the result of the last once all of it is on the disk. */
async function on(store, mode, act) {
  const transaction = (await database()).transaction(store, mode, mode === "readwrite" ? { durability: "strict" } : {});
  const request = act(transaction.objectStore(store));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

export const read = (name) => on(THINGS, "readonly", (store) => store.get(name));
export const keep = (name, thing) => on(THINGS, "readwrite", (store) => store.put(thing, name));
export const forget = (name) => on(THINGS, "readwrite", (store) => store.delete(name));

/** All events, oldest first. */
export const listEvents = () => on(EVENTS, "readonly", (store) => store.getAll());
export const addEvent = (event) => on(EVENTS, "readwrite", (store) => store.add(event));
export const saveEvent = (event) => on(EVENTS, "readwrite", (store) => store.put(event));
export const removeEvent = (seq) => on(EVENTS, "readwrite", (store) => store.delete(seq));
