/* Updates the number of people inside by polling the server. */

import { timely } from "./timely.js";

const EVERY_MS = 15_000;
const PATIENCE_MS = 8_000; // a time limit for a network that neither answers nor fails
let asked = 0;
let answered = 0; // the newest request that has been answered

async function refresh() {
  const place = document.getElementById("inside");
  if (!place || document.hidden) return;
  const turn = ++asked;
  let now;
  try {
    const answer = await fetch(place.dataset.source, {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: timely(PATIENCE_MS),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    now = await answer.json();
  } catch {
    if (turn > answered) place.hidden = true; // an old number would look like the present one
    return;
  }
  if (turn < answered) return; // a newer request has been answered
  answered = turn;
  place.hidden = false;
  show(place, "people", now.inside);
  show(place, "limit", now.limit);
  for (const word of place.querySelectorAll("[data-crowd]")) word.hidden = word.dataset.crowd !== now.crowd;
}

function show(place, name, number) {
  const part = place.querySelector(`[data-inside="${name}"]`);
  if (part && number !== null) part.textContent = number.toLocaleString(document.documentElement.lang);
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh); // a hidden page has not polled in the meantime
// The desk replaces the figures after each action: this number has already changed with them.
const beside = document.getElementById("figures")?.parentElement;
if (beside) new MutationObserver(refresh).observe(beside, { childList: true });
