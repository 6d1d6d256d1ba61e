/* Forget today's groups, and end a session: waiting entries stay. */

import { Offline } from "./desk-send.js";
import * as store from "./desk-store.js";
import { timely } from "./timely.js";

const PATIENCE_MS = 5_000;

/** Forget everything but the events that wait. */
export async function wipe() {
  await store.forget("snapshot");
  for (const event of await store.listEvents()) if (event.state === "stored") await store.removeEvent(event.seq);
  const worker = await navigator.serviceWorker?.getRegistration("/desk");
  worker?.active?.postMessage("forget");
}

export const form = () => document.querySelector("form[data-leave]");

/** End the session; true where the server has heard it. */
export async function signOut() {
  try {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const answer = await fetch(form().action, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      redirect: "manual",
      signal: timely(PATIENCE_MS),
    });
    return answer.type === "opaqueredirect" || answer.ok;
  } catch {
    return false;
  }
}

/** The session of this page, by a word that says nothing else; another sign-in has another. */
export const session = () => form().dataset.session;

/**
 * Somebody left without a network: now that what waited is stored, their session ends. Gives whether it did; whoever has
 * signed in since goes on. Throws Offline where the server has not heard it.
 */
export async function finishLeaving() {
  const leaving = await store.read("leaving");
  if (!leaving) return false;
  const isTheirs = leaving.session === session();
  if (isTheirs && !(await signOut())) throw new Offline("not signed out");
  await store.forget("leaving");
  if (!isTheirs) return false;
  window.location.assign("/sign-in");
  return true;
}
