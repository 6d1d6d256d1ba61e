/* The kiosk: one tablet, one group after the other, without staff.
 *
 * Nothing is drawn here: the server's page is sent for in the background and its main part put in place, so that a lost
 * network becomes a sentence of the hall's own and not the browser's error page. Each step goes back to the start by
 * itself; touching the screen gives it its time again.
 */

import { startCamera } from "./desk-camera.js";
import { listenForScans } from "./desk-scanner.js";
import { readPage } from "./ours.js";
import { peopleOf, sumOf } from "./people.js";
import { started } from "./started.js";
import { timely } from "./timely.js";

const CHECK_MS = 20_000;
const CHECK_OFFLINE_MS = 5_000;
const PATIENCE_MS = 8_000; // a time limit for a network that neither answers nor fails
const byId = (id) => document.getElementById(id);
const main = () => byId("main");
let goBack = null;
let goBackAt = Infinity; // by the clock, because timers do not run while the tablet sleeps
let busy = false;
let admitted = ""; // the code of the group that came in last
let scanned = ""; // the text scanned while the answer to an earlier scan was on its way
let camera = null;
let heardAt = 0; // when the server last answered

async function load(address, body) {
  if (busy) return;
  busy = true;
  main().setAttribute("aria-busy", "true");
  try {
    const answer = await ask(address, { method: body ? "POST" : "GET", body, headers: { Accept: "text/html" } });
    if (answer.status >= 500) throw new Error(String(answer.status)); // the server is restarting or has an error
    const page = readPage(await answer.text());
    if (!page) throw new Error("not the server's own page");
    const next = page.querySelector("main.step");
    if (!next) return window.location.reload(); // withdrawn, or the server has another page to show
    heardAt = performance.now();
    document.title = page.title;
    document.querySelector('meta[name="csrf-token"]').content = page.querySelector('meta[name="csrf-token"]').content;
    main().replaceWith(document.adoptNode(next));
    wake();
  } catch {
    sayOffline();
  } finally {
    busy = false;
    main().removeAttribute("aria-busy");
  }
  const code = scanned;
  scanned = "";
  if (code) look(code);
}

const ask = (address, options) => fetch(address, { cache: "no-store", signal: timely(PATIENCE_MS), ...options });
const isOffline = () => main().dataset.step === "offline";

/** Show that there is no network; clear the screen for the next group. */
function sayOffline() {
  if (isOffline()) return;
  const said = byId("offline").content.cloneNode(true);
  const heading = document.createElement("h1");
  heading.append(...said.firstElementChild.childNodes);
  said.firstElementChild.replaceWith(heading);
  const next = document.createElement("main");
  Object.assign(next, { id: "main", className: "step counter", tabIndex: -1 });
  Object.assign(next.dataset, { step: "offline", home: main().dataset.home, lookUp: main().dataset.lookUp, backAfter: 0 });
  next.append(said);
  closeCamera();
  stopCountDown();
  scanned = "";
  main().replaceWith(next);
  next.focus({ preventScroll: true });
}

const toStart = () => load(main().dataset.home);

/** Go back to the start after this step's time; a touch or a key restarts the time. */
function countDown() {
  stopCountDown();
  const seconds = Number(main().dataset.backAfter);
  if (!seconds) return;
  goBack = setTimeout(toStart, seconds * 1000);
  goBackAt = Date.now() + seconds * 1000;
}

function stopCountDown() {
  clearTimeout(goBack);
  goBackAt = Infinity;
}

function wake() {
  for (const button of main().querySelectorAll("[data-step-by]")) button.hidden = false;
  if (main().dataset.step === "start") watchForPasses();
  else main().focus({ preventScroll: true });
  countPeople();
  countDown();
}

function countPeople() {
  const numbers = [...main().querySelectorAll('input[type="number"]')];
  if (!numbers.length) return;
  const people = sumOf(numbers);
  byId("total").textContent = Number.isNaN(people) ? "?" : people;
  main().querySelector("button.yes").disabled = !(people >= 1);
  for (const input of numbers) {
    const [less, more] = input.parentElement.querySelectorAll("[data-step-by]");
    less.disabled = Number(input.value) <= 0;
    more.disabled = Number(input.value) >= Number(input.max);
  }
}

function watchForPasses() {
  main().classList.add("with-script");
  byId("code").focus();
  if (camera) {
    // The camera runs all day: the reader stays with the elements on which it was started.
    byId("camera-button").replaceWith(camera.button);
    byId("camera").replaceWith(camera.place);
  } else {
    camera = { button: byId("camera-button"), place: byId("camera") };
    startCamera({ ...camera, words: byId("words"), facing: "user", onCode: look });
  }
  camera.button.hidden = false;
  if (camera.button.getAttribute("aria-pressed") !== "true") camera.button.click();
}

/** Look up a code, at any step: the next group may begin at any time. */
function look(code) {
  const wanted = code.trim();
  if (!wanted || isOffline() || isAdmitting()) return;
  if (wanted === admitted && main().dataset.step === "done") return; // a pass that still lies under the scanner
  if (busy) {
    scanned = wanted;
    return;
  }
  const fields = new FormData();
  fields.set("csrf_token", document.querySelector('meta[name="csrf-token"]').content);
  fields.set("code", wanted);
  closeCamera();
  load(main().dataset.lookUp, fields);
}

const isAdmitting = () => busy && main().dataset.step === "group" && admitted === main().querySelector('[name="code"]').value;

function closeCamera() {
  if (camera?.button.getAttribute("aria-pressed") === "true") camera.button.click();
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.id === "scan") {
    look(byId("code").value);
    byId("code").value = "";
  } else {
    const fields = new FormData(event.target);
    if (!busy) admitted = fields.get("code");
    load(event.target.action, fields);
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("main a");
  const step = event.target.closest("[data-step-by]");
  if (link) {
    event.preventDefault();
    toStart();
  } else if (step) {
    const input = step.parentElement.querySelector("input");
    const wanted = (peopleOf(input.value) || 0) + Number(step.dataset.stepBy);
    input.value = Math.max(0, Math.min(Number(input.max), wanted));
    countPeople();
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id !== "code") countPeople();
});

for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, countDown);
document.addEventListener("keydown", (event) => {
  if (main().dataset.step === "start" && event.key.length === 1 && document.activeElement !== byId("code")) byId("code").focus();
});
/** The tablet was asleep, or shows this page from its cache: the screen may be out of date. */
function wakeUp() {
  if (document.hidden || isOffline()) return;
  if (main().dataset.step === "start" || Date.now() >= goBackAt) toStart();
}

document.addEventListener("visibilitychange", wakeUp);
window.addEventListener("pageshow", (event) => event.persisted && wakeUp());

/** Show a lost connection before the next group comes: poll the server, and return to the start when it answers. */
async function check() {
  const askedAt = performance.now();
  try {
    const answer = await ask("/healthz");
    if (!answer.ok || (await answer.json()).status !== "ok") throw new Error("not the server's own answer");
    heardAt = performance.now();
    if (isOffline()) await toStart();
  } catch {
    // A single poll may be lost while another one is answered: then there is a connection.
    if (main().dataset.step === "start" && heardAt < askedAt) sayOffline();
  }
}

/** Store the files for a start without a network: then the tablet sends people to the counter, and admits no one. */
async function getReady() {
  if (!("serviceWorker" in navigator)) return; // not a secure address
  await navigator.serviceWorker.register("/kiosk/sw.js", { scope: "/kiosk" });
  const worker = (await navigator.serviceWorker.ready).active;
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    document.documentElement.dataset.ready = String(data);
  };
  worker.postMessage("renew", [channel.port2]);
}

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.addEventListener("controllerchange", () => isOffline() || getReady().catch(() => {}));
}

listenForScans(look, { field: () => byId("code") });
setInterval(() => !isOffline() && check(), CHECK_MS);
setInterval(() => isOffline() && check(), CHECK_OFFLINE_MS);
window.addEventListener("offline", check);
window.addEventListener("online", check);
wake();
if (isOffline()) check();
else getReady().catch((error) => console.warn(error)); // without it the tablet needs its network to start
started();
