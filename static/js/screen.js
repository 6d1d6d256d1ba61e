/* The big screen: polls every ten seconds, shows the new state, and keeps the last one while the server does not answer. */

import { started } from "./started.js";
import { timely } from "./timely.js";

const EVERY_MS = 10_000;
const STALE_MS = 60_000;
const main = document.getElementById("main");
const stale = document.getElementById("stale");
const twelve = main.dataset.clock === "12";
const clock = new Intl.DateTimeFormat(twelve ? document.documentElement.lang : "en-GB", {
  timeZone: main.dataset.zone, hour: twelve ? "numeric" : "2-digit", minute: "2-digit", hour12: twelve,
});
let tag = "";
let answered = Date.now();

async function refresh() {
  const ask = { cache: "no-store", redirect: "manual", headers: { Accept: "application/json", ...(tag && { "If-None-Match": tag }) } };
  try {
    const answer = await fetch(main.dataset.source + window.location.search, { ...ask, signal: timely(EVERY_MS) });
    if (answer.status === 401) return window.location.reload(); // the device was withdrawn: clear the screen
    if (answer.status === 200) {
      show(new DOMParser().parseFromString((await answer.json()).board, "text/html").getElementById("board"));
      tag = answer.headers.get("ETag") ?? "";
    } else if (answer.status !== 304) {
      return;
    }
    answered = Date.now();
  } catch {
    /* no answer from the server or the network: the last state stays, and is marked when it is old */
  } finally {
    tick();
  }
}

function show(next) {
  const old = document.getElementById("board");
  const before = new Set([...old.querySelectorAll("[data-division]")].map((item) => item.dataset.division));
  for (const item of next.querySelectorAll("[data-division]")) item.classList.toggle("new", !before.has(item.dataset.division));
  old.replaceWith(document.adoptNode(next));
  document.getElementById("day").textContent = next.dataset.day;
}

function tick() {
  document.getElementById("clock").textContent = clock.format(Date.now());
  stale.querySelector("[data-since]").textContent = clock.format(answered);
  stale.hidden = Date.now() - answered < STALE_MS;
}

tick();
setInterval(tick, 1_000);
setInterval(refresh, EVERY_MS);
refresh();
navigator.wakeLock?.request("screen").catch(() => {});
started();
