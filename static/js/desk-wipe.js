/* Forget today's groups, and end a session: what waits to be sent stays. */

import * as store from "./desk-store.js";

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
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.type === "opaqueredirect" || answer.ok;
  } catch {
    return false;
  }
}

/** Somebody left without a network: now that what waited is stored, their session ends. Gives whether it did. */
export async function finishLeaving() {
  if (!(await store.read("leaving")) || !(await signOut())) return false;
  await store.forget("leaving");
  window.location.assign("/sign-in");
  return true;
}
