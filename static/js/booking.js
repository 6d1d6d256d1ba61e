// The booking page, and the pages that change a booking, work without this file. With it, choosing a programme or a day
// and adding a place happen in place, the summary follows what is typed, and a double tap on the last button sends once.

import { timely } from "./timely.js";

const SECTIONS = ["when", "who-origins", "check"];
const TICKS = ["consent", "duplicate_accepted", "wait"];
const PATIENCE_MS = 8_000; // a time limit for a network that neither answers nor fails
const form = document.getElementById("booking");

if (form) {
  form.addEventListener("submit", send);
  form.addEventListener("input", summarise);
  form.addEventListener("change", changed);
  // A page that comes back from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => {
    form.removeAttribute("aria-busy");
    setLoading(false);
  });
  if (!("autofocus" in HTMLElement.prototype)) document.getElementById("problems")?.focus();
}

function send(event) {
  const button = event.submitter;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
  } else if (button?.name && button.value !== "language") {
    event.preventDefault();
    if (button.name === "show_day" && canFetchDay()) showDay(button);
    else refresh(button.name, button.value, button.id);
  } else {
    form.setAttribute("aria-busy", "true");
  }
}

function changed(event) {
  summarise();
  if (event.target.name === "slot") {
    document.getElementById("gone")?.remove();
    // The tick for the waiting list applies to this full time only: another choice is another decision.
    const wait = document.getElementById("wait");
    if (wait) wait.checked = false;
    if ("wait" in event.target.dataset) refresh("refresh", "nearest");
  }
  // The size of the group decides which times have room for it.
  if (event.target.classList.contains("people") && document.getElementById("when")) refresh("refresh", "people");
}

let newest = 0;

async function refresh(name, value, focusId = document.activeElement?.id) {
  const turn = ++newest;
  const data = new FormData(form);
  data.append(name, value);
  if (name.startsWith("show_")) setLoading(true);
  let page;
  try {
    const body = new URLSearchParams(data);
    const response = await fetch(form.action, { method: "POST", body, signal: timely(PATIENCE_MS) });
    if (!response.ok) throw new Error(String(response.status));
    page = new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    // A button pressed in the meantime keeps its effect.
    if (turn === newest && name !== "refresh") submitPlainly(name, value);
    return;
  }
  if (turn === newest) show(page, name, focusId);
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
    part = new DOMParser().parseFromString(await response.text(), "text/html");
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
  for (const id of SECTIONS.filter((section) => !kept.includes(section))) {
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
  return [...form.querySelectorAll("input.people")]
    .map((field) => Number.parseInt(field.value.normalize("NFKC"), 10) || 0)
    .reduce((sum, count) => sum + count, 0);
}

function summarise() {
  const text = (name) => form.elements.namedItem(name)?.value.trim() ?? "";
  const people = countPeople();
  const shown = {
    slot: form.querySelector("input[name=slot]:checked")?.dataset.when,
    organisation: text("organisation"),
    people: people || "",
    contact: [text("contact_name"), text("phone")].filter(Boolean).join(" · "),
  };
  const summary = document.getElementById("summary");
  for (const place of summary?.querySelectorAll("[data-shows]") ?? []) {
    place.textContent = shown[place.dataset.shows] || summary.dataset.none;
  }
  const total = form.querySelector("[data-total]");
  if (total) total.textContent = people;
}
