/* Update the progress of exports: poll the server while one is running; when one ends, replace the list. */

import { parsed } from "./ours.js";
import { timely } from "./timely.js";

const EVERY_MS = 2_000;
const PATIENCE_MS = 8_000; // a time limit for a network that neither answers nor fails
const OPEN = new Set(["waiting", "running", "stopped"]);

function place() {
  return document.getElementById("exports");
}

function isAnyOpen() {
  return [...place().querySelectorAll("[data-job]")].some((job) => OPEN.has(job.dataset.state));
}

const ask = (address, headers = {}) => fetch(address, { headers, cache: "no-store", signal: timely(PATIENCE_MS) });

async function refresh() {
  if (document.hidden || !isAnyOpen()) return;
  try {
    const answer = await ask(place().dataset.source, { Accept: "application/json" });
    if (!answer.ok) return; // signed out, or the server is away: the page stays as it is
    const { exports } = await answer.json();
    if (exports.map(show).some(Boolean)) await replace();
  } catch {
    // no network for a moment: the next poll tries again
  }
}

/* Shows the progress of an export; returns whether the list must be redrawn, because its actions have changed. */
function show({ number, state, done, total, said }) {
  const job = place().querySelector(`[data-job="${number}"]`);
  if (!job || job.dataset.state !== state) return true;
  job.querySelector(".job-said").textContent = said;
  const bar = job.querySelector("progress");
  if (bar && total && state === "running") {
    bar.max = total;
    bar.value = done;
  }
  return false;
}

async function replace() {
  const answer = await ask(location.pathname);
  if (!answer.ok) return;
  const fresh = parsed(await answer.text()).getElementById("exports");
  if (!fresh || place().contains(document.activeElement)) return; // keep the focus
  place().textContent = "";
  place().append(...fresh.childNodes);
  place().querySelector('[role="status"]').textContent =
    [...place().querySelectorAll("[data-job] h3")].map((title) => title.textContent.trim().replace(/\s+/g, " "))[0] ?? "";
}

setInterval(refresh, EVERY_MS);
