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

/** The neighbouring month that a key leads to: by the page keys, or by an arrow key beyond the first or the last day. */
function neighbour(event, day) {
  if (event.key === "PageUp" || event.key === "PageDown") {
    return document.getElementById(event.key === "PageUp" ? "previous" : "following");
  }
  const step = steps()[event.key];
  if (step === undefined || days[days.indexOf(day) + step]) return null;
  return document.getElementById(step < 0 ? "previous" : "following");
}

grid.setAttribute("role", "grid");
const today = days.find((day) => day.hasAttribute("aria-current"));
choose(today ?? days[0], { focus: false });

grid.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const day = event.target.closest("a.cal-day");
  if (!day) return;
  const next = target(event, day);
  const month = next ? null : neighbour(event, day);
  if (next) choose(next);
  else if (month) location.assign(`${month.href}#grid`);
  else return;
  event.preventDefault();
});
grid.addEventListener("focusin", (event) => {
  const day = event.target.closest("a.cal-day");
  if (day) choose(day, { focus: false });
});

// Whoever came by a key goes on by keys.
if (location.hash === "#grid") (today ?? days[0]).focus();
