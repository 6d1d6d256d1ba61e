/* The month by keyboard: one day of the grid is in the tab order, the arrow keys go from day to day. */

const grid = document.getElementById("grid");
const days = [...grid.querySelectorAll("a.cal-day")];
const WEEK = 7;

/** On a narrow screen the grid is a list: up and down go to the neighbouring day there. */
const isList = () => getComputedStyle(grid.tHead).display === "none";

function steps() {
  const column = isList() ? 1 : WEEK;
  return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -column, ArrowDown: column };
}

/** The first or the last day of the week of a day, as far as this month has it. */
function endOfWeek(day, last) {
  const inWeek = [...day.closest("tr").querySelectorAll("a.cal-day")];
  return inWeek[last ? inWeek.length - 1 : 0];
}

function choose(day, { focus = true } = {}) {
  for (const other of days) other.tabIndex = other === day ? 0 : -1;
  if (focus) day.focus();
}

/** The day that a key leads to from another one; undefined for other keys and beyond the month. */
function target(event, day) {
  if (event.key === "Home" || event.key === "End") return endOfWeek(day, event.key === "End");
  const step = steps()[event.key];
  return step === undefined ? undefined : days[days.indexOf(day) + step];
}

/** The page that a key opens if it leaves the month: a page key, or an arrow key beyond the first or the last day. */
function address(event) {
  const step = steps()[event.key] ?? { PageUp: -1, PageDown: 1 }[event.key];
  if (step === undefined) return undefined;
  const link = document.getElementById(step < 0 ? "previous" : "following");
  if (!link) return undefined;
  if (event.key.startsWith("Page")) return `${link.href}#by-key`;
  return `${link.href}#${step < 0 ? "last-day" : "first-day"}`;
}

grid.setAttribute("role", "grid");
const today = days.find((day) => day.hasAttribute("aria-current"));
choose(today ?? days[0], { focus: false });

grid.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const day = event.target.closest("a.cal-day");
  if (!day) return;
  const next = target(event, day);
  const elsewhere = next ? undefined : address(event);
  if (next) choose(next);
  else if (elsewhere) location.assign(elsewhere);
  else return;
  event.preventDefault();
});
grid.addEventListener("focusin", (event) => {
  const day = event.target.closest("a.cal-day");
  if (day) choose(day, { focus: false });
});

// After a change of the month by keyboard, the focus stays in the grid: the address names the day to focus. No element
// has these ids, because the browser would move the focus to it.
const entries = { "#by-key": today ?? days[0], "#first-day": days[0], "#last-day": days[days.length - 1] };
entries[location.hash]?.focus();
