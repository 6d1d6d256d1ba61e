/* Signing out: the device forgets today's groups; what waits to be sent stays, and the person is told. */

import * as store from "./desk-store.js";

/** Forget everything but the events that wait. */
export async function wipe() {
  await store.forget("snapshot");
  for (const event of await store.listEvents()) if (event.state === "stored") await store.removeEvent(event.seq);
  const worker = await navigator.serviceWorker?.getRegistration("/desk");
  worker?.active?.postMessage("forget");
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-leave]") || !window.isSecureContext || form.dataset.leaving) return;
  event.preventDefault();
  try {
    const waiting = (await store.listEvents()).filter((one) => one.state !== "stored").length;
    if (waiting && !window.confirm(form.dataset.leave.replace("{n}", waiting))) return;
    await wipe();
  } catch (error) {
    console.warn(error); // a device that keeps nothing has nothing to forget
  }
  form.dataset.leaving = "yes";
  form.submit();
});
