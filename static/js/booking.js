// The booking page, and the pages that change a booking, work without this file. With it, choosing a programme or a day
// and adding a place happen in place, the summary follows what is typed, and a double tap on the last button sends once.

import { Draft } from "./booking-draft.js";
import { parsed } from "./ours.js";
import { released } from "./released.js";
import { timely } from "./timely.js";

const SECTIONS = ["when", "who-origins", "overview", "check", "send"];
const PEOPLE = ".origin input.people"; // numbers of categories and of equipment are no more people
const TICKS = ["consent", "duplicate_accepted"];
const PATIENCE_MS = 8_000; // a time limit for a network that neither answers nor fails
const SEND_PATIENCE_MS = 20_000;
const form = document.getElementById("booking");
const draft = form && form.classList.contains("columns") ? new Draft(form) : null;

if (form) {
  form.classList.add("live");
  form.addEventListener("submit", send);
  form.addEventListener("input", (event) => {
    if (event.target.matches(PEOPLE)) document.getElementById("origins-error")?.remove();
    summarise();
    draft?.save();
  });
  form.addEventListener("change", changed);
  draft?.offer();
  // A page that comes back from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => {
    form.removeAttribute("aria-busy");
    setLoading(false);
  });
  summarise();
  if (!("autofocus" in HTMLElement.prototype)) document.getElementById("problems")?.focus();
}

function send(event) {
  const button = event.submitter;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
  } else if (button?.name && button.name !== "wait" && button.value !== "language") {
    event.preventDefault();
    if (button.name === "show_day" && canFetchDay()) showDay(button);
    else refresh(button.name, button.value, button.id);
  } else {
    form.setAttribute("aria-busy", "true");
    // Browsers that do not say which button was pressed send the form themselves.
    if (draft && button && button.value !== "language") {
      event.preventDefault();
      transmit(button);
    }
  }
}

// Send the form without leaving the page, so that a lost connection loses nothing. The server recognises a repeat.
async function transmit(button) {
  const data = new FormData(form);
  if (button.name) data.append(button.name, button.value);
  draft.save({ sent: true });
  tellUnsent(false);
  let response, page;
  try {
    response = await fetch(form.action, { method: "POST", body: packed(data), signal: timely(SEND_PATIENCE_MS) });
    page = parsed(await response.text());
  } catch {
    form.removeAttribute("aria-busy");
    tellUnsent(true);
    return;
  }
  if (response.redirected) {
    draft.forget();
    location.assign(response.url);
  } else if (page.getElementById("problems") && page.getElementById("when") && !page.querySelector("main #question")) {
    form.removeAttribute("aria-busy");
    showRefused(page);
  } else {
    submitPlainly(button.name || "book", button.value);
  }
}

// Files need another encoding, which a form without files is spared: it is longer.
function packed(data) {
  return form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
}

function tellUnsent(lost) {
  const place = document.getElementById("unsent");
  place.textContent = lost ? place.dataset.text : "";
  place.hidden = !lost;
}

// Show the errors of a form that was sent. The page's own check against scripts stays valid for it.
function showRefused(page) {
  for (const old of document.querySelectorAll("#problems, #gone, main .steps")) old.remove();
  form.before(page.getElementById("problems"));
  for (const id of ["when", "who", "overview", "check", "send"]) document.getElementById(id).replaceWith(page.getElementById(id));
  form.elements.namedItem("csrf_token").value = page.querySelector("#booking [name=csrf_token]").value;
  document.title = page.title;
  summarise();
  document.getElementById("problems").focus();
  window.scrollTo(0, 0);
}

function changed(event) {
  summarise();
  if (event.target.name === "slot") {
    document.getElementById("gone")?.remove();
    rememberTime(event.target.value);
    if ("wait" in event.target.dataset) refresh("refresh", "nearest");
  }
  // The size of the group decides which times have room for it.
  if (event.target.classList.contains("people") && document.getElementById("when")) refresh("refresh", "people");
}

// The address of the page leads to the chosen time, also after a reload, and for whoever gets the link.
function rememberTime(slot) {
  if (!document.getElementById("when") || !form.classList.contains("columns")) return;
  const address = new URL(location.href);
  // Of a large group in several parts, the address has the first slot.
  address.search = slot ? new URLSearchParams({ slot: slot.split("*")[0] }).toString() : "";
  history.replaceState(history.state, "", address);
}

let newest = 0;

async function refresh(name, value, focusId = document.activeElement?.id) {
  const turn = ++newest;
  const data = new FormData(form);
  data.append(name, value);
  if (name.startsWith("show_")) setLoading(true);
  let page;
  try {
    // Files stay in their fields: they are sent with the booking alone.
    const body = new URLSearchParams([...data].filter(([, content]) => typeof content === "string"));
    const response = await fetch(form.action, { method: "POST", body, signal: timely(PATIENCE_MS) });
    if (!response.ok) throw new Error(String(response.status));
    page = parsed(await response.text());
    await released();
  } catch {
    // A button pressed in the meantime keeps its effect.
    if (turn === newest && name !== "refresh") submitPlainly(name, value);
    return;
  }
  // A form that has been sent in the meantime gets the page of its own answer.
  if (turn === newest && form.getAttribute("aria-busy") !== "true") show(page, name, focusId);
}

// The times of another day are loaded separately, a few kilobytes. If the page asks about a second booking on the
// previous day, the whole page is needed.
function canFetchDay() {
  return document.getElementById("times").dataset.address && !document.getElementById("duplicate_accepted");
}

async function showDay(button) {
  const turn = ++newest;
  const day = button.value;
  form.elements.namedItem("day").value = day;
  for (const other of form.querySelectorAll("button.day")) other.setAttribute("aria-pressed", String(other === button));
  document.getElementById("gone")?.remove();
  setLoading(true);
  let part;
  try {
    const asked = new URLSearchParams({ programme: form.elements.namedItem("programme").value, day, people: countPeople() });
    const address = `${document.getElementById("times").dataset.address}?${asked}`;
    const response = await fetch(address, { signal: timely(PATIENCE_MS) });
    if (!response.ok) throw new Error(String(response.status));
    part = parsed(await response.text());
    await released();
  } catch {
    if (turn === newest) submitPlainly("show_day", day);
    return;
  }
  if (turn !== newest) return;
  for (const id of ["times", "waiting"]) document.getElementById(id).replaceWith(part.getElementById(id));
  summarise();
  document.getElementById("times").scrollIntoView({ block: "nearest", behavior: "smooth" });
  announce();
}

// Times of the previous day cannot be chosen while the new ones are loading.
function setLoading(on) {
  const times = document.getElementById("times");
  if (!times) return;
  times.setAttribute("aria-busy", String(on));
  times.disabled = on;
}

// If the answer cannot be read, submit the form in the browser, which shows the errors.
function submitPlainly(name, value) {
  const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
  form.append(field);
  form.submit();
  field.remove();
}

function show(page, name, focusId) {
  const folded = new Map([...form.querySelectorAll("details.month")].map((month, index) => [index, month.open]));
  const ticked = TICKS.filter((id) => document.getElementById(id)?.checked);
  // While a line of origins is being edited, that part is not replaced.
  const kept = name === "refresh" ? ["who-origins"] : [];
  // Questions and equipment are those of the programme; otherwise they stay, with what was typed and chosen.
  const sections = name === "show_programme" ? [...SECTIONS, "questions", "equipment"] : SECTIONS;
  for (const id of sections.filter((section) => !kept.includes(section))) {
    const fresh = page.getElementById(id);
    if (fresh) document.getElementById(id)?.replaceWith(fresh);
  }
  for (const id of TICKS) {
    const tick = document.getElementById(id);
    if (tick) tick.checked = ticked.includes(id);
  }
  form.querySelectorAll("details.month").forEach((month, index) => { month.open = month.open || (folded.get(index) ?? false); });
  summarise();
  if (name === "show_day") document.getElementById("times").scrollIntoView({ block: "nearest", behavior: "smooth" });
  focus(name, focusId);
  announce();
}

function focus(name, id) {
  const lines = form.querySelectorAll(".origin select");
  const target = name === "add_origin" ? lines[lines.length - 1] : document.getElementById(id ?? "");
  (target ?? (name === "remove_origin" ? lines[0] : null))?.focus({ preventScroll: true });
}

function announce() {
  const region = document.getElementById("announcement");
  const legends = [...document.querySelectorAll("#times legend")].map((legend) => legend.textContent.trim());
  region.textContent = "";
  setTimeout(() => { region.textContent = [region.dataset.text, ...legends].join(" "); }, 100);
}

function countPeople() {
  return [...form.querySelectorAll(PEOPLE)]
    .map((field) => Number.parseInt(field.value.normalize("NFKC"), 10) || 0)
    .reduce((sum, count) => sum + count, 0);
}

function summarise() {
  const text = (name) => form.elements.namedItem(name)?.value.trim() ?? "";
  const people = countPeople();
  const chosen = form.querySelector("input[name=slot]:checked");
  const shown = {
    slot: chosen?.dataset.when,
    organisation: text("organisation"),
    people: people || "",
    contact: [text("contact_name"), text("phone")].filter(Boolean).join(" · "),
  };
  const none = document.getElementById("summary")?.dataset.none;
  for (const place of form.querySelectorAll("[data-shows]")) {
    place.textContent = shown[place.dataset.shows] || (place.dataset.none ?? none);
  }
  // For browsers whose style sheets cannot ask which time is chosen.
  form.classList.toggle("waits", Boolean(chosen && "wait" in chosen.dataset));
  const total = form.querySelector("[data-total]");
  if (total) total.textContent = people;
  judgeSize(people, chosen);
  // What is left at another time stands beside that time.
  for (const left of form.querySelectorAll("[data-left-at]")) left.hidden = Boolean(chosen) && chosen.value !== left.dataset.leftAt;
}

// Say beside the field whether the programme takes so many people, and whether the chosen time has room for them.
function judgeSize(people, chosen) {
  const size = document.getElementById("size");
  if (!size) return;
  const { least, most, large, neutral, few, many, parts, full } = size.dataset;
  const left = chosen?.dataset.left ?? size.dataset.left;
  let said = "";
  if (people && people < Number(least)) said = few;
  else if (people > Number(most)) said = people > Number(large) ? many : chosen && "parts" in chosen.dataset ? "" : parts;
  else if (left && people > Number(left) && !(chosen && "wait" in chosen.dataset)) said = full.replace("{left}", left);
  size.classList.toggle("wrong", said !== "");
  if (size.textContent.trim() !== (said || neutral)) size.textContent = said || neutral;
}
