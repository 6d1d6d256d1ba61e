/* The list of the groups of today, as the server makes it for a device: fetched, and read with care. */

import * as clock from "./desk-clock.js";
import { BadAnswer, NoNetwork } from "./desk-queue.js";
import { SignedOut } from "./desk-send.js";
import { timely } from "./timely.js";

const PATIENCE_MS = 10_000;

/** Fetch the list for some days, or find that the `kept` one is still right. Throws NoNetwork, SignedOut or BadAnswer. */
export async function fetchSnapshot(kept, days) {
  const path = `/desk/snapshot?days=${days}`;
  const isSame = Boolean(kept) && kept.path === path;
  const { status, headers, content: fresh } = await ask(path, isSame ? kept.etag : null);
  const content = status === 304 && isSame ? kept.content : fresh;
  const madeAt = headers.get("X-Made-At") || (content && content.made_at);
  if (!isSnapshot(content) || Number.isNaN(Date.parse(madeAt))) throw new BadAnswer("a list of another shape");
  clock.heard(madeAt);
  return { content, madeAt, path, etag: headers.get("ETag"), skewMs: clock.skew() };
}

async function ask(path, etag) {
  const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
  try {
    const { ok, status, headers: told, ...answer } = await read(path, headers);
    if (status === 401) throw new SignedOut("no session");
    if (!ok && status !== 304) throw new NoNetwork(`answer ${status}`);
    return { status, headers: told, ...answer };
  } catch (error) {
    if (error instanceof SignedOut) throw error;
    throw new NoNetwork(error.message);
  }
}

async function read(path, headers) {
  const response = await fetch(path, { headers, cache: "no-store", redirect: "manual", signal: timely(PATIENCE_MS) });
  const { ok, status } = response;
  return { ok, status, headers: response.headers, content: ok ? await response.json() : null };
}

/** Whether this has all that the desk reads of a list. */
export function isSnapshot(content) {
  if (!content || !Number.isInteger(content.hall)) return false;
  if (![content.salt, content.info].every((text) => typeof text === "string")) return false;
  if (![content.days, content.groups, content.replaced].every(Array.isArray)) return false;
  const isDay = (day) => Boolean(day) && !Number.isNaN(Date.parse(day.ends_at));
  const isRow = (row) => Boolean(row) && Number.isInteger(row.booking) && Object(row.people) === row.people;
  return content.days.length > 0 && content.days.every(isDay) && content.groups.every(isRow);
}
