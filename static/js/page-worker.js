/* The service worker of a page that opens without a network (the desk, the kiosk): keeps its shell and its files.
 *
 * The server writes PAGE, VERSION and FILES in front. No page with a group on it is ever kept: the shell has nobody on
 * it, and what a desk knows of today's groups lies encrypted in its own store (desk-offline.js).
 */

const NAME = PAGE.slice(1);
const CACHE = `${NAME}-${VERSION}`;
const SHELL = `${PAGE}/shell`;
const PATIENCE_MS = 4_000; // of a network that neither answers nor fails

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers().then(() => self.clients.claim())));

self.addEventListener("message", (event) => {
  if (event.data === "renew") event.waitUntil(renew().then((done) => event.ports[0]?.postMessage(done)));
  if (event.data === "forget") event.waitUntil(forgetShell().then(() => event.ports[0]?.postMessage(true)));
});

/* The network is back: whoever has the page open sends what waits. */
self.addEventListener("sync", (event) => {
  event.waitUntil(self.clients.matchAll().then((pages) => pages.forEach((page) => page.postMessage("send"))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(openPage(request));
  else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  await renew();
}

/** Fetch the shell anew: in the reader's language, for who is signed in. */
async function renew() {
  try {
    const answer = await fetch(SHELL, { redirect: "manual", headers: { Accept: "text/html" } });
    if (!answer.ok) return false;
    await (await caches.open(CACHE)).put(SHELL, answer);
    return true;
  } catch {
    return false;
  }
}

async function forgetShell() {
  for (const name of await caches.keys()) if (name.startsWith(`${NAME}-`)) await (await caches.open(name)).delete(SHELL);
}

async function forgetOthers() {
  for (const name of await caches.keys()) if (name.startsWith(`${NAME}-`) && name !== CACHE) await caches.delete(name);
}

async function openPage(request) {
  try {
    const answer = await inTime(fetch(request));
    if (answer.status < 500) return answer;
  } catch {
    /* the shell, then */
  }
  const shell = await (await caches.open(CACHE)).match(SHELL);
  return shell ?? fetch(request);
}

/** A file of this very version from the cache; any other from the network, or as it was kept. */
async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  try {
    return await inTime(fetch(request));
  } catch (error) {
    const other = await cache.match(request, { ignoreSearch: true });
    if (other) return other;
    throw error;
  }
}

function inTime(promise) {
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error("no answer in time")), PATIENCE_MS));
  return Promise.race([promise, late]);
}
