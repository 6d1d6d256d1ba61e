/* Signing out: the device forgets today's groups; waiting entries stay, and the person is informed. */

import * as store from "./desk-store.js";
import { form, session, signOut, wipe } from "./desk-wipe.js";

async function leave({ leave: warning, leaveLater }) {
  const waiting = (await store.listEvents()).filter((one) => one.state !== "stored").length;
  if (waiting && !window.confirm(warning.replace("{n}", waiting))) return;
  await store.keep("leaving", { session: session() }); // first: closing the page now counts as signed out, too
  await wipe();
  if (await signOut()) await store.forget("leaving");
  else window.alert(leaveLater);
  window.location.assign("/sign-in");
}

document.addEventListener("submit", async (event) => {
  if (event.target !== form() || !window.isSecureContext) return;
  event.preventDefault();
  event.stopPropagation();
  try {
    await leave(event.target.dataset);
  } catch (error) {
    console.warn(error); // a device that keeps nothing has nothing to forget
    event.target.submit();
  }
});
