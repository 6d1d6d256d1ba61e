/* What the forms of the desk say, as acts that a device can keep. */

import { peopleOf } from "./people.js";

/** The act that a form of the desk means: the card's, the walk-in's, or a take-back. */
export function eventOf(form, fields) {
  const id = form.dataset.eventId ? { id: form.dataset.eventId } : {};
  const act = form.dataset.act;
  if (act === "take-back") {
    return { ...id, type: "take_back", undoes: new URL(form.action).pathname.split("/").slice(-2)[0] };
  }
  if (act === "walk-in") {
    const counts = countsOf(fields);
    const organisation = fields.get("organisation");
    return { ...id, type: "walk_in", counts, secret: organisation ? { organisation } : undefined, more: { kind: fields.get("kind"), programme: fields.get("programme"), ...categoriesOf(fields) } };
  }
  if (act === "admit-offline") return { ...id, ...fromSnapshot(form, fields) };
  const reason = fields.get("reason") || undefined;
  const group = { booking: Number(form.dataset.booking), label: form.dataset.label };
  const sure = Number(fields.get("sure")) || undefined;
  return { ...id, type: "admit", code: fields.get("code"), ...group, counts: countsOf(fields), known: knownOf(fields), sure, reason, more: categoriesOf(fields) };
}

function fromSnapshot(form, fields) {
  const { booking, version, known, label } = form.dataset;
  const counts = {};
  for (const input of form.querySelectorAll("input[data-division]")) add(counts, input.dataset.division, input.value);
  add(counts, fields.get("other-division"), fields.get("other-visitors"));
  return { type: "admit", booking: Number(booking), passVersion: version ? Number(version) : undefined, counts, known: JSON.parse(known), label };
}

/** The rows of a form of the server. */
function countsOf(fields) {
  const counts = {};
  for (const [name, value] of fields) {
    const row = /^origins-(\d+)-visitors$/.exec(name)?.[1];
    if (row) add(counts, fields.get(`origins-${row}-division`), value);
  }
  return counts;
}

/** People by category, as far as a number was typed; nothing where the form has no categories. */
function categoriesOf(fields) {
  const typed = [...fields].filter(([name]) => name.startsWith("category-"));
  const given = typed.filter(([, value]) => value.trim() !== "").map(([name, value]) => [name.slice("category-".length), value.trim()]);
  return typed.length ? { categories: Object.fromEntries(given) } : undefined;
}

/** The people still to come on the server's own card, such as `430000:2 440000:38`. */
function knownOf(fields) {
  const known = {};
  for (const pair of (fields.get("known_to_come") || "").split(" ").filter(Boolean)) {
    const [division, people] = pair.split(":");
    known[division] = Number(people);
  }
  return known;
}

function add(counts, division, value) {
  const people = peopleOf(value || "");
  if (division && people !== null && people !== 0) counts[division] = (counts[division] || 0) + people; // NaN stays, and is refused
}
