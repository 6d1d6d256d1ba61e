/* When something happened, though this device's clock may be wrong, or be put right before it is told.
 *
 * A tablet often gets the right time in the moment in which its network returns. So an act is not timed by the clock
 * alone: with it goes how long ago the server was heard, by a counter that nobody can set (`performance.now`). The
 * counter may stand still while the device sleeps; then clock and counter drift apart, as they do when somebody sets the
 * clock. Such jumps are kept. What they leave open, nobody guesses: the desk asks.
 */

const LOOK_MS = 1_000;
const JUMP_MS = 2_000;
const NEAR_MS = 120_000; // smaller differences are transmission time, not a wrong clock

const boot = Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("");
let jumps = []; // since the page was opened: when by the counter, and how far the clock went against it
let heardLast = null; // when the server was heard last: its time, and the counter
let skewMs = null; // how far the clock was ahead of the server then, on this page or an earlier one
let drift = Date.now() - performance.now();

/** Read clock and counter, and note where they have come apart. */
function look() {
  const wall = Date.now();
  const count = performance.now();
  if (Math.abs(wall - count - drift) > JUMP_MS) jumps.push({ count, by: wall - count - drift });
  drift = wall - count;
  return { wall, count };
}

/** The server was heard just now, and this is its time. */
export function heard(instant) {
  const { wall, count } = look();
  const server = Date.parse(instant);
  if (Number.isNaN(server)) return;
  heardLast = { server, count };
  skewMs = wall - server;
}

/** How far the clock was ahead when an earlier page heard the server. */
export function remember(skew) {
  if (skewMs === null && Number.isFinite(skew)) skewMs = skew;
}

export const skew = () => skewMs;
const since = (count) => jumps.filter((jump) => jump.count > count).map((jump) => jump.by);
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** The time by the server's clock, as far as this device knows it. */
export function now() {
  const { wall, count } = look();
  if (!heardLast) return wall - (skewMs || 0);
  const moved = since(heardLast.count);
  const slept = Math.abs(sum(moved)) < NEAR_MS ? 0 : sum(moved.filter((by) => by > 0)); // what goes back is a clock that was set
  return heardLast.server + count - heardLast.count + slept;
}

/** The stamp of an act that happens now, from which its time can be found later. */
export function stamp() {
  const { wall, count } = look();
  return { boot, wall, count, skewMs, heard: heardLast, jumps: heardLast ? since(heardLast.count) : [] };
}

/**
 * When a stamped act happened, in milliseconds by the server's clock; null where that cannot be told. It was not before
 * `earliest`, when the list was made by which it went.
 */
export function timeOf(act, earliest) {
  const { heard: before } = act;
  if (before && !act.jumps.length) return before.server + act.count - before.count;
  return fromNow(act) ?? fromSkew(act, earliest);
}

/** By the counter of this very page, back from when the server was heard last. */
function fromNow(act) {
  if (act.boot !== boot || !heardLast || heardLast.count < act.count) return null;
  const later = jumps.filter((jump) => jump.count > act.count && jump.count <= heardLast.count).map((jump) => jump.by);
  const ahead = later.filter((by) => by > 0); // the device slept, or the clock was put forward
  const back = heardLast.server - (heardLast.count - act.count);
  if (!ahead.length) return back;
  if (!act.heard) return null;
  const slept = heardLast.server - act.heard.server - (heardLast.count - act.heard.count);
  if (slept < NEAR_MS) return act.heard.server + act.count - act.heard.count;
  const allAhead = sum([...act.jumps.filter((by) => by > 0), ...ahead]);
  return Math.abs(allAhead - slept) < NEAR_MS ? back - sum(ahead) : null;
}

/** By the clock, where it was as wrong before the act as it is now. */
function fromSkew(act, earliest) {
  if (act.skewMs === null || skewMs === null || Math.abs(act.skewMs - skewMs) > NEAR_MS) return null;
  const at = act.wall - skewMs;
  return at > earliest - NEAR_MS && at < now() + NEAR_MS ? Math.min(at, now()) : null;
}

setInterval(look, LOOK_MS);

/* A time given by a person, by the clock of the hall. */

/** A moment as `2026-11-21T09:40` in a time zone. */
export function local(instant, timeZone) {
  const options = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone };
  const parts = {};
  for (const { type, value } of new Intl.DateTimeFormat("en-US", options).formatToParts(new Date(instant))) parts[type] = value;
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** The moment that a text such as `2026-11-21T09:40` means in a time zone; NaN where it is none. */
export function instantOf(text, timeZone) {
  const typed = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)$/.exec(text.trim());
  const asUtc = typed ? Date.parse(`${typed[1]}T${typed[2]}Z`) : NaN;
  if (Number.isNaN(asUtc)) return NaN;
  const ahead = Date.parse(`${local(asUtc, timeZone)}Z`) - asUtc;
  return asUtc - ahead;
}
