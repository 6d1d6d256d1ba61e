/* The muster list without a network: the last one that the server gave, with its time.
 *
 * It names people, so it is only in the memory of this page and is never stored. After the page was opened again without
 * a network, there are the numbers of the stored list, which has no names.
 */

import * as clock from "./desk-clock.js";
import { NoNetwork } from "./desk-queue.js";
import { SignedOut } from "./desk-send.js";
import { readPage } from "./ours.js";
import { timely } from "./timely.js";

const PATIENCE_MS = 8_000;
const HURRIED_MS = 3_000; // in an evacuation nobody waits longer for a network that may hang
let kept = null; // the time of the list, and its parts

const place = () => document.getElementById("muster");
const at = (name) => place().querySelector(`[data-muster="${name}"]`);

/** Get the list from the server, for when it no longer answers. Throws NoNetwork or SignedOut. */
export async function renew() {
  const page = await fetchList(PATIENCE_MS);
  const list = page.getElementById("muster-list");
  if (!list) throw new SignedOut("no list");
  kept = { madeAt: list.dataset.madeAt, list: document.adoptNode(list) };
  kept.list.removeAttribute("id");
}

async function fetchList(patience) {
  try {
    const answer = await fetch(place().dataset.source, { headers: { Accept: "text/html" }, signal: timely(patience) });
    const page = answer.ok ? readPage(await answer.text()) : null;
    if (page) return page;
    throw new Error(`answer ${answer.status}`);
  } catch (error) {
    throw new NoNetwork(error.message);
  }
}

/** Show the list while there is no network: the last one of the server, else the numbers of the stored list, if `known`. */
export function draw({ isOffline, known, zone, counted }) {
  place().hidden = !isOffline;
  if (!isOffline) return;
  const time = kept ? kept.madeAt : known && known.madeAt;
  at("none").hidden = Boolean(time);
  at("state").hidden = !time;
  at("numbers").hidden = !time || Boolean(kept);
  if (!time) return;
  at("time").textContent = clock.local(time, zone).replace("T", " ");
  at("came").textContent = counted.came;
  at("left").textContent = counted.left;
  if (kept) {
    if (kept.list.parentNode !== at("list")) at("list").append(kept.list);
  } else {
    at("rows").textContent = "";
    at("rows").append(...known.rows.filter((row) => arrivedOf(row)).map(rowOf));
  }
}

const arrivedOf = ({ people }) => Object.values(people).reduce((sum, [, arrived]) => sum + arrived, 0);

function rowOf(group) {
  const row = document.createElement("tr");
  for (const [kind, text] of [["td", arrivedOf(group)], ["th", `${group.time} · ${group.programme}`]]) {
    const cell = document.createElement(kind);
    cell.textContent = text;
    row.append(cell);
  }
  row.firstElementChild.className = "number";
  row.lastElementChild.scope = "row";
  return row;
}

/** Open the list in this page, which has it, where the server does not answer; `lost` is told. */
export function startMuster(lost) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || new URL(link.href).pathname !== place().dataset.source || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    fetchList(HURRIED_MS).then(
      () => window.location.assign(link.href),
      (error) => {
        lost(error);
        show();
      },
    );
  });
  if (window.location.hash === "#muster") show();
}

function show() {
  place().open = true;
  place().scrollIntoView();
  place().querySelector("summary").focus();
}
