/* Send a form and get a page of the desk back; ids for events. */

import { readPage } from "./ours.js";
import { timely } from "./timely.js";

const ATTEMPTS = 3;
const PAUSE_MS = 700;
const PATIENCE_MS = 8_000;

/** No answer came, however often it was tried. */
export class Offline extends Error {}

/** This needs a sign-in first. */
export class SignedOut extends Error {}

/** A UUID (version 4). `crypto.randomUUID` exists at secure addresses only, and a hall's own network often has none. */
export function newEventId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/**
 * Post fields (or get, where there are none) and give the parsed page. An answer that is lost is asked for again: the
 * server knows an event by its id. With `parts` only these sections come, else the whole page. Throws Offline, SignedOut, or an Error where the server itself has failed.
 */
export async function send(url, fields, { attempts = ATTEMPTS, parts = [] } = {}) {
  const page = await fetchPage(url, fields, attempts, parts);
  if (isDesk(page, parts)) return page;
  if (!fields) throw new SignedOut("no desk");
  // The session or its token has ended. After a new sign-in in the meantime, only a new token is missing.
  fields.set("csrf_token", await freshToken({ attempts }));
  const again = await fetchPage(url, fields, attempts, parts);
  if (isDesk(again, parts)) return again;
  throw new Error("the desk did not answer");
}

/** Post JSON and give the answer's JSON, a refusal's too. Throws Offline or SignedOut. */
export async function sendJson(url, body, { again = true } = {}) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
      },
      body: JSON.stringify(body),
      signal: timely(PATIENCE_MS),
    });
    if (response.status >= 500) throw new Offline(`answer ${response.status}`);
    if (response.status !== 400 && response.status !== 401) return await response.json();
  } catch (error) {
    throw new Offline(error.message, { cause: error });
  }
  if (response.status === 400 && again && (await freshToken())) return sendJson(url, body, { again: false });
  throw new SignedOut("no desk");
}

/** Take the token of the signed-in person into this page. Throws Offline or SignedOut. */
export async function freshToken({ attempts = 1 } = {}) {
  const fresh = await fetchPage(deskPath(), null, attempts);
  if (!isDesk(fresh)) throw new SignedOut("no desk");
  const token = fresh.querySelector('meta[name="csrf-token"]').content;
  document.querySelector('meta[name="csrf-token"]').content = token;
  for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
  return token;
}

const deskPath = () => window.location.pathname;
const isDesk = (page, parts = []) => (parts.length ? parts : ["answer"]).some((id) => page.getElementById(id) !== null);

async function fetchPage(url, fields, attempts, parts = []) {
  const headers = { Accept: "text/html" };
  if (parts.length) headers["X-Desk-Parts"] = parts.join(" ");
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, {
        method: fields ? "POST" : "GET",
        body: fields,
        headers,
        signal: timely(PATIENCE_MS),
      });
      if (response.status >= 500) throw new Offline(`answer ${response.status}`);
      const page = readPage(await response.text());
      if (!page) throw new Offline("not the server's own page");
      return page;
    } catch (error) {
      if (attempt >= attempts) throw new Offline(error.message, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}
