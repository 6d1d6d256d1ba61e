/* Updates the page of a guide: notes of the desk, arrivals, and changed assignments. */

import { parsed } from "./ours.js";
import { released } from "./released.js";
import { timely } from "./timely.js";

const EVERY_MS = 20_000;
const page = document.documentElement;

async function refresh() {
  const old = document.getElementById("my-groups");
  if (!old || document.hidden) return;
  try {
    const answer = await fetch(window.location.href, { cache: "no-store", redirect: "manual", signal: timely(EVERY_MS) });
    if (!answer.ok) return;
    const next = parsed(await answer.text()).getElementById("my-groups");
    await released();
    if (next && next.innerHTML !== old.innerHTML) show(old, document.adoptNode(next));
  } catch {
    /* no network at the moment: the page stays as it is */
  }
}

/** Replace the groups, and announce new notes of the desk. */
function show(old, next) {
  const notesOf = (root) => [...root.querySelectorAll(".from-desk")].map((note) => note.textContent);
  const known = new Set(notesOf(old));
  const isFresh = (text) => !known.has(text);
  const top = page.scrollTop;
  old.replaceWith(next);
  page.scrollTop = top;
  const fresh = notesOf(next).filter(isFresh);
  document.getElementById("my-news").textContent = fresh.join(" ");
  if (fresh.length) navigator.vibrate?.(200);
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
