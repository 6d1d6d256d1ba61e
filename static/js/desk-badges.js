/* Badges in the desk's one input: a scan of one admits its person at once.
 *
 * Without a network nobody can tell whose badge it is, nor whether it is a real one; but a person stands at the door. So
 * it is kept with its own id and time, under the device's key, and said plainly; the server checks it when it is heard
 * again, counts it once, and what it refuses stays in the list with its reason.
 */

import { badgeOf, markOf } from "./desk-cipher.js";
import * as draw from "./desk-draw.js";
import * as offline from "./desk-offline.js";
import { undoneBy } from "./desk-queue.js";
import { sendJson } from "./desk-send.js";

export { badgeOf };

/** Ask the server; gives the outcome. Throws Offline or SignedOut. */
export async function admitBadge(code, id, { anyway = false } = {}) {
  const answer = await sendJson("/desk/badges", { event_id: id, code, anyway, device: await offline.deviceName() });
  const { outcome, group, person } = answer;
  const organisation = group && group.organisation;
  const of = group ? draw.word("arrived-of", { arrived: group.arrived, booked: group.booked }) : "";
  const title = outcome === "refused" ? answer.title : draw.word(outcome === "repeated" ? "repeated-title" : "admitted-title", { n: 1 });
  draw.drawAnswer(outcome, title, [person, organisation, answer.message || of].filter(Boolean).join(" · "));
  draw.clearCard();
  if (answer.confirmable) offerAnyway(code);
  return outcome;
}

/** The group is out of its time, and the hall leaves it to the desk: one more touch admits the person. */
function offerAnyway(code) {
  const button = document.getElementById("badge-anyway").content.firstElementChild.cloneNode(true);
  button.dataset.badge = code;
  const card = document.getElementById("card");
  card.textContent = "";
  card.append(button);
}

/** Store it on this device; a repeated badge is reported at once. Returns the outcome. */
export async function keepBadge(code, id) {
  const mark = await markOf(code);
  const undone = undoneBy(offline.events());
  const before = offline.events().find((one) => one.mark === mark && one.state !== "refused" && !undone.has(one.id));
  const known = await offline.findBadge(code);
  if (before || (known && known.isIn)) {
    draw.drawAnswer("repeated", draw.word("repeated-title", { n: 1 }), draw.word("badge-before"));
    draw.clearCard();
    return "repeated";
  }
  if (known && known.group.toCome < 1) return offline.refuse("in-already", { arrived: known.group.arrived });
  const group = known ? { booking: known.group.booking, counts: { [known.division]: 1 }, label: known.label } : {};
  await offline.keep({ id, type: "badge", people: 1, mark, ...group, secret: { code } });
  return offline.said("admitted", 1, draw.word(known ? "badge-known" : "badge-unchecked", { group: known ? known.label : "" }));
}
