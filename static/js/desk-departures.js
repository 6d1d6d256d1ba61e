/* People who leave, where the hall counts them: while the part of the page for it is open, a scan counts its group out. */

import { badgeOf } from "./desk-cipher.js";
import * as draw from "./desk-draw.js";
import * as offline from "./desk-offline.js";
import { sendJson } from "./desk-send.js";
import { peopleOf } from "./people.js";

const MOST = 999;
const place = () => document.getElementById("leaving");
const field = () => document.getElementById("leaving-visitors");

/** Whether scans count people out now. */
export const isLeaving = () => Boolean(place() && place().open);

/** How many were typed: null for none, so that all of a group leave. */
function typed() {
  return field().validity.badInput ? NaN : peopleOf(field().value);
}

/** The departure: the group of a text (empty: none) and the number; or null where it is refused, with a message. */
export function departure(text) {
  const visitors = typed();
  if (badgeOf(text)) return offline.refuse("leaving-badge"), null;
  const isNumber = visitors === null ? text !== "" : Number.isInteger(visitors) && visitors >= 1 && visitors <= MOST;
  if (!isNumber) return offline.refuse("leaving-number"), null;
  return { text, visitors };
}

/** Ask the server; gives the outcome. Throws Offline or SignedOut. */
export async function leave({ text, visitors }, id) {
  const answer = await sendJson("/desk/departures", { event_id: id, code: text, visitors });
  if (answer.outcome === "refused") {
    draw.drawAnswer("refused", answer.title || draw.word("leaving-refused-title"), answer.message);
  } else {
    const { inside, limit } = answer.inside;
    const title = draw.word(answer.outcome === "repeated" ? "repeated-title" : "left-title", { n: answer.visitors });
    draw.drawAnswer(answer.outcome, title, draw.word(limit === null ? "left-inside" : "left-inside-of", { inside, limit }));
    field().value = "";
  }
  draw.clearCard();
  return answer.outcome;
}

/** Keep it on this device, as far as the list of today knows the group. Gives the outcome. */
export async function keepDeparture({ text, visitors }, id, isScanned) {
  const event = { id, type: "leave", people: visitors };
  if (text) {
    const { row, reason } = await offline.findPass(text, isScanned);
    if (!row) return offline.refuse(reason === "not-in-list" || reason === "no-list" ? "leaving-unknown" : reason);
    const inside = offline.insideOf(row);
    event.people = visitors ?? inside;
    if (event.people < 1) return offline.refuse("leaving-nobody");
    Object.assign(event, { booking: row.booking, label: `${row.time} · ${row.programme}` });
  }
  await offline.keep(event);
  field().value = "";
  return offline.said("left", event.people, draw.word("left-unchecked"));
}
