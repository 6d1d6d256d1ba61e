/* The display of this device's answers: drawn from templates in the page, in the reader's language. */

import { undoneBy } from "./desk-queue.js";
import { newEventId } from "./desk-send.js";

const byId = (id) => document.getElementById(id);
const TICKS = { waiting: "✓", stored: "✓✓", refused: "✕", unclear: "?" };

/** A word of the page, its places filled. */
export function word(name, places = {}) {
  const text = byId("words").content.querySelector(`[data-word="${name}"]`).textContent;
  return Object.entries(places).reduce((filled, [place, value]) => filled.replace(`{${place}}`, value), text);
}

const divisionName = (code) =>
  document.querySelector(`#walk-in-division-0 option[value="${CSS.escape(code)}"]`)?.textContent ?? code;

const total = (counts) => Object.values(counts).reduce((sum, people) => sum + people, 0);

/** The band over the width: `outcome` gives its colour and shape, `event` is the id of the act that it reports. */
export function drawAnswer(outcome, title, words, { event = "", isOfOffline = false } = {}) {
  const band = byId("answer");
  band.dataset.outcome = outcome;
  band.className = `answer ${outcome}`;
  delete band.dataset.reason;
  Object.assign(band.dataset, { event, isOfOffline });
  fill(band, [document.querySelector(`template[data-answer="${outcome}"]`).content.cloneNode(true)]);
  band.querySelector("h2").textContent = title;
  band.querySelector("p").textContent = words;
  band.hidden = false;
}

/** An act that waited when the band was drawn has got its answer. */
export function freshenAnswer(events) {
  const band = byId("answer");
  const event = !band.hidden && events.find((one) => one.id === band.dataset.event);
  if (!event || event.state === "waiting") return;
  if (event.state === "refused") return drawAnswer("refused", word("not-counted-title"), event.message);
  band.querySelector("p").textContent = `${TICKS[event.state]} ${stateOf(event)}`;
  band.dataset.event = "";
}

/** What could not be answered without a network can be asked again. */
export function clearAnswerOfOffline() {
  if (byId("answer").dataset.isOfOffline === "true") clearAnswer();
}

export function clearAnswer() {
  const band = byId("answer");
  band.dataset.outcome = "";
  band.hidden = true;
}

/** The group: its numbers from the snapshot; `who` is decrypted by its pass, null where it was chosen by time. */
export function drawCard(group, who, { canAdmit, timing = null, isOutOfTime = false }) {
  const card = byId("offline-card").content.cloneNode(true);
  const at = (name) => card.querySelector(`[data-slot="${name}"]`);
  at("number").textContent = group.toCome || group.arrived || group.booked;
  at("unit").textContent = word(group.toCome ? (group.arrived ? "still-to-come" : "people") : "arrived");
  at("name").textContent = who ? who.organisation : word("names-by-pass");
  at("time").textContent = group.time;
  at("programme").textContent = group.programme;
  const isNamed = Boolean(timing && timing.isNews) && group.toCome > 0;
  at("timing").textContent = isNamed ? word(`${timing.side}-by`, { n: timing.minutes }) : "";
  at("timing").className = "state warn";
  at("timing").hidden = !isNamed;
  at("reference").textContent = who ? who.reference : "";
  at("contact").textContent = who ? word("call", { name: who.contact }) : "";
  const phone = who ? who.phone : "";
  at("phone").textContent = phone;
  const call = card.querySelector(".call");
  call.hidden = !phone;
  if (phone) call.firstElementChild.href = `tel:${who.phone.replace(/[^+\d]/g, "")}`;
  at("access").textContent = who?.access ? `♿ ${who.access}` : "";
  at("access").hidden = !at("access").textContent;
  at("resources").textContent = group.resources ? `▣ ${group.resources}` : "";
  at("resources").hidden = !group.resources;
  at("answers").textContent = who?.answers ?? "";
  at("answers").hidden = !at("answers").textContent;
  at("note").textContent = who ? who.note : "";
  at("note").hidden = !at("note").textContent;
  at("progress").textContent = word("arrived-of", { arrived: group.arrived, booked: group.booked });
  at("progress").hidden = !group.arrived;
  const form = card.querySelector("form");
  if (!isOutOfTime) form.querySelector(".anyway").remove();
  if (canAdmit) fillForm(form, group);
  else form.remove();
  showCard([card]);
}

/** Put these on the place of the card; it is no longer the server's. */
function showCard(parts) {
  const place = byId("card");
  delete place.dataset.reference;
  fill(place, parts);
}

/** People still to come by division, as a card of this group shows them, as text. */
const knownOf = ({ origins }) => JSON.stringify(Object.fromEntries(origins.map((one) => [one.division, one.toCome])));

/** Whether an open card of this group shows other numbers, and has not been edited. */
export function isStale(group) {
  const form = document.querySelector('#card form[data-act="admit-offline"]:not([aria-busy])');
  if (!form || Number(form.dataset.booking) !== group.booking || form.dataset.known === knownOf(group)) return false;
  return [...form.querySelectorAll("input[type=number]")].every((input) => input.value === input.defaultValue);
}

/** The form sends what its card shows, even if the list has changed by the time it is pressed. */
function fillForm(form, group) {
  const label = `${group.time} · ${group.programme}`;
  Object.assign(form.dataset, { booking: group.booking, version: group.version ?? "", known: knownOf(group), label });
  form.dataset.eventId = newEventId();
  const rows = form.querySelector("tbody");
  for (const [number, origin] of group.origins.entries()) {
    const row = byId("offline-row").content.querySelector("tr").cloneNode(true);
    row.querySelector("th").textContent = divisionName(origin.division);
    const [booked, arrived] = row.querySelectorAll("td.number");
    booked.textContent = origin.booked;
    arrived.textContent = origin.arrived;
    const input = row.querySelector("input");
    input.name = `origins-${number}-visitors`;
    input.defaultValue = origin.toCome;
    input.dataset.division = origin.division;
    input.setAttribute("aria-label", divisionName(origin.division));
    rows.insertBefore(row, rows.lastElementChild);
  }
}

export function clearCard() {
  const ready = document.createElement("p");
  ready.className = "ready";
  ready.textContent = word("ready");
  showCard([ready]);
}

/** The entries of this device: newest first, each with its ticks. */
export function drawWaiting(events, labelOf, guessOf) {
  const section = byId("waiting");
  if (section.querySelector("[data-when]:focus")) return; // a time is being entered
  section.hidden = !events.length;
  const undone = undoneBy(events);
  const rows = events.map((event) => waitingRow(event, labelOf(event), undone.has(event.id), guessOf)).reverse();
  fill(section.querySelector("ol"), rows);
}

/** Replace the contents of an element by these. */
function fill(element, parts) {
  element.textContent = "";
  element.append(...parts);
}

function waitingRow(event, label, isUndone, guessOf) {
  const row = byId("waiting-row").content.cloneNode(true);
  const at = (name) => row.querySelector(`[data-slot="${name}"]`);
  const isBack = Boolean(event.undoes);
  const isOut = event.type === "take_back" || event.type === "leave";
  at("people").textContent = `${isOut ? "−" : "+"}${event.counts ? total(event.counts) : event.people || ""}`;
  at("label").textContent = label;
  at("ticks").textContent = TICKS[event.state];
  at("ticks").classList.add(event.state);
  at("state").textContent = stateOf(event);
  at("when").hidden = event.state !== "unclear";
  if (event.state === "unclear") at("when").querySelector("[data-when]").value = guessOf(event);
  row.firstElementChild.classList.toggle("undone", isUndone);
  const isRefused = event.state === "refused";
  const buttons = { "take-back": !isBack && !isUndone && !isRefused, retry: isRefused, away: isRefused, when: event.state === "unclear" };
  for (const [name, isShown] of Object.entries(buttons)) {
    const button = row.querySelector(`[data-do="${name}"]`);
    button.dataset.seq = event.seq;
    button.hidden = !isShown;
  }
  return row;
}

function stateOf(event) {
  if (event.state === "refused") return event.message;
  if (event.state === "unclear") return word("when-asked");
  if (event.unsettled) return word("unsettled", { n: event.unsettled });
  return word(event.state === "stored" ? "stored-there" : "taken-here");
}

/** Today's groups by time, without names: for groups without a pass to scan. Only rows that have changed are written. */
export function drawDay(groups) {
  const body = byId("offline-day").querySelector("tbody");
  const known = new Map([...body.rows].map((row) => [row.querySelector("button").dataset.booking, row]));
  let next = body.firstElementChild;
  for (const group of groups) {
    const key = String(group.booking);
    const row = known.get(key) || newDayRow(group);
    known.delete(key);
    writeDayRow(row, group);
    if (row === next) next = next.nextElementSibling;
    else body.insertBefore(row, next);
  }
  for (const row of known.values()) row.remove();
}

function newDayRow(group) {
  const row = byId("offline-day-row").content.querySelector("tr").cloneNode(true);
  row.querySelector("button").dataset.booking = group.booking;
  return row;
}

function writeDayRow(row, group) {
  const places = [row.querySelector("button"), ...row.querySelectorAll("td")];
  const texts = [`${group.time} · ${group.programme}`, group.booked, group.arrived, group.toCome].map(String);
  for (const [at, text] of texts.entries()) if (places[at].textContent !== text) places[at].textContent = text;
  row.classList.toggle("cancelled", group.state === "cancelled");
}

/** The line that says whether there is a network, how many wait, and how old the list is. */
export function drawNetwork({ state, waiting = 0, refused = 0, asOf = "", clockOff = 0, store = "" }) {
  const bar = byId("network");
  bar.hidden = false;
  bar.dataset.state = state;
  const isLost = state !== "online" && store;
  const parts = { state: word(isLost ? "net-unkept" : `net-${state}`), store: store ? word(`net-store-${store}`) : "" };
  parts.waiting = waiting ? word("net-waiting", { n: waiting }) : "";
  parts.refused = refused ? word("net-refused", { n: refused }) : "";
  parts.age = asOf ? word("net-age", { time: asOf }) : state === "offline" ? word("net-no-list") : "";
  parts.clock = clockOff ? word("net-clock", { n: clockOff }) : "";
  for (const [name, text] of Object.entries(parts)) {
    const place = bar.querySelector(`[data-slot="${name}"]`);
    if (place.textContent !== text) place.textContent = text;
    place.hidden = !text;
  }
  byId("sign-in-again").hidden = state !== "signed-out";
}
