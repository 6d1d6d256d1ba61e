/* The service worker of a page that opens without a network (the desk, the kiosk): keeps its shell and its files.
 *
 * The server writes PAGE, VERSION, MARK and FILES in front. The files of a release are one set: their addresses hold its
 * digest (VERSION), each is kept only when its type and its own digest are right, and the worker is installed only when
 * all are kept. No page with a group on it is ever kept: the shell has nobody on it, and what a desk knows of today's
 * groups lies encrypted in its own store (desk-offline.js).
 */

checkWhole(); // defined on the last line: a worker that was cut off on its way fails here, and the one before stays

const PREFIX = `${PAGE.slice(1)}-`;
const CACHE = `${PREFIX}set-${VERSION}`;
const SHELL = `${PAGE}/shell`;
const PATIENCE_MS = 4_000; // a time limit for a network that neither answers nor fails
const INSTALL_MS = 60_000;

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forgetOldSets().then(() => self.clients.claim())));

self.addEventListener("message", (event) => {
  if (event.data === "renew") event.waitUntil(renew().then((done) => event.ports[0].postMessage(done)));
  if (event.data === "forget") event.waitUntil(forgetShells());
});

/* The network is back: every open page sends its waiting entries. */
self.addEventListener("sync", (event) => {
  event.waitUntil(self.clients.matchAll().then((pages) => pages.forEach((page) => page.postMessage("send"))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && (pathname === PAGE || pathname === SHELL)) event.respondWith(openPage(request));
  else if (request.mode === "navigate" && pathname === `${PAGE}/muster`) event.respondWith(openMuster(request));
  else if (pathname.startsWith(`${PAGE}/files/`)) event.respondWith(file(request, pathname));
});

/* The set of files */

async function fill() {
  const cache = await caches.open(CACHE);
  await Promise.all(Object.keys(FILES).map(async (address) => (await cache.match(address)) || keepFile(cache, address)));
  await renew();
}

async function keepFile(cache, address) {
  const answer = await inTime(fetchFile(address), INSTALL_MS);
  await cache.put(address, answer.clone());
  return answer;
}

/** Fetch a file of this set, and read it to its end; throws where it is not the very file that the server has. */
async function fetchFile(address) {
  const [type, digest] = FILES[address];
  const answer = await fetch(address, { cache: "reload", redirect: "error" }); // the browser's cache may hold a truncated file
  if (answer.status !== 200 || !isOfType(answer, type)) throw new Error(`${address}: answer ${answer.status}`);
  if ((await digestOf(await answer.clone().arrayBuffer())) !== digest) throw new Error(`${address}: not complete`);
  return answer;
}

const isOfType = (answer, type) => (answer.headers.get("Content-Type") || "").toLowerCase().startsWith(type);

async function digestOf(bytes) {
  const octets = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** A file as it was kept, of this set or the one before; else from the network, and kept if it is of this set. */
async function file(request, pathname) {
  const kept = await caches.match(pathname);
  if (kept) return kept;
  if (!(pathname in FILES)) return inTime(fetch(request));
  return keepFile(await caches.open(CACHE), pathname);
}

/** This set and the one before it stay: pages that were opened with that one may still need a file of it. */
async function forgetOldSets() {
  const others = (await cacheNames()).filter((name) => name !== CACHE);
  const before = others.filter((name) => name.startsWith(`${PREFIX}set-`)).pop();
  for (const name of others) if (name !== before) await caches.delete(name);
}

const cacheNames = async () => (await caches.keys()).filter((name) => name.startsWith(PREFIX));

/* The page */

/** Fetch the shell again, in the reader's language and for the signed-in person; store it together with its files only. */
async function renew() {
  try {
    const answer = await inTime(fetch(SHELL, { redirect: "manual", headers: { Accept: "text/html" } }), INSTALL_MS);
    const text = await readPage(answer);
    if (!answer.ok || !text || !text.includes(`${PAGE}/files/${VERSION}/`)) return false;
    await (await caches.open(CACHE)).put(SHELL, answer);
    return true;
  } catch {
    return false;
  }
}

async function forgetShells() {
  for (const name of await cacheNames()) await (await caches.open(name)).delete(SHELL);
}

/** The shell with the newest files, which are those of this worker, or else those of the worker before. */
async function findShell() {
  const names = (await cacheNames()).filter((name) => name !== CACHE);
  for (const name of [CACHE, ...names.reverse()]) {
    const shell = await (await caches.open(name)).match(SHELL);
    if (shell) return shell;
  }
  return null;
}

/** The page by the server; what we keep where the server's own answer does not come, or `?kept` asks for it. */
async function openPage(request) {
  const shell = await findShell();
  if (!shell) return fetch(request);
  if (new URL(request.url).search === "?kept") return shell;
  try {
    return (await inTime(fetchPage(request))) || shell;
  } catch {
    return shell;
  }
}

/** The muster list by the server; without it the shell, which has the numbers that this device knows. */
async function openMuster(request) {
  const shell = await findShell();
  if (!shell) return fetch(request);
  try {
    const page = await inTime(fetchPage(request));
    if (page) return page;
  } catch (error) {
    console.warn(error);
  }
  return Response.redirect(`${PAGE}?kept#muster`);
}

/** The server's own answer to a navigation, or null where a proxy or a portal has answered in its place. */
async function fetchPage(request) {
  const answer = await fetch(request);
  // A redirect cannot be read. Where it leads to another site, following it throws.
  const end = answer.type === "opaqueredirect" ? await fetch(request.url, { headers: { Accept: "text/html" } }) : answer;
  return end.status < 500 && (await readPage(end)) ? answer : null;
}

/** The text of a page that is ours and complete; "" where it is not. The answer itself can still be used. */
async function readPage(answer) {
  if (!isOfType(answer, "text/html")) return "";
  const text = await answer.clone().text();
  return text.includes(MARK) && text.trimEnd().endsWith("</html>") ? text : "";
}

function inTime(promise, patience = PATIENCE_MS) {
  const late = new Promise((_resolve, reject) => setTimeout(() => reject(new Error("no answer in time")), patience));
  return Promise.race([promise, late]);
}

function checkWhole() {}
