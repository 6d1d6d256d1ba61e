// The page on which a visitor waits in the line: it polls the waiting time, and opens the booking page in due time.

import { timely } from "./timely.js";

const PATIENCE_MS = 10_000;
const PAUSE_AFTER_FAILURE_S = 10;
const line = document.getElementById("line");

clearTimeout(window.lineReload);
askIn(Number(line.dataset.after));

function askIn(seconds) {
  setTimeout(ask, seconds * 1000);
}

async function ask() {
  let found;
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(line.dataset.status, { headers, signal: timely(PATIENCE_MS) });
    if (!response.ok) throw new Error(String(response.status));
    found = await response.json();
  } catch {
    askIn(PAUSE_AFTER_FAILURE_S);
    return;
  }
  if (found.in) {
    location.reload();
    return;
  }
  show("line-before", found.before);
  show("line-wait", found.wait);
  askIn(found.after);
}

// Only changes are announced to screen readers.
function show(id, text) {
  const place = document.getElementById(id);
  if (place.textContent !== text) place.textContent = text;
}
