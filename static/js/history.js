/* Updates the progress of a file; when its work ends, the page is reloaded with the result. */

import { timely } from "./timely.js";

const EVERY_MS = 1_500;
const PATIENCE_MS = 8_000; // a time limit for a network that neither answers nor fails
const work = document.querySelector("[data-source]");

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(work.dataset.source, {
      headers: { Accept: "application/json" },
      cache: "no-store",
      signal: timely(PATIENCE_MS),
    });
    if (answer.status === 404) return location.reload(); // it has been counted and is no longer a draft: open its import
    if (!answer.ok) return; // signed out, or the server is away: the page stays as it is
    const { at_work: atWork, done, total, said } = await answer.json();
    if (!atWork) return location.reload();
    show(done, total, said);
  } catch {
    // no network for a moment: the next poll tries again
  }
}

function show(done, total, said) {
  work.querySelector(".history-said").textContent = said;
  const bar = work.querySelector("progress");
  if (total) {
    bar.max = total;
    bar.value = done;
  }
}

setInterval(refresh, EVERY_MS);
